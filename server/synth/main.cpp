#include "command_line.hpp"
#include "running_service.hpp"

#include "reprise/base/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdio>
#include <string>
#include <variant>

namespace asio = boost::asio;

namespace {

using namespace reprise;
using namespace reprise::synth;

// A second signal ends the process at once.
asio::awaitable<void> run_until_stopped(running_service& service, asio::signal_set& signals)
{
    error_code ignored;
    co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    signals.clear();
    log_info("synth", "stopping");
    co_await service.stop();
    log_info("synth", "stopped");
}

std::string url_text(const std::string& host, std::uint16_t port)
{
    const bool is_v6 = host.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

template <class Service, class Config>
int serve(const Config& config)
{
    asio::io_context loop(1);
    const system_clock time;
    timer_pace rests;
    metrics numbers;
    asio::signal_set signals(loop, SIGINT, SIGTERM);
    Service service(loop.get_executor(), config, rests, time, numbers);
    if (const auto listening = service.listen(); !listening) {
        const std::string at = config.listen.host + ":" + std::to_string(config.listen.port);
        std::fprintf(stderr, "reprise-synth: %s: %s\n", at.c_str(), listening.error().message().c_str());
        return exit_unavailable;
    }
    service.start();
    std::printf("listening: %s\n", url_text(config.listen.host, service.port()).c_str());
    std::fflush(stdout);
    task_group whole(loop.get_executor());
    whole.spawn("service", run_until_stopped(service, signals));
    loop.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    const command asked = parse_command_line(argc, argv);
    if (const auto* end = std::get_if<command_end>(&asked)) {
        std::fputs(end->text.c_str(), end->is_error ? stderr : stdout);
        return end->exit_code;
    }
    if (const auto* agent = std::get_if<agent_config>(&asked))
        return serve<running_agent>(*agent);
    return serve<running_tool>(std::get<tool_config>(asked));
}
