#include "reprise/net/client.hpp"

#include "idle_sockets.hpp"

#include "reprise/base/within.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

using steady = std::chrono::steady_clock;
using parser_type = http::response_parser<http::string_body>;
using address_list = std::vector<asio::ip::address>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr int interim_answers_max = 8;
constexpr std::size_t read_ahead_bytes_max = 64 * 1024;

std::int64_t since_ns(steady::time_point begin)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now() - begin).count();
}

bool is_plain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7F;
    });
}

bool is_token(std::string_view text)
{
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

// Framing is ours: a header that says otherwise would make two readers of one message.
bool is_framing(std::string_view name)
{
    constexpr std::array<std::string_view, 9> ours = {
        "host",    "content-length", "connection", "transfer-encoding", "keep-alive",
        "upgrade", "te",             "trailer",    "expect",
    };
    return std::any_of(ours.begin(), ours.end(), [name](std::string_view one) { return beast::iequals(one, name); });
}

result<std::string> request_head(const client_request& req)
{
    if (!is_token(req.method) || !is_plain(req.url.target) || req.url.target.find(' ') != std::string::npos)
        return errc::bad_message;
    std::string out = req.method + " " + req.url.target + " HTTP/1.1\r\nHost: " + req.url.authority() + "\r\n";
    for (const auto& [name, value] : req.headers) {
        if (!is_token(name) || !is_plain(value))
            return errc::bad_message;
        if (!is_framing(name))
            out += name + ": " + value + "\r\n";
    }
    const bool may_be_empty = req.method == "GET" || req.method == "HEAD" || req.method == "DELETE";
    if (!req.body.empty() || !may_be_empty)
        out += "Content-Length: " + std::to_string(req.body.size()) + "\r\n";
    out += "\r\n";
    return out;
}

asio::awaitable<result<address_list>> resolve_now(std::string host)
{
    tcp::resolver resolver(co_await asio::this_coro::executor);
    const auto [ec, found] = co_await resolver.async_resolve(host, "", as_result);
    if (ec || found.empty())
        co_return errc::resolve_failed;
    address_list out;
    for (const auto& entry : found)
        out.push_back(entry.endpoint().address());
    co_return out;
}

// The addresses of a name, all of them allowed: one that is not may be an attempt to slip through.
asio::awaitable<result<address_list>> find_addresses(
    const url& target, const target_guard& guard, std::chrono::milliseconds limit
)
{
    address_list found;
    error_code no_literal;
    const auto literal = asio::ip::make_address(target.host, no_literal);
    if (!no_literal) {
        found.push_back(literal);
    } else {
        auto resolved = co_await within(limit, resolve_now(target.host));
        if (!resolved)
            co_return resolved.error() == reprise::errc::timed_out ? make_error_code(errc::resolve_timed_out)
                                                                   : resolved.error();
        found = std::move(*resolved);
    }
    const bool all_allowed =
        std::all_of(found.begin(), found.end(), [&guard](const auto& address) { return guard.allows(address); });
    if (!all_allowed)
        co_return errc::address_refused;
    co_return found;
}

// One request on one connection.
class exchange_in_flight {
public:
    exchange_in_flight(const client_request& req, const client_limits& limits, steady::time_point begin)
        : req_(req), limits_(limits), begin_(begin), buffer_(limits.header_bytes_max + read_ahead_bytes_max)
    {
    }

    void adopt(asio::any_io_executor strand, idle_socket socket);
    asio::awaitable<result<void>> connect(const address_list& addresses);
    asio::awaitable<result<client_response>> run(const std::string& head);
    // The connection, when it can carry another request.
    std::optional<idle_socket> take_back();

private:
    asio::awaitable<result<void>> send(const std::string& head);
    asio::awaitable<result<void>> receive_header();
    asio::awaitable<result<void>> receive_body();

    const client_request& req_;
    const client_limits& limits_;
    steady::time_point begin_;
    beast::flat_buffer buffer_;
    std::optional<beast::tcp_stream> stream_;
    std::optional<parser_type> parser_;
    tcp::endpoint remote_;
    client_response answer_;
    bool reusable_ = false;
};

void exchange_in_flight::adopt(asio::any_io_executor strand, idle_socket socket)
{
    remote_ = socket.remote();
    const auto protocol = remote_.protocol();
    stream_.emplace(tcp::socket(strand, protocol, socket.release()));
    answer_.reused_connection = true;
}

asio::awaitable<result<void>> exchange_in_flight::connect(const address_list& addresses)
{
    const auto strand = co_await asio::this_coro::executor;
    error_code last = errc::connect_failed;
    const auto deadline = steady::now() + limits_.connect;
    for (const asio::ip::address& address : addresses) {
        stream_.emplace(strand);
        remote_ = tcp::endpoint(address, req_.url.port);
        stream_->expires_at(deadline);
        error_code ec;
        co_await stream_->async_connect(remote_, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) {
            stream_->socket().set_option(tcp::no_delay(true), ec);
            co_return result<void>();
        }
        last = ec == beast::error::timeout ? errc::connect_timed_out : errc::connect_failed;
    }
    co_return last;
}

asio::awaitable<result<client_response>> exchange_in_flight::run(const std::string& head)
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
    reusable_ = parser_->keep_alive() && buffer_.size() == 0;
    auto message = parser_->release();
    answer_.status = static_cast<int>(message.result_int());
    for (const auto& field : message.base())
        answer_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    answer_.body = std::move(message.body());
    co_return std::move(answer_);
}

asio::awaitable<result<void>> exchange_in_flight::send(const std::string& head)
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

asio::awaitable<result<void>> exchange_in_flight::receive_header()
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

asio::awaitable<result<void>> exchange_in_flight::receive_body()
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

std::optional<idle_socket> exchange_in_flight::take_back()
{
    if (!reusable_)
        return std::nullopt;
    stream_->expires_never();
    error_code ec;
    const int handle = stream_->socket().release(ec);
    if (ec)
        return std::nullopt;
    return idle_socket(handle, remote_);
}

}  // namespace

http_client::http_client(target_guard guard, client_limits limits)
    : guard_(std::move(guard)), limits_(limits), pool_(std::make_unique<pool>(limits_))
{
}

http_client::~http_client() = default;

void http_client::close_idle()
{
    pool_->clear();
}

asio::awaitable<result<client_response>> http_client::send(client_request req)
{
    const auto begin = steady::now();
    if (req.url.scheme != "http")
        co_return errc::scheme_refused;
    const auto allowed = guard_.check(req.url);
    if (!allowed)
        co_return allowed.error();
    const auto head = request_head(req);
    if (!head)
        co_return head.error();

    const std::string origin = req.url.origin();
    exchange_in_flight exchange(req, limits_, begin);
    std::optional<idle_socket> kept = pool_->take(origin);
    if (kept) {
        const auto strand = co_await asio::this_coro::executor;
        exchange.adopt(strand, std::move(*kept));
    } else {
        const auto addresses = co_await find_addresses(req.url, guard_, limits_.resolve);
        if (!addresses)
            co_return addresses.error();
        const auto connected = co_await exchange.connect(*addresses);
        if (!connected)
            co_return connected.error();
    }
    auto answer = co_await exchange.run(*head);
    if (auto free = exchange.take_back(); answer && free)
        pool_->keep(origin, std::move(*free));
    co_return answer;
}

}  // namespace reprise::net
