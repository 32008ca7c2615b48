#include "trace_severity.hpp"

#include "reprise/base/clock.hpp"

namespace reprise::detect {
namespace {

using model::severity;
using model::signal_kind;

severity effect_severity(signal_kind kind, const trace_effect& effect) noexcept
{
    constexpr double second_ns = ns_per_s;
    const auto graded = [](bool is_high, bool is_medium) {
        return is_high ? severity::high : is_medium ? severity::medium : severity::low;
    };
    const double cost_ns = effect.cost_ns;
    switch (kind) {
    case signal_kind::fanout_straggler:
        return graded(cost_ns >= second_ns && effect.share >= 0.5, cost_ns >= second_ns || effect.share >= 0.25);
    case signal_kind::blocking_chain:
        return graded(cost_ns >= 10 * second_ns, cost_ns >= second_ns);
    case signal_kind::retry_storm:
        return graded(effect.observed >= 2, effect.observed >= 1.5 || effect.exhausted > 0);
    case signal_kind::agent_loop:
        return graded(effect.observed >= 10, effect.observed >= 5);
    case signal_kind::payload_latency:
        return graded(cost_ns >= second_ns && effect.share >= 0.5, cost_ns >= second_ns / 10);
    case signal_kind::stream_stall:
        return graded(cost_ns >= 5 * second_ns, cost_ns >= 2 * second_ns);
    default:
        return severity::low;
    }
}

}  // namespace

severity trace_severity(signal_kind kind, const trace_effect& effect) noexcept
{
    const severity by_effect = effect_severity(kind, effect);
    const bool reaches_far = effect.shown >= 3 && effect.shown * 4 >= effect.traces;
    return by_effect == severity::high && !reaches_far ? severity::medium : by_effect;
}

}  // namespace reprise::detect
