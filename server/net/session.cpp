#include "session.hpp"

#include "admit.hpp"
#include "answer_stream.hpp"
#include "answer_text.hpp"
#include "connection.hpp"
#include "read_body.hpp"
#include "websocket_stream.hpp"

#include "reprise/base/first_of.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t read_ahead_bytes_max = 64 * 1024;
constexpr std::size_t write_step_bytes = 256 * 1024;

// After an answer that cuts a request short: how long and how much we still swallow, so that the
// peer reads the answer instead of a reset.
constexpr std::chrono::milliseconds linger_max{2'000};
constexpr std::size_t linger_bytes_max = 4 * 1024 * 1024;

// The answer to an exception of a handler. A cancellation goes on up instead.
response fault(const router& routes, const request& req, const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted)
            throw;
    } catch (const std::bad_alloc&) {
        response reply = routes.refusal(req, 503, "out_of_memory", "The server is out of memory; try again later.");
        reply.set_header("Retry-After", "1");
        return reply;
    } catch (...) {
    }
    log_exception("http " + req.id + " " + std::string(req.route), error);
    constexpr auto detail = "This is a fault of the server; its log has more under the request id.";
    return routes.refusal(req, 500, "internal", detail);
}

class session {
public:
    session(session_context& context, tcp::socket socket, std::shared_ptr<session_control> control);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    asio::awaitable<void> run();

private:
    asio::awaitable<bool> shake_hands();
    asio::awaitable<bool> wait_for_bytes();
    asio::awaitable<bool> serve_one();
    asio::awaitable<bool> refuse_header(error_code ec);
    asio::awaitable<bool> handle(parser_type& parser, request& req, const route& found);
    asio::awaitable<bool> refuse_body(const request& req, body_end end, std::size_t limit);
    response refuse_match(const request& req, const router::match& match) const;
    asio::awaitable<bool> upgrade(parser_type& parser, request& req, const route& found);
    asio::awaitable<void> talk(request& req, websocket& socket, const route& found);
    asio::awaitable<void> say_goodbye_on_stop(websocket& socket);
    asio::awaitable<bool> stream(request& req, const route& found, bool keep_alive);
    asio::awaitable<void> make_stream(
        request& req, const route& found, answer_stream& out, std::optional<response>& reply
    );
    asio::awaitable<void> wait_until_peer_leaves();
    answer_frame frame_of(bool keep_alive) const;
    asio::awaitable<bool> write(const request& req, response reply, bool keep_alive);
    asio::awaitable<void> finish();

    session_context& context_;
    connection stream_;
    beast::flat_buffer buffer_;
    std::shared_ptr<session_control> control_;
    tcp::endpoint peer_;
    std::size_t served_ = 0;
    bool http_1_0_ = false;
    bool owes_reading_ = false;  // The last answer came before the end of its request.
    bool upgraded_ = false;
};

session::session(session_context& context, tcp::socket socket, std::shared_ptr<session_control> control)
    : context_(context), stream_(std::move(socket), context.config.tls.get()),
      buffer_(context.config.header_bytes_max + read_ahead_bytes_max),
      control_(std::move(control))
{
    error_code ignored;  // The peer may be gone already; the first read says so.
    peer_ = stream_.socket().remote_endpoint(ignored);
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    control_->stream = &stream_;
    context_.open_sessions.add(1);
}

session::~session()
{
    control_->stream = nullptr;
    context_.open_sessions.add(-1);
}

asio::awaitable<void> session::run()
{
    bool going_on = true;
    if (stream_.is_tls())
        going_on = co_await shake_hands();
    while (going_on)
        going_on = co_await serve_one();
    if (!upgraded_)
        co_await finish();
}

// False for a client that speaks no TLS, or none that is allowed.
asio::awaitable<bool> session::shake_hands()
{
    control_->waiting = true;
    stream_.expires_after(context_.config.header);
    const error_code ec = co_await stream_.shake_hands();
    control_->waiting = false;
    if (!ec)
        co_return true;
    if (!control_->stopping)
        context_.failed_handshakes.add();
    co_return false;
}

