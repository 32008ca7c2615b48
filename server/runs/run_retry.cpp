#include "run_retry.hpp"

#include "incident_moves.hpp"
#include "queue_run.hpp"
#include "steps.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/run_answers.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace reprise::runs {
namespace {

using model::run_state;

// The newest event of the timeline that this run's death made.
result<model::incident_event> find_death(const store::reader& from, const model::run& run)
{
    std::optional<model::incident_event> death;
    std::int64_t after = 0;
    for (;;) {
        const auto page = store::list_timeline(from, run.incident_id, after, store::timeline_listed_max);
        if (!page)
            return page.error();
        for (const model::incident_event& event : *page) {
            if (event.actor == "run:" + run.id)
                death = event;
        }
        if (page->size() < store::timeline_listed_max)
            break;
        after = page->back().sequence;
    }
    if (!death)
        return lifecycle::errc::not_awaited;
    return std::move(*death);
}

result<void> restore_incident(
    store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns
)
{
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    const auto death = find_death(tx, run);
    if (!death)
        return death.error();
    auto restored = lifecycle::restore_after_dead_letter(*incident, run, *death, request.actor, now_ns);
    if (!restored)
        return restored.error() == lifecycle::errc::illegal_transition ? lifecycle::errc::not_awaited
                                                                       : restored.error();
    return store::save_incident(tx, restored->incident, incident->version, restored->event);
}

// Without what the dropped checkpoints found.
void forget_outcome(model::run& run, std::size_t from_step)
{
    run.step.clear();
    run.progress = 0;
    const auto verdict = find_step(run.kind, step_verdict);
    if (!verdict || from_step > *verdict)
        return;
    run.verdict.reset();
    run.result.clear();
}

result<void> drop_steps(store::transaction& tx, const model::run& run, std::size_t from_step)
{
    const auto steps = store::list_steps(tx, run.id);
    if (!steps)
        return steps.error();
    for (const model::run_step& step : *steps) {
        const auto place = find_step(run.kind, step.name);
        if (place && *place < from_step)
            continue;
        if (auto dropped = store::delete_step(tx, run.id, step.name); !dropped)
            return dropped;
    }
    const auto replay = find_step(run.kind, step_replay);
    return replay && from_step <= *replay ? store::delete_run_answers(tx, run.id) : result<void>();
}

result<void> replay_letter(
    store::transaction& tx, const run_request& request, const model::run& run, std::optional<std::size_t> from_step,
    std::int64_t now_ns
)
{
    auto replayed = lifecycle::replay_dead_letter(run, now_ns);
    if (replayed && from_step) {
        if (auto dropped = drop_steps(tx, run, *from_step); !dropped)
            return dropped;
        forget_outcome(*replayed, *from_step);
        const auto gate = find_step(run.kind, step_gate);
        if (gate && *from_step <= *gate) {  // It will be asked again.
            if (auto voided = void_open_approval(tx, run.id, "its run starts over", now_ns); !voided)
                return voided;
        }
    }
    if (!replayed)
        return replayed.error();
    if (auto saved = store::save_run_by_version(tx, *replayed, run.version); !saved)
        return saved;
    if (auto logged = log_to_run(tx, run.id, sentence("replayed", request), now_ns); !logged)
        return logged;
    return restore_incident(tx, request, run, now_ns);
}

result<void> copy_steps(store::transaction& tx, const model::run& from, const model::run& to, std::size_t before_step)
{
    const auto steps = store::list_steps(tx, from.id);
    if (!steps)
        return steps.error();
    for (model::run_step step : *steps) {
        const auto place = find_step(from.kind, step.name);
        if (!place || *place >= before_step)
            continue;
        step.run_id = to.id;
        if (auto saved = store::save_step(tx, step); !saved)
            return saved;
    }
    const auto replay = find_step(from.kind, step_replay);
    return replay && before_step > *replay ? store::copy_run_answers(tx, from.id, to.id) : result<void>();
}

// A finished run stays as it is; a new one goes on from a step of it.
result<model::run> run_again(
    store::transaction& tx, const run_request& request, const model::run& run, std::size_t from_step,
    std::int64_t now_ns
)
{
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    if (lifecycle::find_discard_reason(*incident, run))
        return lifecycle::errc::not_awaited;
    const auto active = list_active_runs(tx, run.incident_id);
    if (!active)
        return active.error();
    if (!active->empty())
        return lifecycle::errc::active_run;

    model::run next = run;
    next.id = make_ulid(now_ns);
    next.state = run_state::queued;
    next.requested_by = request.actor;
    next.counted = false;
    next.attempt = 0;
    next.attempts_max = lifecycle::run_timing().profile(run.kind).attempts_max;
    next.not_before_ns = next.created_ns = next.updated_ns = now_ns;
    next.lease_epoch = 0;
    next.priority = lifecycle::priority_by_person;
    next.error.clear();
    next.version = 1;
    forget_outcome(next, from_step);
    if (auto queued = store::enqueue_run(tx, next); !queued)
        return queued.error();
    if (auto copied = copy_steps(tx, run, next, from_step); !copied)
        return copied.error();
    const std::string step(steps_of(run.kind)[from_step].name);
    const std::string text = sentence("run " + run.id + " taken up again from step " + step, request);
    if (auto logged = log_to_run(tx, next.id, text, now_ns); !logged)
        return logged.error();
    return next;
}

}  // namespace

result<void> log_to_run(
    store::transaction& tx, const std::string& run_id, const std::string& text, std::int64_t now_ns
)
{
    boost::json::object data;
    data["text"] = text;
    model::run_event event;
    event.run_id = run_id;
    event.at_ns = now_ns;
    event.type = "log";
    event.data = canonical_json(data);
    auto logged = store::append_run_event(tx, event);
    // A log that is full keeps nobody from stopping the run; the audit has what they did.
    return !logged && logged.error() == errc::too_large ? result<void>() : logged;
}

std::string sentence(std::string_view verb, const run_request& request)
{
    std::string text(verb);
    text += " by " + request.actor;
    if (!request.comment.empty())
        text += ": " + request.comment;
    return text;
}

result<std::string> retry_run(
    store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns
)
{
    std::optional<std::size_t> from_step;
    if (!request.from_step.empty()) {
        from_step = find_step(run.kind, request.from_step);
        if (!from_step || steps_of(run.kind)[*from_step].name != request.from_step)
            return lifecycle::errc::unknown_step;
    }
    if (run.state != run_state::dead_letter && lifecycle::is_final(run.state) && request.action == run_action::retry) {
        auto next = run_again(tx, request, run, from_step.value_or(0), now_ns);
        if (!next)
            return next.error();
        return std::move(next->id);
    }
    if (auto replayed = replay_letter(tx, request, run, from_step, now_ns); !replayed)
        return replayed.error();
    return run.id;
}

}  // namespace reprise::runs
