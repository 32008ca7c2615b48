#include "commands.hpp"
#include "exit_code.hpp"
#include "running_server.hpp"

#include "reprise/base/log.hpp"
#include "reprise/ingest/message_memory.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>

namespace reprise::app {
namespace {

log_level level_of(const std::string& name)
{
    if (name == "debug")
        return log_level::debug;
    if (name == "warn")
        return log_level::warn;
    return name == "error" ? log_level::error : log_level::info;
}

// Blocks the signals for every thread that is made after, so that sigwait() is the only one to see them.
sigset_t block_stop_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

void print_start(const running_server& server, const std::string& link)
{
    const server_addresses& at = server.addresses();
    std::printf("dashboard: %s\n", at.public_url.c_str());
    std::printf("sign in: %s\n", link.c_str());
    std::printf("otlp/grpc: port %u\notlp/http: port %u\n", at.otlp_grpc_port, at.otlp_http_port);
    std::fflush(stdout);
}

[[noreturn]] void stop_now(int)
{
    std::_Exit(exit_ok);
}

}  // namespace

int run_serve(const config& settings, const output_style& style)
{
    set_log_level(style.quiet ? log_level::error : level_of(settings.log_level));
    const sigset_t signals = block_stop_signals();
    ingest::keep_message_memory();
    const system_clock time;
    auto started = running_server::start(settings, time);
    if (const auto* wrong = std::get_if<config_error>(&started)) {
        print_error(wrong->text);
        return exit_unavailable;
    }
    auto& server = *std::get<std::unique_ptr<running_server>>(started);
    const auto link = server.make_sign_in_link();
    if (!link) {
        print_error("no sign-in link could be made: " + link.error().message());
        return exit_unavailable;
    }
    print_start(server, *link);
    for (const std::string& warning : server.list_warnings())
        log_warn("serve", warning);

    int received = 0;
    sigwait(&signals, &received);
    log_info("serve", "stopping; a second signal stops at once");
    std::signal(SIGINT, stop_now);
    std::signal(SIGTERM, stop_now);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    server.stop();
    log_info("serve", "stopped");
    return exit_ok;
}

}  // namespace reprise::app
