#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/net/client.hpp"
#include "reprise/replay/http_port.hpp"

// The socket side of a replay: one target through one client.
namespace reprise::replay {

// Both are shared and outlive it. Whoever made the client decided where it may go.
class target_sender final : public http_port {
public:
    target_sender(net::http_client& http, const clock& time, const target& to) : http_(http), time_(time), target_(to)
    {
    }

    boost::asio::awaitable<result<sent_response>> send(request outgoing) override;

private:
    net::http_client& http_;
    const clock& time_;
    target target_;
};

}  // namespace reprise::replay
