#pragma once

#include "reprise/net/raw_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <mutex>

namespace reprise::net {

constexpr std::int64_t no_deadline = std::numeric_limits<std::int64_t>::max();

// What the server may tell a session. Members are touched on the session's strand only, but for the deadline.
struct raw_control {
    explicit raw_control(boost::asio::any_io_executor strand_) : strand(std::move(strand_)) {}

    boost::asio::any_io_executor strand;
    std::atomic<std::int64_t> deadline_ns{no_deadline};  // Of the steady clock, whatever is waited for.
    boost::asio::ip::tcp::socket* socket = nullptr;      // Null once the session ended.
    bool waiting = false;                                // For a request to begin.
    bool stopping = false;
    bool expired = false;                                // The deadline passed; the wait was cancelled.
};

// All sessions of a server. Safe from any thread.
class raw_session_list {
public:
    using position = std::list<std::shared_ptr<raw_control>>::iterator;

    position add(std::shared_ptr<raw_control> session);
    void remove(position at);

    // Each ends after the request it is busy with; those that wait for one end now.
    void stop_all();
    // Those whose deadline passed are woken.
    void expire(std::int64_t now_ns);

private:
    std::mutex mutex_;
    std::list<std::shared_ptr<raw_control>> sessions_;
};

// What all sessions of one server share. Outlives them.
struct raw_session_context {
    raw_session_context(
        const raw_server_config& config_, raw_responder& responder_, const clock& time_, metrics& numbers
    );

    const raw_server_config& config;
    raw_responder& responder;
    const clock& time;
    raw_session_list sessions;
    std::atomic<std::size_t> bodies_bytes{0};
    std::atomic<std::uint64_t> connections{0};
    std::atomic<bool> stopping{false};
    counter& refused_sessions;
    counter& refused_requests;
    counter& failed_handshakes;
    gauge& open_sessions;
};

// Of the steady clock that deadlines are kept in.
std::int64_t deadline_clock_ns() noexcept;

// Serves one connection until the peer leaves, goes quiet, breaks the protocol or the server stops.
boost::asio::awaitable<void> run_raw_session(raw_session_context& context, boost::asio::ip::tcp::socket socket);

}  // namespace reprise::net
