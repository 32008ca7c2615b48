#include "websocket_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace reprise::net {
namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

error_code translate_read(error_code ec)
{
    if (ec == beast::error::timeout)
        return errc::read_timed_out;
    if (ec == beast::websocket::error::message_too_big || ec == beast::websocket::error::buffer_overflow)
        return errc::body_too_large;
    const bool lost = ec == beast::websocket::error::closed || ec.category() == asio::error::get_system_category() ||
                      ec.category() == asio::error::get_misc_category();
    return lost ? errc::closed : errc::bad_message;
}

beast::websocket::stream_base::timeout timeouts(const websocket_limits& limits)
{
    beast::websocket::stream_base::timeout out{};
    out.handshake_timeout = limits.close;
    out.idle_timeout = limits.idle;
    out.keep_alive_pings = true;
    return out;
}

}  // namespace

websocket::stream::stream(connection socket, websocket_limits limits)
    : socket_(std::move(socket)), write_timer_(socket_.get_executor()), close_timer_(socket_.get_executor()),
      cut_(std::make_shared<cut_state>()), limits_(limits)
{
    cut_->socket = &socket_.next_layer();
    // From here on Beast's WebSocket timer is the only one on the socket.
    socket_.next_layer().expires_never();
    socket_.set_option(timeouts(limits_));
    socket_.read_message_max(limits_.frame_bytes_max);
    socket_.auto_fragment(false);
}

websocket::stream::~stream()
{
    cut_->socket = nullptr;
}

asio::awaitable<result<void>> websocket::stream::accept(
    beast::http::request<beast::http::buffer_body> upgrade, header_list headers
)
{
    auto decorate = [headers = std::move(headers)](beast::websocket::response_type& answer) {
        for (const auto& [name, value] : headers)
            answer.set(name, value);
    };
    socket_.set_option(beast::websocket::stream_base::decorator(std::move(decorate)));
    error_code ec;
    co_await socket_.async_accept(upgrade, asio::redirect_error(asio::use_awaitable, ec));
    if (ec)
        co_return errc::bad_message;
    co_return result<void>();
}

asio::awaitable<result<std::string>> websocket::stream::read()
{
    const auto [ec, size] = co_await socket_.async_read(buffer_, as_result);
    if (ec) {
        over_ = over_ || ec != beast::websocket::error::message_too_big;
        co_return translate_read(ec);
    }
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(size);
    if (!socket_.got_text())
        co_return errc::bad_message;
    co_return text;
}

// A plain timer instead of within(): one message must not cost two coroutines.
void websocket::stream::cut_after(asio::steady_timer& timer, std::chrono::milliseconds limit)
{
    timer.expires_after(limit);
    auto cut = [state = cut_](error_code ec) {
        if (ec || !state->socket)
            return;
        state->cut = true;
        state->socket->close();
    };
    timer.async_wait(std::move(cut));
}

asio::awaitable<result<void>> websocket::stream::write(std::string_view text)
{
    if (over_)
        co_return errc::closed;
    cut_after(write_timer_, limits_.write);
    const asio::const_buffer bytes(text.data(), text.size());
    socket_.text(true);
    const auto [ec, size] = co_await socket_.async_write(bytes, as_result);
    write_timer_.cancel();
    if (!ec)
        co_return result<void>();
    over_ = true;
    co_return cut_->cut ? errc::write_timed_out : errc::closed;
}

asio::awaitable<void> websocket::stream::close(std::uint16_t code, std::string reason)
{
    if (over_)
        co_return;
    over_ = true;
    // The caller may be here because it was cancelled; saying good-bye is still due.
    co_await asio::this_coro::reset_cancellation_state();
    cut_after(close_timer_, limits_.close);
    beast::websocket::close_reason why;
    why.code = code;
    reason.resize(std::min(reason.size(), why.reason.max_size()));
    why.reason = reason;
    error_code ignored;  // The peer may be gone already.
    co_await socket_.async_close(why, asio::redirect_error(asio::use_awaitable, ignored));
    close_timer_.cancel();
}

websocket::websocket(std::unique_ptr<stream> upgraded) : stream_(std::move(upgraded)) {}
websocket::~websocket() = default;

asio::any_io_executor websocket::executor() const
{
    return stream_->executor();
}

asio::awaitable<result<std::string>> websocket::read()
{
    return stream_->read();
}

asio::awaitable<result<void>> websocket::write(std::string_view text)
{
    return stream_->write(text);
}

asio::awaitable<void> websocket::close(std::uint16_t code, std::string reason)
{
    return stream_->close(code, std::move(reason));
}

}  // namespace reprise::net
