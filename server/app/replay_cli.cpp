#include "replay_cli.hpp"

#include "commands.hpp"
#include "exit_code.hpp"
#include "interruption.hpp"
#include "measure_command.hpp"
#include "mock_command.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace reprise::app {
namespace {

void add_output_flags(CLI::App& command, output_style& style)
{
    command.add_flag("--json", style.json, "Print JSON instead of text");
    command.add_flag("--quiet", style.quiet, "Print errors only");
}

// When requests go out and over what connections.
void add_pace_flags(CLI::App& command, replay_options& given)
{
    command.add_option("--timing", given.timing, "recorded, 2x (so much faster), rate:200 (per second) or max")
        ->capture_default_str();
    command.add_option("--times", given.times, "How often each request is sent")->check(CLI::Range(1, 1'000'000));
    command.add_option(
        "--concurrency", given.concurrency,
        "Requests under way at once: with max so many (1); otherwise the most, beyond it they are dropped (1000)"
    )->check(CLI::Range(1, 20'000));
    command.add_option("--connections", given.connections, "recorded, kept (used again) or fresh (one per request)")
        ->check(CLI::IsMember({"recorded", "kept", "fresh"}))->capture_default_str();
    command.add_option("--timeout-ms", given.timeout_ms, "How long an answer may take")
        ->check(CLI::Range(1, 3'600'000))->capture_default_str();
}

// What is sent to whom.
void add_request_flags(CLI::App& command, replay_options& given)
{
    command.add_flag("--http2", given.http2, "Speak HTTP/2: agreed on under TLS, without asking over http");
    command.add_flag("--allow-unsafe", given.allow_unsafe, "Send POST, PUT, PATCH and DELETE, too");
    command.add_flag("!--no-correlate", given.correlate, "Send tokens and ids as captured, not those of this run");
    command.add_option("--service", given.service, "Service of records that name none, as HAR does");
    command.add_option("--ca-file", given.ca_file, "PEM certificates to believe for https instead of the system's");
    command.add_flag("--insecure", given.insecure, "Believe any certificate; only for a test system");
    command.add_option("--header", given.headers, "Header to set, 'Name: value'; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--header-file", given.header_files, "The same with a secret: 'Name: FILE' that holds the value")
        ->allow_extra_args(false);
}

constexpr const char* target_help = "Target, like http://127.0.0.1:3000 or https://shop.test/api";
constexpr const char* source_help = "Evidence bundle (.tar.gz), RRPair files, HAR or OTLP-JSON";

struct measure_call {
    measure_options options;
    std::vector<std::string> compared;
};

int run(const measure_call& call, const output_style& style)
{
    if (!call.compared.empty())
        return run_measure_compare(call.compared.front(), call.compared.back(), style);
    if (call.options.drive.source.empty() || call.options.drive.against.empty()) {
        print_error("measure needs --bundle and --against, or --compare BEFORE AFTER; see reprise measure --help");
        return exit_usage;
    }
    return run_interruptible([&] { return run_measure(call.options, style); });
}

}  // namespace

void add_replay_command(CLI::App& app, chosen_command chosen)
{
    auto given = std::make_shared<replay_options>();
    CLI::App& command = *app.add_subcommand("replay", "Send captured requests again; exit 1 when a gate fails");
    command.add_option("source", given->source, source_help)->required();
    command.add_option("--against", given->against, target_help)->required();
    add_pace_flags(command, *given);
    add_request_flags(command, *given);
    command.add_option(
        "--fail-if", given->fail_if,
        "Gate on the failing exchanges (on all, where none is): 'p95>800ms', 'failing>0%'; may be repeated"
    )->allow_extra_args(false);
    command.add_flag("!--no-compare", given->compare, "Do not compare answers with the recorded ones");
    command.add_option("--ignore", given->ignored_fields, "Field of answers that may differ, like body/items/*/id")
        ->allow_extra_args(false);
    command.add_flag("--ignore-array-order", given->ignore_array_order, "Arrays are equal in any order");
    command.add_flag(
        "--fail-on-change", given->fail_on_change,
        "Exit 1 when answers differ from the recorded ones; with --times 2 or more what varies by itself is learned"
    );
    command.add_option("--report", given->reports, "Write .json, .html or .xml (JUnit); may be repeated")
        ->allow_extra_args(false);
    add_output_flags(command, chosen.style);
    command.callback([chosen, given] {
        chosen.run = [chosen, given] { return run_interruptible([&] { return run_replay(*given, chosen.style); }); };
    });
}

void add_measure_command(CLI::App& app, chosen_command chosen)
{
    auto given = std::make_shared<measure_call>();
    measure_options& options = given->options;
    CLI::App& command = *app.add_subcommand(
        "measure", "Run a service between captured requests and recorded answers, and measure what it asks for"
    );
    command.add_option("--bundle", options.drive.source, source_help);
    command.add_option("--against", options.drive.against, target_help);
    command.add_option("--compare", given->compared, "Two files of --out: prints before and after, measures nothing")
        ->expected(2);
    add_pace_flags(command, options.drive);
    add_request_flags(command, options.drive);
    command.add_option("--mock", options.mock.sources, "Recordings that answer instead of those of --bundle")
        ->allow_extra_args(false);
    add_mock_flags(command, options.mock, "mock-");
    command.add_option("--ready", options.ready, "Path that answers once the service is up, like /healthz (/)");
    command.add_option("--ready-timeout-ms", options.ready_timeout_ms, "How long it may take until then")
        ->check(CLI::Range(1, 3'600'000))->capture_default_str();
    command.add_option("--env", options.variables, "NAME=value for the service, {mock} is the mock's URL; repeatable")
        ->allow_extra_args(false);
    command.add_option("--log", options.log, "File for the service's output instead of standard error");
    command.add_option("--out", options.out, "Write the measurement to this JSON file");
    command.add_option("--report", options.report, "Write a page (.html) for people");
    add_output_flags(command, chosen.style);
    command.add_option("command", options.command, "After --: the service, {mock} is the mock's URL; none: it runs");
    command.callback([chosen, given] { chosen.run = [chosen, given] { return run(*given, chosen.style); }; });
}

}  // namespace reprise::app
