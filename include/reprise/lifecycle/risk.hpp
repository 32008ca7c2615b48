#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::lifecycle {

// What is about to be done, with the least risk each one has.
enum class gated_action : std::uint8_t {
    ticket,                  // low
    pull_request,            // medium
    unsafe_replay,           // high: POST, PUT, PATCH or DELETE against a target
    protected_pull_request,  // critical: touches protected paths
};

constexpr double confidence_min = 0.70;

struct risk_input {
    model::severity severity = model::severity::low;
    gated_action action = gated_action::ticket;
    std::optional<bool> reproduced;             // Empty: that is still to be found out.
    std::optional<double> fix_confidence;       // Empty: no fix is part of it.
    std::optional<model::risk> blast_radius;    // What else could break, where that is known ...
    std::string blast_reason;                   // ... and why, as half a sentence: "touches 3 services".
    std::optional<model::risk> raised_to;       // By a model: may raise, never lower ...
    std::string raised_reason;                  // ... and why.
};

struct risk_assessment {
    model::risk level = model::risk::low;
    std::vector<std::string> reasons;  // Sentences, the deciding one first.
};

// max(floor by severity, floor by action, blast radius), one level more when not reproduced or when
// the fix is uncertain (one level in total), then what a model raised it to. Never above critical.
risk_assessment assess_risk(const risk_input& input);

}  // namespace reprise::lifecycle
