#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/replay/error.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Where replayed requests may go and what they look like. Pure, safe from any thread.
namespace reprise::replay {

// "http://127.0.0.1:3000" or with a path that is put before every request's own.
struct target {
    std::string scheme;  // "http" or "https".
    std::string host;    // Lower case, IPv6 without brackets.
    std::uint16_t port = 0;
    std::string base_path;  // Without a slash at the end; mostly empty.

    std::string text() const;
    bool operator==(const target&) const = default;
};

constexpr std::size_t target_bytes_max = 2048;

// Refuses anything but http and https, user info, query, fragment, a missing host.
checked<target> parse_target(std::string_view url);

// The target when scheme, host and port are those of an entry and the entry's path is a prefix of its path.
// An empty list allows nothing.
checked<target> check_target(std::string_view url, std::span<const target> allowed);

// POST, PUT, PATCH, DELETE and everything that is not GET, HEAD, OPTIONS or TRACE.
bool is_unsafe_method(std::string_view method) noexcept;
// The distinct unsafe methods of what would be sent, sorted: the run's gate decides about them.
std::vector<std::string> list_unsafe_methods(std::span<const model::exchange> exchanges);

// The upper half of every trace id a run sends: traffic that carries it belongs to the run only. Never 0.
std::uint64_t replay_mark(std::string_view run_id) noexcept;

// One request as it goes out. The port adds Host, Content-Length and Connection.
struct request {
    std::string method;
    std::string path;  // Begins with '/'; the target's base path is the port's to add.
    model::header_list headers;
    std::string body;
    std::chrono::milliseconds limit{10'000};  // From the first byte sent to the last byte read.
    bool fresh_connection = false;            // HTTP/1.1: a connection of its own, closed afterwards.
};

// The captured request without what belonged to the capture (Authorization, Cookie, X-Api-Key and other
// credentials, Host, Forwarded and X-Forwarded-*, hop-by-hop headers, trace context, lengths), with
// "X-Replay: <run id>" and a traceparent of `trace`. Header values with line breaks are left out.
request make_request(
    const model::exchange& captured, std::string_view run_id, const model::trace_id& trace, std::uint64_t span
);

}  // namespace reprise::replay
