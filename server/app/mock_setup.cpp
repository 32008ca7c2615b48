#include "mock_setup.hpp"

#include "exit_code.hpp"
#include "traffic_source.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cctype>

namespace reprise::app {
namespace {

bool is_har(const std::string& path)
{
    return path.ends_with(".har");
}

// Those calls of the recordings that went the chosen way. HAR files do not say which way; a browser's go out.
std::vector<model::exchange> choose(std::vector<model::exchange> all, const mock_run_options& options)
{
    const bool any_out = std::any_of(all.begin(), all.end(), [](const model::exchange& one) {
        return one.direction == model::direction::out;
    });
    const bool only_har = std::all_of(options.sources.begin(), options.sources.end(), is_har);
    const bool takes_all = options.direction == "any" || (options.direction == "auto" && !any_out && only_har);
    const auto wanted = options.direction == "in" ? model::direction::in : model::direction::out;
    std::erase_if(all, [&](const model::exchange& one) { return !takes_all && one.direction != wanted; });
    return all;
}

}  // namespace

std::optional<mock_failure> read_mock_rules(const mock_run_options& options, replay::mock_options& rules)
{
    const auto latency = replay::parse_latency(options.latency);
    if (!latency)
        return mock_failure{exit_usage, latency.error().reason};
    rules.latency = *latency;
    if (options.faults.size() > replay::fault_rules_max)
        return mock_failure{exit_usage, "more than 64 fault rules"};
    for (const std::string& text : options.faults) {
        auto rule = replay::parse_fault(text);
        if (!rule)
            return mock_failure{exit_usage, rule.error().reason};
        rules.faults.push_back(std::move(*rule));
    }
    for (const std::string& text : options.ignore) {
        auto field = replay::parse_field_rule(text);
        if (!field)
            return mock_failure{exit_usage, field.error().reason};
        rules.ignore.push_back(std::move(*field));
    }
    for (std::string name : options.match_headers) {
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        rules.match_headers.push_back(std::move(name));
    }
    rules.strict = options.strict;
    rules.seed = options.seed;
    rules.repeat = options.repeat == "last"    ? replay::mock_repeat::last
                   : options.repeat == "cycle" ? replay::mock_repeat::cycle
                                               : replay::mock_repeat::none;
    // Nobody else reads these tokens.
    rules.redaction_key = random_bytes(32);
    return std::nullopt;
}

std::optional<mock_failure> load_mock_calls(
    const mock_run_options& options, const output_style& style, std::vector<model::exchange>& calls
)
{
    for (const std::string& source : options.sources) {
        auto loaded = load_traffic(source, {}, style);
        if (const auto* wrong = std::get_if<traffic_error>(&loaded))
            return mock_failure{wrong->exit_code, wrong->text};
        for (model::evidence_item& item : std::get<traffic>(loaded).items)
            calls.push_back(std::move(item.exchange));
    }
    const std::size_t all = calls.size();
    calls = choose(std::move(calls), options);
    if (!calls.empty())
        return std::nullopt;
    return mock_failure{
        exit_data, options.sources.front() + ": none of its " + std::to_string(all) +
                       " exchanges has the direction that is asked for (" +
                       (options.direction == "in" ? "in" : "out") + "); --direction any takes all"
    };
}

}  // namespace reprise::app
