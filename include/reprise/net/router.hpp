#pragma once

#include "reprise/net/message.hpp"
#include "reprise/net/response_stream.hpp"
#include "reprise/net/websocket.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::net {

constexpr std::size_t default_body_bytes_max = 1024 * 1024;
constexpr std::size_t otlp_body_bytes_max = 20 * 1024 * 1024;

// Runs on the session's strand; must not block longer than a millisecond (offload() does that) and
// bounds its own time: the session waits for it.
// Handlers are called from many sessions at once. An exception becomes a 500 and a log line.
using handler = std::function<boost::asio::awaitable<response>(request&)>;

// Before the upgrade: an answer refuses it. Then the conversation itself, until either side ends.
using websocket_check = std::function<boost::asio::awaitable<std::optional<response>>(request&)>;
using websocket_handler = std::function<boost::asio::awaitable<void>(request&, websocket&)>;

// Either gives an answer back, or begins the stream, writes all of it and gives nothing back. Cancelled when the peer
// has left or the server's drain has run out of time. An exception after the beginning cuts the stream off.
using streaming_handler = std::function<boost::asio::awaitable<std::optional<response>>(request&, response_stream&)>;

// Looks at a request's line and headers before a byte of the body is read, for every path. An answer
// ends it there and then; the connection is closed if a body was announced. Must not block.
using gate = std::function<std::optional<response>(const request&)>;

// Words what the server itself refuses, where a protocol wants more than problem().
using refusal_form =
    std::function<response(const request& req, int status, std::string_view code, std::string_view detail)>;

struct route {
    net::method method = net::method::get;
    std::string pattern;  // "/api/v1/runs/{id}/events": exact segments and whole-segment parameters.
    std::size_t body_bytes_max = default_body_bytes_max;
    net::handler handle;
    websocket_check check;      // Only for WebSocket routes.
    websocket_handler talk;     // Set for WebSocket routes instead of `handle`.
    streaming_handler stream;   // Set for streaming routes instead of `handle`.
    std::vector<std::string> segments;             // Filled by the router.
};

// Filled before the server starts, then only read: no lock. GET routes answer HEAD, too. A literal
// segment wins over a parameter. Unknown paths get the fallback or 404, a known path with another
// method 405 with Allow; OPTIONS is answered with 204 and Allow.
class router {
public:
    // A pattern that is malformed or there already is a bug and asserts.
    void add(
        net::method method, std::string pattern, handler handle, std::size_t body_bytes_max = default_body_bytes_max
    );
    void add_websocket(std::string pattern, websocket_check check, websocket_handler talk);
    void add_streaming(std::string pattern, streaming_handler stream);  // GET, without a body.
    void set_fallback(handler handle);  // For GET and HEAD of paths nobody knows.
    void set_gate(gate check);
    void set_refusal_form(refusal_form form);

    struct match {
        const net::route* found = nullptr;  // Null: `status` says why not.
        int status = 404;                   // 404, 405, 204 (OPTIONS) or 400 for a malformed path.
        std::string allow;                  // For 405 and 204.
    };
    // Fills req.params and req.route from req.method and req.path.
    match find(request& req) const;

    const std::vector<route>& routes() const noexcept { return routes_; }
    std::optional<response> refuse(const request& req) const;  // What the gate says.
    response refusal(const request& req, int status, std::string_view code, std::string_view detail) const;

private:
    std::vector<route> routes_;
    std::optional<route> fallback_;
    gate gate_;
    refusal_form refusal_form_;
};

}  // namespace reprise::net
