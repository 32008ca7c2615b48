#include "running_service.hpp"

#include "agent_service.hpp"

#include <chrono>
#include <utility>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

using namespace std::chrono_literals;

// Together less than the ten seconds that Docker grants before it kills.
constexpr auto requests_limit = 2s;
constexpr auto tasks_limit = 1s;
constexpr auto flush_limit = 4s;

net::server_config server_config_of(std::string name, const listen_address& at)
{
    net::server_config config;
    config.name = std::move(name);
    config.address = at.host;
    config.port = at.port;
    return config;
}

telemetry::span_sender sender_of(const agent_config& config)
{
    telemetry::span_sender from;
    from.resource.emplace_back("service.name", config.service_name);
    from.resource.emplace_back("telemetry.sdk.name", std::string("reprise-synth"));
    from.resource.emplace_back("telemetry.sdk.language", std::string("cpp"));
    from.resource.emplace_back("telemetry.sdk.version", std::string(REPRISE_VERSION));
    from.scope = "app";
    return from;
}

}  // namespace

asio::awaitable<void> running_service::stop()
{
    server().stop();
    co_await server().drain(requests_limit);
}

running_tool::running_tool(
    asio::any_io_executor loop, const tool_config& config, pace& rests, const clock& time, metrics& numbers
)
    : service_(config.defaults, config.seed, rests, numbers),
      server_(std::move(loop), server_config_of("tool", config.listen), routes_, time, numbers)
{
    service_.add_routes(routes_);
}

running_agent::running_agent(
    asio::any_io_executor loop, const agent_config& config, pace& rests, const clock& time, metrics& numbers
)
    : tasks_(loop), exporter_(loop, sender_of(config), config.otlp_endpoint, config.batches, rests, time, numbers),
      spans_(time, exporter_, config.agent_name), tools_(loop, config.tool_base),
      agent_(agent_parts(loop, tasks_, spans_, tools_, rests, time), config.seed),
      server_(loop, server_config_of("agent", config.listen), routes_, time, numbers)
{
    add_agent_routes(routes_, agent_, numbers);
}

void running_agent::start()
{
    exporter_.start();
    running_service::start();
}

asio::awaitable<void> running_agent::stop()
{
    co_await running_service::stop();
    tasks_.stop();
    co_await tasks_.drain(tasks_limit);
    co_await exporter_.finish(flush_limit);
}

}  // namespace reprise::synth
