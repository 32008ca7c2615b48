#include "reprise/runs/actions.hpp"

#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/signals.hpp"

#include <boost/json/object.hpp>

#include <array>

namespace reprise::runs {
namespace {

constexpr std::size_t runs_looked_at = 50;
constexpr std::size_t signals_looked_at = 50;

using model::incident_status;

struct named_action {
    incident_action action;
    lifecycle::person_action rule;
};

constexpr std::array actions = {
    named_action{incident_action::retry, lifecycle::person_action::retry},
    named_action{incident_action::skip, lifecycle::person_action::skip},
    named_action{incident_action::resolve, lifecycle::person_action::resolve},
    named_action{incident_action::reproduce, lifecycle::person_action::reproduce},
    named_action{incident_action::publish, lifecycle::person_action::publish},
};

lifecycle::person_action rule_of(incident_action action)
{
    for (const named_action& one : actions) {
        if (one.action == action)
            return one.rule;
    }
    return lifecycle::person_action::retry;
}

// What a new run of the incident works with: the signal that has evidence, the newest first.
struct run_material {
    std::string signal_id;
    std::string evidence_id;
};

result<run_material> find_material(const store::reader& from, const std::string& incident_id)
{
    const auto signals = store::list_incident_signals(from, incident_id, signals_looked_at);
    if (!signals)
        return signals.error();
    const auto evidence = store::list_incident_evidence(from, incident_id, signals_looked_at);
    if (!evidence)
        return evidence.error();
    run_material material;
    if (!signals->empty())
        material.signal_id = signals->back().id;
    // The oldest bundle belongs to the signal that opened the incident.
    if (!evidence->empty()) {
        material.evidence_id = evidence->back().id;
        material.signal_id = evidence->back().signal_id;
    }
    return material;
}

result<void> void_pending_approval(store::transaction& tx, const std::string& run_id, std::int64_t now_ns)
{
    const auto approval = store::find_approval_by_run(tx, run_id);
    if (!approval)
        return approval.error();
    if (!*approval || (*approval)->state != model::approval_state::pending)
        return {};
    auto voided = lifecycle::void_approval(**approval, now_ns);
    if (!voided)
        return voided.error();
    return store::save_approval(tx, *voided, (*approval)->version, now_ns);
}

result<void> cancel_one(store::transaction& tx, const model::run& run, std::int64_t now_ns)
{
    if (lifecycle::find_cancel_effect(run.state) == lifecycle::cancel_effect::voids) {
        if (auto voided = void_pending_approval(tx, run.id, now_ns); !voided)
            return voided;
    }
    auto cancelled = lifecycle::cancel(run, now_ns);
    if (!cancelled)
        return cancelled.error();
    return store::save_run_by_version(tx, *cancelled, run.version);
}

}  // namespace

result<model::run> queue_run(
    store::transaction& tx, const model::incident& incident, model::run_kind kind, const std::string& requested_by,
    std::int64_t now_ns, std::string input
)
{
    const auto material = find_material(tx, incident.id);
    if (!material)
        return material.error();
    model::run run;
    run.id = make_ulid(now_ns);
    run.kind = kind;
    run.incident_id = incident.id;
    run.generation = incident.generation;
    run.signal_id = material->signal_id;
    run.evidence_id = material->evidence_id;
    run.requested_by = requested_by;
    run.input = std::move(input);
    run.attempts_max = lifecycle::run_timing().profile(kind).attempts_max;
    run.not_before_ns = now_ns;
    run.created_ns = now_ns;
    run.updated_ns = now_ns;
    if (auto queued = store::enqueue_run(tx, run); !queued)
        return queued.error();
    return run;
}

// Work of the generation that a person has just ended.
result<void> cancel_active_runs(store::transaction& tx, const std::string& incident_id, std::int64_t now_ns)
{
    store::run_filter filter;
    filter.incident_id = incident_id;
    filter.active = true;
    filter.limit = runs_looked_at;
    const auto active = store::list_runs(tx, filter);
    if (!active)
        return active.error();
    for (const model::run& run : *active) {
        if (lifecycle::find_cancel_effect(run.state) == lifecycle::cancel_effect::refused)
            continue;
        if (auto cancelled = cancel_one(tx, run, now_ns); !cancelled)
            return cancelled;
    }
    return {};
}

namespace {

result<void> audit_action(
    store::transaction& tx, const model::person& person, std::string action, std::string object,
    const std::string& comment, const std::string& request_id, std::int64_t now_ns
)
{
    boost::json::object detail;
    detail["comment"] = comment;
    audited row;
    row.actor = person_actor(person.name);
    row.action = std::move(action);
    row.object = std::move(object);
    row.detail = canonical_json(detail);
    row.request_id = request_id;
    return write_audit(tx, row, now_ns);
}

result<model::incident> move_by_person(
    store::transaction& tx, const incident_request& request, incident_status to, std::int64_t now_ns
)
{
    if (auto cancelled = cancel_active_runs(tx, request.incident_id, now_ns); !cancelled)
        return cancelled.error();
    lifecycle::incident_change change;
    change.to = to;
    change.cause = lifecycle::change_cause::person;
    change.actor = person_actor(request.person.name);
    change.why = request.comment.empty() ? "by " + request.person.name : request.comment;
    change.now_ns = now_ns;
    auto moved = move_incident(tx, request.incident_id, change);
    if (!moved || to != incident_status::detected)
        return moved;
    const auto queued = queue_run(tx, *moved, model::run_kind::reproduce, change.actor, now_ns);
    if (!queued)
        return queued.error();
    return moved;
}

// The incident stays in needs_human until people have released what the run drafts.
result<model::incident> publish_anyway(
    store::transaction& tx, const incident_request& request, model::incident incident, std::int64_t now_ns
)
{
    if (auto cancelled = cancel_active_runs(tx, incident.id, now_ns); !cancelled)
        return cancelled.error();
    const auto queued =
        queue_run(tx, incident, model::run_kind::publish, person_actor(request.person.name), now_ns);
    if (!queued)
        return queued.error();
    return incident;
}

}  // namespace

std::optional<incident_action> find_incident_action(std::string_view text) noexcept
{
    const auto rule = lifecycle::find_person_action(text);
    if (!rule)
        return std::nullopt;
    for (const named_action& one : actions) {
        if (one.rule == *rule)
            return one.action;
    }
    return std::nullopt;
}

result<model::incident> act_on_incident(
    store::transaction& tx, const incident_request& request, std::int64_t now_ns
)
{
    const auto incident = load_incident(tx, request.incident_id);
    if (!incident)
        return incident.error();
    if (request.expected_version && *request.expected_version != incident->version)
        return errc::stale;
    const lifecycle::person_action rule = rule_of(request.action);
    if (!lifecycle::is_allowed(*incident, rule))
        return lifecycle::errc::illegal_transition;
    if (auto audit = audit_action(
            tx, request.person, "incident." + std::string(lifecycle::to_text(rule)), "incident/" + incident->id,
            request.comment, request.request_id, now_ns
        );
        !audit)
        return audit.error();
    switch (request.action) {
    case incident_action::retry:
    case incident_action::reproduce: return move_by_person(tx, request, incident_status::detected, now_ns);
    case incident_action::skip: return move_by_person(tx, request, incident_status::wontfix, now_ns);
    case incident_action::resolve: return move_by_person(tx, request, incident_status::resolved, now_ns);
    case incident_action::publish: break;
    }
    return publish_anyway(tx, request, *incident, now_ns);
}

namespace {

// A cancelled reproduce run leaves its incident to a person.
result<void> settle_cancelled(
    store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns
)
{
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    if (lifecycle::find_discard_reason(*incident, run) || incident->status == incident_status::needs_human)
        return {};
    lifecycle::incident_change change;
    change.to = incident_status::needs_human;
    change.reason = "cancelled";
    change.cause = lifecycle::change_cause::work;
    change.actor = person_actor(request.person.name);
    change.why = "run " + run.id + " cancelled by " + request.person.name;
    change.now_ns = now_ns;
    const auto moved = move_incident(tx, incident->id, change);
    return moved ? result<void>() : result<void>(moved.error());
}

result<void> restore_incident(
    store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns
)
{
    constexpr std::size_t timeline_max = 1000;
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    const auto timeline = store::list_timeline(tx, run.incident_id, 0, timeline_max);
    if (!timeline)
        return timeline.error();
    if (timeline->empty())
        return errc::not_found;
    auto restored = lifecycle::restore_after_dead_letter(
        *incident, run, timeline->back(), person_actor(request.person.name), now_ns
    );
    if (!restored)
        return restored.error();
    return store::save_incident(tx, restored->incident, incident->version, restored->event);
}

}  // namespace

result<model::run> act_on_run(store::transaction& tx, const run_request& request, std::int64_t now_ns)
{
    const auto run = load_run(tx, request.run_id);
    if (!run)
        return run.error();
    const bool cancels = request.action == run_action::cancel;
    if (auto audit = audit_action(
            tx, request.person, cancels ? "run.cancel" : "run.retry", "run/" + run->id, request.comment,
            request.request_id, now_ns
        );
        !audit)
        return audit.error();
    if (cancels) {
        if (auto cancelled = cancel_one(tx, *run, now_ns); !cancelled)
            return cancelled.error();
        if (auto settled = settle_cancelled(tx, request, *run, now_ns); !settled)
            return settled.error();
        return load_run(tx, request.run_id);
    }
    auto replayed = lifecycle::replay_dead_letter(*run, now_ns);
    if (!replayed)
        return replayed.error();
    if (auto saved = store::save_run_by_version(tx, *replayed, run->version); !saved)
        return saved.error();
    if (auto restored = restore_incident(tx, request, *run, now_ns); !restored)
        return restored.error();
    return load_run(tx, request.run_id);
}

}  // namespace reprise::runs
