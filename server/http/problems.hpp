#pragma once

#include "reprise/base/error.hpp"
#include "reprise/net/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::http {

// The problem document for an error value of any room below. `what` names the thing asked for:
// "incident 01J...".
net::response problem_of(const net::request& req, const error_code& error, std::string_view what);

// 400 with code bad_request.
net::response bad_request(const net::request& req, std::string_view detail);

// 429 with Retry-After.
net::response too_many_requests(const net::request& req, std::int64_t wait_s, std::string_view detail);

}  // namespace reprise::http
