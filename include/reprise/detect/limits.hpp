#pragma once

#include "reprise/base/clock.hpp"

#include <cstdint>

namespace reprise::detect {

enum class detection_profile : std::uint8_t {
    standard,       // Significance first, then effect.
    agent_factory,  // Latency by the literal rule: p95 >= 2 x baseline p95 over >= 7 windows, floor 500 ms.
};

// Every threshold of the detectors in one place, for the configuration table. The defaults are the product's
// behaviour with 60 s windows; shorter windows may lower windows_min and requests_min.
struct detection_limits {
    detection_profile profile = detection_profile::standard;

    // Below these an operation is "learning": only absolute rules speak.
    std::uint32_t windows_min = 30;
    std::uint64_t requests_min = 200;

    // Baseline.
    std::int64_t half_life_ns = 6LL * 3600 * ns_per_s;
    std::uint32_t pool_windows = 6;           // 1..16. Newest windows tested together; then they feed the baseline.
    std::uint32_t adopt_windows = 60;         // Alarmed windows after which the new state is normal.
    std::uint32_t close_windows = 5;          // Clean windows in a row that end an alarm.

    // Sustained: suspicious in 2 of 3 windows, unless one alone is beyond doubt.
    double p_at_once = 1e-12;

    // Share of failing or throttled answers.
    double error_alpha = 1e-6;
    double error_prior_requests = 30;         // Weight of the service's own rate in an operation's prior.
    double error_rise_min = 0.01;             // Lower 95 % bound of (share - baseline).
    double error_ratio_min = 3;               // Instead of the rise when the baseline is below error_rare.
    double error_rare = 0.001;
    std::uint64_t errors_min = 3;
    double cold_error_share_min = 0.5;        // Absolute rule: 5xx share ...
    std::uint64_t cold_requests_min = 10;     // ... of at least this many requests.
    double cold_throttled_share_min = 0.05;   // Absolute rule for 429 ...
    std::uint64_t cold_throttled_min = 10;    // ... and at least this many of them.

    // Latency (server, client) and slow queries (db).
    double latency_alpha = 1e-7;
    double latency_drift = 1.15;              // The null's exceedance share is inflated by this.
    double latency_ratio_min = 1.3;           // Of p50 or p90.
    std::int64_t latency_rise_min_ns = 5 * ns_per_ms;
    std::uint64_t latency_requests_min = 10;  // Pooled.
    std::int64_t slow_query_low_ns = 300 * ns_per_ms;
    std::int64_t slow_query_medium_ns = 500 * ns_per_ms;
    std::int64_t slow_query_high_ns = 1000 * ns_per_ms;
    std::uint64_t slow_query_calls_min = 3;   // Calls over slow_query_low_ns in one window (agent_factory: 1).

    // The literal rule.
    double literal_ratio = 2;
    std::uint32_t literal_windows_min = 7;
    std::int64_t literal_floor_ns = 500 * ns_per_ms;
    std::int64_t literal_cold_ns = 1000 * ns_per_ms;

    // Repeated calls under one parent.
    std::uint32_t n_plus_one_calls_min = 5;
    std::int64_t n_plus_one_sum_min_ns = 50 * ns_per_ms;
    double n_plus_one_parent_share_min = 0.2;
    std::uint32_t n_plus_one_traces_min = 3;
    std::uint32_t n_plus_one_calls_sure = 20; // This many in one trace need no second one.
    std::int64_t n_plus_one_gap_max_ns = 100 * ns_per_ms;  // Mean gap beyond which calls are paced, not looped.

    // Bursts.
    double burst_ratio_min = 1.5;             // Over the largest of the baseline's windows.
    std::uint32_t burst_arrivals_min = 5;     // Fewer within 50 ms of one request are no burst to replay.

    // Signals of one kind and window above this are left out, worst first kept.
    std::uint32_t signals_max = 200;

    // What is told: a bit per model::signal_kind that is not, and in how many windows of a day a signal must be seen
    // before it opens an incident. Neither changes what is normal.
    std::uint32_t kinds_off = 0;
    std::uint32_t occurrences_min = 1;
};

}  // namespace reprise::detect
