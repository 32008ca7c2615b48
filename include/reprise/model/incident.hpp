#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::model {

enum class incident_status : std::uint8_t {
    detected, reproducing, reproduced, diagnosing, diagnosed, fixing, submitted,
    resolved, needs_human, wontfix, noise, duplicate, rejected,
};

// One problem: correlated signals with a life cycle. `generation` grows on reopen and retry,
// `version` with every change (compare and set).
struct incident {
    std::string id;
    std::string service;
    std::string title;         // What is wrong in a few words, from the signal or alarm that opened it.
    std::string explanation;   // That as a sentence with its numbers; of an alarm what it said.
    model::severity severity = severity::low;
    incident_status status = incident_status::detected;
    std::string phase;         // A phase inside the status, see design: "queued", "awaiting_approval", ...
    std::string reason;        // Mandatory in needs_human: "no_target", "not_reproduced", ...
    std::int64_t generation = 1;
    std::int64_t version = 1;
    std::uint64_t occurrences = 0;
    std::uint32_t signal_count = 0;
    bool recurred = false;     // Seen again within 24 h of being resolved.
    std::int64_t opened_ns = 0;
    std::int64_t updated_ns = 0;
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::optional<std::int64_t> resolved_ns;
    std::string assigned_to;   // A person's name; empty: nobody's.
    std::optional<std::int64_t> snoozed_until_ns;  // Out of the way of lists until then; it works on all the same.
    std::string snooze_reason;
    std::string snoozed_by;    // A person's name.
};

// Who, why, from, to, when: one row per change, in the change's transaction.
struct incident_event {
    std::string incident_id;
    std::int64_t sequence = 0;
    std::int64_t at_ns = 0;
    std::string actor;   // "pipeline", "run:<id>", "user:<name>".
    std::string from;    // "detected/queued"; empty for the creation.
    std::string to;
    std::string why;
};

std::string_view to_text(incident_status value) noexcept;
std::optional<incident_status> find_incident_status(std::string_view text) noexcept;

}  // namespace reprise::model