// True when there is something to parse.
asio::awaitable<bool> session::wait_for_bytes()
{
    if (buffer_.size() > 0)
        co_return true;
    if (control_->stopping || context_.stopping.load())
        co_return false;
    control_->waiting = true;
    control_->served = served_ > 0;
    stream_.expires_after(served_ > 0 ? context_.config.idle : context_.config.header);
    const auto space = buffer_.prepare(4096);
    const auto [ec, size] = co_await stream_.async_read_some(space, as_result);
    control_->waiting = false;
    buffer_.commit(size);
    co_return !ec;
}

// One request and its answer. False when the connection is to end.
asio::awaitable<bool> session::serve_one()
{
    const bool has_bytes = co_await wait_for_bytes();
    if (!has_bytes)
        co_return false;

    parser_type parser;
    parser.header_limit(static_cast<std::uint32_t>(context_.config.header_bytes_max));
    parser.body_limit(boost::none);  // The route's limit is not known yet; see read_body().
    stream_.expires_after(context_.config.header);
    const auto [ec, size] = co_await http::async_read_header(stream_, buffer_, parser, as_result);
    ++served_;
    if (ec) {
        const bool refused = co_await refuse_header(ec);
        co_return refused;
    }

    http_1_0_ = parser.get().version() < 11;
    owes_reading_ = !parser.is_done();
    request req = make_request(parser.get().base(), peer_.address(), context_.time.now_ns());
    if (const auto why = refuse_request(parser.get().base(), req)) {
        // Whoever frames a request as we do not read it might mean the next bytes otherwise, too.
        owes_reading_ = true;
        response reply = context_.routes.refusal(req, why->status, why->code, why->detail);
        co_await write(req, std::move(reply), false);
        co_return false;
    }
    std::optional<response> refusal = context_.routes.refuse(req);
    router::match match;
    if (!refusal)
        match = context_.routes.find(req);
    if (match.found) {
        const bool going_on = co_await handle(parser, req, *match.found);
        co_return going_on;
    }
    if (!refusal)
        refusal = refuse_match(req, match);
    const bool keep_alive = parser.keep_alive() && parser.is_done();
    const bool going_on = co_await write(req, std::move(*refusal), keep_alive);
    co_return going_on;
}

// For a path or method without a route.
response session::refuse_match(const request& req, const router::match& match) const
{
    const router& routes = context_.routes;
    response reply;
    switch (match.status) {
    case 204: reply = response(204, {}, std::string_view()); break;
    case 405: reply = routes.refusal(req, 405, "method_not_allowed", "This path takes " + match.allow + "."); break;
    case 400: reply = routes.refusal(req, 400, "bad_target", "The path holds a broken percent escape."); break;
    default: reply = routes.refusal(req, 404, "not_found", "There is nothing at " + req.path + "."); break;
    }
    if (!match.allow.empty())
        reply.set_header("Allow", match.allow);
    return reply;
}

// Answers what can be answered; always false.
asio::awaitable<bool> session::refuse_header(error_code ec)
{
    const bool is_ours = ec.category() == make_error_code(http::error::bad_version).category();
    if (!is_ours || ec == http::error::end_of_stream || ec == http::error::partial_message)
        co_return false;
    owes_reading_ = true;
    request req;
    req.id = make_ulid(context_.time.now_ns());
    response reply;
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
        reply = context_.routes.refusal(
            req, 431, "header_too_large",
            "Request line and headers are limited to " + std::to_string(context_.config.header_bytes_max) + " bytes."
        );
    else
        reply = context_.routes.refusal(req, 400, "bad_request", "This is not HTTP/1.1: " + ec.message() + ".");
    co_await write(req, std::move(reply), false);
    co_return false;
}

asio::awaitable<bool> session::handle(parser_type& parser, request& req, const route& found)
{
    if (found.talk) {
        const bool going_on = co_await upgrade(parser, req, found);
        co_return going_on;
    }
    body_claim claim(context_.bodies_bytes, context_.config.bodies_bytes_max);
    body_connection connection(stream_, buffer_, parser);
    stream_.expires_after(context_.config.body);
    const body_end end = co_await read_body(connection, req, found.body_bytes_max, claim);
    if (end != body_end::complete) {
        // What was read is of no use; others may have its place while the answer is written.
        std::string().swap(req.body);
        claim.release();
        const bool going_on = co_await refuse_body(req, end, found.body_bytes_max);
        co_return going_on;
    }
    owes_reading_ = false;
    stream_.expires_never();
    if (found.stream) {
        const bool going_on = co_await stream(req, found, parser.keep_alive());
        co_return going_on;
    }
    response reply;
    try {
        reply = co_await found.handle(req);
    } catch (...) {
        reply = fault(context_.routes, req, std::current_exception());
    }
    const bool keep_alive = parser.keep_alive() && !control_->stopping;
    const bool going_on = co_await write(req, std::move(reply), keep_alive);
    co_return going_on;
}

