#include "automatic_runs.hpp"

#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/breakers.hpp"
#include "reprise/store/deployments.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

namespace reprise::pipeline {
namespace {

constexpr std::size_t deployments_looked_at = 20;
constexpr std::int64_t causes_kept_ns = 2 * lifecycle::incident_runs_window_ns;  // More than any storm is long.

// The one that ran at that time.
result<std::optional<model::deployment>> find_running(
    const store::reader& from, std::string_view service, std::int64_t at_ns
)
{
    const auto newest = store::list_deployments(from, service, deployments_looked_at);
    if (!newest)
        return newest.error();
    for (const model::deployment& one : *newest) {
        if (one.at_ns <= at_ns)
            return std::optional(one);
    }
    return std::optional<model::deployment>();
}

// The incident counts among those with its causes, also when its run is held: a storm goes on while they come.
result<std::vector<lifecycle::shared_cause>> share_causes(
    store::transaction& tx, const model::incident& incident, std::span<const lifecycle::problem_cause> causes,
    const lifecycle::breaker_limits& limits, std::int64_t now_ns
)
{
    if (auto pruned = store::prune_causes(tx, now_ns - causes_kept_ns); !pruned)
        return pruned.error();
    std::vector<lifecycle::shared_cause> shared;
    for (const lifecycle::problem_cause& cause : causes) {
        if (auto noted = store::note_cause(tx, cause.key, incident.id, now_ns); !noted)
            return noted.error();
        auto incidents = store::list_incidents_by_cause(
            tx, cause.key, now_ns - limits.storm_window_ns, store::cause_incidents_listed_max
        );
        if (!incidents)
            return incidents.error();
        shared.push_back({cause.text, std::move(*incidents)});
    }
    return shared;
}

result<std::optional<lifecycle::run_hold>> ask_breakers(
    store::transaction& tx, const model::incident& incident, model::run_kind kind,
    std::span<const lifecycle::problem_cause> causes, const lifecycle::breaker_limits& limits, std::int64_t now_ns
)
{
    const auto of_incident =
        store::count_automatic_runs(tx, incident.id, kind, now_ns - lifecycle::incident_runs_window_ns);
    if (!of_incident)
        return of_incident.error();
    const auto of_hour = store::count_automatic_runs(tx, now_ns - lifecycle::hour_runs_window_ns);
    if (!of_hour)
        return of_hour.error();
    auto shared = share_causes(tx, incident, causes, limits, now_ns);
    if (!shared)
        return shared.error();
    lifecycle::breaker_counts counts;
    counts.incident_runs = *of_incident;
    counts.hour_runs = *of_hour;
    counts.causes = std::move(*shared);
    return lifecycle::find_hold(limits, counts);
}

result<void> show_hold(
    store::transaction& tx, model::incident& incident, const lifecycle::run_hold& hold, std::int64_t now_ns
)
{
    lifecycle::incident_change change;
    change.to = model::incident_status::detected;
    change.phase = lifecycle::phase_held;
    change.cause = lifecycle::change_cause::work;
    change.actor = "pipeline";
    change.why = "its run is held: " + hold.why;
    change.now_ns = now_ns;
    auto moved = lifecycle::apply(incident, change);
    if (!moved)
        return moved.error();
    if (auto saved = store::save_incident(tx, moved->incident, incident.version, moved->event); !saved)
        return saved;
    incident = std::move(moved->incident);
    return {};
}

}  // namespace

result<std::vector<lifecycle::problem_cause>> find_causes(const store::reader& from, const problem& what)
{
    std::vector<lifecycle::problem_cause> causes;
    const auto running = find_running(from, what.service, what.seen_ns);
    if (!running)
        return running.error();
    if (*running) {
        if (auto cause = lifecycle::deployment_cause(**running, what.seen_ns))
            causes.push_back(std::move(*cause));
    }
    if (auto cause = lifecycle::message_cause(what.message))
        causes.push_back(std::move(*cause));
    causes.push_back(lifecycle::error_cause(what.service, what.error_type));
    return causes;
}

result<std::optional<lifecycle::run_hold>> queue_automatic(
    store::transaction& tx, model::incident& incident, model::run run,
    std::span<const lifecycle::problem_cause> causes, const lifecycle::breaker_limits& limits, std::int64_t now_ns
)
{
    auto hold = ask_breakers(tx, incident, run.kind, causes, limits, now_ns);
    if (!hold)
        return hold;
    run.priority = lifecycle::automatic_priority(incident.severity);
    if (auto queued = store::enqueue_run(tx, lifecycle::admit_automatic(std::move(run), *hold)); !queued)
        return queued.error();
    if (*hold) {
        if (auto shown = show_hold(tx, incident, **hold, now_ns); !shown)
            return shown.error();
    }
    return hold;
}

}  // namespace reprise::pipeline
