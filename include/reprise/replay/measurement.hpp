#pragma once

#include "reprise/replay/arrival_log.hpp"
#include "reprise/replay/report.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A service measured between a driver and a mock, and two such measurements beside each other. Pure, any thread.
namespace reprise::replay {

// Everything that makes the method of a measurement, the target left out: two measurements may be compared when this
// is equal. Values are texts, so that the reader of a refusal sees what differs.
using methodology = std::map<std::string, std::string>;

// SHA-256 (hex) of the methodology's canonical JSON.
std::string methodology_hash(const methodology& method);

// What the service asked of one endpoint of the mock.
struct endpoint_figures {
    std::string name;                     // "GET mail.test/messages/{id}", or one of the names below.
    std::uint64_t calls = 0;
    std::uint32_t peak_in_flight = 0;     // As those of all calls together.
    std::uint32_t max_arrivals_50ms = 0;
};

constexpr std::size_t measured_endpoints_max = 50;                 // Those with the most calls ...
constexpr std::string_view other_endpoints = "(more)";             // ... and all others together, always the last.
constexpr std::string_view unrecorded_endpoint = "(no recording)"; // Calls that no recording answered.

struct measurement {
    std::string target;   // The command and the URL: what may differ.
    methodology method;
    std::string hash;     // methodology_hash(method)
    std::int64_t measured_at_ns = 0;

    std::uint64_t planned = 0;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t dropped = 0;
    std::map<std::string, std::uint64_t> answers;  // By class: "2xx", "4xx", "429", "5xx", "none".
    latency_summary latency;                       // From the planned time.

    std::uint64_t calls = 0;                       // What the service asked of the mock.
    std::map<std::string, std::uint64_t> call_answers;
    std::uint64_t call_hits = 0;
    std::uint64_t call_misses = 0;
    std::uint32_t peak_in_flight = 0;              // From the arrivals, whatever the answers were.
    std::uint32_t max_arrivals_50ms = 0;           // In any half-open window.
    double calls_per_request = 0;                  // Calls over requests sent.
    std::uint32_t calls_of_one_request_max = 0;    // Of calls that carry a request's trace; 0 when none does.
    // The busiest first: by arrivals in 50 ms, then in flight, calls and name.
    std::vector<endpoint_figures> endpoints;
};

// Of one arrival; valid until the next call.
using endpoint_namer = std::function<std::string_view(const arrival&)>;

// `arrivals` in any order; those of a trace id that a record carries belong to that request.
measurement make_measurement(
    const replay_report& driven, const drive_result& result, std::span<const arrival> arrivals,
    const endpoint_namer& endpoint_of
);

constexpr std::size_t measurement_bytes_max = 1024 * 1024;

std::string to_json(const measurement& value);
// One page without scripts or anything from elsewhere; all text of the capture escaped.
std::string to_html(const measurement& value);
// Refuses with errc::bad_record what is no measurement, or one whose hash is not that of its method.
checked<measurement> parse_measurement(std::string_view json);

struct compared_figure {
    std::string name;    // "peak in flight"
    std::string unit;    // "", "ms", "%"
    double before = 0;
    double after = 0;
    // Of a figure where less is better: 1 better, -1 worse, 0 equal. 0 throughout where neither is.
    int change = 0;
};

struct measurement_comparison {
    std::vector<compared_figure> figures;
    std::string hash;
};

// Refuses with errc::not_comparable and the names of what differs when the methods are not equal.
checked<measurement_comparison> compare_measurements(const measurement& before, const measurement& after);

std::string to_json(const measurement_comparison& value);

}  // namespace reprise::replay
