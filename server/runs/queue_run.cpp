#include "queue_run.hpp"

#include "approval_ends.hpp"

#include "reprise/base/id.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/signals.hpp"

#include <utility>

namespace reprise::runs {
namespace {

constexpr std::size_t runs_looked_at = 50;
constexpr std::size_t signals_looked_at = 50;
constexpr std::size_t publications_looked_at = 50;

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

bool is_open(const store::publication& effect)
{
    using enum store::publication_state;
    return effect.state == pending || (effect.state == outcome_unknown && effect.due_ns != store::publication_never_ns);
}

// Nobody goes on with the effects of a cancelled run. One that was asked for may exist: the key finds it when people
// publish again.
result<void> end_publications(store::transaction& tx, const std::string& run_id, std::int64_t now_ns)
{
    const auto effects = store::list_run_publications(tx, run_id, publications_looked_at);
    if (!effects)
        return effects.error();
    for (const store::publication& effect : *effects) {
        if (!is_open(effect))
            continue;
        const bool was_asked_for = effect.attempts > 0;
        auto ended = was_asked_for
                         ? store::mark_unknown(
                               tx, effect.id, effect.attempts,
                               "its run was cancelled after it was asked for: it may be there; publish again to see",
                               std::nullopt, now_ns
                           )
                         : store::mark_failed(
                               tx, effect.id, effect.attempts, "its run was cancelled before it was asked for",
                               std::nullopt, now_ns
                           );
        if (!ended)
            return ended;
    }
    return {};
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
    run.priority = lifecycle::priority_by_person;
    run.not_before_ns = now_ns;
    run.created_ns = now_ns;
    run.updated_ns = now_ns;
    if (auto queued = store::enqueue_run(tx, run); !queued)
        return queued.error();
    return run;
}

result<void> void_open_approval(
    store::transaction& tx, const std::string& run_id, const std::string& why, std::int64_t now_ns
)
{
    const auto approval = store::find_approval_by_run(tx, run_id);
    if (!approval)
        return approval.error();
    if (!*approval || !lifecycle::is_edge((*approval)->state, model::approval_state::voided))
        return {};
    const auto voided = store_voided(tx, **approval, why, now_ns);
    return voided ? result<void>() : result<void>(voided.error());
}

result<void> cancel_run(store::transaction& tx, const model::run& run, std::int64_t now_ns)
{
    auto cancelled = lifecycle::cancel(run, now_ns);
    if (!cancelled)
        return cancelled.error();
    if (auto voided = void_open_approval(tx, run.id, "its run was cancelled", now_ns); !voided)
        return voided;
    if (auto ended = end_publications(tx, run.id, now_ns); !ended)
        return ended;
    return store::save_run_by_version(tx, *cancelled, run.version);
}

result<std::vector<model::run>> list_active_runs(const store::reader& from, const std::string& incident_id)
{
    store::run_filter filter;
    filter.incident_id = incident_id;
    filter.active = true;
    filter.limit = runs_looked_at;
    return store::list_runs(from, filter);
}

// Work of the generation that a person has just ended.
result<void> cancel_active_runs(store::transaction& tx, const std::string& incident_id, std::int64_t now_ns)
{
    const auto active = list_active_runs(tx, incident_id);
    if (!active)
        return active.error();
    for (const model::run& run : *active) {
        if (lifecycle::find_cancel_effect(run.state) == lifecycle::cancel_effect::refused)
            continue;
        if (auto cancelled = cancel_run(tx, run, now_ns); !cancelled)
            return cancelled;
    }
    return {};
}

}  // namespace reprise::runs
