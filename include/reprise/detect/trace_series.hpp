#pragma once

#include "reprise/detect/trace_analysis.hpp"
#include "reprise/model/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace reprise::detect {

struct trace_series_limits {
    std::int64_t window_ns = 60'000'000'000;
    std::uint32_t traces_to_recur = 3;     // In one window: less is tail noise, unless the case is clear.
    std::size_t operations_max = 2000;     // Root operations remembered; the least recently seen goes.
    std::size_t payload_points_max = 256;  // Per operation, newest.
    double confidence_min = 0.6;
};

// Severity, by what it costs one trace and by reach (high only with >= 3 traces and >= 25 % of the operation's in the
// window; one lone trace is never high):
//                     high                                 medium                                    low
//   fanout_straggler  adds >= 1 s and >= 50 % of its parent  adds >= 1 s, or >= 25 % of its parent    else
//   blocking_chain    >= 10 s                              >= 1 s                                    else
//   retry_storm       >= 2 calls per task                  >= 1.5, or a task failed to the end       else
//   agent_loop        >= 10 equal calls                    >= 5                                      else
//   payload_latency   adds >= 1 s and >= 50 % of the       adds >= 100 ms                            else
//                     largest payload's time
//   stream_stall      a gap >= 5 s                         >= 2 s                                    else
//
// A single trace is clear enough to be told: any chain and any stall that is a finding, a loop of >= 5 equal calls,
// >= 1.5 calls per task with >= 10 tasks tried again. A straggler never: it must recur and be the same member more
// often than chance explains (binomial against one of its siblings, < 1e-3). Attempts per task that rise by >= 10 %
// over 3 windows of >= 10 traces to >= 1.5 are a storm, too. Payload: >= 8 traces with >= 3 sizes, slope > 0 with a
// t-test < 1e-3, r >= 0.8, and >= 20 % of the time that the largest payload takes.

// Turns what single traces show into signals: one per root operation, kind and window of the trace's start, as soon as
// enough traces of the window show it. Also what only shows over several traces: time that grows with the payload,
// attempts per task that rise. Plain state, no clock; one caller at a time. The same reports in the same order give
// the same signals; a human's waiting never makes one.
class trace_series {
public:
    explicit trace_series(const trace_series_limits& limits = {});
    ~trace_series();
    trace_series(trace_series&&) noexcept;
    trace_series& operator=(trace_series&&) noexcept;

    // Signals complete but for id, fingerprint, evidence and incident; confirm_with is trace_figure.
    std::vector<model::signal> add(
        const model::trace& trace, const model::trace_report& report, const model::trace_summary& summary
    );

    std::size_t operations() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

// What a replayed trace must reach again: the figure of signal::observed and signal::gate, measured in one trace
// whether it is a problem there or not. Nothing where the trace cannot say (it has no stream or no agent, say).
//   fanout_straggler  the longest of the widest fan-out (or of the one with a straggler) in medians of it
//   blocking_chain    the largest share of the wall time that one chain takes
//   retry_storm       calls per task of what was retried; 1 when nothing was
//   agent_loop        equal tool calls, one after another
//   payload_latency   nothing: a slope needs several traces
//   stream_stall      the largest gap between tokens in median gaps
std::optional<double> find_trace_figure(model::signal_kind kind, const model::trace_report& report);

// The same over several traces: the median of their figures; for payload_latency the slope in ns per KB.
std::optional<double> find_trace_figure(model::signal_kind kind, std::span<const model::trace_report> reports);

}  // namespace reprise::detect
