#include "raw_session.hpp"

#include "raw_request_reader.hpp"
#include "raw_stream.hpp"
#include "read_body.hpp"

#include "reprise/net/message.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

std::string problem_answer(const raw_refusal& why)
{
    boost::json::object body;
    body["type"] = "about:blank";
    body["title"] = status_text(why.status);
    body["status"] = why.status;
    body["code"] = why.code;
    body["detail"] = why.detail;
    const std::string text = boost::json::serialize(body);
    return "HTTP/1.1 " + std::to_string(why.status) + ' ' + std::string(status_text(why.status)) +
           "\r\nContent-Type: application/problem+json\r\nContent-Length: " + std::to_string(text.size()) +
           "\r\nConnection: close\r\n\r\n" + text;
}

raw_refusal refusal_of(error_code ec)
{
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
        return {431, "header_too_large", "Request line and headers are larger than this server takes."};
    if (ec == http::error::body_limit)
        return {413, "body_too_large", "The body of this request is larger than this server takes."};
    return {400, "bad_request", "This is not HTTP/1.1 as this server takes it."};
}

constexpr raw_refusal too_slow = {408, "too_slow", "The request took longer than this server waits."};
constexpr raw_refusal overloaded = {503, "overloaded", "Too many bytes are being received at once; try again."};

class raw_session {
public:
    raw_session(raw_session_context& context, tcp::socket socket, std::shared_ptr<raw_control> control)
        : context_(context), stream_(context, std::move(socket), std::move(control)), delay_(stream_.executor()),
          number_(context.connections.fetch_add(1) + 1)
    {
    }
    raw_session(const raw_session&) = delete;
    raw_session& operator=(const raw_session&) = delete;

    asio::awaitable<void> run();

private:
    class arrival;

    asio::awaitable<bool> wait_for_request();
    asio::awaitable<bool> serve_one();
    asio::awaitable<bool> open_tunnel(raw_request_reader& reader, arrival& now);
    asio::awaitable<bool> read_head(raw_request_reader& reader, arrival& now);
    asio::awaitable<bool> read_body(raw_request_reader& reader, arrival& now, body_claim& claim);
    asio::awaitable<bool> answer(raw_request_reader& reader, arrival& now);
    asio::awaitable<bool> wait_until_due(const arrival& now);
    asio::awaitable<bool> refuse(const raw_refusal& why, arrival& now);
    asio::awaitable<void> stay_silent();

    void forget() noexcept;
    error_code parse(raw_request_reader& reader);
    std::string_view answer_bytes(bool keep_alive, bool http_1_0);

    raw_session_context& context_;
    raw_stream stream_;
    asio::steady_timer delay_;
    request_text text_;
    raw_answer answer_;
    std::string rooted_;
    std::string framed_;
    std::uint64_t number_ = 0;
    bool tunnelled_ = false;
    bool owes_reading_ = false;
};

// One request from its first byte on; reports its end however that comes.
class raw_session::arrival {
public:
    explicit arrival(raw_session& of) : of_(of)
    {
        request.arrived = of_.stream_.read_at();
        request.connection = of_.number_;
        request.secure = of_.stream_.is_tls();
        request.proxied = of_.tunnelled_;
    }
    ~arrival()
    {
        if (counts)
            report();
        of_.forget();
    }
    arrival(const arrival&) = delete;
    arrival& operator=(const arrival&) = delete;

    raw_request request;
    raw_finish how{raw_end::cut, 0, 0, 0};
    bool counts = true;

private:
    void report()
    {
        if (request.method.empty())
            request.method = of_.text_.method();
        request.body = of_.text_.body;
        if (how.steady_ns == 0)
            how.steady_ns = of_.context_.time.steady_ns();
        of_.context_.responder.finish(request, of_.answer_, how);
    }

    raw_session& of_;
};

// A connection that waits for its next request holds no body: bodies_bytes_max does not count it any more.
void raw_session::forget() noexcept
{
    text_.clear();
    answer_.clear();
    framed_.clear();
    if (framed_.capacity() > raw_kept_bytes_max)
        std::string().swap(framed_);
}

asio::awaitable<void> raw_session::run()
{
    bool going_on = true;
    while (going_on)
        going_on = co_await serve_one();
    co_await stream_.end(owes_reading_);
}

// True when there is something to parse.
asio::awaitable<bool> raw_session::wait_for_request()
{
    if (!stream_.in().empty())
        co_return true;
    if (stream_.control().stopping || context_.stopping.load(std::memory_order_relaxed))
        co_return false;
    stream_.control().waiting = true;
    stream_.expires_after(stream_.shakes_hands() ? context_.config.header : context_.config.idle);
    const bool filled = co_await stream_.fill();
    stream_.control().waiting = false;
    co_return filled;
}

