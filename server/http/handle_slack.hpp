#pragma once

#include "context.hpp"

#include "reprise/net/message.hpp"

#include <boost/asio/awaitable.hpp>

namespace reprise::http {

// A button or dialog of Slack: POST /api/v1/hooks/slack/interactions. Signed by Slack; the person is who is linked to
// the Slack user, and may do there what they may do here, up to HIGH. Answers within Slack's three seconds.
boost::asio::awaitable<net::response> take_slack_interaction(context& api, net::request& req);

}  // namespace reprise::http
