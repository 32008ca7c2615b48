#include "reprise/lifecycle/breaker.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>

namespace reprise::lifecycle {
namespace {

constexpr std::size_t text_bytes_max = 160;
constexpr std::size_t incidents_named_max = 5;
constexpr std::int64_t ns_per_minute = 60LL * 1'000'000'000;

constexpr std::array<std::string_view, 3> reason_texts = {"incident_limit", "hour_limit", "storm"};

problem_cause cause_of(std::string_view kind, std::string_view identity, std::string text)
{
    problem_cause cause;
    cause.key.append(kind).append(":").append(sha256_hex(identity));
    cause.text = std::move(text);
    return cause;
}

// Cut between characters, never inside one.
std::string cut(std::string_view text)
{
    if (text.size() <= text_bytes_max)
        return std::string(text);
    std::size_t end = text_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return std::string(text.substr(0, end)) + "...";
}

std::string describe_storm(const shared_cause& cause, const breaker_limits& limits)
{
    std::string why = std::to_string(cause.incidents.size());
    why += " incidents within " + std::to_string(limits.storm_window_ns / ns_per_minute);
    why += " min have one cause, " + cause.text + ": ";
    const std::size_t named = std::min(cause.incidents.size(), incidents_named_max);
    for (std::size_t i = 0; i < named; ++i) {
        why += i > 0 ? ", " : "";
        why += cause.incidents[i];
    }
    if (named < cause.incidents.size())
        why += " and " + std::to_string(cause.incidents.size() - named) + " more";
    return why;
}

std::optional<run_hold> find_storm(const breaker_limits& limits, const std::vector<shared_cause>& causes)
{
    if (limits.storm_incidents == 0)
        return std::nullopt;
    const auto fewer = [](const shared_cause& a, const shared_cause& b) {
        return a.incidents.size() < b.incidents.size();
    };
    const auto widest = std::max_element(causes.begin(), causes.end(), fewer);
    if (widest == causes.end() || widest->incidents.size() < limits.storm_incidents)
        return std::nullopt;
    return run_hold{hold_reason::storm, describe_storm(*widest, limits)};
}

}  // namespace

std::optional<problem_cause> deployment_cause(const model::deployment& running, std::int64_t first_seen_ns)
{
    const std::int64_t age_ns = first_seen_ns - running.at_ns;
    if (age_ns < 0 || age_ns > deployment_blamed_ns)
        return std::nullopt;
    const std::string name = running.service + " " + running.version;
    return cause_of("deployment", running.service + "\n" + running.version, "deployment " + cut(name));
}

std::optional<problem_cause> message_cause(std::string_view message)
{
    if (message.empty())
        return std::nullopt;
    return cause_of("message", message, "the error \"" + cut(message) + "\"");
}

problem_cause error_cause(std::string_view service, std::string_view error_type)
{
    const std::string name = std::string(error_type) + " in " + std::string(service);
    return cause_of("error", std::string(service) + "\n" + std::string(error_type), cut(name));
}

std::optional<run_hold> find_hold(const breaker_limits& limits, const breaker_counts& counts)
{
    if (auto storm = find_storm(limits, counts.causes))
        return storm;
    if (limits.incident_runs_max != 0 && counts.incident_runs >= limits.incident_runs_max)
        return run_hold{
            hold_reason::incident_limit,
            "the incident had " + std::to_string(counts.incident_runs) + " automatic runs of this kind within a day"};
    if (limits.hour_runs_max != 0 && counts.hour_runs >= limits.hour_runs_max)
        return run_hold{
            hold_reason::hour_limit, std::to_string(counts.hour_runs) + " automatic runs were started within an hour"};
    return std::nullopt;
}

model::run admit_automatic(model::run run, const std::optional<run_hold>& hold)
{
    run.counted = !hold;
    run.state = hold ? model::run_state::paused : model::run_state::queued;
    run.hold = hold ? std::string(to_text(hold->reason)) : std::string();
    run.hold_why = hold ? hold->why : std::string();
    return run;
}

std::string_view to_text(hold_reason value) noexcept
{
    return reason_texts[static_cast<std::size_t>(value)];
}

}  // namespace reprise::lifecycle
