#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::model {

enum class alarm_state : std::uint8_t {
    firing,
    resolved,  // The source says that it is over: noted at its incident, opens nothing.
    unknown,   // Says nothing about the service (INSUFFICIENT_DATA): noted, opens nothing.
};

// How the program that failed dealt with the error, as far as the text of the alarm shows.
enum class handling_class : std::uint8_t { caught, uncaught, unknown };

// One problem told by somebody else (an alarm, an alert, a logged error), in one form whatever its source.
// Texts are as they came, cut to the named limits, not yet redacted; they are hostile.
struct alarm {
    std::string id;           // ULID, given when it is taken in.
    std::string source;       // "sns", "alertmanager", "grafana", "sentry", "pagerduty", "github", "gitlab",
                              // "generic/<name>", "poll/<name>", "api".
    std::string event_key;    // Unique per event of the source: delivery id, or fingerprint and start. Counts once.
    std::string group_key;    // The same for firing and resolved of one thing; empty when the source has none.
    alarm_state state = alarm_state::firing;
    std::string service;      // "unknown" when the source does not say.
    std::string error_type;   // "CW_ALARM_AWS_LAMBDA_ERRORS", "TypeError", "HighErrorRate".
    std::string title;
    std::string description;  // Message of the error, reason of the alarm.
    std::string route;        // "GET /users/{id}" where known.
    std::vector<std::string> frames;  // Stack, top first.
    std::optional<int> status_code;   // Of a failed request, where known.
    std::optional<model::severity> severity;  // As the source says; empty: by rule.
    std::string resource;     // Alarm ARN, alert URL: where it came from, for people.
    std::string link;         // https only; empty when there is none.
    std::vector<std::pair<std::string, std::string>> labels;
    std::int64_t occurred_ns = 0;  // By the source's clock; 0: unknown.
    std::int64_t received_ns = 0;
};

constexpr std::size_t alarm_text_bytes_max = 16 * 1024;  // Description; titles and labels 512.
constexpr std::size_t alarm_name_bytes_max = 512;
constexpr std::size_t alarm_frames_max = 50;
constexpr std::size_t alarm_labels_max = 64;

std::string_view to_text(alarm_state value) noexcept;
std::string_view to_text(handling_class value) noexcept;
std::optional<alarm_state> find_alarm_state(std::string_view text) noexcept;
std::optional<handling_class> find_handling_class(std::string_view text) noexcept;

}  // namespace reprise::model
