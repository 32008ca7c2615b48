#include "alarm_incidents.hpp"

#include "reprise/store/incident_likeness.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/signals.hpp"

#include "reprise/base/time_text.hpp"

#include <algorithm>
#include <cmath>

namespace reprise::pipeline {
namespace {

constexpr std::size_t scopes_max = 20;         // Open incidents of a service that are compared with.
constexpr std::size_t scope_rows_max = 50;     // Signals or alarms of each that are looked at.
constexpr std::size_t similar_hints_max = 3;
constexpr std::string_view nameless_service = "unknown";

using store::dedup_layer;

struct live_candidate {
    model::incident incident;
    bool blocks = false;
};

// What the index named, as it is now. Empty when it is gone.
result<std::optional<live_candidate>> look_live(const store::reader& from, const std::string& id)
{
    auto incident = store::find_incident(from, id);
    if (!incident)
        return incident.error();
    if (!*incident)
        return std::optional<live_candidate>();
    live_candidate candidate;
    candidate.incident = std::move(**incident);
    bool merged = false;
    if (candidate.incident.status == model::incident_status::resolved) {
        const auto by_merge = store::was_resolved_by_merge(from, id);
        if (!by_merge)
            return by_merge.error();
        merged = *by_merge;
    }
    candidate.blocks = lifecycle::blocks_new_alarms(candidate.incident, merged);
    return std::optional(std::move(candidate));
}

std::string percent(double score)
{
    return std::to_string(static_cast<int>(std::floor(score * 100))) + " %";
}

void take(alarm_match& match, model::incident incident, dedup_layer layer, std::string why)
{
    match.incident = std::move(incident);
    match.layer = layer;
    match.why = std::move(why);
}

// Layers 1 and 2: equal service, error type and description.
result<void> look_for_equal(const store::reader& from, const told_alarm& told, alarm_match& match)
{
    const model::alarm& alarm = told.row.alarm;
    const auto ids = store::find_equal_incidents(from, alarm.service, alarm.error_type, told.description_key);
    if (!ids)
        return ids.error();
    for (const std::string& id : *ids) {
        auto live = look_live(from, id);
        if (!live)
            return live.error();
        if (!*live)
            continue;
        const model::incident& incident = (*live)->incident;
        if ((*live)->blocks) {
            take(match, incident, dedup_layer::exact, "the same error with the same description");
            return {};
        }
        if (!match.regression && incident.status == model::incident_status::resolved) {
            const std::int64_t at_ns = incident.resolved_ns.value_or(incident.updated_ns);
            match.regression = alarm_hint{
                id, 1.0, "regression of " + id + ", resolved " + format_rfc3339(at_ns) + ": " + incident.title};
        }
    }
    return {};
}

struct scored_text {
    std::string incident_id;
    std::string text;
    double score = 0;
};

std::vector<scored_text> score(const std::vector<store::incident_text>& candidates, const std::string& text)
{
    std::vector<scored_text> scored;
    for (const store::incident_text& one : candidates)
        scored.push_back({one.incident_id, one.likeness_text, lifecycle::likeness(one.likeness_text, text)});
    std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    return scored;
}

// Layer 3: what the index finds alike, and the live store confirms.
result<void> look_for_alike(const store::reader& from, const told_alarm& told, alarm_match& match)
{
    const auto candidates = store::find_similar_texts(from, told.row.alarm.service, told.likeness_text);
    if (!candidates)
        return candidates.error();
    for (const scored_text& one : score(*candidates, told.likeness_text)) {
        if (one.score < lifecycle::likeness_hint)
            break;
        auto live = look_live(from, one.incident_id);
        if (!live)
            return live.error();
        if (!*live)
            continue;
        const model::incident& incident = (*live)->incident;
        const bool alike = lifecycle::may_block_by_likeness(one.text, told.likeness_text, one.score);
        if (alike && (*live)->blocks) {
            take(match, incident, dedup_layer::lexical, "its text is " + percent(one.score) + " alike");
            return {};
        }
        if (match.similar.size() < similar_hints_max)
            match.similar.push_back(
                {one.incident_id, one.score,
                 percent(one.score) + " like " + one.incident_id + " (" +
                     std::string(model::to_text(incident.status)) + "): " + incident.title}
            );
    }
    return {};
}

result<std::vector<model::incident>> list_open(const store::reader& from, const std::string& service)
{
    store::incident_filter filter;
    filter.service = service;
    filter.open = true;
    filter.limit = scopes_max;
    return store::list_incidents(from, filter);
}

result<lifecycle::alarm_scope> scope_of(const store::reader& from, const model::incident& incident)
{
    const auto signals = store::list_incident_signals(from, incident.id, scope_rows_max);
    if (!signals)
        return signals.error();
    lifecycle::alarm_scope scope;
    scope.first_seen_ns = incident.first_seen_ns;
    scope.last_seen_ns = incident.last_seen_ns;
    for (const model::signal& signal : *signals) {
        scope.routes.push_back(signal.operation.route);
        scope.messages.push_back(signal.message);
    }
    return scope;
}

// Signals of the same service at the same time.
result<void> look_for_signals(const store::reader& from, const told_alarm& told, alarm_match& match)
{
    if (told.row.alarm.service == nameless_service)
        return {};
    auto open = list_open(from, told.row.alarm.service);
    if (!open)
        return open.error();
    std::erase_if(*open, [](const model::incident& one) { return one.signal_count == 0; });
    std::vector<lifecycle::alarm_scope> scopes;
    for (const model::incident& incident : *open) {
        auto scope = scope_of(from, incident);
        if (!scope)
            return scope.error();
        scopes.push_back(std::move(*scope));
    }
    const auto joined = lifecycle::find_alarm_scope(told.sight, scopes);
    if (joined)
        take(match, (*open)[*joined], dedup_layer::correlated, "signals of the same service at the same time");
    return {};
}

}  // namespace

result<alarm_match> find_alarm_incident(const store::reader& from, const told_alarm& told)
{
    alarm_match match;
    auto known = store::find_incident_by_fingerprint(from, told.row.fingerprint);
    if (!known)
        return known.error();
    if (*known) {
        take(match, std::move(**known), dedup_layer::fingerprint, "the same fingerprint");
        return match;
    }
    for (const auto look : {look_for_equal, look_for_alike, look_for_signals}) {
        if (auto looked = look(from, told, match); !looked)
            return looked.error();
        if (match.incident)
            return match;
    }
    return match;
}

bool starts_work(const alarm_match& match, const told_alarm& told)
{
    if (!match.incident)
        return true;
    const auto rule = lifecycle::find_occurrence_rule(&*match.incident, told.sight.at_ns);
    return rule == lifecycle::occurrence_rule::reopen || rule == lifecycle::occurrence_rule::reclassify;
}

result<std::optional<model::incident>> find_told_incident(const store::reader& from, const model::signal& signal)
{
    auto open = list_open(from, signal.operation.service);
    if (!open)
        return open.error();
    std::optional<model::incident> only;
    for (model::incident& incident : *open) {
        const bool told_only = incident.signal_count == 0;
        if (!told_only || !lifecycle::overlaps_alarm(signal.window_start_ns, signal.window_end_ns, incident))
            continue;
        store::alarm_filter filter;
        filter.incident_id = incident.id;
        filter.limit = scope_rows_max;
        const auto alarms = store::list_alarms(from, filter);
        if (!alarms)
            return alarms.error();
        const bool fits = std::all_of(alarms->begin(), alarms->end(), [&signal](const store::stored_alarm& one) {
            return one.alarm.route.empty() || route_template(one.alarm.route) == signal.operation.route;
        });
        if (!fits)
            continue;
        if (only)
            return std::optional<model::incident>();
        only = std::move(incident);
    }
    return only;
}

result<bool> lacks_evidence(const store::reader& from, const model::incident& incident)
{
    const bool waits = incident.status == model::incident_status::detected && incident.phase == "pending_event";
    const bool gave_up = incident.status == model::incident_status::needs_human && incident.reason == "no_evidence";
    if (!waits && !gave_up)
        return false;
    const auto evidence = store::list_incident_evidence(from, incident.id, 1);
    if (!evidence)
        return {boost::system::in_place_error, evidence.error()};
    return evidence->empty();
}

}  // namespace reprise::pipeline
