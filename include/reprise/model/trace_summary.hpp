#pragma once

#include "reprise/model/trace_report.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::model {

// The figures of one trace that are compared over many: what lists show and what a pattern's report is made from.
// 0 or -1 where the trace has no such thing, as in trace_report.
struct trace_figures {
    std::uint32_t members = 0;        // Of the widest fan-out ...
    std::uint32_t peak = 0;
    std::int32_t limit = -1;
    std::int64_t median_ns = 0;
    std::int64_t longest_ns = 0;
    std::int64_t queue_longest_ns = 0;
    std::int64_t straggler_delay_ns = 0;
    std::string straggler;            // "worker:37 (t2)", empty when there is none.
    std::uint32_t chain_depth = 0;
    double chain_share = 0;
    std::uint32_t calls = 0;          // Retried operations: attempts and tasks.
    std::uint32_t tasks = 0;
    std::uint32_t exhausted = 0;
    std::int64_t backoff_ns = 0;
    std::uint32_t steps = 0;
    std::int64_t think_ns = 0;
    std::int64_t tool_ns = 0;
    std::int64_t waited_human_ns = 0;
    double payload_kb = -1;
    std::int64_t generation_ns = -1;
    std::int64_t first_token_ns = -1;
    std::int64_t tokens = -1;
    std::int64_t largest_gap_ns = -1;
    double rate_during = -1;
    double rate_after = -1;
    std::int64_t tail_ns = -1;
};

// One trace as a row of a list.
struct trace_summary {
    trace_id id;
    std::string service;
    operation_key operation;
    std::string agent;
    std::int64_t started_ns = 0;
    std::int64_t wall_ns = 0;
    trace_pattern pattern = trace_pattern::none;
    std::uint32_t span_count = 0;
    std::uint32_t failed_count = 0;
    std::uint32_t service_count = 0;
    bool is_complete = true;          // A root, every parent, not truncated.
    bool has_spans = false;           // Its spans are kept: it can be opened.
    std::array<std::int64_t, time_class_count> times = {};
    std::vector<signal_kind> findings;
    trace_figures figures;
};

// A straight line fitted by least squares: y = intercept + slope * x, with Pearson's r.
struct fitted_line {
    double slope = 0;
    double intercept = 0;
    double r = 0;
    std::uint32_t points = 0;
};

// How the duration of an agent's runs varies, and because of what: the law of total variance over the step count.
struct step_variance {
    double total_ns2 = 0;
    double by_steps_ns2 = 0;          // Between runs of different step counts.
    double by_time_ns2 = 0;           // Between runs of as many steps.
};

struct straggler_count {
    std::string name;
    std::uint32_t traces = 0;
};

// What the traces of one pattern have in common: the scenario report.
struct pattern_report {
    trace_pattern pattern = trace_pattern::none;
    std::uint32_t traces = 0;
    std::uint32_t failed = 0;         // Traces with a failing span.
    std::uint32_t incomplete = 0;
    std::int64_t first_ns = 0;        // Started.
    std::int64_t last_ns = 0;
    double wall_mean_ns = 0;
    std::int64_t wall_p50_ns = 0;
    std::int64_t wall_p90_ns = 0;
    std::int64_t wall_p99_ns = 0;
    std::int64_t wall_max_ns = 0;
    std::array<double, time_class_count> time_shares = {};  // Of all wall time; sums to 1.
    trace_figures typical;            // Medians; `straggler` is the most frequent one.
    std::vector<straggler_count> stragglers;  // Most frequent first, at most 10.
    double amplification = 0;         // Of all traces together; 0: nothing was retried.
    std::uint32_t exhausted_traces = 0;
    std::optional<fitted_line> payload_line;  // ns per KB: generation time by payload; from 3 payload sizes on.
    std::optional<step_variance> steps;       // From 3 runs on.
};

boost::json::object to_json(const trace_summary& summary);
boost::json::object to_json(const pattern_report& report);
boost::json::object to_json(const trace_figures& figures);
std::optional<trace_figures> parse_trace_figures(const boost::json::object& json);

}  // namespace reprise::model
