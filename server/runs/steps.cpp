#include "steps.hpp"

#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/store/alarms.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>

namespace reprise::runs {

bool run_context::has_done(std::string_view step) const noexcept
{
    return std::any_of(done.begin(), done.end(), [step](const model::run_step& one) {
        return one.name == step && one.ended_ns != 0;
    });
}

bool run_context::advance(std::uint64_t steps_done, std::uint64_t steps_total)
{
    if (steps_total == 0)
        return false;
    run.progress = std::min(static_cast<double>(steps_done) / static_cast<double>(steps_total), 1.0);
    const std::int64_t now_ns = parts.time.now_ns();
    if (steps_done < steps_total && now_ns - progress_logged_ns < progress_pause_ns)
        return false;
    progress_logged_ns = now_ns;
    return true;
}

std::span<const named_step> steps_of(model::run_kind kind) noexcept
{
    static constexpr std::array reproduce = {
        named_step{step_prepare, prepare_reproduce}, named_step{step_replay},
        named_step{step_verdict, replay_and_judge}, named_step{step_gate, open_gate},
        named_step{step_publish, publish_released}};
    static constexpr std::array release = {
        named_step{step_gate, open_gate}, named_step{step_publish, publish_released}};
    if (kind == model::run_kind::reproduce)
        return reproduce;
    return release;
}

std::optional<std::size_t> find_step(model::run_kind kind, std::string_view name) noexcept
{
    const auto steps = steps_of(kind);
    const std::string_view wanted = name.starts_with(trial_prefix) ? step_replay : name;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].name == wanted)
            return i;
    }
    return std::nullopt;
}

result<void> load_context(const store::reader& from, run_context& context)
{
    const auto stored = load_run(from, context.run.id);
    if (!stored)
        return stored.error();
    if (stored->state != model::run_state::leased || stored->lease_epoch != context.run.lease_epoch)
        return errc::stale;
    auto incident = load_incident(from, context.run.incident_id);
    if (!incident)
        return incident.error();
    context.incident = std::move(*incident);

    auto done = store::list_steps(from, context.run.id);
    if (!done)
        return done.error();
    context.done = std::move(*done);

    auto signal = store::find_signal(from, context.run.signal_id);
    if (!signal)
        return signal.error();
    context.signal = std::move(*signal);
    auto evidence = store::find_evidence(from, context.run.evidence_id);
    if (!evidence)
        return evidence.error();
    context.evidence = std::move(*evidence);
    constexpr std::size_t alarms_looked_at = 3;
    store::alarm_filter told;
    told.incident_id = context.incident.id;
    told.limit = alarms_looked_at;
    const auto alarms = store::list_alarms(from, told);
    if (!alarms)
        return alarms.error();
    context.alarms.clear();
    for (const store::stored_alarm& one : *alarms)
        context.alarms.push_back(one.alarm);
    auto service = store::find_service(from, context.incident.service);
    if (!service)
        return service.error();
    context.service = service->value_or(model::service());
    return {};
}

result<void> add_event(
    store::transaction& tx, run_context& context, std::string_view type, std::string data, std::int64_t now_ns
)
{
    model::run_event event;
    event.run_id = context.run.id;
    event.at_ns = now_ns;
    event.type = type;
    event.data = std::move(data);
    return store::append_run_event(tx, event, context.run.lease_epoch);
}

result<void> log_line(store::transaction& tx, run_context& context, std::string_view text, std::int64_t now_ns)
{
    boost::json::object data;
    data["text"] = text;
    return add_event(tx, context, "log", canonical_json(data), now_ns);
}

result<void> begin_step(store::transaction& tx, run_context& context, std::string_view step, std::int64_t now_ns)
{
    model::run_step row;
    row.run_id = context.run.id;
    row.name = step;
    row.attempt = context.run.attempt;
    row.output = "{}";
    row.started_ns = now_ns;
    if (auto saved = store::save_step(tx, row, context.run.lease_epoch); !saved)
        return saved;
    context.run.step = step;
    context.run.progress = 0;
    if (auto saved = store::save_run(tx, context.run, context.run.lease_epoch); !saved)
        return saved;
    boost::json::object data;
    data["step"] = step;
    return add_event(tx, context, "step_started", canonical_json(data), now_ns);
}

result<void> end_step(
    store::transaction& tx, run_context& context, std::string_view step, std::string output, std::int64_t now_ns
)
{
    model::run_step row;
    row.run_id = context.run.id;
    row.name = step;
    row.attempt = context.run.attempt;
    row.output = std::move(output);
    row.started_ns = now_ns;
    const auto steps = store::list_steps(tx, context.run.id);
    if (!steps)
        return steps.error();
    for (const model::run_step& known : *steps) {
        if (known.name == step)
            row.started_ns = known.started_ns;
    }
    row.ended_ns = now_ns;
    if (auto saved = store::save_step(tx, row, context.run.lease_epoch); !saved)
        return saved;
    boost::json::object data;
    data["step"] = step;
    return add_event(tx, context, "step_ended", canonical_json(data), now_ns);
}

result<void> move_to(
    store::transaction& tx, run_context& context, model::incident_status to, std::string phase, std::string reason,
    std::string why, std::int64_t now_ns
)
{
    const auto& now = context.incident;
    if (now.status == to && now.phase == phase && now.reason == reason && !phase.empty())
        return {};  // A step that was done again found the same.
    lifecycle::incident_change change;
    change.to = to;
    change.phase = std::move(phase);
    change.reason = std::move(reason);
    change.cause = lifecycle::change_cause::work;
    change.actor = context.actor();
    change.why = std::move(why);
    change.now_ns = now_ns;
    auto moved = move_incident(tx, context.incident.id, change);
    if (!moved)
        return moved.error();
    context.incident = std::move(*moved);
    return {};
}

result<void> finish_run(store::transaction& tx, run_context& context, std::int64_t now_ns)
{
    auto ended = lifecycle::succeed(context.run, context.run.lease_epoch, now_ns);
    if (!ended)
        return ended.error();
    ended->progress = 1;
    if (auto saved = store::save_run(tx, *ended, context.run.lease_epoch); !saved)
        return saved;
    context.run = std::move(*ended);
    return {};
}

}  // namespace reprise::runs
