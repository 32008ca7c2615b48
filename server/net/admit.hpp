#pragma once

#include "reprise/net/message.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/message.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise::net {

using beast_header = boost::beast::http::request_header<>;

// The parsed header as a value. A query with a broken escape stays empty; refuse_request() tells.
request make_request(const beast_header& header, const boost::asio::ip::address& peer, std::int64_t now_ns);

// A refusal before it is worded: see router::refusal().
struct refused {
    int status = 400;
    std::string_view code;
    std::string_view detail;
};

// What HTTP may allow but this server does not take, before any route is asked.
std::optional<refused> refuse_request(const beast_header& header, const request& req);

}  // namespace reprise::net
