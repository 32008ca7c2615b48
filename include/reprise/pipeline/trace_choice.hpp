#pragma once

#include "reprise/model/trace_summary.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace reprise::pipeline {

// How much is kept of one service's traces within one minute.
struct trace_keeping {
    std::uint32_t rows_per_minute = 300;    // Of traces with a pattern, a finding or a failure ...
    std::uint32_t samples_per_minute = 30;  // ... and of others.
    std::uint32_t opened_per_minute = 30;   // With report and spans; twice as many when there are findings.
    std::size_t services_max = 1000;        // Of further ones nothing is kept.
};

struct trace_choice {
    bool row = false;
    bool spans = false;  // Report and spans, too.
};

// Chooses which traces are kept. Plain state; one caller at a time.
class trace_chooser {
public:
    explicit trace_chooser(const trace_keeping& limits) : limits_(limits) {}

    trace_choice choose(const model::trace_summary& summary, std::int64_t now_ns);

private:
    struct budget {
        std::int64_t minute = 0;
        std::uint32_t rows = 0;
        std::uint32_t samples = 0;
        std::uint32_t opened = 0;
        std::int64_t slowest_ns = -1;
    };

    budget* find_budget(const std::string& service, std::int64_t now_ns);

    const trace_keeping limits_;
    std::unordered_map<std::string, budget> services_;
};

}  // namespace reprise::pipeline