// Answers what can be answered; always false, since the rest of the body is still to come.
asio::awaitable<bool> session::refuse_body(const request& req, body_end end, std::size_t limit)
{
    if (end == body_end::lost)
        co_return false;
    owes_reading_ = true;
    response reply;
    if (end == body_end::too_large) {
        reply = context_.routes.refusal(
            req, 413, "body_too_large", "The body of this request is limited to " + std::to_string(limit) + " bytes."
        );
    } else if (end == body_end::overloaded) {
        constexpr auto detail = "Too many bytes are being received at once; try again in a second.";
        reply = context_.routes.refusal(req, 503, "overloaded", detail);
        reply.set_header("Retry-After", "1");
    } else {
        reply = context_.routes.refusal(req, 400, "bad_body", "The body is not framed as HTTP/1.1 says.");
    }
    co_await write(req, std::move(reply), false);
    co_return false;
}

// Takes the connection over for a WebSocket; false unless the upgrade was refused in good order.
asio::awaitable<bool> session::upgrade(parser_type& parser, request& req, const route& found)
{
    std::optional<response> refusal;
    if (!beast::websocket::is_upgrade(parser.get()) || buffer_.size() > 0) {
        refusal = problem(req, 426, "upgrade_required", "This path speaks WebSocket only.");
        refusal->set_header("Upgrade", "websocket");
    }
    if (!refusal) {
        try {
            refusal = co_await found.check(req);
        } catch (...) {
            refusal = fault(context_.routes, req, std::current_exception());
        }
    }
    if (refusal) {
        const bool keep_alive = parser.keep_alive() && parser.is_done();
        const bool going_on = co_await write(req, std::move(*refusal), keep_alive);
        co_return going_on;
    }
    upgraded_ = true;
    control_->stream = nullptr;
    auto stream = std::make_unique<websocket::stream>(std::move(stream_), context_.config.websocket);
    header_list headers = context_.config.headers;
    headers.emplace_back("X-Request-Id", req.id);
    auto message = parser.release();
    const auto accepted = co_await stream->accept(std::move(message), std::move(headers));
    if (!accepted)
        co_return false;
    context_.answers[1]->add();
    websocket socket(std::move(stream));
    auto conversation = talk(req, socket, found);
    auto goodbye = say_goodbye_on_stop(socket);
    co_await first_of(std::move(conversation), std::move(goodbye));
    co_return false;
}

asio::awaitable<void> session::talk(request& req, websocket& socket, const route& found)
{
    co_await found.talk(req, socket);
    co_await socket.close(close_code::normal, {});
}

asio::awaitable<void> session::say_goodbye_on_stop(websocket& socket)
{
    error_code ignored;  // Cancelled either way: by the server's stop or by the end of the talk.
    co_await control_->stopped.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (control_->stopping)
        co_await socket.close(close_code::restart, "the server stops");
}

// An answer that is sent while it is made; whoever makes it is cancelled when the peer leaves.
asio::awaitable<bool> session::stream(request& req, const route& found, bool keep_alive)
{
    answer_frame frame = frame_of(keep_alive && !http_1_0_ && !control_->stopping);
    frame.body = http_1_0_ ? body_frame::connection : body_frame::chunks;
    const answer_stream_parts parts(stream_, req, context_.answers, frame, context_.config.write);
    answer_stream out(parts);
    std::optional<response> reply;
    // The read begins first: a deadline that is set for a write must not become its own.
    auto leaving = wait_until_peer_leaves();
    auto work = make_stream(req, found, out, reply);
    const std::size_t ended = co_await first_of(std::move(leaving), std::move(work));
    if (ended == 0)
        co_return false;
    bool going_on = false;
    if (reply)
        going_on = co_await write(req, std::move(*reply), keep_alive && !control_->stopping);
    else
        going_on = co_await out.end();
    co_return going_on && !control_->stopping;
}

