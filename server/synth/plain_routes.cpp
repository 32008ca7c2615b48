#include "plain_routes.hpp"

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

asio::awaitable<net::response> answer_health()
{
    co_return net::response(200, "application/json", std::string_view("{\"ok\":true}"));
}

asio::awaitable<net::response> answer_metrics(const metrics& numbers)
{
    co_return net::response(200, "text/plain; version=0.0.4", numbers.render());
}

}  // namespace

void add_plain_routes(net::router& routes, const metrics& numbers)
{
    routes.add(net::method::get, "/health", [](net::request&) { return answer_health(); });
    routes.add(net::method::get, "/metrics", [&numbers](net::request&) { return answer_metrics(numbers); });
}

}  // namespace reprise::synth
