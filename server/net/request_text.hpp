#pragma once

#include "reprise/net/client.hpp"

#include <string>
#include <string_view>

// What a client says of a request, checked: nothing that is handed in may end a line or a header.
namespace reprise::net {

bool is_plain(std::string_view text) noexcept;  // No control characters.
bool is_token(std::string_view text) noexcept;  // A method or a header's name, RFC 9110.

// Framing is ours: a header that says otherwise would make two readers of one message.
bool is_framing(std::string_view name) noexcept;

// Whether the length of the body is to be told: always where there is one or usually would be.
bool tells_length(const client_request& req) noexcept;

// errc::bad_message unless method, target and headers can be sent as they are.
result<void> check_request(const client_request& req);

// Request line and headers of HTTP/1.1 with the empty line behind them; of a checked request.
std::string request_head(const client_request& req);

}  // namespace reprise::net
