#include "log_intake.hpp"

#include "reprise/lifecycle/alarm_rules.hpp"

#include <algorithm>
#include <cassert>
#include <map>

namespace reprise::ingest {
namespace {

// New events of one content signature.
struct event_group {
    std::string signature;
    logged_error first;
    std::uint64_t count = 0;
};

std::string signature_of(const model::alarm& alarm)
{
    std::string text = lifecycle::content_signature(alarm) + "\n" + alarm.route;
    if (!alarm.frames.empty())
        text += "\n" + lifecycle::normalise_frame(alarm.frames.front());
    return text;
}

store::service_polling settings_of(const poll_config& config, const std::string& service)
{
    store::service_polling settings;
    settings.service = service;
    settings.error_classes = config.classes;
    settings.min_occurrences = config.min_occurrences;
    return settings;
}

bool wants(const store::service_polling& settings, std::string_view error_class)
{
    const auto& classes = settings.error_classes;
    return settings.enabled &&
           (classes.empty() || std::find(classes.begin(), classes.end(), error_class) != classes.end());
}

// How many events the alarm stands for; 0 while there are too few.
result<std::uint64_t> weigh(
    store::transaction& tx, const event_group& group, const store::service_polling& settings, std::int64_t now_ns
)
{
    if (settings.min_occurrences <= 1)
        return group.count;
    const auto total = store::add_poll_count(tx, group.signature, group.count, now_ns);
    if (!total)
        return total.error();
    if (*total < settings.min_occurrences)
        return std::uint64_t{0};
    const bool reached_now = *total - group.count < settings.min_occurrences;
    return reached_now ? *total : group.count;
}

// The new errors of the events, collapsed, in the order they came.
result<std::vector<event_group>> collapse(
    store::transaction& tx, const poll_config& config, std::span<const log_event> events, intake_count& count
)
{
    std::vector<event_group> groups;
    std::map<std::string, std::size_t, std::less<>> by_signature;
    for (const log_event& event : events) {
        const auto fresh = store::note_poll_event(tx, config.name, event.id, event.at_ns);
        if (!fresh)
            return fresh.error();
        if (!*fresh) {
            ++count.repeated;
            continue;
        }
        ++count.events;
        auto error = read_logged_error(event, "poll/" + config.name);
        if (!error) {
            ++count.ignored;
            continue;
        }
        std::string signature = signature_of(error->alarm);
        const auto [known, added] = by_signature.emplace(signature, groups.size());
        if (added)
            groups.push_back({std::move(signature), std::move(*error), 0});
        ++groups[known->second].count;
    }
    return groups;
}

result<void> take_group(
    store::transaction& tx, const poll_config& config, const pipeline::alarm_policy& policy, const event_group& group,
    intake_count& count, std::int64_t now_ns
)
{
    const std::string& service = group.first.alarm.service;
    auto own = store::find_service_polling(tx, service);
    if (!own)
        return own.error();
    const store::service_polling settings = *own ? **own : settings_of(config, service);
    if (!wants(settings, group.first.error_class)) {
        count.ignored += group.count;
        return {};
    }
    const auto weight = weigh(tx, group, settings, now_ns);
    if (!weight)
        return weight.error();
    if (*weight == 0) {
        count.ignored += group.count;
        return {};
    }
    auto outcome = pipeline::accept_alarm(tx, group.first.alarm, policy, now_ns, *weight);
    if (!outcome)
        return outcome.error();
    count.alarms.push_back(std::move(*outcome));
    return {};
}

}  // namespace

result<intake_count> take_events(
    store::transaction& tx, const poll_config& config, const pipeline::alarm_policy& policy,
    std::span<const log_event> events, store::poll_source& source, std::int64_t now_ns
)
{
    assert(events.size() <= events_at_once_max);
    intake_count count;
    const auto groups = collapse(tx, config, events, count);
    if (!groups)
        return groups.error();
    for (const event_group& group : *groups) {
        if (auto taken = take_group(tx, config, policy, group, count, now_ns); !taken)
            return taken.error();
    }
    if (!events.empty())
        source.position_ns = std::max(source.position_ns.value_or(0), events.back().at_ns);
    source.events += count.events;
    source.ignored += count.ignored;
    if (auto saved = store::save_poll_source(tx, source); !saved)
        return saved.error();
    return count;
}

}  // namespace reprise::ingest
