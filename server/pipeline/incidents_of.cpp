#include "incidents_of.hpp"

#include "alarm_incidents.hpp"
#include "automatic_runs.hpp"
#include "wanted_signals.hpp"

#include "reprise/store/incident_likeness.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/signals.hpp"

#include "reprise/base/id.hpp"
#include "reprise/detect/correlate.hpp"
#include "reprise/detect/headline.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/lifecycle/snooze.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace reprise::pipeline {
namespace {

constexpr std::string_view waiting_phase = "pending_event";
constexpr std::size_t scopes_max = 20;          // Open incidents of a service that are compared with.
constexpr std::size_t scope_signals_max = 50;   // Signals of each that are looked at.

using model::signal_kind;

// What is nearer to a cause comes first: a burst explains errors, a loop explains latency.
int kind_rank(signal_kind kind)
{
    switch (kind) {
    case signal_kind::rate_limit_burst: return 0;
    case signal_kind::n_plus_one: return 1;
    case signal_kind::error_rate: return 2;
    case signal_kind::slow_query: return 3;
    case signal_kind::fanout_straggler:
    case signal_kind::blocking_chain:
    case signal_kind::retry_storm:
    case signal_kind::agent_loop:
    case signal_kind::payload_latency:
    case signal_kind::stream_stall: return 4;
    case signal_kind::latency: break;
    }
    return 5;
}

std::uint64_t occurrences_of(const model::signal& signal)
{
    return std::max<std::uint64_t>(signal.observed_k, 1);
}

result<void> queue_reproduce(
    store::transaction& tx, model::incident& incident, const model::signal& signal, const commit_policy& policy,
    std::int64_t now_ns, commit_report& report
)
{
    model::run run;
    run.id = make_ulid(now_ns);
    run.kind = model::run_kind::reproduce;
    run.incident_id = incident.id;
    run.generation = incident.generation;
    run.evidence_id = signal.evidence_id;
    run.signal_id = signal.id;
    run.requested_by = "pipeline";
    run.attempts_max = policy.reproduce_attempts_max;
    run.not_before_ns = now_ns;
    run.created_ns = now_ns;
    run.updated_ns = now_ns;

    problem what;
    what.service = incident.service;
    what.error_type = model::to_text(signal.kind);
    what.message = signal.message;
    what.seen_ns = signal.window_end_ns;
    const auto causes = find_causes(tx, what);
    if (!causes)
        return causes.error();
    const auto held = queue_automatic(tx, incident, std::move(run), *causes, policy.breakers, now_ns);
    if (!held)
        return held.error();
    ++(*held ? report.runs_held[static_cast<std::size_t>((*held)->reason)] : report.runs_queued);
    return {};
}

// What is to be done for a problem that is new, or came back.
result<void> begin_work(
    store::transaction& tx, model::incident& incident, const model::signal& signal, const commit_policy& policy,
    std::int64_t now_ns, commit_report& report
)
{
    if (policy.is_replayable)
        return queue_reproduce(tx, incident, signal, policy, now_ns, report);
    if (incident.phase != waiting_phase) {
        lifecycle::incident_change change;
        change.to = model::incident_status::detected;
        change.phase = waiting_phase;
        change.actor = "pipeline";
        change.why = "the evidence holds no request that could be sent again: waits for captured traffic";
        change.now_ns = now_ns;
        auto waiting = lifecycle::apply(incident, change);
        if (!waiting)
            return waiting.error();
        if (auto saved = store::save_incident(tx, waiting->incident, incident.version, waiting->event); !saved)
            return saved;
        incident = std::move(waiting->incident);
    }
    return store::wait_for_evidence(tx, incident.id, now_ns + policy.evidence_wait_ns);
}

std::string occurrence_key(const model::signal& signal)
{
    return signal.fingerprint + "/" + std::to_string(signal.window_start_ns);
}

model::incident make_incident(
    const model::signal& signal, const std::vector<model::signal>& earlier, const commit_policy& policy,
    std::int64_t now_ns
)
{
    model::incident incident;
    incident.id = make_ulid(now_ns);
    incident.service = signal.operation.service;
    incident.title = detect::headline_of(signal);
    incident.explanation = signal.explanation;
    incident.severity = signal.severity;
    incident.status = model::incident_status::detected;
    incident.phase = policy.is_replayable ? "queued" : std::string(waiting_phase);
    incident.occurrences = occurrences_of(signal);
    incident.signal_count = 1;
    incident.opened_ns = now_ns;
    incident.updated_ns = now_ns;
    incident.first_seen_ns = signal.window_start_ns;
    incident.last_seen_ns = signal.window_end_ns;
    std::set<std::int64_t> counted = {signal.window_start_ns};
    for (const model::signal& one : earlier) {
        if (counted.insert(one.window_start_ns).second)
            incident.occurrences += occurrences_of(one);
        ++incident.signal_count;
        incident.severity = std::max(incident.severity, one.severity);
        incident.first_seen_ns = std::min(incident.first_seen_ns, one.window_start_ns);
    }
    return incident;
}

// They were seen before this many were enough.
result<void> take_in(
    store::transaction& tx, const std::vector<model::signal>& earlier, const std::string& incident,
    std::int64_t now_ns
)
{
    for (const model::signal& one : earlier) {
        if (auto counted = store::record_occurrence(tx, occurrence_key(one), incident, now_ns); !counted)
            return counted.error();
        if (auto linked = store::set_signal_incident(tx, one.id, incident, now_ns); !linked)
            return linked;
    }
    return {};
}

result<std::string> open_incident(
    store::transaction& tx, const model::signal& signal, const std::vector<model::signal>& earlier,
    const commit_policy& policy, std::int64_t now_ns, commit_report& report
)
{
    model::incident incident = make_incident(signal, earlier, policy, now_ns);
    model::incident_event event;
    event.at_ns = now_ns;
    event.actor = "pipeline";
    event.to = lifecycle::place_text(incident.status, incident.phase, {});
    event.why = signal.rule;
    if (auto kept = store::insert_incident(tx, incident, event); !kept)
        return kept.error();
    if (auto kept = store::attach_fingerprint(tx, signal.fingerprint, incident.id, now_ns); !kept)
        return kept.error();
    if (auto counted = store::record_occurrence(tx, occurrence_key(signal), incident.id, now_ns); !counted)
        return counted.error();
    if (auto taken = take_in(tx, earlier, incident.id, now_ns); !taken)
        return taken.error();
    if (auto begun = begin_work(tx, incident, signal, policy, now_ns, report); !begun)
        return begun.error();
    ++report.incidents_opened;
    return incident.id;
}

// Captured traffic came for an incident that an alarm opened: its work begins.
result<void> end_waiting(
    store::transaction& tx, const model::incident& incident, const model::signal& signal, const commit_policy& policy,
    std::int64_t now_ns, commit_report& report
)
{
    lifecycle::incident_change change;
    change.to = model::incident_status::detected;
    change.phase = "queued";
    change.actor = "pipeline";
    change.why = "captured traffic is there: " + signal.explanation;
    change.now_ns = now_ns;
    auto moved = lifecycle::apply(incident, change);
    if (!moved)
        return moved.error();
    if (auto saved = store::save_incident(tx, moved->incident, incident.version, moved->event); !saved)
        return saved;
    if (auto ended = store::end_waiting(tx, incident.id); !ended)
        return ended;
    return queue_reproduce(tx, moved->incident, signal, policy, now_ns, report);
}

// One more sighting of an incident that exists.
result<void> count_signal(
    store::transaction& tx, model::incident known, const model::signal& signal, const commit_policy& policy,
    std::int64_t now_ns, commit_report& report
)
{
    const auto first_time = store::record_occurrence(tx, occurrence_key(signal), known.id, now_ns);
    if (!first_time)
        return first_time.error();
    if (!*first_time)
        return {};  // The same event from another source, or the same window again.

    lifecycle::occurrence seen;
    seen.seen_ns = signal.window_end_ns;
    seen.added = occurrences_of(signal);
    seen.now_ns = now_ns;
    seen.actor = "pipeline";
    seen.why = signal.rule;
    auto counted = lifecycle::count_occurrence(known, seen);
    model::incident& changed = counted.incident;
    const bool returns = lifecycle::raise_severity(changed, signal.severity);
    if (counted.enqueue_work || changed.signal_count == 0) {
        changed.title = detect::headline_of(signal);
        changed.explanation = signal.explanation;
    }
    ++changed.signal_count;
    if (returns && !counted.event)
        counted.event = lifecycle::return_event(changed, seen.actor, now_ns);
    auto saved = counted.event ? store::save_incident(tx, changed, known.version, *counted.event)
                               : store::save_incident(tx, changed, known.version);
    if (!saved)
        return saved;
    if (counted.enqueue_work)
        return begin_work(tx, changed, signal, policy, now_ns, report);
    const bool waits = changed.status == model::incident_status::detected && changed.phase == waiting_phase;
    const bool ends = waits && policy.is_replayable && !signal.evidence_id.empty();
    return ends ? end_waiting(tx, changed, signal, policy, now_ns, report) : saved;
}

result<std::vector<detect::incident_scope>> load_scopes(const store::reader& from, const std::string& service)
{
    store::incident_filter filter;
    filter.service = service;
    filter.open = true;
    filter.limit = scopes_max;
    const auto incidents = store::list_incidents(from, filter);
    if (!incidents)
        return incidents.error();
    std::vector<detect::incident_scope> scopes;
    for (const model::incident& incident : *incidents) {
        const auto signals = store::list_incident_signals(from, incident.id, scope_signals_max);
        if (!signals)
            return signals.error();
        detect::incident_scope scope;
        scope.incident_id = incident.id;
        scope.service = service;
        scope.first_window_start_ns = incident.first_seen_ns;
        scope.last_window_end_ns = incident.last_seen_ns;
        for (const model::signal& signal : *signals) {
            scope.operations.push_back(signal.operation);
            scope.trace_ids.insert(scope.trace_ids.end(), signal.trace_ids.begin(), signal.trace_ids.end());
        }
        scopes.push_back(std::move(scope));
    }
    return scopes;
}

// The incident that the signal joins: one with signals near it, or one that only alarms told of.
result<std::optional<model::incident>> find_joined(const store::reader& from, const model::signal& signal)
{
    const auto scopes = load_scopes(from, signal.operation.service);
    if (!scopes)
        return scopes.error();
    const auto join = detect::find_join(signal, *scopes);
    if (join)
        return store::find_incident(from, (*scopes)[join->scope].incident_id);
    return find_told_incident(from, signal);
}

}  // namespace

