#include "raw_stream.hpp"

#include "raw_socket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

constexpr std::size_t queue_bytes_min = 8 * 1024;
constexpr std::size_t read_ahead_bytes = 64 * 1024;
constexpr std::size_t sealed_bytes = 16 * 1024;
constexpr std::size_t write_step_bytes = 256 * 1024;
constexpr char tls_first_byte = 0x16;  // A handshake record; no HTTP method begins with it.

// After an answer that cuts a request short: how long and how much we still swallow, so that the
// peer reads the answer instead of a reset.
constexpr std::chrono::milliseconds linger_max{2'000};
constexpr std::size_t linger_bytes_max = 4 * 1024 * 1024;

}  // namespace

raw_stream::raw_stream(raw_session_context& context, tcp::socket socket, std::shared_ptr<raw_control> control)
    : context_(context), socket_(std::move(socket)), control_(std::move(control)),
      in_(queue_bytes_min, context.config.header_bytes_max + read_ahead_bytes)
{
    error_code ignored;  // The peer may be gone already; the first read says so.
    socket_.set_option(tcp::no_delay(true), ignored);
    host_ = socket_.local_endpoint(ignored).address().to_string();
    control_->socket = &socket_;
    context_.open_sessions.add(1);
}

raw_stream::~raw_stream()
{
    control_->socket = nullptr;
    context_.open_sessions.add(-1);
}

void raw_stream::expires_after(std::chrono::milliseconds limit) noexcept
{
    control_->expired = false;
    const auto limit_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(limit).count();
    control_->deadline_ns.store(deadline_clock_ns() + limit_ns, std::memory_order_relaxed);
}

// Reads once from the socket. True when the queue has plain bytes; `ended` when there will be no more.
bool raw_stream::take_bytes(bool& ended)
{
    if (!tls_) {
        const socket_read got = read_stamped(socket_.native_handle(), in_.prepare(), context_.time);
        ended = got.what == socket_step::ended;
        if (got.what != socket_step::bytes)
            return false;
        in_.commit(got.size);
        read_at_ = got.at;
        if (!start_tls_if_asked()) {
            ended = true;
            return false;
        }
        return tls_ ? unseal(ended) : true;
    }
    char sealed[sealed_bytes];
    const socket_read got = read_stamped(socket_.native_handle(), sealed, context_.time);
    ended = got.what == socket_step::ended;
    if (got.what != socket_step::bytes)
        return false;
    read_at_ = got.at;
    tls_->feed({sealed, got.size});
    return unseal(ended);
}

// False when the peer speaks TLS and there is no authority to speak it with.
bool raw_stream::start_tls_if_asked()
{
    if (!std::exchange(sniffs_, false) || in_.bytes().front() != tls_first_byte)
        return true;
    if (!context_.config.authority) {
        context_.failed_handshakes.add();
        // "handshake_failure", as TLS says it.
        std::string_view alert("\x15\x03\x01\x00\x02\x02\x28", 7);
        send_some(socket_.native_handle(), alert);
        return false;
    }
    tls_ = std::make_unique<tls_pipe>(*context_.config.authority, host_);
    tls_->feed(in_.bytes());
    in_.clear();
    return true;
}

// Moves what TLS has to the queue. True when that is something.
bool raw_stream::unseal(bool& ended)
{
    bool any = false;
    for (;;) {
        const auto space = in_.prepare();
        if (space.empty())
            return any;
        const tls_pipe::read_result got = tls_->read(space.data(), space.size());
        if (got.what == tls_pipe::step::bytes) {
            in_.commit(got.size);
            any = true;
            continue;
        }
        if (got.what == tls_pipe::step::failed && !tls_->shook_hands())
            context_.failed_handshakes.add();
        ended = got.what != tls_pipe::step::more;
        return any;
    }
}

// Waits for bytes. False when none will come, the time is up (control_->expired) or the server stops.
asio::awaitable<bool> raw_stream::fill()
{
    bool ended = false;
    if (tls_ && unseal(ended))
        co_return true;
    while (!ended) {
        error_code ec;
        co_await socket_.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return false;
        const bool any = take_bytes(ended);
        if (tls_ && !tls_->sealed().empty()) {
            const bool sent = co_await send({});
            if (!sent)
                co_return false;
        }
        if (any)
            co_return true;
    }
    co_return false;
}

bool raw_stream::expect_tls(std::string host)
{
    host_ = std::move(host);
    sniffs_ = true;
    return in_.empty() || start_tls_if_asked();
}

bool raw_stream::send_at_once(std::string_view& bytes) noexcept
{
    if (tls_)
        return false;
    last_send_ns_ = context_.time.steady_ns();
    return send_some(socket_.native_handle(), bytes) == socket_step::bytes;
}

// Sends everything, and under TLS what it owes. False when the peer is gone or takes too long.
asio::awaitable<bool> raw_stream::send(std::string_view bytes)
{
    if (!tls_) {
        const bool sent = co_await send_plain(bytes);
        co_return sent;
    }
    do {
        const std::string_view part = bytes.substr(0, write_step_bytes);
        bytes.remove_prefix(part.size());
        if (!tls_->write(part))
            co_return false;
        const bool sent = co_await send_plain(tls_->sealed());
        tls_->forget_sealed();
        if (!sent)
            co_return false;
    } while (!bytes.empty());
    co_return true;
}

asio::awaitable<bool> raw_stream::send_plain(std::string_view bytes)
{
    std::size_t left_at_deadline = bytes.size();
    for (;;) {
        last_send_ns_ = context_.time.steady_ns();
        const socket_step step = send_some(socket_.native_handle(), bytes);
        if (step != socket_step::nothing_yet)
            co_return step == socket_step::bytes;
        if (left_at_deadline - bytes.size() >= write_step_bytes) {
            left_at_deadline = bytes.size();
            expires_after(context_.config.write);
        }
        error_code ec;
        co_await socket_.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return false;
    }
}

void raw_stream::reset()
{
    reset_on_close(socket_.native_handle());
    tls_.reset();
    error_code ignored;
    socket_.close(ignored);
}

asio::awaitable<void> raw_stream::end(bool swallows)
{
    if (!socket_.is_open())
        co_return;
    if (tls_) {
        tls_->say_goodbye();
        std::string_view goodbye = tls_->sealed();
        send_some(socket_.native_handle(), goodbye);
    }
    if (!swallows)
        co_return;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    expires_after(linger_max);
    char swallowed[sealed_bytes];
    for (std::size_t left = linger_bytes_max; left > 0 && !control_->stopping;) {
        const socket_read got = read_stamped(socket_.native_handle(), swallowed, context_.time);
        if (got.what == socket_step::ended)
            co_return;
        left -= std::min(left, got.size);
        if (got.what == socket_step::bytes)
            continue;
        error_code ec;
        control_->waiting = true;
        co_await socket_.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
        control_->waiting = false;
        if (ec)
            co_return;
    }
}

}  // namespace reprise::net
