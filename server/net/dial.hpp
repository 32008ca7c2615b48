#pragma once

#include "connection.hpp"

#include "reprise/net/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vector>

// From a URL to a connection: resolve, check, connect, shake hands.
namespace reprise::net {

struct dialled {
    connection stream;
    boost::asio::ip::tcp::endpoint remote;
    bool http2 = false;  // What both sides agreed on; without TLS what was wished for.
};

// What to speak once connected.
enum class offer { http1, http2 };

// The addresses of a name, all of them allowed: one that is not may be an attempt to slip through.
boost::asio::awaitable<result<std::vector<boost::asio::ip::address>>> find_addresses(
    const url& target, const target_guard& guard, std::chrono::milliseconds limit
);

// The first address that answers, within limits.connect; the TLS handshake has the same time once more.
// `tls` is only looked at for https. Runs on the coroutine's executor, which must be a strand or one thread.
boost::asio::awaitable<result<dialled>> dial(
    const url& target, const std::vector<boost::asio::ip::address>& addresses, const client_limits& limits,
    client_tls* tls, offer speak
);

}  // namespace reprise::net
