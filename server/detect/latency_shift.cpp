#include "latency_shift.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <array>

namespace reprise::detect {
namespace {

constexpr std::array<double, 2> quantiles_tested = {0.5, 0.9};

// Whether the newest window alone shows what a pool would have to show.
bool leans(const operation_context& context, double quantile)
{
    const double gate = latency_gate(context.known->normal.durations.quantile(quantile), context.limits);
    return context.now.durations.quantile(quantile) >= gate;
}

void test_pool(
    const operation_context& context, const sketch& pool, shift_result at, std::optional<shift_result>& best
)
{
    const detection_limits& limits = context.limits;
    at.n = pool.count();
    if (at.n < limits.latency_requests_min)
        return;
    for (const double quantile : quantiles_tested) {
        at.quantile = quantile;
        at.baseline_ns = context.known->normal.durations.quantile(quantile);
        at.observed_ns = pool.quantile(quantile);
        // The newest window must show it, too: one bad window must not count in each pool that holds it.
        if (at.observed_ns < latency_gate(at.baseline_ns, limits) || !leans(context, quantile))
            continue;
        at.above = pool.count_above(at.baseline_ns);
        at.p = binomial_upper_tail(at.above, at.n, std::min(limits.latency_drift * (1 - quantile), 1.0));
        if (at.p < limits.latency_alpha && (!best || at.p < best->p))
            best = at;
    }
}

}  // namespace

double latency_gate(double baseline_ns, const detection_limits& limits) noexcept
{
    const double raised = baseline_ns + static_cast<double>(limits.latency_rise_min_ns);
    return std::max(limits.latency_ratio_min * baseline_ns, raised);
}

std::optional<shift_result> find_shift(const operation_context& context)
{
    if (context.now.durations.empty() || context.known->normal.durations.empty())
        return std::nullopt;
    if (!leans(context, quantiles_tested[0]) && !leans(context, quantiles_tested[1]))
        return std::nullopt;
    std::optional<shift_result> best;
    sketch pool = context.now.durations;
    shift_result at;
    at.since_ns = context.now.first_start_ns;
    test_pool(context, pool, at, best);
    const auto& recent = context.known->recent;
    for (std::size_t back = 0; back < context.pool_size(); ++back) {
        const recent_window& earlier = recent[recent.size() - 1 - back];
        const auto durations = sketch::decode(earlier.durations);
        if (!durations)
            break;
        pool.merge(*durations);
        at.windows = static_cast<std::uint32_t>(back) + 2;
        at.since_ns = earlier.start_ns;
        test_pool(context, pool, at, best);
    }
    return best;
}

}  // namespace reprise::detect
