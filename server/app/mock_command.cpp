#include "mock_command.hpp"

#include "mock_run.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace reprise::app {
namespace {

void add_ending_flags(CLI::App& command, mock_run_options& given)
{
    command.add_option("--on-miss", given.on_miss, "404, or fail: the same, and the run ends with exit code 1")
        ->check(CLI::IsMember({"404", "fail"}))->capture_default_str();
    command.add_option("--fail-under", given.fail_under_percent, "Exit code 1 when fewer percent of requests are hits")
        ->check(CLI::Range(0.0, 100.0));
}

}  // namespace

void add_mock_flags(CLI::App& command, mock_run_options& given, const std::string& prefix)
{
    const auto add = [&command, &prefix](const char* name, auto& value, const char* help) {
        return command.add_option("--" + prefix + name, value, help);
    };
    add("direction", given.direction, "Which exchanges answer: auto (out; of HAR all), out, in, any")
        ->check(CLI::IsMember({"auto", "out", "in", "any"}))->capture_default_str();
    add("ignore", given.ignore, "Field that never counts: query.ts, body/items/*/id, path/2, host; may be repeated")
        ->allow_extra_args(false);
    add("match-header", given.match_headers, "Header that counts; may be repeated")->allow_extra_args(false);
    command.add_flag("--" + prefix + "strict", given.strict, "Learn no rule which fields to ignore");
    add("repeat", given.repeat, "What follows the last answer: none (a miss), last or cycle")
        ->check(CLI::IsMember({"none", "last", "cycle"}))->capture_default_str();
    add("latency", given.latency, "How long answers take: none, recorded, or a factor like 0.5x")
        ->capture_default_str();
    add(
        "fault", given.faults,
        "[METHOD ][HOST]/PATH:EFFECT[@SHARE%], * is any text; EFFECT is a status, delay=250ms, reset, truncate=50%, "
        "corrupt or silence; may be repeated, the first that strikes decides"
    )->allow_extra_args(false);
    add("seed", given.seed, "Of what faults leave to chance")->capture_default_str();
}

void add_mock_command(CLI::App& app, chosen_command chosen)
{
    auto given = std::make_shared<mock_run_options>();
    CLI::App& command = *app.add_subcommand("mock", "Answer for recorded dependencies; nothing is passed on, ever");
    command.add_option("source", given->sources, "Evidence bundles (.tar.gz), snapshot directories, RRPairs, HAR")
        ->required();
    command.add_option("--listen", given->listen, "Address and port; port 0 is any free one")->capture_default_str();
    add_mock_flags(command, *given, "");
    add_ending_flags(command, *given);
    command.add_option("--arrivals", given->arrivals, "Directory to make: arrivals.jsonl and one RRPair per request");
    command.add_option("--ca-dir", given->ca_dir, "Speak TLS with certificates of the authority kept or made there");
    command.add_option("--threads", given->threads, "Threads that answer")
        ->check(CLI::Range(1, 64))->capture_default_str();
    command.add_flag("--json", chosen.style.json, "Print the summary as JSON");
    command.add_flag("--quiet", chosen.style.quiet, "Print errors only");
    command.callback([chosen, given] { chosen.run = [chosen, given] { return run_mock(*given, chosen.style); }; });
}

}  // namespace reprise::app
