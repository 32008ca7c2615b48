#include "approval_ends.hpp"
#include "incident_moves.hpp"

#include "reprise/base/log.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/runs/snoozes.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/runs.hpp"

// What time does to approvals, and to what people put off.
namespace reprise::runs {
namespace {

constexpr std::size_t swept_at_once_max = 100;  // Of each kind; the rest is the next sweep's.
constexpr const char* clock_actor = "clock";

struct sweep {
    store::transaction& tx;
    const lifecycle::approval_policy& policy;
    std::int64_t now_ns;
    notice_sink* notices;
    sweep_report report;
};

result<void> tell_of(sweep& now, notice_kind kind, const model::approval& approval)
{
    const auto incident = load_incident(now.tx, approval.incident_id);
    if (!incident)
        return incident.error();
    return tell(now.tx, now.notices, notice_of(kind, approval, *incident, clock_actor, now.now_ns));
}

// The run and the incident follow, unless the run is being carried out right now: then it sees for itself.
result<void> end_with(sweep& now, const model::approval& ended)
{
    const auto run = load_run(now.tx, ended.run_id);
    if (!run)
        return run.error();
    if (run->state != model::run_state::waiting_approval && run->state != model::run_state::queued)
        return {};
    if (auto moved = settle_incident(now.tx, ended, "the clock", clock_actor, now.now_ns); !moved)
        return moved.error();
    if (auto settled = settle_run(now.tx, ended, now.now_ns); !settled)
        return settled.error();
    ++now.report.ended;
    return tell_of(now, notice_kind::approval_decided, ended);
}

result<void> expire(sweep& now)
{
    auto due = store::list_expired_approvals(now.tx, now.now_ns, swept_at_once_max);
    if (!due)
        return due.error();
    const auto lapsed =
        store::list_lapsed_approvals(now.tx, now.now_ns - now.policy.execute_within_ns, swept_at_once_max);
    if (!lapsed)
        return lapsed.error();
    due->insert(due->end(), lapsed->begin(), lapsed->end());
    for (const model::approval& approval : *due) {
        auto ended = lifecycle::expire_if_due(approval, now.now_ns);
        if (!ended)
            continue;
        if (auto saved = store::save_approval(now.tx, *ended, approval.version, now.now_ns); !saved)
            return saved;
        if (auto done = end_with(now, *ended); !done)
            return done;
    }
    return {};
}

// Sent back, and nobody edited it before its time was over.
result<void> end_abandoned(sweep& now)
{
    const auto due = store::list_abandoned_changes(now.tx, now.now_ns, swept_at_once_max);
    if (!due)
        return due.error();
    for (const model::approval& approval : *due) {
        if (auto done = end_with(now, approval); !done)
            return done;
    }
    return {};
}

result<void> void_moved(sweep& now)
{
    const auto moved = store::list_moved_approvals(now.tx, swept_at_once_max);
    if (!moved)
        return moved.error();
    for (const model::approval& approval : *moved) {
        const auto incident = load_incident(now.tx, approval.incident_id);
        if (!incident)
            return incident.error();
        const auto run = load_run(now.tx, approval.run_id);
        if (!run)
            return run.error();
        const auto evidence = store::find_evidence(now.tx, run->evidence_id);
        if (!evidence)
            return evidence.error();
        const auto why = lifecycle::find_void_reason(approval, *incident, *evidence ? (*evidence)->sha256 : "");
        if (!why)
            continue;
        const auto voided = store_voided(now.tx, approval, *why, now.now_ns);
        if (!voided)
            return voided.error();
        log_info("approvals", "approval " + approval.id + " is void: " + *why);
        ++now.report.voided;
        if (auto told = tell_of(now, notice_kind::approval_decided, *voided); !told)
            return told;
        if (run->state != model::run_state::waiting_approval)
            continue;
        // Back to the queue: its worker asks again, or finds that nobody waits for it any more.
        if (auto settled = settle_run(now.tx, *voided, now.now_ns); !settled)
            return settled.error();
    }
    return {};
}

result<void> remind(sweep& now)
{
    const auto due = store::list_reminders_due(now.tx, now.now_ns, swept_at_once_max);
    if (!due)
        return due.error();
    for (const model::approval& approval : *due) {
        const auto percent = lifecycle::find_reminder(approval, now.now_ns);
        if (!percent)
            continue;
        model::approval reminded = approval;
        reminded.reminded = *percent;
        if (auto saved = store::save_approval(now.tx, reminded, approval.version, now.now_ns); !saved)
            return saved;
        log_info("approvals", std::to_string(*percent) + " % of the time of approval " + approval.id + " is over");
        ++now.report.reminded;
        if (auto told = tell_of(now, notice_kind::approval_reminder, reminded); !told)
            return told;
    }
    return {};
}

result<void> end_snoozes(sweep& now)
{
    const auto ended = end_passed_snoozes(now.tx, now.now_ns, swept_at_once_max);
    return ended ? result<void>() : result<void>(ended.error());
}

result<void> count(sweep& now)
{
    auto counts = store::count_approvals(now.tx);
    if (!counts)
        return counts.error();
    const auto oldest_ns = store::find_oldest_pending_ns(now.tx);
    if (!oldest_ns)
        return oldest_ns.error();
    now.report.counts = std::move(*counts);
    if (*oldest_ns != 0)
        now.report.oldest_pending_ns = *oldest_ns;
    return {};
}

}  // namespace

result<sweep_report> sweep_approvals(
    store::transaction& tx, const lifecycle::approval_policy& policy, std::int64_t now_ns, notice_sink* notices
)
{
    sweep now{tx, policy, now_ns, notices, {}};
    for (const auto work : {expire, end_abandoned, void_moved, remind, end_snoozes, count}) {
        if (auto done = work(now); !done)
            return done.error();
    }
    return std::move(now.report);
}

}  // namespace reprise::runs
