#pragma once

#include "reprise/replay/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a mock answers, as people say it. Pure, safe from any thread.
namespace reprise::replay {

enum class mock_effect : std::uint8_t {
    status,    // Another status, with a problem document.
    delay,     // The recorded answer, later.
    reset,     // The connection is reset.
    truncate,  // The recorded answer breaks off within its body.
    corrupt,   // Bytes of the recorded body are others.
    silence,   // No answer until the caller gives up.
};

// What goes wrong on purpose, for which requests and how often.
struct fault_rule {
    std::string text;      // As it was given.
    std::string method;    // Empty: any.
    std::string pattern;   // "/x", "/x/*", "api.test/x": '*' is any text, also of several segments.
    mock_effect effect = mock_effect::status;
    int status = 0;
    std::int64_t delay_ns = 0;
    double kept_share = 0.5;  // Of the body, for truncate.
    double share = 1;         // Of the requests that match.
};

constexpr std::size_t fault_rules_max = 64;

// "GET /x:503@10%", "/slow*:delay=250ms", "api.test/*:reset@1%", "*:truncate=20%", ":corrupt", "POST /x:silence".
checked<fault_rule> parse_fault(std::string_view text);
bool matches(const fault_rule& rule, std::string_view method, std::string_view host, std::string_view path);

// How much of the recorded duration an answer takes: 0 for none, 1 for recorded.
// "none", "recorded", "0.5x" (at most 1000x).
checked<double> parse_latency(std::string_view text);

// "1.5s", "250ms", "80us": at most an hour.
std::optional<std::int64_t> find_duration_ns(std::string_view text);

enum class mock_repeat : std::uint8_t {
    none,   // When all answers of a signature were served, the next request is a miss.
    last,   // The last one is served again.
    cycle,  // They are served from the first one on.
};

constexpr std::size_t recordings_max = 200'000;
constexpr std::size_t recorded_bytes_max = 1UL << 30;  // Requests and answers of all recordings.

struct mock_options {
    std::vector<std::string> ignore;         // Fields that never count: "query.ts", "body/items/*/id", "host".
    std::vector<std::string> match_headers;  // Names of headers that count.
    bool strict = false;                     // No ignore rule is learned.
    mock_repeat repeat = mock_repeat::none;
    double latency = 0;
    std::vector<fault_rule> faults;          // The first that strikes decides.
    std::uint64_t seed = 1;                  // Of everything that is left to chance.
    std::string redaction_key;               // For values that are shown.
};

// Whether it can be the name of a field: errc::bad_rule with what is needed instead.
checked<std::string> parse_field_rule(std::string_view text);

}  // namespace reprise::replay
