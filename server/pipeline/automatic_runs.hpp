#pragma once

#include "reprise/base/error.hpp"
#include "reprise/lifecycle/breaker.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// Work that nobody asked for, as far as the breakers allow it.
namespace reprise::pipeline {

// What was found or told, by what it may have in common with other problems.
struct problem {
    std::string_view service;
    std::string_view error_type;  // The kind of the signal, the error type of the alarm.
    std::string_view message;     // Normalised; may be empty.
    std::int64_t seen_ns = 0;
};

result<std::vector<lifecycle::problem_cause>> find_causes(const store::reader& from, const problem& what);

// Queues the run of an incident, which is in detected, at a priority by its severity. When a breaker holds it, the run
// is paused, the incident goes to phase "held" (written back) and the hold is returned.
result<std::optional<lifecycle::run_hold>> queue_automatic(
    store::transaction& tx, model::incident& incident, model::run run,
    std::span<const lifecycle::problem_cause> causes, const lifecycle::breaker_limits& limits, std::int64_t now_ns
);

}  // namespace reprise::pipeline
