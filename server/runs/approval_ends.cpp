#include "approval_ends.hpp"

#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <utility>

namespace reprise::runs {
namespace {

using model::approval_state;
using model::incident_status;

struct consequence {
    incident_status to = incident_status::needs_human;
    std::string reason;
    std::string why;
};

// A replay that may not send what it would have to send proves nothing; the problem is as real as before.
std::optional<consequence> end_of_replay(const model::approval& approval, const std::string& by)
{
    if (approval.state == approval_state::rejected)
        return consequence{
            incident_status::needs_human, "stopped", by + " refused to replay requests that change data"};
    return std::nullopt;
}

std::optional<consequence> consequence_of(const model::approval& approval, const std::string& by)
{
    if (approval.action == action_unsafe_replay) {
        if (auto end = end_of_replay(approval, by))
            return end;
    }
    switch (approval.state) {
    case approval_state::rejected: return consequence{incident_status::rejected, "", "rejected by " + by};
    case approval_state::changes_requested:
        return consequence{incident_status::needs_human, "changes_requested", by + " asked for changes"};
    case approval_state::stopped: return consequence{incident_status::needs_human, "stopped", "stopped by " + by};
    case approval_state::expired:
        return consequence{
            incident_status::needs_human, "approval_expired", "nobody decided in time; nothing was released"};
    case approval_state::lapsed:
        return consequence{
            incident_status::needs_human, "approval_lapsed", "released, but not carried out in time; ask again"};
    case approval_state::pending:
    case approval_state::approved:
    case approval_state::voided:
    case approval_state::executed: break;
    }
    return std::nullopt;
}

}  // namespace

bool is_editable(const model::approval& approval) noexcept
{
    return approval.action == action_ticket || approval.action == action_pull_request;
}

bool waits_for_edit(const model::approval& approval) noexcept
{
    return approval.state == approval_state::changes_requested && is_editable(approval);
}

result<model::run> settle_run(store::transaction& tx, const model::approval& approval, std::int64_t now_ns)
{
    const auto run = load_run(tx, approval.run_id);
    if (!run)
        return run.error();
    const bool goes_on = approval.state == approval_state::approved || approval.state == approval_state::voided;
    // Approved and then lapsed while it was in the queue again.
    const bool is_queued = run->state == model::run_state::queued;
    auto moved = goes_on ? lifecycle::resume_approved(*run, now_ns)
                         : is_queued ? lifecycle::cancel(*run, now_ns) : lifecycle::end_unapproved(*run, now_ns);
    if (!moved)
        return moved.error();
    if (auto saved = store::save_run_by_version(tx, *moved, run->version); !saved)
        return saved.error();
    return std::move(*moved);
}

result<model::incident> settle_incident(
    store::transaction& tx, const model::approval& approval, const std::string& by, const std::string& actor,
    std::int64_t now_ns
)
{
    auto incident = load_incident(tx, approval.incident_id);
    const auto run = load_run(tx, approval.run_id);
    if (!run)
        return run.error();
    const auto what = consequence_of(approval, by);
    if (!incident || !what || lifecycle::find_discard_reason(*incident, *run))
        return incident;
    // "Publish anyway" starts in needs_human: there it may be where it goes already.
    if (incident->status == what->to && incident->reason == what->reason)
        return incident;
    lifecycle::incident_change change;
    change.to = what->to;
    change.reason = what->reason;
    change.cause = lifecycle::change_cause::gate;
    change.actor = actor;
    change.why = what->why;
    change.now_ns = now_ns;
    return move_incident(tx, approval.incident_id, change);
}

result<model::approval> store_voided(
    store::transaction& tx, const model::approval& approval, const std::string& why, std::int64_t now_ns
)
{
    auto voided = lifecycle::void_approval(approval, now_ns);
    if (!voided)
        return voided.error();
    voided->void_reason = why;
    if (auto saved = store::save_approval(tx, *voided, approval.version, now_ns); !saved)
        return saved.error();
    boost::json::object detail;
    detail["content_hash"] = approval.content_hash;
    detail["why"] = why;
    audited row;
    row.actor = "system";
    row.actor_type = "system";
    row.auth = "none";
    row.action = "approval.void";
    row.object = "approval/" + approval.id;
    row.detail = canonical_json(detail);
    if (auto audit = write_audit(tx, row, now_ns); !audit)
        return audit.error();
    return std::move(*voided);
}

}  // namespace reprise::runs
