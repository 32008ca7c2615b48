#pragma once

#include "trace_work.hpp"

#include "reprise/pipeline/commit.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reprise::pipeline {

struct trace_commit_report {
    commit_report commit;
    std::uint32_t rows = 0;
    std::uint32_t opened = 0;
    std::set<std::string> services;  // Of the rows.
};

// Keeps the rows of traces, and their signals with what becomes of them, in the caller's transaction. A trace of which
// as much is known already, or more, stays as it is; a signal of the same kind, operation and window is there
// already. After a restart that puts traces together again nothing is kept twice.
result<trace_commit_report> commit_traces(
    store::transaction& tx, const std::vector<analysed_trace>& traces, const std::vector<found_signal>& found,
    const std::vector<std::optional<model::evidence>>& bundles, const commit_policy& policy, std::int64_t now_ns
);

}  // namespace reprise::pipeline