std::vector<std::size_t> leading_first(const std::vector<found_signal>& found)
{
    std::vector<std::size_t> order(found.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto rank = [&found](std::size_t index) {
        const model::signal& signal = found[index].signal;
        const bool provable = std::any_of(
            found[index].records.begin(), found[index].records.end(),
            [](const raw_record& record) { return record.source == model::source::rrpair; }
        );
        return std::tuple(kind_rank(signal.kind), -static_cast<int>(signal.severity), provable ? 0 : 1, index);
    };
    std::sort(order.begin(), order.end(), [&rank](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    return order;
}

result<std::string> place_signal(
    store::transaction& tx, const model::signal& signal, const commit_policy& policy, std::int64_t now_ns,
    commit_report& report
)
{
    const auto known = store::find_incident_by_fingerprint(tx, signal.fingerprint);
    if (!known)
        return known.error();
    if (*known) {
        if (auto counted = count_signal(tx, **known, signal, policy, now_ns, report); !counted)
            return counted.error();
        return (*known)->id;
    }
    const auto joined = find_joined(tx, signal);
    if (!joined)
        return joined.error();
    if (!*joined) {
        const auto earlier = find_earlier_sightings(tx, signal);
        if (!earlier)
            return earlier.error();
        if (earlier->enough)
            return open_incident(tx, signal, earlier->signals, policy, now_ns, report);
        ++report.waiting;
        return std::string();
    }

    const std::string id = (*joined)->id;
    if (auto attached = store::attach_fingerprint(tx, signal.fingerprint, id, now_ns); !attached)
        return attached.error();
    ++report.incidents_joined;
    if (auto counted = count_signal(tx, **joined, signal, policy, now_ns, report); !counted)
        return counted.error();
    return id;
}

result<bool> opens_or_joins(const store::reader& from, const model::signal& signal)
{
    const auto earlier = find_earlier_sightings(from, signal);
    if (!earlier)
        return {boost::system::in_place_error, earlier.error()};
    if (earlier->enough)
        return true;
    const auto joined = find_joined(from, signal);
    if (!joined)
        return {boost::system::in_place_error, joined.error()};
    return joined->has_value();
}

}  // namespace reprise::pipeline
