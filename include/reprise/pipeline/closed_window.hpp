#pragma once

#include "reprise/detect/window.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/model/signal.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace reprise::pipeline {

// One captured record as it arrived, chosen for the evidence of a signal.
struct raw_record {
    model::evidence_role role = model::evidence_role::failing;
    model::source source = model::source::rrpair;
    model::trace_id trace;
    std::string bytes;
};

struct found_signal {
    model::signal signal;              // With fingerprint, without id, evidence and incident.
    std::vector<raw_record> records;   // What its evidence bundle is made from.
};

// Everything that is known when a window of one service closes: what the store keeps and what the
// incidents are made from. A plain value.
struct closed_window {
    detect::service_window window;
    std::vector<found_signal> found;
    std::vector<std::pair<std::uint64_t, std::string>> baselines;  // Operation id and encoded state after this window.
    std::vector<std::uint8_t> ready;    // Per operation: 1 once its baseline may be compared with.
    std::uint64_t records = 0;
    std::uint64_t late = 0;             // Records of windows that were closed already, since the last close.
    std::int64_t last_record_ns = 0;    // Arrival of the newest record.
};

}  // namespace reprise::pipeline