// What is in the queue, up to the end of the header first. Needing more is no error.
error_code raw_session::parse(raw_request_reader& reader)
{
    while (!stream_.in().empty() && !reader.is_done()) {
        const bool had_head = reader.is_header_done();
        const std::string_view bytes = stream_.in().bytes();
        error_code ec;
        const std::size_t used = reader.put(asio::const_buffer(bytes.data(), bytes.size()), ec);
        stream_.in().consume(used);
        if (ec == http::error::need_more)
            return stream_.in().is_full() ? error_code(make_error_code(http::error::buffer_overflow)) : error_code();
        if (ec)
            return ec;
        if (used == 0 || (!had_head && reader.is_header_done()))
            return {};
    }
    return {};
}

// One request and its answer. False when the connection is to end.
asio::awaitable<bool> raw_session::serve_one()
{
    const bool has_bytes = co_await wait_for_request();
    if (!has_bytes)
        co_return false;

    arrival now(*this);
    raw_request_reader reader(text_, context_.config.header_bytes_max, context_.config.body_bytes_max);
    stream_.expires_after(context_.config.header);
    const bool has_head = co_await read_head(reader, now);
    if (!has_head)
        co_return false;
    if (text_.method() == "CONNECT") {
        const bool opened = co_await open_tunnel(reader, now);
        co_return opened;
    }
    request_place place;
    const raw_refusal why = find_place(text_, place, rooted_);
    raw_request& request = now.request;
    request.method = text_.method();
    request.target = place.target;
    request.authority = place.authority;
    request.headers = text_.headers();
    request.secure = request.secure || place.secure;
    request.proxied = request.proxied || place.whole_url;
    if (!why.code.empty()) {
        const bool going_on = co_await refuse(why, now);
        co_return going_on;
    }
    body_claim claim(context_.bodies_bytes, context_.config.bodies_bytes_max);
    if (!reader.is_done()) {
        const bool complete = co_await read_body(reader, now, claim);
        if (!complete)
            co_return false;
    }
    const bool going_on = co_await answer(reader, now);
    co_return going_on;
}

asio::awaitable<bool> raw_session::read_head(raw_request_reader& reader, arrival& now)
{
    for (;;) {
        const error_code ec = parse(reader);
        if (ec) {
            now.request.target = text_.target();
            now.request.headers = text_.headers();
            const raw_refusal why = refusal_of(ec);
            const bool going_on = co_await refuse(why, now);
            co_return going_on;
        }
        if (reader.is_header_done())
            co_return true;
        const bool filled = co_await stream_.fill();
        if (!filled) {
            if (stream_.control().expired)
                co_await refuse(too_slow, now);
            co_return false;
        }
    }
}

asio::awaitable<bool> raw_session::read_body(raw_request_reader& reader, arrival& now, body_claim& claim)
{
    stream_.expires_after(context_.config.body);
    if (stream_.in().empty() && beast::iequals(now.request.header("expect"), "100-continue")) {
        const bool sent = co_await stream_.send("HTTP/1.1 100 Continue\r\n\r\n");
        if (!sent)
            co_return false;
        stream_.expires_after(context_.config.body);
    }
    std::size_t claimed = 0;
    for (;;) {
        const error_code ec = parse(reader);
        const bool fits = claim.grow(text_.body.size() - std::exchange(claimed, text_.body.size()));
        if (ec || !fits) {
            const raw_refusal why = ec ? refusal_of(ec) : overloaded;
            const bool going_on = co_await refuse(why, now);
            co_return going_on;
        }
        if (reader.is_done())
            co_return true;
        const bool filled = co_await stream_.fill();
        if (!filled) {
            if (stream_.control().expired)
                co_await refuse(too_slow, now);
            co_return false;
        }
    }
}

// Answers what can be answered; always false, since nobody knows where the next request begins.
asio::awaitable<bool> raw_session::refuse(const raw_refusal& why, arrival& now)
{
    context_.refused_requests.add();
    owes_reading_ = true;
    now.how.end = raw_end::refused;
    const std::string text = problem_answer(why);
    stream_.expires_after(context_.config.write);
    const bool sent = co_await stream_.send(text);
    if (sent) {
        now.how.status = why.status;
        now.how.bytes_sent = text.size();
    }
    co_return false;
}

