#pragma once

#include "tls_context.hpp"

#include "reprise/base/error.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace reprise::net {

// A peer's bytes, plain or under TLS: one type for everything above, so that HTTP and WebSocket are written
// (and compiled) once. An AsyncStream of Beast with the deadlines of its tcp_stream; a plain one costs one
// test per operation more than that. One read and one write at a time; move it only while neither runs.
class connection {
public:
    using executor_type = boost::beast::tcp_stream::executor_type;
    using tls_stream = boost::asio::ssl::stream<boost::beast::tcp_stream&>;

    // `tls` may be null: plain. It must outlive the connection.
    connection(boost::asio::ip::tcp::socket socket, tls_context* tls);

    // A client's side. `handle` may be null: plain. Otherwise it is owned from here on; one that was released
    // from another connection goes on where that one stopped.
    connection(boost::asio::ip::tcp::socket socket, SSL* handle);

    executor_type get_executor() noexcept { return transport_->get_executor(); }
    bool is_tls() const noexcept { return tls_ != nullptr; }
    tls_stream* tls() noexcept { return tls_.get(); }
    boost::beast::tcp_stream& transport() noexcept { return *transport_; }
    boost::asio::ip::tcp::socket& socket() noexcept { return transport_->socket(); }

    // For whatever is under way; see tcp_stream.
    void expires_after(std::chrono::milliseconds limit) { transport_->expires_after(limit); }
    void expires_never() { transport_->expires_never(); }
    void cancel() { transport_->cancel(); }
    void close() { transport_->close(); }

    // Both only under TLS, and within the deadline that was set.
    boost::asio::awaitable<error_code> shake_hands();
    boost::asio::awaitable<error_code> shake_hands_as_client();
    boost::asio::awaitable<void> say_goodbye();

    // The state of a client's TLS between two requests, to be carried by another connection; null when plain. Of
    // no use while bytes are under way. The connection is then only good for releasing its socket.
    SSL* release_tls() noexcept;

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        auto begin = [this](auto done, const Buffers& into) {
            if (tls_)
                tls_->async_read_some(into, std::move(done));
            else
                transport_->async_read_some(into, std::move(done));
        };
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(std::move(begin), token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        auto begin = [this](auto done, const Buffers& from) {
            if (tls_)
                tls_->async_write_some(from, std::move(done));
            else
                transport_->async_write_some(from, std::move(done));
        };
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(std::move(begin), token, buffers);
    }

private:
    // On the heap, since the TLS stream points to it and the whole may move.
    std::unique_ptr<boost::beast::tcp_stream> transport_;
    std::unique_ptr<tls_stream> tls_;
};

// How Beast's WebSocket ends the stream below it. Found by the type of the argument.
template <class Handler>
void async_teardown(boost::beast::role_type role, connection& stream, Handler&& done)
{
    if (stream.is_tls())
        boost::beast::async_teardown(role, *stream.tls(), std::forward<Handler>(done));
    else
        boost::beast::websocket::async_teardown(role, stream.socket(), std::forward<Handler>(done));
}

inline void beast_close_socket(connection& stream)
{
    stream.close();
}

}  // namespace reprise::net
