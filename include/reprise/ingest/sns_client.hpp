#pragma once

#include "reprise/ingest/hooks.hpp"
#include "reprise/net/client.hpp"

namespace reprise::ingest {

// SNS over the network: only what the guard allows, at most 64 KiB, 5 s for each step. fetch() may run many times at
// once; the client must outlive them.
class sns_client final : public sns_port {
public:
    explicit sns_client(net::target_guard guard, net::client_transport transport = {});

    boost::asio::awaitable<result<std::string>> fetch(const net::url& from) override;

private:
    net::http_client client_;
};

}  // namespace reprise::ingest