asio::awaitable<void> session::make_stream(
    request& req, const route& found, answer_stream& out, std::optional<response>& reply
)
{
    try {
        reply = co_await found.stream(req, out);
        if (!reply && !out.begun())
            throw std::logic_error("a streaming handler neither answered nor began a stream");
    } catch (...) {
        reply = fault(context_.routes, req, std::current_exception());
    }
    if (reply && out.begun()) {
        out.give_up();
        reply.reset();
    }
}

// What the peer sends meanwhile is kept for its next request. Closing the sending side alone is leaving, too.
asio::awaitable<void> session::wait_until_peer_leaves()
{
    while (buffer_.size() < read_ahead_bytes_max) {
        const auto space = buffer_.prepare(4096);
        const auto [ec, size] = co_await stream_.async_read_some(space, as_result);
        buffer_.commit(size);
        if (ec)
            co_return;
    }
    // More is on its way than we look at ahead; from here on only a write tells.
    asio::steady_timer never(stream_.get_executor(), asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
}

answer_frame session::frame_of(bool keep_alive) const
{
    answer_frame frame;
    frame.keep_alive = keep_alive;
    frame.http_1_0 = http_1_0_;
    frame.now_ns = context_.time.now_ns();
    frame.defaults = &context_.config.headers;
    return frame;
}

asio::awaitable<bool> session::write(const request& req, response reply, bool keep_alive)
{
    context_.answers[static_cast<std::size_t>(std::clamp(reply.status / 100, 0, 5))]->add();
    const answer_frame frame = frame_of(keep_alive);
    const std::string head = answer_head(reply, req.id, frame);
    std::string_view body;
    if (has_body(reply.status) && req.method != method::head)
        body = view(reply.body);

    std::string_view step = body.substr(0, write_step_bytes);
    const std::array<asio::const_buffer, 2> first = {asio::buffer(head), asio::buffer(step)};
    stream_.expires_after(context_.config.write);
    const auto [first_ec, first_size] = co_await asio::async_write(stream_, first, as_result);
    error_code ec = first_ec;
    body.remove_prefix(step.size());
    while (!ec && !body.empty()) {
        step = body.substr(0, write_step_bytes);
        const auto bytes = asio::buffer(step);
        stream_.expires_after(context_.config.write);
        const auto [step_ec, step_size] = co_await asio::async_write(stream_, bytes, as_result);
        ec = step_ec;
        body.remove_prefix(step.size());
    }
    if (ec)
        owes_reading_ = false;
    co_return keep_alive && !ec;
}

asio::awaitable<void> session::finish()
{
    error_code ignored;  // Whoever is gone needs no farewell.
    if (stream_.is_tls()) {
        stream_.expires_after(linger_max);
        co_await stream_.say_goodbye();
    }
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!owes_reading_)
        co_return;
    stream_.expires_after(linger_max);
    std::array<char, 16 * 1024> sink{};
    const auto space = asio::buffer(sink);
    for (std::size_t swallowed = 0; swallowed < linger_bytes_max;) {
        const auto [ec, size] = co_await stream_.transport().async_read_some(space, as_result);
        if (ec)
            co_return;
        swallowed += size;
    }
}

// Removes the session from the list, however it ends.
struct listed {
    session_list& all;
    session_list::position at;
    ~listed() { all.remove(at); }
};

}  // namespace

asio::awaitable<void> run_session(session_context& context, tcp::socket socket)
{
    // The socket was accepted on the listener's strand; its timers and handlers belong on ours.
    const asio::any_io_executor strand = co_await asio::this_coro::executor;
    error_code ec;
    const auto endpoint = socket.local_endpoint(ec);
    if (ec)
        co_return;
    tcp::socket own(strand, endpoint.protocol(), socket.release());
    auto control = std::make_shared<session_control>(strand);
    const listed entry{context.sessions, context.sessions.add(control)};
    session one(context, std::move(own), std::move(control));
    co_await one.run();
}

}  // namespace reprise::net
