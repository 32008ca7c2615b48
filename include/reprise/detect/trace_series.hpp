#pragma once

#include "reprise/detect/trace_analysis.hpp"
#include "reprise/model/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace reprise::detect {

struct trace_series_limits {
    std::int64_t window_ns = 60'000'000'000;
    std::uint32_t traces_to_recur = 3;     // In one window: less is tail noise, unless the case is clear.
    std::size_t operations_max = 2000;     // Root operations remembered; the least recently seen goes.
    std::size_t payload_points_max = 256;  // Per operation, newest.
    double confidence_min = 0.6;
};

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

}  // namespace reprise::detect
