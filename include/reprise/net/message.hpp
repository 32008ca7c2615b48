#pragma once

#include "reprise/model/exchange.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// One HTTP request and one answer as plain values, the same for server and client.
namespace reprise::net {

using model::find_header;
using model::header_list;

enum class method : std::uint8_t { get, head, post, put, patch, delete_, options };

std::string_view to_text(method value) noexcept;                       // "GET".
std::optional<method> find_method(std::string_view text) noexcept;     // Exact, upper case.

// What a handler gets. Owned by the session for the time of the call; a handler may move the body
// and the headers out.
struct request {
    net::method method = net::method::get;
    std::string target;   // As sent: "/api/v1/signals?kind=latency".
    std::string path;     // Without the query, still percent-encoded.
    std::vector<std::pair<std::string, std::string>> query;   // Decoded, in order, '+' is a space.
    std::vector<std::pair<std::string, std::string>> params;  // {name} segments of the route, decoded.
    header_list headers;
    std::string body;
    std::string peer_address;     // "127.0.0.1", "::1"; never taken from a header.
    bool peer_is_loopback = false;
    std::string id;               // ULID; in every problem answer, in the log and in X-Request-Id.
    std::string_view route;       // The pattern that matched: "/api/v1/signals/{id}".

    request() = default;

    // Empty when absent.
    std::string_view header(std::string_view name) const noexcept { return find_header(headers, name); }
    std::string_view param(std::string_view name) const noexcept;
    // The first of that name; nothing when absent (an empty value is a value).
    std::optional<std::string_view> find_query(std::string_view name) const noexcept;
};

// Own text, bytes that live as long as the program, or text shared with others.
using body_bytes = std::variant<std::string, std::string_view, std::shared_ptr<const std::string>>;

std::string_view view(const body_bytes& body) noexcept;

// What a handler gives back. Content-Length, Date, Connection and X-Request-Id are added by the
// session, the server's own headers too where the handler has not set them.
struct response {
    int status = 200;
    std::string content_type;  // Empty with an empty body only.
    header_list headers;
    body_bytes body;

    response() = default;
    response(int status_, std::string content_type_, body_bytes body_)
        : status(status_), content_type(std::move(content_type_)), body(std::move(body_))
    {
    }

    std::string_view header(std::string_view name) const noexcept { return find_header(headers, name); }
    void set_header(std::string_view name, std::string value);  // Replaces.
};

// "Not Found"; "Unknown" for numbers without a name.
std::string_view status_text(int status) noexcept;

// application/problem+json with a stable `code`, the reason in `detail` and the request's id.
response problem(const request& req, int status, std::string_view code, std::string_view detail);

}  // namespace reprise::net
