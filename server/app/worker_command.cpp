#include "worker_command.hpp"

#include "drain.hpp"
#include "exit_code.hpp"
#include "replay_allowed.hpp"
#include "stop_signal.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/net/client.hpp"
#include "reprise/rpc/worker_protocol.hpp"
#include "reprise/runs/remote_worker.hpp"

#include <boost/asio/thread_pool.hpp>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <variant>

#include <unistd.h>

namespace reprise::app {

namespace asio = boost::asio;

namespace {

constexpr std::size_t io_threads_used = 2;
constexpr std::size_t token_bytes_max = 4096;

std::string default_name()
{
    std::array<char, 65> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0)
        host[0] = 'w';
    return std::string(host.data()) + "-" + std::to_string(::getpid());
}

config_result<std::string> read_token(const std::string& path)
{
    if (path.empty())
        return std::string();
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return config_error{"--token-file " + path + " cannot be read; does it exist, and may this user read it?"};
    std::string text{std::istreambuf_iterator<char>(file), {}};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    if (text.empty() || text.size() > token_bytes_max || text.find_first_of("\r\n \t") != std::string::npos)
        return config_error{"--token-file " + path + " has to hold one token on one line"};
    return text;
}

// Everything of the process; declared in the order of building.
struct worker_process {
    config settings;
    system_clock time;
    metrics numbers;
    asio::thread_pool io{io_threads_used};
    asio::thread_pool cpu{1};
    std::unique_ptr<net::http_client> to_server;
    std::unique_ptr<net::http_client> to_targets;
    std::unique_ptr<rpc::worker_client> server;
    std::unique_ptr<runs::remote_worker> worker;
    std::unique_ptr<task_group> tasks;
};

config_result<std::unique_ptr<net::http_client>> make_server_client(const worker_options& options, const net::url& at)
{
    auto guard = net::target_guard::parse({at.origin()}, {"0.0.0.0/0", "::/0"});
    if (!guard)
        return config_error{"--server " + options.server + ": " + guard.error().message()};
    net::client_transport transport;
    transport.version = net::http_version::http2;
    if (!options.ca_file.empty()) {
        auto believed = net::load_client_tls({options.ca_file, {}, {}, false});
        if (!believed)
            return config_error{"--ca-file: " + believed.error().text};
        transport.tls = std::move(*believed);
    }
    net::client_limits limits;
    limits.answer = rpc::worker_call_max;
    limits.body_bytes_max = rpc::worker_answer_bytes_max;
    return std::make_unique<net::http_client>(std::move(*guard), limits, std::move(transport));
}

std::optional<config_error> build(worker_process& made, const worker_options& options)
{
    const auto at = net::parse_url(options.server);
    if (!at || at->target != "/")
        return config_error{"--server '" + options.server + "' has to be like http://reprise.internal:4381"};
    if (made.settings.replay_targets.empty())
        return config_error{
            "replay.targets is empty: this worker may not send to anything. List the targets that it can reach, like "
            "--replay.targets http://shop-staging:3000"};
    auto guard = replay_guard_of(made.settings);
    if (auto* wrong = std::get_if<config_error>(&guard))
        return std::move(*wrong);
    auto token = read_token(options.token_file);
    if (auto* wrong = std::get_if<config_error>(&token))
        return std::move(*wrong);
    auto client = make_server_client(options, *at);
    if (auto* wrong = std::get_if<config_error>(&client))
        return std::move(*wrong);
    made.to_server = std::move(std::get<std::unique_ptr<net::http_client>>(client));
    made.to_targets = std::make_unique<net::http_client>(
        std::move(std::get<net::target_guard>(guard)), net::client_limits()
    );
    made.server = std::make_unique<rpc::worker_client>(
        *made.to_server, rpc::worker_client_config{*at, std::get<std::string>(std::move(token))}
    );
    made.worker = std::make_unique<runs::remote_worker>(runs::remote_worker_parts{
        *made.server, *made.to_targets, made.time, made.cpu.get_executor(), made.numbers, made.settings.replay_targets,
        REPRISE_VERSION});
    made.tasks = std::make_unique<task_group>(made.io.get_executor());
    return std::nullopt;
}

void print_figures(metrics& numbers, const output_style& style)
{
    const auto count = [&numbers](const char* outcome) {
        const std::string label = std::string("result=\"") + outcome + "\"";
        return static_cast<unsigned long long>(numbers.add_counter("reprise_worker_replays_total", "", label).value());
    };
    const auto finished = count("finished");
    const auto failed = count("failed");
    const auto lost = count("lease_lost");
    if (style.json)
        std::printf("{\"finished\": %llu, \"failed\": %llu, \"lease_lost\": %llu}\n", finished, failed, lost);
    else if (!style.quiet)
        std::printf("replays: %llu finished, %llu failed, %llu lost their lease\n", finished, failed, lost);
}

}  // namespace

int run_worker(const config& settings, const worker_options& options, const output_style& style)
{
    set_log_level(style.quiet ? log_level::error : level_of(settings.log_level));
    const stop_signal stopping;
    worker_process all;
    all.settings = settings;
    if (const auto wrong = build(all, options)) {
        print_error(wrong->text);
        return exit_usage;
    }
    const std::string name = options.name.empty() ? default_name() : options.name;
    for (std::uint32_t i = 0; i < options.parallel; ++i)
        all.tasks->spawn("worker", all.worker->run_worker(name + "-" + std::to_string(i)));
    std::printf("worker: %s, replays for %s\n", name.c_str(), options.server.c_str());
    std::fflush(stdout);

    stopping.wait();
    log_info("worker", "stopping; the replay in work is given back. A second signal stops at once");
    stopping.let_go();
    all.tasks->stop();
    drain(all.io.get_executor(), *all.tasks, "the replays");
    all.to_targets->close_idle();
    all.to_server->close_idle();
    all.io.join();
    all.cpu.join();
    print_figures(all.numbers, style);
    return exit_ok;
}

}  // namespace reprise::app
