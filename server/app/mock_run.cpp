#include "mock_run.hpp"

#include "exit_code.hpp"
#include "interruption.hpp"
#include "mock_setup.hpp"
#include "settings.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/replay/mock_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <unistd.h>

namespace reprise::app {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds drain_max{5'000};
constexpr std::chrono::milliseconds live_pause{500};

// Everything the command line said, checked.
struct mock_setup {
    replay::mock_options rules;
    endpoint listen;
    std::shared_ptr<net::certificate_authority> authority;
};

fs::path spool_directory(const mock_run_options& options)
{
    if (options.arrivals.empty())
        return {};
    const fs::path parent = fs::path(options.arrivals).parent_path();
    return parent.empty() ? fs::path(".") : parent;
}

std::optional<mock_failure> read_setup(const mock_run_options& options, mock_setup& setup)
{
    if (auto wrong = read_mock_rules(options, setup.rules))
        return wrong;
    const auto listen = parse_endpoint(options.listen);
    if (!listen)
        return mock_failure{exit_usage, "--listen '" + options.listen + "' must be like 127.0.0.1:4381 or [::1]:0"};
    setup.listen = *listen;
    std::error_code ec;
    if (!options.arrivals.empty() && fs::exists(fs::symlink_status(options.arrivals, ec)))
        return mock_failure{exit_usage, options.arrivals + ": is there already; --arrivals makes a new directory"};
    if (const fs::path spool = spool_directory(options); !spool.empty() && !fs::is_directory(spool, ec))
        return mock_failure{exit_unavailable, spool.string() + ": no such directory to make --arrivals in"};
    if (!options.ca_dir.empty()) {
        auto opened = net::open_certificate_authority(options.ca_dir, system_clock().now_ns());
        if (!opened)
            return mock_failure{exit_unavailable, opened.error().text};
        setup.authority = std::move(*opened);
    }
    return std::nullopt;
}

void print_start(const replay::mock_server& server, const mock_setup& setup, const output_style& style)
{
    if (style.quiet)
        return;
    const bool v6 = setup.listen.host.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + setup.listen.host + "]" : setup.listen.host;
    const std::string at = host + ":" + std::to_string(server.port());
    const auto report = server.answers().report();
    std::fprintf(
        stderr, "mock: %zu recorded calls of %zu endpoints, listening on http://%s\n", server.answers().size(),
        report.endpoints.size(), at.c_str()
    );
    if (server.answers().left_out() > 0)
        std::fprintf(
            stderr, "left out: %llu exchanges that are no HTTP calls, or spans beside RRPairs\n",
            static_cast<unsigned long long>(server.answers().left_out())
        );
    std::fprintf(stderr, "as a proxy: HTTP_PROXY=http://%s", at.c_str());
    if (setup.authority) {
        const auto& about = net::describe(*setup.authority);
        std::fprintf(
            stderr, " HTTPS_PROXY=http://%s\nto be trusted by the caller: %s%s\n  SHA-256 %s\n", at.c_str(),
            about.cert_file.c_str(), about.made_now ? " (made now)" : "", about.fingerprint.c_str()
        );
    } else {
        std::fprintf(stderr, " (for https give --ca-dir)\n");
    }
    if (!report.rules.empty())
        std::fprintf(stderr, "ignored when matching:\n%s", rule_lines(report.rules).c_str());
    std::fflush(stderr);
}

// One line on a terminal that changes with what happens.
void print_live(const replay::mock_server& server)
{
    const auto report = server.answers().counts();
    std::fprintf(
        stderr, "\r\033[Khits %llu  misses %llu  faults %llu  match rate %.1f %%",
        static_cast<unsigned long long>(report.hits), static_cast<unsigned long long>(report.misses),
        static_cast<unsigned long long>(report.faults), report.match_rate() * 100
    );
    std::fflush(stderr);
}

asio::awaitable<void> run_live_line(const replay::mock_server& server, asio::steady_timer& pause)
{
    for (;;) {
        print_live(server);
        pause.expires_after(live_pause);
        error_code ec;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            break;
    }
    std::fprintf(stderr, "\r\033[K");
}

// Until a signal comes; then every request under way gets its answer.
asio::awaitable<void> run_until_told(replay::mock_server& server, asio::signal_set& signals, asio::steady_timer& live)
{
    error_code ec;
    co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    live.cancel();
    server.stop();
    co_await server.drain(drain_max);
}

void serve(replay::mock_server& server, asio::io_context& context, std::uint32_t threads, bool live)
{
    const auto strand = asio::make_strand(context);
    asio::signal_set signals(strand, SIGINT, SIGTERM);
    asio::steady_timer pause(strand);
    std::future<void> line;
    if (live)
        line = asio::co_spawn(strand, run_live_line(server, pause), asio::use_future);
    auto done = asio::co_spawn(strand, run_until_told(server, signals, pause), asio::use_future);
    std::vector<std::thread> others;
    for (std::uint32_t i = 1; i < threads; ++i)
        others.emplace_back([&context] { context.run(); });
    context.run();
    for (std::thread& one : others)
        one.join();
    done.get();
    if (live)
        line.get();
}

std::optional<mock_failure> export_arrivals(
    replay::mock_server& server, const mock_run_options& options, const mock_setup& setup, const output_style& style,
    mock_outcome& outcome
)
{
    if (options.arrivals.empty())
        return std::nullopt;
    // A second Ctrl-C does not leave half of it behind.
    const interruption watch;
    progress_bar bar("writing arrivals", outcome.arrival_count, style);
    const auto made = server.log().export_to(
        options.arrivals, server.answers(), setup.rules.redaction_key, [&bar] { bar.advance(); }
    );
    if (!made) {
        const int code = made.error() == errc::denied ? exit_permission : exit_unavailable;
        return mock_failure{code, options.arrivals + ": " + made.error().message()};
    }
    outcome.arrivals = options.arrivals;
    outcome.files = made->files;
    return std::nullopt;
}

int judge(const mock_run_options& options, const mock_outcome& outcome)
{
    int code = exit_ok;
    if (options.on_miss == "fail" && outcome.report.misses > 0) {
        print_error(std::to_string(outcome.report.misses) + " requests found no recording (--on-miss fail)");
        code = exit_gate;
    }
    if (outcome.report.match_rate() * 100 < options.fail_under_percent) {
        print_error("the match rate is below --fail-under");
        code = exit_gate;
    }
    if (outcome.losses.arrivals + outcome.losses.requests > 0)
        print_error(
            "arrivals not kept: " + std::to_string(outcome.losses.arrivals) + ", without their request: " +
            std::to_string(outcome.losses.requests) + " " + outcome.losses.reason
        );
    return code;
}

int complain(const mock_failure& what)
{
    print_error(what.text);
    return what.code;
}

}  // namespace

int run_mock(const mock_run_options& options, const output_style& style)
{
    mock_setup setup;
    if (const auto wrong = read_setup(options, setup))
        return complain(*wrong);
    std::vector<model::exchange> calls;
    std::optional<mock_failure> wrong;
    const int loading = run_interruptible([&] {
        wrong = load_mock_calls(options, style, calls);
        return interruption::seen() == 0 ? exit_ok : exit_unavailable;
    });
    if (wrong || loading != exit_ok)
        return wrong ? complain(*wrong) : loading;
    const auto answers = replay::mock::make(std::move(calls), setup.rules);
    if (!answers)
        return complain({exit_data, answers.error().reason});

    replay::mock_server_config config;
    config.listener.address = setup.listen.host;
    config.listener.port = setup.listen.port;
    config.listener.authority = setup.authority;
    config.spool_directory = spool_directory(options);
    asio::io_context context(static_cast<int>(options.threads));
    const system_clock time;
    metrics numbers;
    replay::mock_server server(context.get_executor(), std::move(config), *answers, time, numbers);
    if (const auto started = server.start(); !started)
        return complain({exit_unavailable, "--listen " + options.listen + ": " + started.error().message()});
    print_start(server, setup, style);
    serve(server, context, options.threads, !style.quiet && isatty(STDERR_FILENO) == 1);

    mock_outcome outcome;
    outcome.report = server.answers().report();
    outcome.burst = replay::summarise(server.log().list());
    outcome.arrival_count = server.log().size();
    wrong = export_arrivals(server, options, setup, style, outcome);
    outcome.losses = server.log().losses();
    if (style.json)
        std::printf("%s\n", mock_json(outcome, setup.rules.faults).c_str());
    else if (!style.quiet)
        std::printf("%s", mock_text(outcome, setup.rules.faults).c_str());
    std::fflush(stdout);
    return wrong ? complain(*wrong) : judge(options, outcome);
}

}  // namespace reprise::app
