#pragma once

#include "slots.hpp"
#include "tool_port.hpp"

#include "reprise/net/client.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace reprise::synth {

// The tool service, asked over at most tool_connections_max connections. On the loop only; outlives its calls.
class http_tools final : public tool_port {
public:
    // Tools are at <base>/tool/<name>.
    http_tools(boost::asio::any_io_executor loop, net::url base);

    boost::asio::awaitable<tool_result> call(const tool_ask& ask) override;

private:
    boost::asio::awaitable<boost::system::result<slots::slot>> take_connection();

    net::url base_;
    slots connections_;
    net::http_client client_;
};

}  // namespace reprise::synth
