#include "reprise/ingest/otlp_routes.hpp"

#include "reprise/base/offload.hpp"
#include "reprise/net/router.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

namespace reprise::ingest {
namespace {

namespace asio = boost::asio;

constexpr std::string_view logs_path = "/v1/logs";
constexpr std::string_view traces_path = "/v1/traces";
constexpr std::string_view metrics_path = "/v1/metrics";

// The code of a google.rpc.Status for an answer of HTTP.
int grpc_code_of(int http_status)
{
    switch (http_status) {
    case 401: return 16;  // UNAUTHENTICATED
    case 413:
    case 429:
    case 431: return 8;   // RESOURCE_EXHAUSTED
    case 404:
    case 405:
    case 501: return 12;  // UNIMPLEMENTED
    case 500: return 13;  // INTERNAL
    case 503: return 14;  // UNAVAILABLE
    default: return 3;    // INVALID_ARGUMENT
    }
}

bool equals_without_case(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

// "application/json; charset=utf-8" is application/json.
std::optional<otlp_encoding> find_encoding(std::string_view content_type)
{
    const std::string_view media = trim(content_type.substr(0, content_type.find(';')));
    if (equals_without_case(media, "application/x-protobuf"))
        return otlp_encoding::protobuf;
    if (equals_without_case(media, "application/json"))
        return otlp_encoding::json;
    return std::nullopt;
}

std::optional<content_encoding> find_content_encoding(std::string_view text)
{
    if (text.empty() || equals_without_case(text, "identity"))
        return content_encoding::identity;
    if (equals_without_case(text, "gzip"))
        return content_encoding::gzip;
    return std::nullopt;
}

std::string media_type(otlp_encoding encoding)
{
    return encoding == otlp_encoding::json ? "application/json" : "application/x-protobuf";
}

net::response refusal_of(otlp_encoding encoding, int http_status, std::string_view message)
{
    return {http_status, media_type(encoding), door::encode_status(encoding, grpc_code_of(http_status), message)};
}

// A refusal for whoever did not say, or not rightly, which encoding they read.
net::response refusal_of(const net::request& req, int http_status, std::string_view message)
{
    return refusal_of(find_encoding(req.header("content-type")).value_or(otlp_encoding::json), http_status, message);
}

net::response response_of(otlp_encoding encoding, answer given)
{
    net::response reply(given.http_status, media_type(encoding), std::move(given.body));
    if (given.retry_after)
        reply.set_header("Retry-After", std::to_string(given.retry_after->count()));
    return reply;
}

std::size_t announced_bytes(const net::request& req)
{
    const std::string_view text = req.header("content-length");
    std::size_t bytes = 0;
    std::from_chars(text.data(), text.data() + text.size(), bytes);
    return bytes;
}

bool is_export(const net::request& req)
{
    return req.method == net::method::post &&
           (req.path == logs_path || req.path == traces_path || req.path == metrics_path);
}

// What the headers alone condemn.
std::optional<net::response> refuse_by_headers(
    const net::request& req, const sender_check& senders, std::size_t body_bytes_max
)
{
    if (!senders.admits(req.header("authorization"))) {
        auto reply = refusal_of(req, 401, "the request needs 'Authorization: Bearer TOKEN' with a token that may send");
        reply.set_header("WWW-Authenticate", "Bearer");
        return reply;
    }
    if (!is_export(req))
        return std::nullopt;
    if (!find_encoding(req.header("content-type")))
        return refusal_of(req, 415, "the Content-Type must be application/x-protobuf or application/json");
    const auto is_encoding = [](const auto& field) { return equals_without_case(field.first, "content-encoding"); };
    if (std::ranges::count_if(req.headers, is_encoding) > 1 ||
        !find_content_encoding(req.header("content-encoding"))) {
        auto reply = refusal_of(req, 415, "the Content-Encoding must be gzip or none");
        reply.set_header("Accept-Encoding", "gzip");
        return reply;
    }
    if (announced_bytes(req) > body_bytes_max) {
        const std::string text = "the request is over the limit of " + std::to_string(body_bytes_max) +
                                 " bytes as sent; send smaller batches";
        return refusal_of(req, 413, text);
    }
    return std::nullopt;
}

// Carries the one answer back to the session, whichever thread gives it. Outlives a session that ends
// before its answer.
using answer_channel = asio::experimental::concurrent_channel<void(error_code, answer)>;

// The gate has looked at the headers, so that both are there.
std::unique_ptr<export_request> take_request(net::request& req, otlp_encoding encoding, otlp_signal signal)
{
    auto request = std::make_unique<export_request>();
    request->signal = signal;
    request->encoding = encoding;
    request->content = find_content_encoding(req.header("content-encoding")).value();
    request->body = std::move(req.body);
    request->source = req.peer_address;
    return request;
}

asio::awaitable<net::response> receive(
    net::request& req, door& entrance, otlp_signal signal, asio::any_io_executor cpu_pool
)
{
    // On the heap: GCC 12 warns wrongly (-Wrestrict) about a request moved within the coroutine's frame.
    const otlp_encoding encoding = find_encoding(req.header("content-type")).value();
    auto request = take_request(req, encoding, signal);

    const auto executor = co_await asio::this_coro::executor;
    const auto reply = std::make_shared<answer_channel>(executor, 1);
    auto done = [reply](answer given) { reply->try_send(error_code(), std::move(given)); };
    if (request->body.size() <= inline_body_bytes_max) {
        entrance.accept(std::move(*request), std::move(done));
    } else {
        auto work = [&entrance, request = std::move(request), done = std::move(done)]() mutable {
            entrance.accept(std::move(*request), std::move(done));
        };
        co_await offload(std::move(cpu_pool), std::move(work));
    }
    answer given = co_await reply->async_receive(asio::use_awaitable);
    co_return response_of(encoding, std::move(given));
}

}  // namespace

void add_otlp_routes(
    net::router& routes, door& entrance, const sender_check& senders, asio::any_io_executor cpu_pool
)
{
    const std::size_t bytes_max = entrance.config().body_bytes_max;
    routes.set_gate([bytes_max, &senders](const net::request& req) {
        return refuse_by_headers(req, senders, bytes_max);
    });
    routes.set_refusal_form([](const net::request& req, int status, std::string_view, std::string_view detail) {
        return refusal_of(req, status, detail);
    });
    const auto add = [&](std::string_view path, otlp_signal signal) {
        auto handle = [&entrance, signal, cpu_pool](net::request& req) {
            return receive(req, entrance, signal, cpu_pool);
        };
        routes.add(net::method::post, std::string(path), std::move(handle), bytes_max);
    };
    add(logs_path, otlp_signal::logs);
    add(traces_path, otlp_signal::traces);
    add(metrics_path, otlp_signal::metrics);
}

}  // namespace reprise::ingest
