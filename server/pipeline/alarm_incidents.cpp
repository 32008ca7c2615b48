#include "alarm_incidents.hpp"

#include "automatic_runs.hpp"

#include "reprise/store/evidence.hpp"
#include "reprise/store/incident_likeness.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/services.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/snooze.hpp"

#include <algorithm>

namespace reprise::pipeline {
namespace {

constexpr std::string_view waiting_phase = "pending_event";

model::incident_event note_of(
    const model::incident& incident, const std::string& actor, std::string why, std::int64_t now_ns
)
{
    model::incident_event event;
    event.incident_id = incident.id;
    event.at_ns = now_ns;
    event.actor = actor;
    event.from = lifecycle::place_text(incident.status, incident.phase, incident.reason);
    event.to = event.from;
    event.why = std::move(why);
    return event;
}

// One line of the timeline that changes nothing else.
result<void> add_note(
    store::transaction& tx, model::incident& incident, const std::string& actor, std::string why, std::int64_t now_ns
)
{
    const auto event = note_of(incident, actor, std::move(why), now_ns);
    incident.updated_ns = now_ns;
    return store::save_incident(tx, incident, incident.version, event);
}

std::string opening_words(const told_alarm& told)
{
    return "alarm from " + told.row.alarm.source + ": " + headline(told.row.alarm);
}

result<void> index_text(store::transaction& tx, const told_alarm& told, const std::string& incident_id)
{
    store::incident_text text;
    text.incident_id = incident_id;
    text.service = told.row.alarm.service;
    text.error_type = told.row.alarm.error_type;
    text.description_key = told.description_key;
    text.likeness_text = told.likeness_text;
    return store::add_incident_text(tx, text);
}

result<void> keep_hint(
    store::transaction& tx, model::incident& incident, std::string kind, const alarm_hint& hint,
    const alarm_entry& entry
)
{
    store::incident_hint row;
    row.incident_id = incident.id;
    row.kind = std::move(kind);
    row.other_id = hint.other_id;
    row.score = hint.score;
    row.text = hint.text;
    row.at_ns = entry.now_ns;
    if (auto added = store::add_incident_hint(tx, row); !added)
        return added;
    return add_note(tx, incident, "pipeline", hint.text, entry.now_ns);
}

result<void> keep_hints(
    store::transaction& tx, model::incident& incident, const alarm_match& match, const alarm_entry& entry
)
{
    if (match.regression) {
        if (auto kept = keep_hint(tx, incident, "regression", *match.regression, entry); !kept)
            return kept;
    }
    for (const alarm_hint& hint : match.similar) {
        const bool said = match.regression && match.regression->other_id == hint.other_id;
        if (said)
            continue;
        if (auto kept = keep_hint(tx, incident, "similar", hint, entry); !kept)
            return kept;
    }
    return {};
}

result<void> open_incident(
    store::transaction& tx, const told_alarm& told, const alarm_match& match, const alarm_policy& policy,
    const alarm_entry& entry, alarm_outcome& outcome
)
{
    const model::alarm& alarm = told.row.alarm;
    model::incident incident;
    incident.id = make_ulid(entry.now_ns);
    incident.service = alarm.service;
    incident.title = headline(alarm);
    incident.explanation = explanation_of(alarm);
    incident.severity = lifecycle::severity_of(alarm);
    incident.status = model::incident_status::detected;
    incident.phase = waiting_phase;
    incident.occurrences = entry.occurrences;
    incident.opened_ns = entry.now_ns;
    incident.updated_ns = entry.now_ns;
    incident.first_seen_ns = told.sight.at_ns;
    incident.last_seen_ns = told.sight.at_ns;

    model::incident_event event;
    event.at_ns = entry.now_ns;
    event.actor = entry.actor;
    event.to = lifecycle::place_text(incident.status, incident.phase, {});
    event.why = opening_words(told);
    if (auto kept = store::insert_incident(tx, incident, event); !kept)
        return kept;
    if (auto kept = store::attach_fingerprint(tx, told.row.fingerprint, incident.id, entry.now_ns); !kept)
        return kept;
    if (auto kept = index_text(tx, told, incident.id); !kept)
        return kept;
    if (auto waits = store::wait_for_evidence(tx, incident.id, entry.now_ns + policy.evidence_wait_ns); !waits)
        return waits;
    // People set where its tickets and fixes go, whether or not it ever sent telemetry.
    store::service_sight sight;
    sight.name = incident.service;
    sight.last_seen_ns = told.sight.at_ns;
    if (auto seen = store::touch_services(tx, std::span(&sight, 1), entry.now_ns); !seen)
        return seen;
    outcome.fate = store::alarm_fate::opened;
    outcome.incident_id = incident.id;
    outcome.is_new = true;
    outcome.occurrences = incident.occurrences;
    outcome.regression_hint = match.regression.has_value();
    outcome.similar_hint = !match.similar.empty();
    return keep_hints(tx, incident, match, entry);
}

result<void> wait_for_traffic(
    store::transaction& tx, model::incident& incident, const alarm_policy& policy, const alarm_entry& entry
)
{
    lifecycle::incident_change change;
    change.to = model::incident_status::detected;
    change.phase = waiting_phase;
    change.actor = "pipeline";
    change.why = "waits for captured traffic";
    change.now_ns = entry.now_ns;
    auto waiting = lifecycle::apply(incident, change);
    if (!waiting)
        return waiting.error();
    if (auto saved = store::save_incident(tx, waiting->incident, incident.version, waiting->event); !saved)
        return saved;
    incident = std::move(waiting->incident);
    return store::wait_for_evidence(tx, incident.id, entry.now_ns + policy.evidence_wait_ns);
}

// A reopened incident works with the evidence it has, or waits for some.
result<void> begin_work(
    store::transaction& tx, model::incident& incident, const told_alarm& told, const alarm_policy& policy,
    const alarm_entry& entry, alarm_outcome& outcome
)
{
    const auto evidence = store::list_incident_evidence(tx, incident.id, 1);
    if (!evidence)
        return evidence.error();
    if (evidence->empty() || evidence->front().expired_ns)
        return wait_for_traffic(tx, incident, policy, entry);
    problem what;
    what.service = incident.service;
    what.error_type = told.row.alarm.error_type;
    what.message = told.sight.message;
    what.seen_ns = told.sight.at_ns;
    const auto causes = find_causes(tx, what);
    if (!causes)
        return causes.error();
    model::run run;
    run.id = make_ulid(entry.now_ns);
    run.kind = model::run_kind::reproduce;
    run.incident_id = incident.id;
    run.generation = incident.generation;
    run.evidence_id = evidence->front().id;
    run.signal_id = evidence->front().signal_id;
    run.requested_by = "pipeline";
    run.attempts_max = policy.reproduce_attempts_max;
    run.not_before_ns = entry.now_ns;
    run.created_ns = entry.now_ns;
    run.updated_ns = entry.now_ns;
    const auto held = queue_automatic(tx, incident, std::move(run), *causes, policy.breakers, entry.now_ns);
    if (!held)
        return held.error();
    if (!*held)
        ++outcome.runs_queued;
    return {};
}

result<void> count_alarm(
    store::transaction& tx, const told_alarm& told, const alarm_match& match, const alarm_policy& policy,
    const alarm_entry& entry, alarm_outcome& outcome
)
{
    const model::incident& known = *match.incident;
    lifecycle::occurrence seen;
    seen.seen_ns = told.sight.at_ns;
    seen.added = entry.occurrences;
    seen.now_ns = entry.now_ns;
    seen.actor = entry.actor;
    seen.why = opening_words(told);
    auto counted = lifecycle::count_occurrence(known, seen);
    model::incident& changed = counted.incident;
    if (lifecycle::raise_severity(changed, lifecycle::severity_of(told.row.alarm)) && !counted.event)
        counted.event = lifecycle::return_event(changed, seen.actor, entry.now_ns);
    auto saved = counted.event ? store::save_incident(tx, changed, known.version, *counted.event)
                               : store::save_incident(tx, changed, known.version);
    if (!saved)
        return saved;
    if (match.layer != store::dedup_layer::fingerprint) {
        if (auto kept = store::attach_fingerprint(tx, told.row.fingerprint, changed.id, entry.now_ns); !kept)
            return kept;
        std::string why = opening_words(told) + " (" + match.why + ")";
        if (auto noted = add_note(tx, changed, entry.actor, std::move(why), entry.now_ns); !noted)
            return noted;
    }
    if (auto kept = index_text(tx, told, changed.id); !kept)
        return kept;
    outcome.fate = store::alarm_fate::counted;
    outcome.incident_id = changed.id;
    outcome.layer = match.layer;
    outcome.occurrences = changed.occurrences;
    return counted.enqueue_work ? begin_work(tx, changed, told, policy, entry, outcome) : result<void>();
}

}  // namespace

result<void> place_alarm(
    store::transaction& tx, const told_alarm& told, const alarm_match& match, const alarm_policy& policy,
    const alarm_entry& entry, alarm_outcome& outcome
)
{
    return match.incident ? count_alarm(tx, told, match, policy, entry, outcome)
                          : open_incident(tx, told, match, policy, entry, outcome);
}

result<std::string> note_all_clear(store::transaction& tx, const told_alarm& told, std::int64_t now_ns)
{
    const model::alarm& alarm = told.row.alarm;
    if (alarm.group_key.empty())
        return std::string();
    const auto first = store::find_alarm_of_group(tx, alarm.source, alarm.group_key);
    if (!first)
        return first.error();
    if (!*first)
        return std::string();
    auto incident = store::find_incident(tx, (*first)->incident_id);
    if (!incident)
        return incident.error();
    if (!*incident)
        return std::string();
    const std::string id = (*incident)->id;
    if (!store::is_open((*incident)->status))
        return id;
    const bool over = alarm.state == model::alarm_state::resolved;
    const std::string says = over ? " says that it is over: " : " does not know: ";
    if (auto noted = add_note(tx, **incident, "pipeline", alarm.source + says + headline(alarm), now_ns); !noted)
        return noted.error();
    return id;
}

result<std::size_t> settle_waiting_incidents(store::transaction& tx, const alarm_policy& policy, std::int64_t now_ns)
{
    constexpr std::size_t at_once = 100;
    const auto due = store::list_waiting_due(tx, now_ns, at_once);
    if (!due)
        return due.error();
    for (const std::string& id : *due) {
        if (auto ended = store::end_waiting(tx, id); !ended)
            return ended.error();
        const auto incident = store::find_incident(tx, id);
        if (!incident)
            return incident.error();
        const bool waits = *incident && (*incident)->status == model::incident_status::detected &&
                           (*incident)->phase == waiting_phase;
        if (!waits)
            continue;
        lifecycle::incident_change change;
        change.to = model::incident_status::needs_human;
        change.reason = "no_evidence";
        change.actor = "pipeline";
        change.why = "no captured traffic of the service within " +
                     std::to_string(policy.evidence_wait_ns / ns_per_s) +
                     " s: nothing can be replayed";
        change.now_ns = now_ns;
        auto moved = lifecycle::apply(**incident, change);
        if (!moved)
            return moved.error();
        if (auto saved = store::save_incident(tx, moved->incident, (*incident)->version, moved->event); !saved)
            return saved.error();
    }
    return due->size();
}

}  // namespace reprise::pipeline
