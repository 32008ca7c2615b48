#include "answer_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

namespace asio = boost::asio;

namespace reprise::net {
namespace {

constexpr std::size_t write_step_bytes = 256 * 1024;
constexpr std::string_view last_chunk = "0\r\n\r\n";

void append_chunk(std::string& out, std::string_view bytes)
{
    std::array<char, 16> digits{};
    const auto [end, ec] = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16);
    out.append(digits.data(), end);
    out += "\r\n";
    out += bytes;
    out += "\r\n";
}

}  // namespace

asio::awaitable<result<void>> answer_stream::begin(response head)
{
    assert(!begun_);
    assert(view(head.body).empty());
    begun_ = true;
    parts_.answers[static_cast<std::size_t>(std::clamp(head.status / 100, 0, 5))]->add();
    const std::string text = answer_head(head, parts_.req.id, parts_.frame);
    co_return co_await send(text);
}

asio::awaitable<result<void>> answer_stream::write(std::string_view bytes)
{
    assert(begun_);
    if (parts_.req.method == method::head)
        co_return errc::closed;
    while (!bytes.empty()) {
        const std::string_view step = bytes.substr(0, write_step_bytes);
        bytes.remove_prefix(step.size());
        piece_.clear();
        if (is_chunked())
            append_chunk(piece_, step);
        else
            piece_ = step;
        const auto sent = co_await send(piece_);
        if (!sent)
            co_return sent;
    }
    co_return result<void>();
}

asio::awaitable<bool> answer_stream::end()
{
    if (broken_)
        co_return false;
    if (is_chunked() && parts_.req.method != method::head) {
        const auto sent = co_await send(last_chunk);
        if (!sent)
            co_return false;
    }
    co_return parts_.frame.keep_alive;
}

asio::awaitable<result<void>> answer_stream::send(std::string_view bytes)
{
    if (broken_)
        co_return errc::closed;
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    const auto buffer = asio::buffer(bytes);
    // Of this write alone: the session's read for the peer's leaving has begun before and has no deadline.
    parts_.socket.expires_after(parts_.write);
    const auto [ec, size] = co_await asio::async_write(parts_.socket, buffer, as_result);
    if (!ec)
        co_return result<void>();
    broken_ = true;
    if (ec == boost::beast::error::timeout)
        co_return errc::write_timed_out;
    co_return errc::closed;
}

}  // namespace reprise::net
