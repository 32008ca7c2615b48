#pragma once

#include "reprise/model/signal.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <vector>

// Whether people want to hear of a signal: what they suppressed, and how often it must be seen before it opens an
// incident.
namespace reprise::pipeline {

// Where a signal was seen before it opened an incident.
struct earlier_sightings {
    std::vector<model::signal> signals;  // Of earlier windows, oldest first.
    bool enough = false;                 // This signal opens one.
};

// What of the last day counts towards the service's occurrences_min.
result<earlier_sightings> find_earlier_sightings(const store::reader& from, const model::signal& signal);

// Names the suppression in the signal and counts there; true when there is one.
result<bool> suppress(store::transaction& tx, model::signal& signal, std::int64_t now_ns);

}  // namespace reprise::pipeline
