#pragma once

#include "reprise/model/observation.hpp"
#include "reprise/model/signal.hpp"

#include <optional>
#include <span>

namespace reprise::replay {

// Whether one replayed request can show what a signal of this kind saw: a slope over payloads takes many, and what is
// kept of a target's spans has neither times of tokens nor who is an agent.
bool can_be_shown_again(model::signal_kind kind) noexcept;

// The trace analysis of the signal's kind, run on what a target reported about one replayed request, in any order and
// as often as it came. Nothing where the trace cannot say.
std::optional<double> figure_of_trace(model::signal_kind kind, std::span<const model::observation* const> reported);

}  // namespace reprise::replay
