#pragma once

#include "context.hpp"

#include "reprise/net/websocket.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace reprise::http {

// Before the upgrade: own origin, a session, a role that may read.
boost::asio::awaitable<std::optional<net::response>> check_live(context& api, net::request& req);

// The conversation, until either side ends it.
boost::asio::awaitable<void> talk_live(context& api, net::request& req, net::websocket& socket);

}  // namespace reprise::http
