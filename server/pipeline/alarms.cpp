#include "reprise/pipeline/alarms.hpp"

#include "alarm_incidents.hpp"

#include "reprise/base/id.hpp"

namespace reprise::pipeline {
namespace {

using store::alarm_fate;
using store::dedup_layer;

// The names of dedup_names that an outcome counts for.
std::array<bool, store::dedup_names.size()> dedup_counts(const alarm_outcome& outcome)
{
    const bool opened = outcome.fate == alarm_fate::opened;
    const bool blocked_alike = outcome.layer == dedup_layer::lexical;
    return {
        outcome.layer == dedup_layer::exact,
        outcome.regression_hint,
        blocked_alike || outcome.similar_hint,
        blocked_alike,
        outcome.layer == dedup_layer::correlated,
        opened && !outcome.regression_hint && !outcome.similar_hint,
    };
}

result<void> count_totals(store::transaction& tx, const alarm_outcome& outcome, std::int64_t now_ns)
{
    const std::string fate = "fate." + std::string(store::to_text(outcome.fate));
    if (auto added = store::add_alarm_total(tx, fate, now_ns); !added)
        return added;
    const auto counts = dedup_counts(outcome);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (!counts[i])
            continue;
        if (auto added = store::add_alarm_total(tx, store::dedup_names[i], now_ns); !added)
            return added;
    }
    return {};
}

// Keeps the alarm with what became of it.
result<alarm_outcome> keep(store::transaction& tx, told_alarm& told, alarm_outcome outcome, std::int64_t now_ns)
{
    store::stored_alarm& row = told.row;
    row.fate = outcome.fate;
    row.layer = outcome.layer;
    row.incident_id = outcome.incident_id;
    row.event_id = outcome.event_id;
    if (auto kept = store::insert_alarm(tx, row); !kept)
        return kept.error();
    if (auto counted = count_totals(tx, outcome, now_ns); !counted)
        return counted.error();
    return outcome;
}

store::held_event event_of(const told_alarm& told, std::int64_t now_ns)
{
    const store::stored_alarm& row = told.row;
    store::held_event event;
    event.id = make_ulid(now_ns);
    event.signature = row.signature;
    event.service = row.alarm.service;
    event.error_type = row.alarm.error_type;
    event.title = headline(row.alarm);
    event.source = row.alarm.source;
    event.handling = row.handling;
    event.handling_text = row.handling_text;
    event.first_seen_ns = now_ns;
    event.last_seen_ns = now_ns;
    return event;
}

// One entry per signature waits, however often it comes.
result<void> hold(
    store::transaction& tx, const told_alarm& told, const alarm_entry& entry, alarm_outcome& outcome
)
{
    outcome.fate = alarm_fate::held;
    auto waiting = store::find_pending_event(tx, told.row.signature);
    if (!waiting)
        return waiting.error();
    if (*waiting) {
        store::held_event& event = **waiting;
        event.occurrences += entry.occurrences;
        event.last_seen_ns = entry.now_ns;
        outcome.event_id = event.id;
        outcome.occurrences = event.occurrences;
        return store::save_held_event(tx, event, event.version);
    }
    store::held_event event = event_of(told, entry.now_ns);
    event.occurrences = entry.occurrences;
    outcome.event_id = event.id;
    outcome.occurrences = event.occurrences;
    outcome.is_new = true;
    return store::insert_held_event(tx, event);
}

bool is_gated(const alarm_policy& policy, const told_alarm& told, const alarm_match& match)
{
    return policy.require_event_approval && told.row.handling != model::handling_class::uncaught &&
           starts_work(match, told);
}

result<store::held_event> find_undecided(const store::reader& from, std::string_view event_id)
{
    auto event = store::find_held_event(from, event_id);
    if (!event)
        return event.error();
    if (!*event)
        return errc::not_found;
    if ((*event)->state != store::event_state::pending)
        return errc::conflict;
    return std::move(**event);
}

// The first alarm of the event, or what the event keeps of it when newer ones pushed it out.
result<told_alarm> recall(const store::reader& from, const store::held_event& event)
{
    auto stored = store::find_alarm_of_event(from, event.id);
    if (!stored)
        return stored.error();
    if (*stored)
        return recall_alarm(std::move(**stored));
    model::alarm alarm;
    alarm.source = event.source;
    alarm.event_key = event.id;
    alarm.service = event.service;
    alarm.error_type = event.error_type;
    alarm.title = event.title;
    alarm.received_ns = event.first_seen_ns;
    return describe_alarm(alarm, {}, event.first_seen_ns);
}

}  // namespace

result<alarm_outcome> accept_alarm(
    store::transaction& tx, const model::alarm& alarm, const alarm_policy& policy, std::int64_t now_ns,
    std::uint64_t occurrences
)
{
    if (alarm.source.empty() || alarm.event_key.empty())
        return errc::invalid_argument;
    told_alarm told = describe_alarm(alarm, policy.redaction_key, now_ns);
    alarm_outcome outcome;
    outcome.alarm_id = told.row.alarm.id;
    outcome.handling = told.row.handling;

    const auto first = store::claim_alarm_key(tx, told.row.alarm.source, told.row.alarm.event_key, outcome.alarm_id);
    if (!first)
        return first.error();
    if (!first->empty()) {
        outcome.fate = alarm_fate::duplicate_event;
        outcome.alarm_id = *first;
        if (auto counted = count_totals(tx, outcome, now_ns); !counted)
            return counted.error();
        return outcome;
    }
    if (told.row.alarm.state != model::alarm_state::firing) {
        const auto noted = note_all_clear(tx, told, now_ns);
        if (!noted)
            return noted.error();
        outcome.fate = alarm_fate::ignored_non_alarm;
        outcome.incident_id = *noted;
        return keep(tx, told, std::move(outcome), now_ns);
    }
    if (lifecycle::is_stale(told.row.alarm, now_ns, policy.stale_after_ns)) {
        outcome.fate = alarm_fate::stale;
        return keep(tx, told, std::move(outcome), now_ns);
    }
    const auto dismissed = store::count_dismissed(tx, told.row.signature);
    if (!dismissed)
        return dismissed.error();
    if (*dismissed) {
        outcome.fate = alarm_fate::dismissed_signature;
        return keep(tx, told, std::move(outcome), now_ns);
    }
    const auto match = find_alarm_incident(tx, told);
    if (!match)
        return match.error();
    alarm_entry entry;
    entry.now_ns = now_ns;
    entry.occurrences = occurrences;
    auto placed = is_gated(policy, told, *match) ? hold(tx, told, entry, outcome)
                                                 : place_alarm(tx, told, *match, policy, entry, outcome);
    if (!placed)
        return placed.error();
    return keep(tx, told, std::move(outcome), now_ns);
}

