#include "reprise/runs/decisions.hpp"

#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

namespace reprise::runs {
namespace {

constexpr std::size_t expired_at_once_max = 100;

using model::approval_state;
using model::incident_status;

std::string preference_record(const model::approval& approval, const model::decision& decision)
{
    boost::json::object record;
    record["content_hash"] = approval.content_hash;
    record["content"] = approval.content;
    record["decision"] = model::to_text(decision.kind);
    record["by"] = decision.user;
    record["comment"] = decision.comment;
    return canonical_json(record);
}

// What a final decision does to the run and the incident that waited for it.
struct consequence {
    incident_status to = incident_status::needs_human;
    std::string reason;
    std::string why;
    lifecycle::change_cause cause = lifecycle::change_cause::gate;
};

std::optional<consequence> consequence_of(approval_state state, const std::string& actor)
{
    switch (state) {
    case approval_state::rejected: return consequence{incident_status::rejected, "", "rejected by " + actor};
    case approval_state::changes_requested:
        return consequence{incident_status::needs_human, "changes_requested", actor + " asked for changes"};
    case approval_state::stopped: return consequence{incident_status::needs_human, "stopped", "stopped by " + actor};
    case approval_state::expired:
        return consequence{
            incident_status::needs_human, "approval_expired", "nobody decided in time; nothing was released",
            lifecycle::change_cause::gate};
    case approval_state::lapsed:
        return consequence{
            incident_status::needs_human, "approval_lapsed", "released, but not carried out in time; ask again",
            lifecycle::change_cause::gate};
    case approval_state::pending:
    case approval_state::approved:
    case approval_state::voided:
    case approval_state::executed: break;
    }
    return std::nullopt;
}

// Moves an incident that already waits for a person to another reason, or leaves it when that is where
// it is: "publish anyway" starts in needs_human.
result<model::incident> settle_incident(
    store::transaction& tx, const std::string& incident_id, const consequence& what, const std::string& actor,
    std::int64_t now_ns
)
{
    auto incident = load_incident(tx, incident_id);
    if (!incident || (incident->status == what.to && incident->reason == what.reason))
        return incident;
    lifecycle::incident_change change;
    change.to = what.to;
    change.reason = what.reason;
    change.cause = what.cause;
    change.actor = actor;
    change.why = what.why;
    change.now_ns = now_ns;
    return move_incident(tx, incident_id, change);
}

result<model::run> settle_run(store::transaction& tx, const model::approval& approval, std::int64_t now_ns)
{
    const auto run = load_run(tx, approval.run_id);
    if (!run)
        return run.error();
    auto moved = approval.state == approval_state::approved ? lifecycle::resume_approved(*run, now_ns)
                                                            : lifecycle::end_unapproved(*run, now_ns);
    if (!moved)
        return moved.error();
    if (auto saved = store::save_run_by_version(tx, *moved, run->version); !saved)
        return saved.error();
    return std::move(*moved);
}

result<void> record_preference(
    store::transaction& tx, const model::approval& approval, const model::decision& decision, std::int64_t now_ns
)
{
    if (approval.state == approval_state::approved) {
        const auto completed =
            store::complete_preferences(tx, approval.incident_id, preference_record(approval, decision), now_ns);
        return completed ? result<void>() : result<void>(completed.error());
    }
    store::preference record;
    record.id = make_ulid(now_ns);
    record.incident_id = approval.incident_id;
    record.run_id = approval.run_id;
    record.approval_id = approval.id;
    record.rejected = preference_record(approval, decision);
    record.created_ns = now_ns;
    return store::insert_preference(tx, record);
}

result<void> audit_decision(
    store::transaction& tx, const decision_request& request, const model::approval& approval, std::int64_t now_ns
)
{
    boost::json::object detail;
    detail["content_hash"] = approval.content_hash;
    detail["risk"] = model::to_text(approval.risk);
    detail["state"] = model::to_text(approval.state);
    detail["comment"] = request.comment;
    audited row;
    row.actor = person_actor(request.person.name);
    row.auth = request.auth;
    row.action = "approval." + std::string(model::to_text(request.kind));
    row.object = "approval/" + approval.id;
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    return write_audit(tx, row, now_ns);
}

// The decision and the approval's new state, stored.
result<lifecycle::decision_outcome> store_decision(
    store::transaction& tx, const decision_request& request, const lifecycle::approval_policy& policy,
    std::int64_t now_ns
)
{
    const auto approval = store::find_approval(tx, request.approval_id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    const auto earlier = store::list_decisions(tx, request.approval_id);
    if (!earlier)
        return earlier.error();

    lifecycle::decision_attempt attempt;
    attempt.person = request.person;
    attempt.auth = lifecycle::auth_kind_of(request.auth);
    attempt.kind = request.kind;
    attempt.comment = request.comment;
    attempt.content_hash = request.content_hash;
    attempt.confirm = request.confirm;
    attempt.now_ns = now_ns;
    auto outcome = lifecycle::decide(**approval, *earlier, attempt, policy);
    if (!outcome)
        return outcome.error();
    const auto version = store::add_decision(tx, outcome->decision);
    if (!version)
        return version.error();
    if (auto saved = store::save_approval(tx, outcome->approval, *version, now_ns); !saved)
        return saved.error();
    return outcome;
}

}  // namespace

result<decision_answer> decide_approval(
    store::transaction& tx, const decision_request& request, const lifecycle::approval_policy& policy,
    std::int64_t now_ns
)
{
    const auto outcome = store_decision(tx, request, policy, now_ns);
    if (!outcome)
        return outcome.error();
    const model::approval& approval = outcome->approval;
    if (auto audit = audit_decision(tx, request, approval, now_ns); !audit)
        return audit.error();

    if (approval.state == approval_state::pending) {  // A second person is still needed.
        auto run = load_run(tx, approval.run_id);
        auto incident = load_incident(tx, approval.incident_id);
        if (!run)
            return run.error();
        if (!incident)
            return incident.error();
        return decision_answer{approval, std::move(*run), std::move(*incident)};
    }
    if (auto kept = record_preference(tx, approval, outcome->decision, now_ns); !kept)
        return kept.error();
    auto run = settle_run(tx, approval, now_ns);
    if (!run)
        return run.error();
    const auto what = consequence_of(approval.state, request.person.name);
    auto incident = what ? settle_incident(
                               tx, approval.incident_id, *what, person_actor(request.person.name), now_ns
                           )
                         : load_incident(tx, approval.incident_id);
    if (!incident)
        return incident.error();
    return decision_answer{approval, std::move(*run), std::move(*incident)};
}

result<std::uint32_t> expire_approvals(
    store::transaction& tx, const lifecycle::approval_policy& policy, std::int64_t now_ns
)
{
    auto due = store::list_expired_approvals(tx, now_ns, expired_at_once_max);
    if (!due)
        return due.error();
    const auto lapsed = store::list_lapsed_approvals(tx, now_ns - policy.execute_within_ns, expired_at_once_max);
    if (!lapsed)
        return lapsed.error();
    due->insert(due->end(), lapsed->begin(), lapsed->end());

    std::uint32_t count = 0;
    for (const model::approval& approval : *due) {
        auto ended = lifecycle::expire_if_due(approval, now_ns);
        if (!ended)
            continue;
        if (auto saved = store::save_approval(tx, *ended, approval.version, now_ns); !saved)
            return saved.error();
        const auto run = load_run(tx, approval.run_id);
        if (!run)
            return run.error();
        // An approved run that is being carried out right now decides for itself (execute()).
        if (run->state != model::run_state::waiting_approval && run->state != model::run_state::queued)
            continue;
        auto settled = run->state == model::run_state::queued ? lifecycle::cancel(*run, now_ns)
                                                              : lifecycle::end_unapproved(*run, now_ns);
        if (!settled)
            return settled.error();
        if (auto saved = store::save_run_by_version(tx, *settled, run->version); !saved)
            return saved.error();
        const auto what = consequence_of(ended->state, "the clock");
        if (auto moved = settle_incident(tx, approval.incident_id, *what, "clock", now_ns); !moved)
            return moved.error();
        ++count;
    }
    return count;
}

}  // namespace reprise::runs
