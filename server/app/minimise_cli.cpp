#include "interruption.hpp"
#include "minimise_command.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace reprise::app {

void add_minimise_command(CLI::App& app, output_style& style, std::function<int()>& run)
{
    auto& command = *app.add_subcommand("minimize", "Find the smallest requests that still show a problem");
    const auto given = std::make_shared<minimise_options>();
    command.add_flag("--json", style.json, "Print JSON instead of text");
    command.add_flag("--quiet", style.quiet, "Print errors only");
    command.add_option("source", given->source, "Evidence bundle (.tar.gz), RRPair files, HAR or OTLP-JSON")
        ->required();
    command.add_option("--against", given->against, "Target, like http://127.0.0.1:3000")->required();
    command.add_option("--still", given->still, "What must hold still, like 'status==500' or 'p95>800ms'")->required();
    command.add_option("--observe", given->observe, "Receive the target's own telemetry (OTLP/HTTP) on ADDRESS:PORT");
    command.add_option("--observe-timeout-ms", given->observe_timeout_ms, "How long a trial waits for telemetry")
        ->check(CLI::Range(1, 3'600'000))->capture_default_str();
    command.add_option("--export", given->form, "Write the smallest as curl, pytest, gtest, har, rrpair or bundle");
    command.add_option("--out", given->out, "File (rrpair: directory, bundle: .tar.gz) to write");
    command.add_flag("--force", given->force, "Replace what is there");
    command.add_option("--budget", given->trials, "Trials at most")->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command.add_option("--time", given->time, "Time at most, like 90s, 5m or 1h")->capture_default_str();
    command.add_option("--confirm", given->confirmations, "Trials of the smallest at the end")
        ->check(CLI::Range(1, 100))->capture_default_str();
    command.add_option("--request", given->request, "Number of the request whose answer is judged (all that failed)");
    command.add_option("--resume", given->resume, "Go on with this state of an earlier run");
    command.add_option("--state", given->state, "Where the state of an unfinished run goes");
    command.add_option("--timeout-ms", given->timeout_ms, "How long an answer may take")
        ->check(CLI::Range(1, 3'600'000))->capture_default_str();
    command.add_flag("--allow-unsafe", given->allow_unsafe, "Send POST, PUT, PATCH and DELETE, too");
    command.add_option("--header", given->headers, "Header to set, 'Name: value'; may be repeated");
    command.add_option("--header-file", given->header_files, "The same with a secret: 'Name: FILE' with the value");
    command.add_option("--ca-file", given->ca_file, "PEM certificates to believe for https instead of the system's");
    command.add_flag("--insecure", given->insecure, "Believe any certificate; only for a test system");
    command.add_option("--service", given->service, "Service of records that name none, as HAR does");
    command.callback([given, &style, &run] {
        run = [given, &style] { return run_interruptible([&] { return run_minimise(*given, style); }); };
    });
}

}  // namespace reprise::app
