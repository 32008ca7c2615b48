#include "http1_exchange.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include <array>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr int interim_answers_max = 8;
constexpr std::size_t read_ahead_bytes_max = 64 * 1024;

std::int64_t since_ns(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

http1_exchange::http1_exchange(const client_request& req, const client_limits& limits, time_point begin)
    : req_(req), limits_(limits), begin_(begin), buffer_(limits.header_bytes_max + read_ahead_bytes_max)
{
}

void http1_exchange::adopt(const asio::any_io_executor& strand, idle_socket socket)
{
    remote_ = socket.remote();
    const auto protocol = remote_.protocol();
    SSL* const secured = socket.release_tls();
    stream_.emplace(tcp::socket(strand, protocol, socket.release()), secured);
    answer_.reused_connection = true;
}

void http1_exchange::adopt(dialled fresh)
{
    remote_ = fresh.remote;
    stream_.emplace(std::move(fresh.stream));
}

asio::awaitable<result<client_response>> http1_exchange::run(const std::string& head)
{
    answer_.remote_address = remote_.address().to_string();
    const auto sent = co_await send(head);
    if (!sent)
        co_return sent.error();
    answer_.sent_after_ns = since_ns(begin_);
    const auto headed = co_await receive_header();
    if (!headed)
        co_return headed.error();
    answer_.answered_after_ns = since_ns(begin_);
    const auto received = co_await receive_body();
    if (!received)
        co_return received.error();
    answer_.done_after_ns = since_ns(begin_);
    reusable_ = parser_->keep_alive() && buffer_.size() == 0 && !req_.fresh_connection;
    auto message = parser_->release();
    answer_.status = static_cast<int>(message.result_int());
    for (const auto& field : message.base())
        answer_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    answer_.body = std::move(message.body());
    co_return std::move(answer_);
}

asio::awaitable<result<void>> http1_exchange::send(const std::string& head)
{
    const std::array<asio::const_buffer, 2> bytes = {asio::buffer(head), asio::buffer(req_.body)};
    stream_->expires_after(limits_.write);
    const auto [ec, size] = co_await asio::async_write(*stream_, bytes, as_result);
    if (ec == beast::error::timeout)
        co_return errc::write_timed_out;
    // A server may refuse a body half way and hang up; its answer then waits to be read.
    if (ec && size < head.size())
        co_return errc::closed;
    co_return result<void>();
}

asio::awaitable<result<void>> http1_exchange::receive_header()
{
    stream_->expires_after(limits_.answer);
    for (int interim = 0; interim <= interim_answers_max; ++interim) {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
        parser_->body_limit(limits_.body_bytes_max);
        parser_->skip(req_.method == "HEAD");
        const auto [ec, size] = co_await http::async_read_header(*stream_, buffer_, *parser_, as_result);
        if (ec == beast::error::timeout)
            co_return errc::answer_timed_out;
        if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
            co_return errc::header_too_large;
        if (ec == http::error::body_limit)
            co_return errc::body_too_large;
        if (ec) {
            const bool is_http = ec.category() == make_error_code(http::error::bad_version).category();
            const bool ended = ec == http::error::end_of_stream || ec == http::error::partial_message;
            co_return is_http && !ended ? errc::bad_message : errc::closed;
        }
        const auto status = parser_->get().result_int();
        if (status == 101 || status >= 200)
            co_return result<void>();
    }
    co_return errc::bad_message;
}

asio::awaitable<result<void>> http1_exchange::receive_body()
{
    if (parser_->is_done())
        co_return result<void>();
    stream_->expires_after(limits_.body);
    const auto [ec, size] = co_await http::async_read(*stream_, buffer_, *parser_, as_result);
    if (!ec)
        co_return result<void>();
    if (ec == beast::error::timeout)
        co_return errc::read_timed_out;
    if (ec == http::error::body_limit)
        co_return errc::body_too_large;
    const bool is_http = ec.category() == make_error_code(http::error::bad_version).category();
    co_return is_http && ec != http::error::partial_message ? errc::bad_message : errc::closed;
}

// What was read with the answer and not yet looked at (a farewell, a ticket) would be lost on the way to the pool.
bool http1_exchange::has_unread_tls()
{
    const SSL* const handle = stream_->is_tls() ? stream_->tls()->native_handle() : nullptr;
    return handle != nullptr && (SSL_has_pending(handle) == 1 || BIO_ctrl_pending(SSL_get_rbio(handle)) > 0);
}

std::optional<idle_socket> http1_exchange::take_back()
{
    if (!reusable_ || has_unread_tls())
        return std::nullopt;
    stream_->expires_never();
    tls_handle secured(stream_->release_tls());
    error_code ec;
    const int handle = stream_->socket().release(ec);
    if (ec)
        return std::nullopt;
    return idle_socket(handle, remote_, std::move(secured));
}

}  // namespace reprise::net
