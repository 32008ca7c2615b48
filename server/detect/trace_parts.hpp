#pragma once

#include "span_tree.hpp"

#include "reprise/detect/trace_analysis.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// The parts of analyse_trace, in the order in which it calls them. Each is pure, linear in the spans but for sorting,
// does not recurse, and gives what the member of trace_report of that name holds. Lists are complete: analyse_trace
// counts and cuts them, other than those inside of one fan-out, retry sequence, agent run or stream, which are cut
// to report_rows_max where they are made.
namespace reprise::detect {

using class_times = std::array<std::int64_t, model::time_class_count>;

// From the start of the trace to its end without a gap or overlap, relative to its start; every part is longer than
// nothing.
std::vector<model::path_part> find_path(const span_tree& tree);

// Fills in path_part::spent. The sum of what is returned is the wall time.
class_times find_times(const span_tree& tree, std::span<model::path_part> path);

// The widest first.
std::vector<model::fanout> find_fanouts(const span_tree& tree, const trace_limits& limits);

// The longest first.
std::vector<model::chain> find_chains(
    const span_tree& tree, std::span<const model::path_part> path, const trace_limits& limits
);

std::optional<model::retries> find_retries(const span_tree& tree, const trace_limits& limits);
std::optional<model::agent_run> find_agent_run(const span_tree& tree, const trace_limits& limits);
std::optional<model::human_wait> find_human(const span_tree& tree);
std::optional<model::retrieval> find_retrieval(const span_tree& tree);
std::optional<model::token_stream> find_stream(const span_tree& tree);

// The largest first.
std::vector<model::oversized> find_oversized(const span_tree& tree, const trace_limits& limits);

// From structure and roles; reads the path, times, fanouts, chains and retried of the report.
model::trace_pattern find_pattern(
    const span_tree& tree, const model::trace_report& report, const trace_limits& limits
);

// Of a report that is complete but for them and not cut yet.
std::vector<model::trace_finding> find_findings(
    const span_tree& tree, const model::trace_report& report, const trace_limits& limits
);

}  // namespace reprise::detect
