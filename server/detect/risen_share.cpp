#include "risen_share.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <cmath>

namespace reprise::detect {
namespace {

// No operation is believed to be free of errors beyond what its traffic shows.
constexpr double prior_rate_min = 0.002;

std::uint64_t share_count(model::operation_kind kind, std::uint64_t failing, std::uint64_t throttled, share_of what)
{
    if (what == share_of::throttled)
        return throttled;
    return kind == model::operation_kind::client ? failing - std::min(throttled, failing) : failing;
}

double share_count(model::operation_kind kind, const level& normal, share_of what)
{
    if (what == share_of::throttled)
        return normal.throttled;
    return kind == model::operation_kind::client ? std::max(normal.failing - normal.throttled, 0.0) : normal.failing;
}

bool is_large(const share_result& found, std::uint32_t traces, const detection_limits& limits)
{
    if (found.k < limits.errors_min || traces < 2)
        return false;
    const double lower = wilson_lower(static_cast<double>(found.k), static_cast<double>(found.n));
    const double normal = found.normal.rate();
    return lower - normal >= limits.error_rise_min ||
           (normal < limits.error_rare && lower >= limits.error_ratio_min * normal);
}

double tail(const share_result& found, double overdispersion)
{
    const share_baseline& normal = found.normal;
    const double a = normal.prior_k + normal.k / overdispersion;
    const double b = normal.prior_n - normal.prior_k + std::max(normal.n - normal.k, 0.0) / overdispersion;
    // Errors that come in bunches are worth as many independent ones as there are bunches.
    const double k = std::floor(static_cast<double>(found.k) / overdispersion);
    const double n = std::max(std::ceil(static_cast<double>(found.n) / overdispersion), k);
    return beta_binomial_upper_tail(static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(n), a, b);
}

}  // namespace

std::uint64_t share_count(const operation_summary& window, share_of what) noexcept
{
    return share_count(window.operation.kind, window.failing(), window.throttled(), what);
}

share_baseline normal_share(const operation_context& context, share_of what)
{
    share_baseline normal;
    if (context.known != nullptr) {
        normal.k = share_count(context.now.operation.kind, context.known->normal, what);
        normal.n = context.known->normal.requests;
    }
    const kind_traffic& traffic = context.traffic;
    const double all_k = what == share_of::throttled ? traffic.normal_throttled : traffic.normal_failing;
    const double rate = traffic.normal_requests > 0 ? all_k / traffic.normal_requests : 0;
    normal.prior_n = context.limits.error_prior_requests;
    normal.prior_k = normal.prior_n * std::clamp(rate, prior_rate_min, 0.9);
    return normal;
}

double share_gate(double baseline_rate, const detection_limits& limits) noexcept
{
    const double raised = baseline_rate + limits.error_rise_min;
    return baseline_rate < limits.error_rare ? std::min(raised, limits.error_ratio_min * baseline_rate) : raised;
}

std::optional<share_result> find_risen_share(const operation_context& context, share_of what)
{
    const auto kind = context.now.operation.kind;
    share_result pool;
    pool.normal = normal_share(context, what);
    pool.k = share_count(context.now, what);
    pool.n = context.now.requests;
    pool.since_ns = context.now.first_failing_ns;
    if (pool.k == 0 || pool.share() < share_gate(pool.normal.rate(), context.limits))
        return std::nullopt;

    const double overdispersion = context.known->overdispersion();
    const auto& recent = context.known->recent;
    std::uint32_t traces = context.now.failing_traces;
    // One request that sends a burst is proof enough: it is the burst that is throttled, not a caller.
    if (what == share_of::throttled && context.now.burst &&
        context.now.burst->max_arrivals_50ms_of_one_trace >= context.limits.burst_arrivals_min)
        traces = 2;
    std::optional<share_result> best;
    for (std::size_t back = 0;; ++back) {
        pool.p = tail(pool, overdispersion);
        const bool holds = pool.p < context.limits.error_alpha && is_large(pool, traces, context.limits);
        if (holds && (!best || pool.p < best->p))
            best = pool;
        if (back == context.pool_size())
            return best;
        const recent_window& earlier = recent[recent.size() - 1 - back];
        pool.k += share_count(kind, earlier.failing, earlier.throttled, what);
        pool.n += earlier.requests;
        pool.since_ns = earlier.start_ns;
        pool.windows = static_cast<std::uint32_t>(back) + 2;
        traces += earlier.failing_traces;
    }
}

}  // namespace reprise::detect
