#include "limits_of.hpp"

#include "reprise/base/clock.hpp"

namespace reprise::app {
namespace {

std::int64_t to_ns(milliseconds value)
{
    return value.count() * ns_per_ms;
}

}  // namespace

pipeline::stream_limits stream_limits_of(const config& from)
{
    pipeline::stream_limits limits;
    limits.window_ns = to_ns(from.window_length);
    limits.lateness_ns = to_ns(from.window_lateness);
    limits.idle_close_ns = to_ns(from.window_idle_close);
    limits.services_max = static_cast<std::size_t>(from.services_max);
    limits.operations_max = static_cast<std::size_t>(from.operations_max);
    limits.detection.windows_min = static_cast<std::uint32_t>(from.warmup_windows);
    limits.detection.requests_min = static_cast<std::uint64_t>(from.warmup_requests);
    limits.detection.slow_query_low_ns = to_ns(from.slow_query);
    if (from.profile == "agent_factory")
        limits.detection.profile = detect::detection_profile::agent_factory;
    return limits;
}

lifecycle::breaker_limits breaker_limits_of(const config& from)
{
    lifecycle::breaker_limits limits;
    limits.incident_runs_max = static_cast<std::uint32_t>(from.run_incident_max);
    limits.hour_runs_max = static_cast<std::uint32_t>(from.run_hour_max);
    limits.storm_incidents = static_cast<std::uint32_t>(from.run_storm_incidents);
    limits.storm_window_ns = to_ns(from.run_storm_window);
    return limits;
}

}  // namespace reprise::app
