#pragma once

#include "line_fit.hpp"

#include "reprise/detect/trace_series.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// From what the traces of one window showed to a signal that explains itself. Pure.
namespace reprise::detect {

// One trace that shows a kind.
struct trace_case {
    std::string trace_id;  // Hex.
    std::int64_t started_ns = 0;
    model::trace_finding finding;
    double cost_ns = 0;    // What it cost this trace.
    double share = 0;      // Of what waits for it.
    std::vector<std::pair<std::string, double>> numbers;
};

// Precondition: the finding is of this report.
trace_case describe_case(const model::trace_finding& finding, const model::trace_report& report);

// Whether this one trace is proof enough: what it shows lies in how the work is built, not in how a call went.
bool is_clear(const model::trace_finding& finding, const model::trace_report& report) noexcept;

// One root operation in one window.
struct window_scope {
    model::operation_key operation;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::uint32_t traces = 0;  // Seen in it so far ...
    std::uint32_t shown = 0;   // ... and of these, how many show the kind.
};

// Why the same member is believed to be slow, not any of them.
struct same_member {
    std::string name;
    std::uint32_t traces = 0;
    double p = 1;
};

// Precondition: at least one case. The same cases in any order give the same signal but for equal ones.
model::signal make_trace_signal(
    model::signal_kind kind, const window_scope& scope, const std::vector<trace_case>& cases,
    const trace_series_limits& limits
);
void add_member(model::signal& signal, const same_member& member);

// Calls per task, oldest window first.
model::signal make_rising_signal(
    const window_scope& scope, const std::vector<double>& calls_per_task, const std::vector<std::string>& trace_ids,
    const trace_series_limits& limits
);

struct payload_evidence {
    model::fitted_line line;
    double p = 1;
    std::size_t sizes = 0;
    double largest_kb = 0;
    std::vector<std::string> trace_ids;  // Largest payload first.

    double largest_ns() const noexcept { return line.intercept + line.slope * largest_kb; }
    // What the payload adds, of the time the largest takes.
    double slope_share() const noexcept { return largest_ns() > 0 ? line.slope * largest_kb / largest_ns() : 0; }
};

model::signal make_payload_signal(
    const window_scope& scope, const payload_evidence& found, const trace_series_limits& limits
);

}  // namespace reprise::detect
