#pragma once

#include "http2_session.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reprise::rpc {

// A peer's socket and what is said over it. Lives until its socket is closed and every message it handed over was
// answered. Its state belongs to the socket's strand; start(), go_away() and cut() may come from any thread.
class http2_connection : public std::enable_shared_from_this<http2_connection> {
public:
    // Handlers run on `pool`, beside the strand, so that a connection is not bound to one core.
    http2_connection(
        boost::asio::any_io_executor pool, boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
        call_service& service, std::function<void()> closed
    );
    ~http2_connection();
    http2_connection(const http2_connection&) = delete;
    http2_connection& operator=(const http2_connection&) = delete;

    void start();
    void go_away();
    void cut();

private:
    using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

    void shake_hands();
    void begin();
    void read();
    void hear(error_code ec, std::size_t size);
    void write();
    void written(error_code ec);
    void wait();
    void tick();
    void hand_over(arrived_call call);
    void close();

    template <class Work>
    void on_strand(Work work);
    template <class Work>
    void guard(Work work);

    const boost::asio::any_io_executor pool_;
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<tls_stream> tls_;  // Null: plain text.
    call_service& service_;
    const std::function<void()> closed_;
    const std::string peer_;
    const time_point born_;
    boost::asio::steady_timer timer_;
    std::optional<http2_session> session_;  // Until the socket is closed; under TLS once hands are shaken.
    std::vector<char> heard_;
    std::string said_;
    std::optional<time_point> write_began_;
    bool reading_ = false;
    bool last_word_ = false;
    bool is_closed_ = false;
};

}  // namespace reprise::rpc
