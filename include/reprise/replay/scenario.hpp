#pragma once

#include "reprise/model/exchange.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a reproducer sends, complete: which requests, in which order, how densely. Plain values, any thread.
namespace reprise::replay {

enum class pacing : std::uint8_t {
    recorded,  // Each request at its time after the begin, whatever has been answered by then.
    groups,    // The requests of a group at once, a group when the one before is answered.
};

struct scenario_request {
    std::uint32_t exchange = 0;  // Number of the captured exchange it comes from.
    std::string method;
    std::string path;            // Path and query, percent-encoded.
    model::header_list headers;  // Without what the sender adds: Host, Content-Length, Connection.
    std::string body;
    std::int64_t at_ns = 0;      // For pacing::recorded.
    std::int64_t took_ns = 0;    // As captured: who was under way together.
    std::uint32_t group = 0;     // For pacing::groups; never falls.
    std::uint32_t copies = 1;    // Sent at the same moment.
    bool watched = true;         // Whether its answers are judged.

    bool operator==(const scenario_request&) const = default;
};

enum class answer_part : std::uint8_t {
    json,    // A member of the answer's body; `name` is a JSON pointer.
    header,
    cookie,  // A name of the answer's Set-Cookie headers.
    text,    // The letters, digits and ._~+/=- that follow `name` in the body.
};

// A value of one answer that later requests carry: a token, an id. In a trial what this run's answer says takes the
// marker's place.
struct carried_value {
    std::uint32_t from = 0;              // Number of a captured exchange.
    answer_part part = answer_part::json;
    std::string name;
    std::optional<std::uint32_t> piece;  // Of a path or URL, counted from its end, parted by / ? & = #
    std::string marker;                  // Letters and digits that stand nowhere but in the places of this value.
    std::string captured;                // Sent when the answer does not give it.

    bool operator==(const carried_value&) const = default;
};

struct scenario {
    replay::pacing pacing = pacing::groups;
    std::vector<scenario_request> requests;  // In the order of sending.
    std::vector<carried_value> values;       // Only those of requests that are there, for requests that are there.

    bool operator==(const scenario&) const = default;
};

// Two scenarios with the same key send the same bytes in the same way. 32 hex digits.
std::string content_key(const scenario& what);

// Each in a group of its own, without the captured times.
scenario one_after_the_other(scenario what);

// Only the requests whose flag is set.
scenario keep_requests(const scenario& what, const std::vector<bool>& kept);

// Values whose answer is not asked for any more become what the capture had; values nobody carries any more go.
void settle_values(scenario& what);

// Of one answer; nothing when it does not say it.
std::optional<std::string> find_carried(
    const carried_value& value, const model::header_list& headers, std::string_view body
);
// In path, headers and body; percent-encoded in paths and forms.
void put_value(scenario_request& into, std::string_view marker, std::string_view value);

std::uint32_t count_sent(const scenario& what) noexcept;
bool is_watching(const scenario& what) noexcept;

// The captured exchanges as requests, in the order of their start, at their recorded times, without the credentials of
// the capture. Bytes that cannot stand in a request line are percent-encoded.
scenario make_scenario(std::span<const model::exchange> exchanges);

}  // namespace reprise::replay
