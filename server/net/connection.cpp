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

connection::connection(asio::ip::tcp::socket socket, SSL* handle)
    : transport_(std::make_unique<boost::beast::tcp_stream>(std::move(socket))),
      tls_(handle == nullptr ? nullptr : std::make_unique<tls_stream>(*transport_, handle))
{
}

asio::awaitable<error_code> connection::shake_hands()
{
    error_code ec;
    co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    co_return ec;
}

asio::awaitable<error_code> connection::shake_hands_as_client()
{
    error_code ec;
    co_await tls_->async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, ec));
    co_return ec;
}

SSL* connection::release_tls() noexcept
{
    if (!tls_)
        return nullptr;
    SSL* const handle = tls_->native_handle();
    SSL_up_ref(handle);  // The stream gives back its own.
    tls_.reset();
    return handle;
}

asio::awaitable<void> connection::say_goodbye()
{
    error_code ignored;  // Whoever is gone needs no farewell.
    co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace reprise::net