// From here on the peer talks to the host it named, so it thinks.
asio::awaitable<bool> raw_session::open_tunnel(raw_request_reader& reader, arrival& now)
{
    now.counts = false;
    std::string host = parse_tunnel_host(text_.target());
    raw_refusal why;
    if (host.empty())
        why = {400, "bad_target", "CONNECT takes host:port."};
    else if (!reader.is_done())
        why = {400, "bad_framing", "CONNECT has no body."};
    else if (tunnelled_)
        why = {400, "bad_target", "This is a tunnel already."};
    else if (!context_.config.authority)
        why = {501, "no_authority", "There is no certificate authority to speak TLS with; start with --ca-dir."};
    if (!why.code.empty()) {
        const bool going_on = co_await refuse(why, now);
        co_return going_on;
    }
    stream_.expires_after(context_.config.write);
    const bool sent = co_await stream_.send("HTTP/1.1 200 Connection Established\r\n\r\n");
    tunnelled_ = true;
    co_return sent && stream_.expect_tls(std::move(host));
}

// The bytes to send: the answer as it is, or framed_ with a Connection header in it.
std::string_view raw_session::answer_bytes(bool keep_alive, bool http_1_0)
{
    std::string_view bytes = answer_.wire;
    if (text_.method() == "HEAD")
        bytes = bytes.substr(0, answer_.head_bytes);
    const std::size_t line_end = bytes.find("\r\n");
    if ((keep_alive && !http_1_0) || line_end == std::string_view::npos)
        return bytes;
    framed_.assign(bytes.substr(0, line_end + 2));
    framed_ += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    framed_ += bytes.substr(line_end + 2);
    return framed_;
}

// False when the server was cut off meanwhile.
asio::awaitable<bool> raw_session::wait_until_due(const arrival& now)
{
    const std::int64_t due_ns = now.request.arrived.steady_ns + answer_.delay.count();
    const std::int64_t left_ns = due_ns - context_.time.steady_ns();
    if (left_ns <= 0)
        co_return true;
    stream_.expires_never();
    delay_.expires_after(std::chrono::nanoseconds(left_ns));
    error_code ec;
    co_await delay_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    co_return !ec;
}

asio::awaitable<bool> raw_session::answer(raw_request_reader& reader, arrival& now)
{
    now.request.body = text_.body;
    context_.responder.respond(now.request, answer_);
    if (answer_.delay.count() > 0) {
        const bool due = co_await wait_until_due(now);
        if (!due)
            co_return false;
    }
    now.how.end = raw_end::answered;
    if (answer_.fault == raw_fault::silence)
        co_await stay_silent();
    if (answer_.fault == raw_fault::silence || answer_.fault == raw_fault::reset) {
        now.how.steady_ns = context_.time.steady_ns();
        stream_.reset();
        co_return false;
    }
    const bool truncated = answer_.fault == raw_fault::truncate;
    const bool keep_alive = reader.keep_alive() && !stream_.control().stopping && !truncated;
    std::string_view bytes = answer_bytes(keep_alive, text_.version() < 11);
    if (truncated && text_.method() != "HEAD") {
        const std::size_t body_bytes = answer_.wire.size() - answer_.head_bytes;
        bytes.remove_suffix(body_bytes - std::min(body_bytes, answer_.body_bytes_max));
    }
    now.how.bytes_sent = bytes.size();
    now.how.status = answer_.status;
    const bool sent_at_once = stream_.send_at_once(bytes);
    now.how.steady_ns = stream_.last_send_ns();
    if (sent_at_once)
        co_return keep_alive;
    stream_.expires_after(context_.config.write);
    const bool sent = co_await stream_.send(bytes);
    now.how.steady_ns = stream_.last_send_ns();
    if (!sent)
        now.how.end = raw_end::cut;
    co_return sent && keep_alive;
}

// Until the peer gives up, or we do.
asio::awaitable<void> raw_session::stay_silent()
{
    stream_.expires_after(context_.config.silence_max);
    stream_.control().waiting = true;
    bool waits = true;
    while (waits && !stream_.control().stopping) {
        stream_.in().clear();
        waits = co_await stream_.fill();
    }
    stream_.control().waiting = false;
}

}  // namespace

asio::awaitable<void> run_raw_session(raw_session_context& context, tcp::socket socket)
{
    const auto executor = co_await asio::this_coro::executor;
    error_code ec;
    const auto protocol = socket.local_endpoint(ec).protocol();
    // Its events go straight to the session's strand, not through the listener's.
    tcp::socket own(executor, protocol, socket.release(ec));
    if (ec)
        co_return;
    auto control = std::make_shared<raw_control>(executor);
    const auto position = context.sessions.add(control);
    std::exception_ptr failed;
    try {
        raw_session session(context, std::move(own), std::move(control));
        co_await session.run();
    } catch (...) {
        failed = std::current_exception();
    }
    context.sessions.remove(position);
    if (failed)
        std::rethrow_exception(failed);
}

}  // namespace reprise::net
