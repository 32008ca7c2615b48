#pragma once

#include "session_list.hpp"

#include "reprise/net/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <atomic>

namespace reprise::net {

// What all sessions of one server share. Outlives them.
struct session_context {
    session_context(const server_config& config_, const router& routes_, const clock& time_, metrics& numbers);

    const server_config& config;
    const router& routes;
    const clock& time;
    session_list sessions;
    std::atomic<std::size_t> bodies_bytes{0};
    std::atomic<bool> stopping{false};
    std::array<counter*, 6> answers{};  // By hundreds of the status.
    counter& refused_sessions;
    counter& failed_handshakes;
    gauge& open_sessions;
};

// Serves one connection until the peer leaves, goes quiet, breaks the protocol or the server stops.
boost::asio::awaitable<void> run_session(session_context& context, boost::asio::ip::tcp::socket socket);

}  // namespace reprise::net
