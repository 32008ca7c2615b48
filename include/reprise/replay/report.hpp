#pragma once

#include "reprise/replay/compare.hpp"
#include "reprise/replay/drive.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What a replay measured, and how it is told. Pure, safe from any thread.
namespace reprise::replay {

// Exact: nearest rank over all values. All zero without any.
struct latency_summary {
    std::uint64_t n = 0;
    std::int64_t min_ns = 0;
    std::int64_t mean_ns = 0;
    std::int64_t p50_ns = 0;
    std::int64_t p75_ns = 0;
    std::int64_t p90_ns = 0;
    std::int64_t p95_ns = 0;
    std::int64_t p99_ns = 0;
    std::int64_t p999_ns = 0;
    std::int64_t max_ns = 0;
};

latency_summary summarise_latency(std::vector<std::int64_t> values_ns);

// One method and route.
struct operation_report {
    std::string name;  // "GET /orders/{id}"
    std::string role;  // Why its requests were sent: "failing", "control", "" when there is no such thing.
    std::uint64_t planned = 0;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t dropped = 0;
    std::uint64_t failing = 0;      // 5xx, 429 or no answer.
    std::uint64_t same_status = 0;  // As recorded.
    std::map<int, std::uint64_t> statuses;
    std::map<int, std::uint64_t> recorded_statuses;  // Of the exchanges that were sent.
    latency_summary latency;           // From the planned time to the last byte: waiting in our queue counts.
    latency_summary recorded_latency;
};

// Of one stretch of time, counted where a request was due.
struct report_slice {
    std::int64_t begin_ns = 0;
    std::uint64_t planned = 0;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failing = 0;
    std::int64_t p50_ns = 0;
    std::int64_t p95_ns = 0;
    std::int64_t max_ns = 0;
};

// A --fail-if that was looked at.
struct gate_outcome {
    std::string text;   // "p95>800ms"
    std::string value;  // "912.4 ms"
    bool failed = false;
};

struct replay_report {
    std::string target;
    std::string source;  // The bundle's name.
    std::string run_id;
    std::string timing;
    std::string correlation;  // "4 values of 2 answers flow into 7 requests", or why none.
    std::uint64_t planned = 0;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
    std::uint64_t dropped = 0;
    std::uint64_t not_begun = 0;
    std::uint64_t waited = 0;
    std::uint64_t unlearned = 0;
    std::uint64_t failing = 0;
    std::uint64_t same_status = 0;
    std::int64_t duration_ns = 0;
    double sent_per_second = 0;
    std::map<std::string, std::uint64_t> failures;
    latency_summary latency;     // From the planned time.
    latency_summary service;     // From the moment it was sent.
    latency_summary send_delay;  // How much later than planned a request went out.
    std::vector<operation_report> operations;  // By name and role.
    std::vector<report_slice> slices;
    std::vector<gate_outcome> gates;
    std::optional<compare_report> comparison;  // Of the answers with the recorded ones; none when not asked for.
};

// "GET /orders/{id}": what reports count by.
std::string operation_name(const model::exchange& exchange);

constexpr std::size_t slices_max = 120;
constexpr std::size_t report_operations_max = 500;  // The rest is one, "(more)".

// `roles`: why each exchange is sent, parallel to the plan's exchanges; may be empty.
replay_report make_report(const drive_plan& plan, std::span<const std::string> roles, const drive_result& result);

// docs/replay.md names the members.
std::string to_json(const replay_report& report);
// A test case per operation (it fails when one of its requests failed otherwise than recorded) and one per gate.
std::string to_junit(const replay_report& report);
// One page without scripts or anything from elsewhere; all text of the capture escaped.
std::string to_html(const replay_report& report);

}  // namespace reprise::replay
