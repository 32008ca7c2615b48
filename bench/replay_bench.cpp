// How late a replay sends, and what it costs: an open loop of 5,000 requests per second for some seconds from one
// thread against a server in another process. The target answers at once, so that what is measured is ours.
#include "figure.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/net/server.hpp"
#include "reprise/replay/report.hpp"
#include "reprise/replay/target_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace reprise;
namespace asio = boost::asio;

constexpr double rate = 5'000;
constexpr int seconds_per_round = 3;

asio::awaitable<net::response> answer(net::request&)
{
    co_return net::response(200, "application/json", std::string_view(R"({"items":[1,2,3],"total":3})"));
}

// The child: serves until it is killed, tells its port through the pipe.
[[noreturn]] void serve(int port_pipe)
{
    asio::io_context context(1);
    metrics numbers;
    const system_clock time;
    net::router routes;
    routes.add(net::method::get, "/items/{id}", answer);
    net::server_config config;
    config.sessions_max = 4096;
    net::server server(context.get_executor(), config, routes, time, numbers);
    if (!server.listen())
        std::_Exit(1);
    server.start();
    const std::uint16_t port = server.port();
    if (::write(port_pipe, &port, sizeof port) != sizeof port)
        std::_Exit(1);
    context.run();
    std::_Exit(0);
}

std::int64_t own_cpu_ns()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto ns = [](const timeval& time) { return time.tv_sec * ns_per_s + time.tv_usec * 1'000; };
    return ns(used.ru_utime) + ns(used.ru_stime);
}

struct round_figures {
    double late_p99_ms = 0;
    double latency_p99_ms = 0;
    double cpu_us = 0;
    bool complete = false;
};

round_figures run_round(std::uint16_t port)
{
    std::vector<model::exchange> exchanges(100);
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        exchanges[i].method = "GET";
        exchanges[i].path = "/items/" + std::to_string(i);
        exchanges[i].status = 200;
        exchanges[i].request_headers = {{"Accept", "application/json"}, {"User-Agent", "shop/1.2"}};
    }
    replay::timing when;
    when.pace = replay::pace::rate;
    when.per_second = rate;
    constexpr auto rounds = static_cast<std::uint32_t>(rate * seconds_per_round / 100);
    const auto sends = replay::plan_sends(exchanges, when, rounds).value();
    replay::drive_plan plan;
    plan.exchanges = exchanges;
    plan.sends = sends;
    plan.when = when;
    plan.run_id = "bench";
    plan.mark = replay::replay_mark(plan.run_id);

    asio::io_context context(1);
    const system_clock wall;
    const auto time = replay::make_steady_time();
    net::client_limits limits;
    limits.idle_connections_max = plan.limits.in_flight_max;
    net::http_client http(net::target_guard::allow_all(), limits);
    replay::target_sender sender(
        http, wall, replay::parse_target("http://127.0.0.1:" + std::to_string(port)).value()
    );
    replay::drive_result result;
    auto finish = [&result](std::exception_ptr error, replay::drive_result got) {
        if (error)
            std::rethrow_exception(error);
        result = std::move(got);
    };
    const std::int64_t before_ns = own_cpu_ns();
    asio::co_spawn(context, replay::run_drive(plan, sender, *time, nullptr), std::move(finish));
    context.run();
    const std::int64_t cpu_ns = own_cpu_ns() - before_ns;
    const auto report = replay::make_report(plan, {}, result);
    round_figures made;
    made.late_p99_ms = static_cast<double>(report.send_delay.p99_ns) / 1e6;
    made.latency_p99_ms = static_cast<double>(report.latency.p99_ns) / 1e6;
    made.cpu_us = static_cast<double>(cpu_ns) / 1e3 / static_cast<double>(sends.size());
    made.complete = result.answered == sends.size() && report.same_status == sends.size();
    return made;
}

}  // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    int port_pipe[2];
    if (rounds < 1 || ::pipe(port_pipe) != 0) {
        std::cerr << "usage: replay_bench [rounds, at least 1]\n";
        return 64;
    }
    const pid_t child = ::fork();
    if (child == 0)
        serve(port_pipe[1]);
    std::uint16_t port = 0;
    if (child < 0 || ::read(port_pipe[0], &port, sizeof port) != sizeof port) {
        std::cerr << "replay_bench: the target did not start\n";
        return 1;
    }
    std::vector<double> late;
    std::vector<double> latency;
    std::vector<double> cpu;
    bool complete = true;
    for (int i = 0; i < rounds; ++i) {
        const round_figures one = run_round(port);
        late.push_back(one.late_p99_ms);
        latency.push_back(one.latency_p99_ms);
        cpu.push_back(one.cpu_us);
        complete = complete && one.complete;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (!complete) {
        std::cerr << "replay_bench: a request was not sent or not answered\n";
        return 1;
    }
    bench::print_figure("replay_send_error_p99_ms", bench::median(late), "ms", bench::spread(late));
    bench::print_figure("replay_latency_p99_ms", bench::median(latency), "ms", bench::spread(latency));
    bench::print_figure("replay_request_cpu_us", bench::median(cpu), "us", bench::spread(cpu));
    return 0;
}
