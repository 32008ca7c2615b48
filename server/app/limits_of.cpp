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

pipeline::assembly_limits assembly_limits_of(const config& from)
{
    pipeline::assembly_limits limits;
    limits.memory_bytes_max = static_cast<std::size_t>(from.traces_memory_bytes_max);
    limits.complete_after_ns = to_ns(from.traces_complete_after);
    limits.idle_after_ns = to_ns(from.traces_idle_after);
    limits.spans_max = static_cast<std::uint32_t>(from.traces_spans_max);
    return limits;
}

pipeline::trace_keeping trace_keeping_of(const config& from)
{
    pipeline::trace_keeping keeping;
    keeping.rows_per_minute = static_cast<std::uint32_t>(from.traces_rows_per_minute);
    keeping.samples_per_minute = static_cast<std::uint32_t>(from.traces_samples_per_minute);
    keeping.opened_per_minute = static_cast<std::uint32_t>(from.traces_opened_per_minute);
    keeping.services_max = static_cast<std::size_t>(from.services_max);
    return keeping;
}

store::trace_retention trace_retention_of(const config& from)
{
    store::trace_retention retention;
    retention.rows_max = from.traces_rows_max;
    retention.opened_max = from.traces_opened_max;
    retention.bytes_max = from.traces_opened_bytes_max;
    return retention;
}

}  // namespace reprise::app
