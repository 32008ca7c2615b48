#pragma once

#include "reprise/model/operation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::model {

enum class severity : std::uint8_t { low, medium, high, critical };
enum class risk : std::uint8_t { low, medium, high, critical };

enum class signal_kind : std::uint8_t {
    error_rate, latency, slow_query, n_plus_one, rate_limit_burst,
    // Seen in traces.
    fanout_straggler, blocking_chain, retry_storm, agent_loop, payload_latency, stream_stall,
};
constexpr std::size_t signal_kind_count = 11;

constexpr bool is_seen_in_traces(signal_kind kind) noexcept { return kind >= signal_kind::fanout_straggler; }

// What a replay must show again.
enum class confirm_metric : std::uint8_t {
    failing_share,       // Failing responses of all, by class.
    latency_quantile,    // p90 from planned send time.
    calls_per_parent,    // Dependency calls of one template per inbound request.
    burst,               // Max arrivals in any 50 ms at a dependency, per inbound request.
    trace_figure,        // What the trace analysis of the signal's kind measures, per inbound request.
};

// One detection in one window, complete enough to explain itself. Every number a person reads stands
// here; the explanation is made from them.
struct signal {
    std::string id;  // ULID.
    signal_kind kind = signal_kind::error_rate;
    model::severity severity = severity::low;
    operation_key operation;
    std::uint64_t operation_id = 0;
    std::int64_t window_start_ns = 0;
    std::int64_t window_end_ns = 0;

    std::string metric;          // "share of failing responses"
    std::string unit;            // "ratio", "ns", "count"
    double observed = 0;         // In `unit`.
    std::uint64_t observed_k = 0;  // Numerator where there is one.
    std::uint64_t observed_n = 0;  // Sample size.
    double baseline = 0;
    std::uint64_t baseline_k = 0;
    std::uint64_t baseline_n = 0;
    std::uint32_t baseline_windows = 0;
    std::int64_t baseline_age_ns = 0;
    double effect = 0;           // observed / baseline, or the difference for shares.
    std::optional<double> p_value;
    std::string rule;            // What decided: "beta-binomial tail < 1e-5", "5xx >= 50 % of >= 10".
    std::string explanation;     // One sentence with the numbers.
    std::string sensitivity;     // What this operation's traffic lets us see.
    std::vector<std::pair<std::string, double>> numbers;  // More measurements: peak_in_flight, max_arrivals_50ms, ...
    std::string message;         // Normalised error text where the signal has one.
    std::string fingerprint;     // 64 hex digits; filled by the pipeline.
    confirm_metric confirm_with = confirm_metric::failing_share;
    double gate = 0;             // The effect gate a replay must pass, in `unit`.
    std::vector<std::string> trace_ids;  // Exemplars, hex.
    std::string evidence_id;     // Empty until archived.
    std::string incident_id;     // Empty until correlated.
    std::string suppressed_by;   // The suppression that keeps it quiet; empty for none.
};

std::string_view to_text(severity value) noexcept;
std::string_view to_text(risk value) noexcept;
std::string_view to_text(signal_kind value) noexcept;
std::string_view to_text(confirm_metric value) noexcept;
std::optional<severity> find_severity(std::string_view text) noexcept;
std::optional<risk> find_risk(std::string_view text) noexcept;
std::optional<signal_kind> find_signal_kind(std::string_view text) noexcept;
std::optional<confirm_metric> find_confirm_metric(std::string_view text) noexcept;

}  // namespace reprise::model
