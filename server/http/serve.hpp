#pragma once

#include "endpoints.hpp"

#include <boost/asio/awaitable.hpp>

namespace reprise::http {

// One request to one route of the table: who calls, may they, is the input framed right, was it
// answered before; then the route's handler.
boost::asio::awaitable<net::response> serve(context& api, const endpoint& route, net::request& req);

}  // namespace reprise::http
