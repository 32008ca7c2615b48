#include "reprise/runs/actions.hpp"

#include "incident_moves.hpp"
#include "queue_run.hpp"
#include "run_retry.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

#include <array>

namespace reprise::runs {
namespace {

using model::incident_status;

constexpr std::array<std::string_view, 7> action_texts = {
    "run.cancel", "run.pause", "run.resume", "run.priority", "run.retry", "run.replay", "run.discard"};

result<void> audit(store::transaction& tx, const run_request& request, std::int64_t now_ns)
{
    boost::json::object detail;
    detail["comment"] = request.comment;
    if (!request.from_step.empty())
        detail["from_step"] = request.from_step;
    if (request.action == run_action::prioritise)
        detail["priority"] = request.priority;
    const bool is_person = request.actor.starts_with("user:");
    audited row;
    row.actor = request.actor;
    row.actor_type = is_person ? "person" : "system";
    row.auth = is_person ? request.auth : "none";
    row.action = action_texts[static_cast<std::size_t>(request.action)];
    row.object = "run/" + request.run_id;
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    return write_audit(tx, row, now_ns);
}

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
    change.actor = request.actor;
    change.why = "run " + run.id + " " + sentence("cancelled", request);
    change.now_ns = now_ns;
    const auto moved = move_incident(tx, incident->id, change);
    return moved ? result<void>() : result<void>(moved.error());
}

result<void> cancel(store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns)
{
    if (auto cancelled = cancel_run(tx, run, now_ns); !cancelled)
        return cancelled;
    return settle_cancelled(tx, request, run, now_ns);
}

result<void> save(
    store::transaction& tx, result<model::run> changed, const model::run& before, std::string_view verb,
    const run_request& request, std::int64_t now_ns
)
{
    if (!changed)
        return changed.error();
    if (auto saved = store::save_run_by_version(tx, *changed, before.version); !saved)
        return saved;
    return log_to_run(tx, before.id, sentence(verb, request), now_ns);
}

// The incident of a run that a breaker held goes back to waiting for its worker.
result<void> end_hold(store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns)
{
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    const bool held = incident->status == incident_status::detected && incident->phase == lifecycle::phase_held;
    if (!held || incident->generation != run.generation)
        return {};
    lifecycle::incident_change change;
    change.to = incident_status::detected;
    change.cause = lifecycle::change_cause::person;
    change.actor = request.actor;
    change.why = "run " + run.id + " " + sentence("resumed", request);
    change.now_ns = now_ns;
    const auto moved = move_incident(tx, incident->id, change);
    return moved ? result<void>() : result<void>(moved.error());
}

result<void> resume(store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns)
{
    if (auto saved = save(tx, lifecycle::resume(run, now_ns), run, "resumed", request, now_ns); !saved)
        return saved;
    return end_hold(tx, request, run, now_ns);
}

result<void> act(store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns)
{
    switch (request.action) {
    case run_action::cancel: return cancel(tx, request, run, now_ns);
    case run_action::pause:
        return save(tx, lifecycle::pause(run, sentence("paused", request), now_ns), run, "paused", request, now_ns);
    case run_action::resume: return resume(tx, request, run, now_ns);
    case run_action::prioritise: {
        const std::string verb = "priority set to " + std::to_string(request.priority);
        return save(tx, lifecycle::prioritise(run, request.priority, now_ns), run, verb, request, now_ns);
    }
    case run_action::discard:
        if (request.comment.empty())
            return lifecycle::errc::comment_required;
        return save(tx, lifecycle::discard_dead_letter(run, now_ns), run, "discarded", request, now_ns);
    case run_action::retry:
    case run_action::replay: break;
    }
    return errc::invalid_argument;
}

}  // namespace

result<model::run> act_on_run(store::transaction& tx, const run_request& request, std::int64_t now_ns)
{
    const auto run = load_run(tx, request.run_id);
    if (!run)
        return run.error();
    if (auto audited = audit(tx, request, now_ns); !audited)
        return audited.error();
    if (request.action == run_action::retry || request.action == run_action::replay) {
        const auto goes_on = retry_run(tx, request, *run, now_ns);
        if (!goes_on)
            return goes_on.error();
        return load_run(tx, *goes_on);
    }
    if (auto done = act(tx, request, *run, now_ns); !done)
        return done.error();
    return load_run(tx, request.run_id);
}

result<model::run> start_reproduce(store::transaction& tx, const run_start& request, std::int64_t now_ns)
{
    const auto before = list_active_runs(tx, request.incident_id);
    if (!before)
        return before.error();
    if (!before->empty())
        return lifecycle::errc::active_run;
    incident_request wanted;
    wanted.incident_id = request.incident_id;
    wanted.action = incident_action::reproduce;
    wanted.person = request.person;
    wanted.comment = request.comment;
    wanted.request_id = request.request_id;
    wanted.auth = request.auth;
    if (auto acted = act_on_incident(tx, wanted, now_ns); !acted)
        return acted.error();
    const auto queued = list_active_runs(tx, request.incident_id);
    if (!queued)
        return queued.error();
    if (queued->empty())
        return errc::corrupt;
    const model::run& run = queued->front();
    if (!request.priority || *request.priority == run.priority)
        return run;
    auto raised = lifecycle::prioritise(run, *request.priority, now_ns);
    if (!raised)
        return raised;
    if (auto saved = store::save_run_by_version(tx, *raised, run.version); !saved)
        return saved.error();
    return raised;
}

}  // namespace reprise::runs
