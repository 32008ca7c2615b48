#include "agent_service.hpp"

#include "plain_routes.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

using maybe_answer = std::optional<net::response>;

net::response busy()
{
    net::response reply(503, "text/plain", std::string_view("Too much work is under way; try again in a second.\n"));
    reply.set_header("Retry-After", "1");
    return reply;
}

net::response answer_of(scenario what, std::int64_t elapsed_ns)
{
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.3f", static_cast<double>(elapsed_ns) / ns_per_s);
    std::string body = "{\"ok\":true,\"scenario\":\"" + std::string(to_text(what)) + "\",\"elapsed_s\":";
    body.append(seconds.data()).append("}");
    return {200, "application/json", std::move(body)};
}

asio::awaitable<net::response> answer_run(agent& one, net::request& req)
{
    auto parsed = parse_run(req);
    if (auto* refusal = std::get_if<net::response>(&parsed))
        co_return std::move(*refusal);
    const auto& want = std::get<run_parameters>(parsed);
    if (!one.has_room(want.fanout))
        co_return busy();
    const auto elapsed_ns = co_await one.run(want);
    if (!elapsed_ns)
        co_return net::response(500, "text/plain", elapsed_ns.error().message + "\n");
    co_return answer_of(want.scenario, *elapsed_ns);
}

asio::awaitable<maybe_answer> answer_stream(agent& one, net::request& req, net::response_stream& out)
{
    auto parsed = parse_stream(req);
    if (auto* refusal = std::get_if<net::response>(&parsed))
        co_return std::move(*refusal);
    const auto& want = std::get<stream_parameters>(parsed);
    if (!one.has_room(want.background_fanout))
        co_return busy();
    net::response head(200, "text/plain; charset=utf-8", std::string_view());
    const auto begun = co_await out.begin(std::move(head));
    if (begun)
        co_await one.stream(want, out);
    co_return std::nullopt;
}

}  // namespace

void add_agent_routes(net::router& routes, agent& one, const metrics& numbers)
{
    add_plain_routes(routes, numbers);
    routes.add(net::method::get, "/run", [&one](net::request& req) { return answer_run(one, req); });
    routes.add_streaming("/stream", [&one](net::request& req, net::response_stream& out) {
        return answer_stream(one, req, out);
    });
}

}  // namespace reprise::synth
