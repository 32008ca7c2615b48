#pragma once

#include "reprise/model/exchange.hpp"

#include <cstdint>
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

enum class value_place : std::uint8_t {
    json,    // A member of the answer's body; `name` is a JSON pointer.
    header,  // A header of the answer.
    cookie,  // One name of the answer's Set-Cookie headers.
};

// A value of one answer that a later request carries: a token, an id. Wherever `captured` stands in the later
// request, what the answer of this run says takes its place.
struct carried_value {
    std::uint32_t from = 0;  // Numbers of captured exchanges.
    std::uint32_t to = 0;
    value_place place = value_place::json;
    std::string name;
    std::string captured;    // Never empty.

    bool operator==(const carried_value&) const = default;
};

struct scenario {
    replay::pacing pacing = pacing::groups;
    std::vector<scenario_request> requests;  // In the order of sending.
    std::vector<carried_value> values;       // Only between requests that are there.

    bool operator==(const scenario&) const = default;
};

// Two scenarios with the same key send the same bytes in the same way. 32 hex digits.
std::string content_key(const scenario& what);

// Each in a group of its own, without the captured times.
scenario one_after_the_other(scenario what);

// Only the requests whose flag is set, and only the values between them.
scenario keep_requests(const scenario& what, const std::vector<bool>& kept);

std::uint32_t count_sent(const scenario& what) noexcept;
bool is_watching(const scenario& what) noexcept;

// The captured exchanges as requests, in the order of their start. Credentials of the capture are left out, but for
// headers that carry one of `values`; bytes that cannot stand in a request line are percent-encoded.
scenario make_scenario(std::span<const model::exchange> exchanges, std::vector<carried_value> values);

}  // namespace reprise::replay
