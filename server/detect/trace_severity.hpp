#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>

// The table in trace_series.hpp as a function.
namespace reprise::detect {

struct trace_effect {
    double observed = 0;       // In the kind's unit.
    double cost_ns = 0;        // Per trace.
    double share = 0;          // Of what waits for it.
    double exhausted = 0;      // Tasks that failed to the end.
    std::uint32_t shown = 0;   // Traces that show it ...
    std::uint32_t traces = 0;  // ... of so many.
};

model::severity trace_severity(model::signal_kind kind, const trace_effect& effect) noexcept;

}  // namespace reprise::detect
