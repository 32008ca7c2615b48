#include "connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;

namespace reprise::net {

connection::connection(asio::ip::tcp::socket socket, tls_context* tls)
    : transport_(std::make_unique<boost::beast::tcp_stream>(std::move(socket))),
      tls_(tls == nullptr ? nullptr : std::make_unique<tls_stream>(*transport_, tls->context))
{
}

asio::awaitable<error_code> connection::shake_hands()
{
    error_code ec;
    co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    co_return ec;
}

asio::awaitable<void> connection::say_goodbye()
{
    error_code ignored;  // Whoever is gone needs no farewell.
    co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace reprise::net
