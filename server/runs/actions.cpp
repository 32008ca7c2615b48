#include "reprise/runs/actions.hpp"

#include "incident_moves.hpp"
#include "queue_run.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

#include <array>

namespace reprise::runs {
namespace {

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
    boost::json::object detail;
    detail["comment"] = request.comment;
    audited row;
    row.actor = person_actor(request.person.name);
    row.actor_type = model::to_text(request.person.kind);
    row.auth = request.auth;
    row.action = "incident." + std::string(lifecycle::to_text(rule));
    row.object = "incident/" + incident->id;
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    if (auto audit = write_audit(tx, row, now_ns); !audit)
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

}  // namespace reprise::runs
