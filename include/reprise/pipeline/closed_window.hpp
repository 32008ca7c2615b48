#pragma once

#include "reprise/detect/window.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/pipeline/segment_hold.hpp"

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

// A version of the service that reported records of the window.
struct seen_version {
    std::string version;
    std::int64_t first_start_ns = 0;
};

// An operation beyond the service's limit and how many of its records were counted under "(overflow)".
struct overflowed_route {
    model::operation_key operation;
    std::uint64_t records = 0;
};

// Everything that is known when a window of one service closes: what the store keeps and what the
// incidents are made from. A plain value. `window`, `found`, `session`, `baselines`, `ready`, `versions` and
// `records` depend on the records of the window and the windows before it alone: not on the order in which records
// came (within the lateness and operations_max), how they were cut into batches, or how many shards there are.
// Operations are in the order of their ids.
struct closed_window {
    detect::service_window window;
    std::vector<found_signal> found;
    std::vector<raw_record> session;  // Inbound exchanges at hand, for what those of `found` depend on.
    std::vector<std::pair<std::uint64_t, std::string>> baselines;  // Operation id and encoded state after this window.
    std::vector<std::uint8_t> ready;    // Per operation: 1 once its baseline may be compared with.
    std::vector<seen_version> versions;      // By their first record.
    std::vector<overflowed_route> overflow;  // Since the last close; the most frequent.
    std::uint64_t records = 0;
    std::uint64_t late = 0;             // Records of windows that were closed already, since the last close.
    std::int64_t last_record_ns = 0;    // Arrival of the newest record.
    std::vector<shared_hold> holds;     // On the journal segments it was made from; let go once it is committed.
};

}  // namespace reprise::pipeline
