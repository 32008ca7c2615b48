#include "reprise/runs/decisions.hpp"

#include "approval_ends.hpp"
#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/runs/preferences.hpp"
#include "reprise/store/approvals.hpp"

#include <boost/json/object.hpp>

namespace reprise::runs {
namespace {

using model::approval_state;

result<void> audit_decision(
    store::transaction& tx, const decision_request& request, const model::approval& approval, std::int64_t now_ns
)
{
    boost::json::object detail;
    detail["action"] = approval.action;
    detail["content_hash"] = approval.content_hash;
    detail["risk"] = model::to_text(approval.risk);
    detail["state"] = model::to_text(approval.state);
    detail["comment"] = request.comment;
    if (!request.link_id.empty())
        detail["link"] = request.link_id;
    audited row;
    row.actor = person_actor(request.person.name);
    row.auth = request.auth;
    row.action = "approval." + std::string(model::to_text(request.kind));
    row.object = "approval/" + approval.id;
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    return write_audit(tx, row, now_ns);
}

lifecycle::decision_attempt attempt_of(const decision_request& request, std::int64_t now_ns)
{
    lifecycle::decision_attempt attempt;
    attempt.person = request.person;
    attempt.auth = lifecycle::auth_kind_of(request.auth);
    attempt.kind = request.kind;
    attempt.comment = request.comment;
    attempt.content_hash = request.content_hash;
    attempt.confirm = request.confirm;
    attempt.authenticated_ns = request.authenticated_ns;
    attempt.now_ns = now_ns;
    return attempt;
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
    auto outcome = lifecycle::decide(**approval, *earlier, attempt_of(request, now_ns), policy);
    if (!outcome)
        return outcome.error();
    const auto version = store::add_decision(tx, outcome->decision);
    if (!version)
        return version.error();
    if (auto saved = store::save_approval(tx, outcome->approval, *version, now_ns); !saved)
        return saved.error();
    return outcome;
}

// What a refusal or a release teaches; the gate before a replay teaches nothing about answers.
result<void> record_preference(
    store::transaction& tx, const decision_request& request, const lifecycle::decision_outcome& outcome,
    std::int64_t now_ns
)
{
    const model::approval& approval = outcome.approval;
    if (!is_editable(approval))
        return {};
    if (approval.state == approval_state::approved)
        return record_choice(tx, approval, outcome.decision, now_ns);
    if (approval.state == approval_state::rejected || approval.state == approval_state::changes_requested)
        return record_rejection(tx, approval, outcome.decision, request.failure_layer, now_ns);
    return {};
}

// Nothing moves: a second person is needed, or an editor.
result<decision_answer> answer_waiting(store::transaction& tx, const model::approval& approval)
{
    auto run = load_run(tx, approval.run_id);
    if (!run)
        return run.error();
    auto incident = load_incident(tx, approval.incident_id);
    if (!incident)
        return incident.error();
    return decision_answer{approval, std::move(*run), std::move(*incident)};
}

}  // namespace

result<decision_answer> decide_approval(
    store::transaction& tx, const decision_request& request, const lifecycle::approval_policy& policy,
    std::int64_t now_ns, notice_sink* notices
)
{
    const auto outcome = store_decision(tx, request, policy, now_ns);
    if (!outcome)
        return outcome.error();
    const model::approval& approval = outcome->approval;
    if (auto audit = audit_decision(tx, request, approval, now_ns); !audit)
        return audit.error();
    if (approval.state == approval_state::pending)
        return answer_waiting(tx, approval);
    if (auto kept = record_preference(tx, request, *outcome, now_ns); !kept)
        return kept.error();

    const std::string actor = person_actor(request.person.name);
    result<decision_answer> answer = errc::not_found;
    if (waits_for_edit(approval)) {
        answer = answer_waiting(tx, approval);
    } else {
        // The incident first: a run that has ended is awaited nowhere.
        auto incident = settle_incident(tx, approval, request.person.name, actor, now_ns);
        if (!incident)
            return incident.error();
        auto run = settle_run(tx, approval, now_ns);
        if (!run)
            return run.error();
        answer = decision_answer{approval, std::move(*run), std::move(*incident)};
    }
    if (!answer)
        return answer;
    const notice told = notice_of(notice_kind::approval_decided, approval, answer->incident, actor, now_ns);
    if (auto passed = tell(tx, notices, told); !passed)
        return passed.error();
    return answer;
}

}  // namespace reprise::runs
