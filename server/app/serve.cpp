#include "commands.hpp"
#include "exit_code.hpp"
#include "running_server.hpp"
#include "stop_signal.hpp"

#include "reprise/base/log.hpp"
#include "reprise/ingest/message_memory.hpp"

#include <cstdio>

namespace reprise::app {
namespace {

void print_start(const running_server& server, const std::string& link)
{
    const server_addresses& at = server.addresses();
    std::printf("dashboard: %s\n", at.public_url.c_str());
    std::printf("sign in: %s\n", link.c_str());
    std::printf("otlp/grpc: port %u\notlp/http: port %u\n", at.otlp_grpc_port, at.otlp_http_port);
    if (at.workers_port != 0)
        std::printf("workers: port %u\n", at.workers_port);
    std::fflush(stdout);
}

}  // namespace

int run_serve(const config& settings, const output_style& style)
{
    set_log_level(style.quiet ? log_level::error : level_of(settings.log_level));
    const stop_signal stopping;
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

    stopping.wait();
    log_info("serve", "stopping; a second signal stops at once");
    stopping.let_go();
    server.stop();
    log_info("serve", "stopped");
    return exit_ok;
}

}  // namespace reprise::app
