#pragma once

#include "reprise/net/message.hpp"

#include <cstdint>
#include <string>

namespace reprise::net {

// How a reader finds the end of a body.
enum class body_frame : unsigned char {
    length,      // Content-Length.
    chunks,      // Transfer-Encoding: chunked.
    connection,  // Where the connection ends.
};

struct answer_frame {
    body_frame body = body_frame::length;
    bool keep_alive = true;
    bool http_1_0 = false;
    std::int64_t now_ns = 0;
    const header_list* defaults = nullptr;  // Added where the answer has none of that name.
};

// Status line and header section, with the empty line at the end. Control characters in values
// become '_': no value ends a header early.
std::string answer_head(const response& reply, const std::string& request_id, const answer_frame& frame);

// Whether an answer of this status may carry a body.
constexpr bool has_body(int status) noexcept
{
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace reprise::net
