#include "severity.hpp"

#include "reprise/base/clock.hpp"

namespace reprise::detect {

using model::severity;

severity share_severity(std::uint64_t failing, double share, double reach) noexcept
{
    if (failing < 3)
        return severity::low;  // One lone failing request is never more.
    if (failing >= 20 && share >= 0.5 && reach >= 0.25)
        return severity::critical;
    if (failing >= 10 && share >= 0.1 && reach >= 0.01)
        return severity::high;
    return share >= 0.05 || reach >= 0.05 ? severity::medium : severity::low;
}

severity latency_severity(double observed_ns, double baseline_ns, double reach) noexcept
{
    const double more_ns = observed_ns - baseline_ns;
    if (observed_ns >= 10 * baseline_ns && observed_ns >= 1000.0 * ns_per_ms && reach >= 0.25)
        return severity::critical;
    if (observed_ns >= 3 * baseline_ns && more_ns >= 100.0 * ns_per_ms && reach >= 0.05)
        return severity::high;
    return observed_ns >= 2 * baseline_ns || more_ns >= 100.0 * ns_per_ms ? severity::medium : severity::low;
}

severity slow_query_severity(double observed_ns, std::int64_t medium_ns, std::int64_t high_ns) noexcept
{
    if (observed_ns >= static_cast<double>(high_ns))
        return severity::high;
    return observed_ns >= static_cast<double>(medium_ns) ? severity::medium : severity::low;
}

severity n_plus_one_severity(
    double calls, double sum_ns, std::uint64_t traces, std::uint64_t traces_min
) noexcept
{
    if ((calls >= 100 || sum_ns >= 1000.0 * ns_per_ms) && traces >= traces_min)
        return severity::high;
    return calls >= 20 || sum_ns >= 200.0 * ns_per_ms ? severity::medium : severity::low;
}

}  // namespace reprise::detect
