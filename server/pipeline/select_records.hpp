#pragma once

#include "service_state.hpp"

#include "reprise/detect/window.hpp"
#include "reprise/model/signal.hpp"

#include <vector>

namespace reprise::pipeline {

constexpr std::size_t failing_records_max = 8;
constexpr std::size_t control_records_max = 8;
constexpr std::size_t context_records_max = 8;
constexpr std::size_t dependency_records_max = 64;

// What a signal's evidence is made from: the failing exchanges or the inbound requests whose traces
// hold the failing calls, good requests of the same operation beside them, and the calls themselves.
struct record_sources {
    const model::signal& signal;
    const detect::service_window& summary;
    const open_window& window;
    const record_sample* earlier_inbound;  // Of the window before, null when there is none.
    const std::vector<operation_entry>& operations;
};

std::vector<raw_record> select_records(const record_sources& from);

// Every inbound exchange that is still at hand, with or without a trace: requests that others depend on are among
// them.
std::vector<raw_record> list_session(
    const open_window& window, const record_sample* earlier_inbound, const std::vector<operation_entry>& operations
);

}  // namespace reprise::pipeline
