#pragma once

#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/commit.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace reprise::pipeline {

// Indices of the signals, the one that explains most first: it names the incident and is the one that
// is reproduced. The kind nearest to a cause, then severity, then the source a replay can use.
std::vector<std::size_t> leading_first(const std::vector<found_signal>& found);

// Finds or opens the incident of a signal and counts the occurrence; queues the reproduce run where
// the rules ask for one. Returns the incident's id: empty when the signal would open one and was seen in too few
// windows for that.
result<std::string> place_signal(
    store::transaction& tx, const model::signal& signal, const commit_policy& policy, std::int64_t now_ns,
    commit_report& report
);

// Whether a signal with an unknown fingerprint gets an incident now.
result<bool> opens_or_joins(const store::reader& from, const model::signal& signal);

}  // namespace reprise::pipeline
