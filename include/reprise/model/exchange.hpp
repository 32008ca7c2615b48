#pragma once

#include "reprise/model/observation.hpp"
#include "reprise/model/operation.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace reprise::model {

enum class direction : std::uint8_t { in, out };

using header_list = std::vector<std::pair<std::string, std::string>>;

// One captured request/response pair with everything known about it: the cold, complete form of an
// observation. From spans only what the conventions carry is filled.
struct exchange {
    operation_key operation;
    model::direction direction = direction::in;
    model::outcome outcome = outcome::ok;
    int status = 0;
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    std::string host;       // Peer for `out`, own authority for `in`; may be empty.
    std::string method;     // HTTP method or SQL command.
    std::string path;       // Path and query for HTTP; empty for SQL.
    std::string statement;  // Raw SQL text, empty for HTTP.
    header_list request_headers;
    header_list response_headers;
    std::string request_body;
    std::string response_body;
    std::string message;    // Error text, if any.
    trace_id trace;
    std::uint64_t span = 0;
    std::uint64_t parent_span = 0;
    bool complete = false;  // True when the request can be sent again (RRPair with method and path).
    std::vector<std::string> redacted_fields;  // "request.header.authorization", "request.body.email".
};

// Of a header list; the name is compared without case. Empty when absent.
std::string_view find_header(const header_list& headers, std::string_view name) noexcept;

}  // namespace reprise::model
