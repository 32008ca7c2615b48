#include "tool_service.hpp"

#include "limits.hpp"
#include "plain_routes.hpp"

#include "reprise/base/clock.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

using maybe_answer = std::optional<net::response>;

constexpr int stream_chunks = 50;
constexpr std::size_t payload_step_bytes = 64 * 1024;

net::response unavailable(const std::string& name)
{
    boost::json::object body;
    body["detail"] = name + " unavailable";
    return {503, "application/json", boost::json::serialize(body)};
}

net::response name_too_long()
{
    const std::string message = "must be at most " + std::to_string(tool_name_bytes_max) + " bytes";
    boost::json::object fault;
    fault["type"] = "string_too_long";
    fault["loc"] = boost::json::array{"path", "name"};
    fault["msg"] = message;
    fault["input"] = nullptr;
    boost::json::object body;
    body["detail"] = boost::json::array{std::move(fault)};
    return {422, "application/json", boost::json::serialize(body)};
}

// The answer up to its end or its payload, without the closing brace.
std::string answer_begin(const std::string& name, int delay_ms)
{
    boost::json::object body;
    body["tool"] = name;
    body["delay_ms"] = delay_ms;
    body["ok"] = true;
    std::string text = boost::json::serialize(body);
    text.pop_back();
    return text;
}

net::response stream_head(std::string content_type)
{
    return {200, std::move(content_type), std::string_view()};
}

}  // namespace

bool fails(std::uint64_t seed, double error_rate) noexcept
{
    return draws(seed).fraction(draw::tool_error, 0) < error_rate;
}

void tool_service::add_routes(net::router& routes)
{
    add_plain_routes(routes, numbers_);
    routes.add_streaming("/tool/{name}", [this](net::request& req, net::response_stream& out) {
        return answer_tool(req, out);
    });
}

bool tool_service::draw_failure(const tool_parameters& want)
{
    const std::uint64_t own = next_call_.seed_of(draw::next_run, calls_);
    if (!want.seed)
        ++calls_;
    return fails(want.seed.value_or(own), want.error_rate);
}

asio::awaitable<maybe_answer> tool_service::answer_tool(net::request& req, net::response_stream& out)
{
    auto parsed = parse_tool(req, defaults_);
    if (auto* refusal = std::get_if<net::response>(&parsed))
        co_return std::move(*refusal);
    const auto want = std::get<tool_parameters>(parsed);
    std::string name(req.param("name"));
    if (name.size() > tool_name_bytes_max)
        co_return name_too_long();
    // A failure costs no time.
    if (draw_failure(want))
        co_return unavailable(name);
    if (want.stream) {
        co_await write_chunks(std::move(name), want.delay_ms, out);
        co_return std::nullopt;
    }
    co_await rests_.rest(std::chrono::milliseconds(want.delay_ms));
    if (want.payload_size_kb == 0)
        co_return net::response(200, "application/json", answer_begin(name, want.delay_ms) + "}");
    co_await write_payload(std::move(name), want, out);
    co_return std::nullopt;
}

asio::awaitable<void> tool_service::write_chunks(std::string name, int delay_ms, net::response_stream& out)
{
    const std::chrono::nanoseconds pause(std::max(delay_ms * ns_per_ms / stream_chunks, ns_per_ms));
    net::response head = stream_head("text/plain; charset=utf-8");
    auto sent = co_await out.begin(std::move(head));
    for (int i = 0; i < stream_chunks && sent; ++i) {
        co_await rests_.rest(pause);
        const std::string line = "chunk " + std::to_string(i) + " from " + name + "\n";
        sent = co_await out.write(line);
    }
}

// Piece by piece, so that a large answer costs no memory while its reader takes it.
asio::awaitable<void> tool_service::write_payload(std::string name, tool_parameters want, net::response_stream& out)
{
    static const std::string step(payload_step_bytes, 'a');
    net::response head = stream_head("application/json");
    auto sent = co_await out.begin(std::move(head));
    const std::string begin = answer_begin(name, want.delay_ms) + ",\"payload\":\"";
    if (sent)
        sent = co_await out.write(begin);
    std::size_t left = static_cast<std::size_t>(want.payload_size_kb) * 1024;
    while (left > 0 && sent) {
        const std::string_view piece = std::string_view(step).substr(0, left);
        sent = co_await out.write(piece);
        left -= piece.size();
    }
    if (sent)
        co_await out.write("\"}");
}

}  // namespace reprise::synth
