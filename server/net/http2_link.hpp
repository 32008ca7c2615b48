#pragma once

#include "dial.hpp"

#include "reprise/base/task_group.hpp"
#include "reprise/net/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct nghttp2_session;

namespace reprise::net {

// One HTTP/2 connection to one origin and the requests that share it. Everything but usable() runs on its
// strand. Whoever holds it keeps it; the coroutine that reads from it does so, too, until it is closed.
class http2_link : public std::enable_shared_from_this<http2_link> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    http2_link(const boost::asio::any_io_executor& strand, const client_limits& limits);
    ~http2_link();
    http2_link(const http2_link&) = delete;
    http2_link& operator=(const http2_link&) = delete;

    const boost::asio::any_io_executor& strand() const noexcept { return strand_; }

    // Dials when nobody did, waits for who does, sends, and returns when the answer is whole. `req`, `guard` and
    // `tls` outlive the coroutine. errc::stream_refused: the server did not look at the request.
    boost::asio::awaitable<result<client_response>> exchange(
        const client_request& req, const target_guard& guard, client_tls* tls, time_point begin
    );

    // False once no further request may be put on it. Safe from any thread.
    bool usable() const noexcept { return usable_.load(); }
    void close();  // Requests under way end with errc::closed.

private:
    struct call;
    struct callbacks;
    struct dialling;
    struct listing;
    enum class phase { fresh, dialling, ready, dead };

    boost::asio::awaitable<result<void>> get_ready(const url& target, const target_guard& guard, client_tls* tls);
    boost::asio::awaitable<result<void>> connect(const url& target, const target_guard& guard, client_tls* tls);
    result<void> begin_session();
    // Both keep the link alive while they run.
    static boost::asio::awaitable<void> run_reader(std::shared_ptr<http2_link> self);
    static boost::asio::awaitable<void> run_writer(std::shared_ptr<http2_link> self);
    bool collect_output();
    void flush();
    result<std::int32_t> submit(call& one);
    boost::asio::awaitable<result<void>> wait_for_answer(call& one);
    void fail_all(error_code why);
    void give_up(call& one, error_code why);

    boost::asio::any_io_executor strand_;
    client_limits limits_;
    std::atomic<bool> usable_{true};
    phase phase_ = phase::fresh;
    error_code dead_because_;
    // Neither expires: setting a time anew would wake all others who wait.
    boost::asio::steady_timer ready_;   // Cancelled when dialling ended.
    boost::asio::steady_timer output_;  // Cancelled when there is something to send.
    task_group tasks_;
    std::optional<dialled> line_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, call*> calls_;
    std::vector<std::uint8_t> out_;
    std::uint64_t received_ = 0;  // Bytes.
    bool reused_ = false;
};

}  // namespace reprise::net