result<alarm_outcome> approve_event(
    store::transaction& tx, std::string_view event_id, std::string_view actor, const alarm_policy& policy,
    std::int64_t now_ns
)
{
    auto event = find_undecided(tx, event_id);
    if (!event)
        return event.error();
    const auto told = recall(tx, *event);
    if (!told)
        return told.error();
    const auto match = find_alarm_incident(tx, *told);
    if (!match)
        return match.error();
    alarm_outcome outcome;
    outcome.alarm_id = told->row.alarm.id;
    outcome.handling = event->handling;
    alarm_entry entry;
    entry.actor = actor;
    entry.occurrences = event->occurrences;
    entry.now_ns = now_ns;
    if (auto placed = place_alarm(tx, *told, *match, policy, entry, outcome); !placed)
        return placed.error();
    outcome.event_id = event->id;
    event->state = store::event_state::approved;
    event->incident_id = outcome.incident_id;
    event->decided_by = actor;
    event->decided_ns = now_ns;
    if (auto saved = store::save_held_event(tx, *event, event->version); !saved)
        return saved.error();
    auto settled = store::settle_held_alarms(tx, event->id, outcome.fate, outcome.layer, outcome.incident_id);
    if (!settled)
        return settled.error();
    if (auto counted = count_totals(tx, outcome, now_ns); !counted)
        return counted.error();
    return outcome;
}

result<alarm_outcome> restart_alarm(
    store::transaction& tx, std::string_view alarm_id, std::string_view actor, const alarm_policy& policy,
    std::int64_t now_ns
)
{
    auto stored = store::find_alarm(tx, alarm_id);
    if (!stored)
        return stored.error();
    if (!*stored)
        return errc::not_found;
    if ((*stored)->fate != alarm_fate::stale)
        return errc::conflict;
    const told_alarm told = recall_alarm(std::move(**stored));
    const auto match = find_alarm_incident(tx, told);
    if (!match)
        return match.error();
    alarm_outcome outcome;
    outcome.alarm_id = alarm_id;
    outcome.handling = told.row.handling;
    alarm_entry entry;
    entry.actor = actor;
    entry.now_ns = now_ns;
    if (auto placed = place_alarm(tx, told, *match, policy, entry, outcome); !placed)
        return placed.error();
    auto settled = store::settle_stale_alarm(tx, alarm_id, outcome.fate, outcome.layer, outcome.incident_id);
    if (!settled)
        return settled.error();
    if (auto counted = count_totals(tx, outcome, now_ns); !counted)
        return counted.error();
    return outcome;
}

result<store::event_dismissal> dismiss_event(
    store::transaction& tx, std::string_view event_id, std::string_view actor, std::int64_t now_ns
)
{
    auto event = find_undecided(tx, event_id);
    if (!event)
        return event.error();
    store::event_dismissal dismissal;
    dismissal.id = make_ulid(now_ns);
    dismissal.signature = event->signature;
    dismissal.service = event->service;
    dismissal.error_type = event->error_type;
    dismissal.title = event->title;
    dismissal.dismissed_by = actor;
    dismissal.dismissed_ns = now_ns;
    if (auto inserted = store::insert_dismissal(tx, dismissal); !inserted)
        return inserted.error();
    event->state = store::event_state::dismissed;
    event->decided_by = actor;
    event->decided_ns = now_ns;
    if (auto saved = store::save_held_event(tx, *event, event->version); !saved)
        return saved.error();
    auto settled =
        store::settle_held_alarms(tx, event->id, alarm_fate::dismissed_signature, dedup_layer::none, {});
    if (!settled)
        return settled.error();
    return dismissal;
}

alarm_counters::alarm_counters(metrics& numbers)
{
    for (std::size_t i = 0; i < fates_.size(); ++i) {
        const std::string label =
            "fate=\"" + std::string(store::to_text(static_cast<store::alarm_fate>(i))) + "\"";
        fates_[i] = &numbers.add_counter("reprise_alarms_total", "Alarms taken in, by what became of them.", label);
    }
    for (std::size_t i = 0; i < dedup_.size(); ++i) {
        const std::string label = "rule=\"" + std::string(store::dedup_names[i]) + "\"";
        dedup_[i] = &numbers.add_counter("reprise_alarm_dedup_total", "Alarms by how they were recognised.", label);
    }
}

void alarm_counters::add(const alarm_outcome& outcome) noexcept
{
    fates_[static_cast<std::size_t>(outcome.fate)]->add();
    const auto counts = dedup_counts(outcome);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i])
            dedup_[i]->add();
    }
}

}  // namespace reprise::pipeline
