#pragma once

#include "reprise/model/trace_report.hpp"
#include "reprise/model/trace_summary.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace reprise::detect {

// When something in one trace is worth a finding. Sources: docs/traces.md.
struct trace_limits {
    std::uint32_t fanout_overlap_min = 3;       // Overlapping siblings that make a fan-out.
    std::uint32_t fanout_wide_min = 10;
    double straggler_mad = 3 * 1.4826;          // Median absolute deviations above the median, and ...
    double straggler_ratio = 1.5;               // ... at least so many medians.
    double straggler_parent_share = 0.1;        // What it adds, of its parent's duration.
    std::uint32_t chain_links_min = 10;
    double chain_path_share = 0.9;
    double chain_link_medians_max = 3;
    double retry_amplification = 1.05;          // Attempts per task of a storm, with ...
    std::uint32_t retry_sequences_min = 3;      // ... so many tasks that were retried.
    std::uint32_t loop_repeats_min = 3;         // One tool, the same arguments, one after another.
    std::uint32_t attribute_bytes_max = 10 * 1024;
    double stream_gap_ratio = 5;                // The largest gap in median gaps.
    std::int64_t stream_gap_ns = 1'000'000'000;
};

// Looks at one trace: sorts and deduplicates its spans, which the report then names by index. Pure; the same spans in
// any order give the same bits. Linear in the spans but for sorting; recursion-free. Whatever is wrong with the
// spans is set right for the analysis and said in the report.
model::trace_report analyse_trace(model::trace& trace, const trace_limits& limits = {});

// The row of it. `has_spans` is for the caller to set.
model::trace_summary summarise(const model::trace& trace, const model::trace_report& report);

// What these traces have in common; none: an empty report.
model::pattern_report report_pattern(model::trace_pattern pattern, std::span<const model::trace_summary> traces);

}  // namespace reprise::detect
