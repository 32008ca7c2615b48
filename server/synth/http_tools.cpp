#include "http_tools.hpp"

#include "limits.hpp"

#include "reprise/base/within.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::synth {
namespace {

constexpr std::size_t shown_bytes_max = 200;  // Of an answer that is no good.

net::client_limits limits_of_calls()
{
    net::client_limits limits;
    limits.connect = tool_limit;
    limits.write = tool_limit;
    limits.answer = tool_limit;
    limits.body = tool_limit;
    limits.body_bytes_max = payload_kb_max * 1024 + 64 * 1024;
    limits.idle_connections_max = tool_connections_max;
    return limits;
}

std::string real_text(double value)
{
    std::array<char, 32> text{};
    const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

// The names are ours: letters, digits and '_'.
net::url url_of(const net::url& base, const tool_ask& ask)
{
    net::url out = base;
    if (out.target.ends_with('/'))
        out.target.pop_back();
    out.target += "/tool/" + ask.name + "?delay_ms=" + std::to_string(ask.delay_ms) +
                  "&error_rate=" + real_text(ask.error_rate) + "&stream=0&payload_size_kb=" +
                  std::to_string(ask.payload_kb) + "&seed=" + std::to_string(ask.seed);
    return out;
}

std::string type_of(error_code ec)
{
    if (ec == errc::timed_out || ec == net::errc::answer_timed_out || ec == net::errc::connect_timed_out ||
        ec == net::errc::read_timed_out || ec == net::errc::write_timed_out || ec == net::errc::resolve_timed_out)
        return "timeout";
    return ec == net::errc::bad_message || ec == net::errc::body_too_large ? "tool_error" : "network";
}

work_error failure(const tool_ask& ask, error_code ec)
{
    return {type_of(ec), "tool " + ask.name + ": " + ec.message()};
}

work_error refusal(const tool_ask& ask, const net::client_response& answer)
{
    return {
        answer.status == 429 ? "rate_limit" : "tool_error",
        "tool " + ask.name + " answered " + std::to_string(answer.status) + ": " +
            answer.body.substr(0, shown_bytes_max)
    };
}

tool_result read_payload(const tool_ask& ask, const std::string& body)
{
    if (ask.payload_kb == 0)
        return std::string();
    boost::system::error_code malformed;
    json::value parsed = json::parse(body, malformed);
    const auto* const object = malformed ? nullptr : parsed.if_object();
    const auto* const payload = object == nullptr ? nullptr : object->if_contains("payload");
    const auto* const text = payload == nullptr ? nullptr : payload->if_string();
    if (text == nullptr)
        return work_error("tool_error", "tool " + ask.name + " answered without the payload it was asked for");
    return std::string(*text);
}

}  // namespace

http_tools::http_tools(asio::any_io_executor loop, net::url base)
    : base_(std::move(base)), connections_(std::move(loop), tool_connections_max),
      client_(net::target_guard::allow_all(), limits_of_calls())
{
}

asio::awaitable<boost::system::result<slots::slot>> http_tools::take_connection()
{
    co_return co_await connections_.take();
}

asio::awaitable<tool_result> http_tools::call(const tool_ask& ask)
{
    auto waiting = take_connection();
    const auto connection = co_await within(tool_limit, std::move(waiting));
    if (!connection)
        co_return work_error("timeout", "tool " + ask.name + ": no connection became free in time");
    net::client_request request("GET", url_of(base_, ask));
    const auto answer = co_await client_.send(std::move(request));
    if (!answer)
        co_return failure(ask, answer.error());
    if (answer->status != 200)
        co_return refusal(ask, *answer);
    co_return read_payload(ask, answer->body);
}

}  // namespace reprise::synth
