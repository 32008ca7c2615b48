#include "alarm_parts.hpp"

#include "running_server.hpp"

#include "reprise/pipeline/alarm_timer.hpp"

#include <fstream>
#include <iterator>

namespace reprise::app {
namespace {

constexpr std::size_t poll_file_bytes_max = 1024 * 1024;
constexpr std::size_t token_bytes_max = 8192;

std::int64_t to_ns(milliseconds value)
{
    return value.count() * ns_per_ms;
}

// The file's bytes, nothing when it cannot be read or is larger than a file of its kind.
std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return std::nullopt;
    std::string text(bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text.size() <= bytes_max ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<config_error> read_token(ingest::poll_source_text& source, const std::string& where)
{
    if (source.token_file.empty())
        return std::nullopt;
    auto token = read_small_file(source.token_file, token_bytes_max);
    while (token && (token->ends_with('\n') || token->ends_with('\r') || token->ends_with(' ')))
        token->pop_back();
    if (!token || token->empty())
        return config_error{where + ": token_file '" + source.token_file + "' of " + source.config.name +
                            " cannot be read, or is empty"};
    source.config.token = std::move(*token);
    return std::nullopt;
}

}  // namespace

config_result<pipeline::alarm_policy> load_alarm_policy(const config& settings)
{
    auto key = load_or_make_key(settings.data_dir, redaction_key_name);
    if (auto* wrong = std::get_if<config_error>(&key))
        return std::move(*wrong);
    pipeline::alarm_policy policy;
    policy.stale_after_ns = to_ns(settings.intake_alarm_stale_after);
    policy.evidence_wait_ns = to_ns(settings.intake_alarm_evidence_wait);
    policy.require_event_approval = settings.intake_require_event_approval == "yes";
    policy.redaction_key = std::get<std::string>(std::move(key));
    return policy;
}

config_result<std::vector<ingest::poll_source_text>> load_poll_sources(const config& settings)
{
    if (settings.intake_poll_sources_file.empty())
        return std::vector<ingest::poll_source_text>();
    const std::string where = "intake.poll.sources_file = '" + settings.intake_poll_sources_file + "'";
    const auto text = read_small_file(settings.intake_poll_sources_file, poll_file_bytes_max);
    if (!text)
        return config_error{where + " cannot be read; does it exist, and may this user read it?"};
    std::string problem;
    auto sources = ingest::parse_poll_sources(*text, problem);
    if (!sources)
        return config_error{where + ": " + problem};
    for (ingest::poll_source_text& source : *sources) {
        source.config.timing.interval_ns = to_ns(settings.intake_poll_interval);
        if (auto wrong = read_token(source, where))
            return std::move(*wrong);
    }
    return std::move(*sources);
}

alarm_parts::alarm_parts(
    store::database& database, const clock& time, metrics& numbers, pipeline::alarm_policy policy
)
    : database_(database), time_(time), numbers_(numbers), policy_(std::move(policy)), counters_(numbers)
{
}

std::optional<config_error> alarm_parts::add_sources(std::vector<ingest::poll_source_text> sources)
{
    for (ingest::poll_source_text& source : sources) {
        const net::url& base = source.config.base;
        auto guard = net::target_guard::parse({base.origin() + base.target}, source.networks);
        if (!guard)
            return config_error{
                "intake.poll.sources_file: networks of " + source.config.name + ": " + guard.error().message()};
        net::client_limits limits;
        limits.body_bytes_max = ingest::poll_answer_bytes_max;
        clients_.push_back(std::make_unique<net::http_client>(std::move(*guard), limits));
        sources_.push_back(source.config.name);
        pollers_.push_back(std::make_unique<ingest::log_poller>(
            std::move(source.config), policy_, database_, *clients_.back(), time_, numbers_, counters_
        ));
    }
    return std::nullopt;
}

void alarm_parts::spawn(task_group& tasks)
{
    tasks.spawn("alarm timer", pipeline::run_alarm_timer(database_, time_, policy_));
    for (const auto& poller : pollers_)
        tasks.spawn("log poller", poller->run_poller());
}

}  // namespace reprise::app
