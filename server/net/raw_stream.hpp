#pragma once

#include "byte_queue.hpp"
#include "raw_session.hpp"
#include "tls_pipe.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reprise::net {

// The bytes of one connection, whatever they are wrapped in: the first byte of the connection or of a tunnel tells
// TLS from plain text. One strand; one coroutine at a time.
class raw_stream {
public:
    raw_stream(raw_session_context& context, boost::asio::ip::tcp::socket socket, std::shared_ptr<raw_control> control);
    ~raw_stream();
    raw_stream(const raw_stream&) = delete;
    raw_stream& operator=(const raw_stream&) = delete;

    // Plain bytes that came.
    byte_queue& in() noexcept { return in_; }
    // When the last of them were there.
    const moment_stamp& read_at() const noexcept { return read_at_; }
    // When the kernel was last given bytes, by the steady clock.
    std::int64_t last_send_ns() const noexcept { return last_send_ns_; }
    bool is_tls() const noexcept { return tls_ != nullptr; }
    bool shakes_hands() const noexcept { return tls_ != nullptr && !tls_->shook_hands(); }
    raw_control& control() noexcept { return *control_; }
    boost::asio::ip::tcp::socket::executor_type executor() { return socket_.get_executor(); }

    void expires_after(std::chrono::milliseconds limit) noexcept;
    void expires_never() noexcept { control_->deadline_ns.store(no_deadline, std::memory_order_relaxed); }

    // Waits for more in in(). False when none will come, the time is up (control().expired) or the wait was cancelled.
    boost::asio::awaitable<bool> fill();
    // Plain connections only: what the kernel takes at once is cut off `bytes`. True when that is all.
    bool send_at_once(std::string_view& bytes) noexcept;
    // Everything. False when the peer is gone or takes too long.
    boost::asio::awaitable<bool> send(std::string_view bytes);

    // What comes next may be TLS, for this host unless the client names another. False when it is (its first bytes
    // are here already) and cannot be spoken.
    bool expect_tls(std::string host);

    // The peer gets a reset.
    void reset();
    // Ends in good order. `swallows`: the peer is still sending; it is read for a moment, so that it sees our answer.
    boost::asio::awaitable<void> end(bool swallows);

private:
    bool take_bytes(bool& ended);
    bool start_tls_if_asked();
    bool unseal(bool& ended);
    boost::asio::awaitable<bool> send_plain(std::string_view bytes);

    raw_session_context& context_;
    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<raw_control> control_;
    byte_queue in_;
    std::unique_ptr<tls_pipe> tls_;
    std::string host_;  // Our own address at first.
    moment_stamp read_at_;
    std::int64_t last_send_ns_ = 0;
    bool sniffs_ = true;
};

}  // namespace reprise::net
