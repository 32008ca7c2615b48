#include "replay_ports.hpp"
#include "replay_work.hpp"
#include "steps.hpp"
#include "unsafe_replay.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/replay_marks.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

namespace reprise::runs {

namespace asio = boost::asio;
using model::incident_status;

namespace {

// Why nothing can be replayed, as a reason code of needs_human and a sentence.
struct obstacle {
    std::string reason;
    std::string why;
};

std::optional<obstacle> find_obstacle(const run_context& context, const archive::bundle* bundle)
{
    if (context.evidence && context.evidence->expired_ns)
        return obstacle{
            "no_evidence", "the captured exchanges were deleted by archive.keep_days or archive.bytes_max: nothing "
                           "can be replayed"};
    if (!context.signal || !context.evidence || bundle == nullptr)
        return obstacle{"no_evidence", "no captured exchange of the signal could be archived: nothing can be replayed"};
    if (context.service.replay_target.empty())
        return obstacle{
            "no_target", "service " + context.incident.service +
                             " has no replay target; set one under Services, or publish without a replay"};
    const auto target = replay::check_target(context.service.replay_target, context.parts.policy.targets);
    if (!target)
        return obstacle{"no_target", target.error().reason};

    if (!context.service.replay_last_good_target.empty()) {
        const auto last_good =
            replay::check_target(context.service.replay_last_good_target, context.parts.policy.targets);
        if (!last_good)
            return obstacle{"no_target", "the last-good target cannot be used: " + last_good.error().reason};
    }
    return std::nullopt;
}

// Nothing when there is none to be had; an error when another attempt may have it.
asio::awaitable<result<std::optional<archive::bundle>>> read_evidence(run_context& context)
{
    if (!context.evidence || context.evidence->expired_ns)
        co_return std::optional<archive::bundle>();
    auto bundle = co_await context.parts.evidence.read(*context.evidence);
    if (bundle)
        co_return std::optional(std::move(*bundle));
    const error_code error = bundle.error();
    if (error == errc::unavailable || error == errc::timed_out)
        co_return error;
    co_return std::optional<archive::bundle>();
}

// Ends the run without a replay: the incident waits for a person who can change that.
result<void> stop_before_replay(
    store::transaction& tx, run_context& context, const obstacle& what, std::int64_t now_ns
)
{
    if (auto begun = begin_step(tx, context, step_prepare, now_ns); !begun)
        return begun;
    if (auto logged = log_line(tx, context, what.why, now_ns); !logged)
        return logged;
    boost::json::object output;
    output["obstacle"] = what.reason;
    if (auto ended = end_step(tx, context, step_prepare, canonical_json(output), now_ns); !ended)
        return ended;
    if (auto moved = move_to(tx, context, incident_status::needs_human, "", what.reason, what.why, now_ns); !moved)
        return moved;
    context.run.verdict = model::verdict::inconclusive;
    context.run.error = what.why;
    return finish_run(tx, context, now_ns);
}

result<void> begin_replay(store::transaction& tx, run_context& context, std::int64_t now_ns)
{
    if (auto begun = begin_step(tx, context, step_prepare, now_ns); !begun)
        return begun;
    const auto marked =
        store::insert_replay_mark(tx, replay::replay_mark(context.run.id), context.run.id, now_ns);
    if (!marked && marked.error() != errc::conflict)
        return marked;
    std::string why = "replaying " + std::to_string(context.evidence->failing) + " failing and " +
                            std::to_string(context.evidence->control) + " control exchanges against " +
                            context.service.replay_target;
    if (!context.service.replay_last_good_target.empty())
        why += ", the failing ones also against the last-good target " + context.service.replay_last_good_target;
    const bool begins =
        context.incident.status == incident_status::detected || context.incident.phase == "awaiting_approval";
    if (begins) {
        if (auto moved = move_to(tx, context, incident_status::reproducing, "running", "", why, now_ns); !moved)
            return moved;
    }
    if (auto logged = log_line(tx, context, why, now_ns); !logged)
        return logged;
    if (auto ended = end_step(tx, context, step_prepare, "{}", now_ns); !ended)
        return ended;
    return begin_step(tx, context, step_replay, now_ns);
}

}  // namespace

result<void> store_verdict(
    store::transaction& tx, run_context& context, const judged_verdict& judged, std::int64_t now_ns
)
{
    if (auto ended = end_step(tx, context, step_replay, "{}", now_ns); !ended)
        return ended;
    if (auto begun = begin_step(tx, context, step_verdict, now_ns); !begun)
        return begun;
    context.run.verdict = judged.verdict;
    context.run.result = judged.json;
    if (auto saved = store::save_run(tx, context.run, context.run.lease_epoch); !saved)
        return saved;
    boost::json::object data;
    data["verdict"] = model::to_text(judged.verdict);
    data["reason"] = judged.reason;
    if (auto added = add_event(tx, context, "verdict", canonical_json(data), now_ns); !added)
        return added;
    if (auto ended = end_step(tx, context, step_verdict, canonical_json(data), now_ns); !ended)
        return ended;
    if (judged.verdict == model::verdict::reproduced)
        return move_to(tx, context, incident_status::reproduced, "queued", "", judged.reason, now_ns);
    const std::string reason(model::to_text(judged.verdict));
    if (auto moved = move_to(tx, context, incident_status::needs_human, "", reason, judged.reason, now_ns); !moved)
        return moved;
    return finish_run(tx, context, now_ns);
}

std::vector<replay::trial> list_trials_done(const run_context& context)
{
    std::vector<replay::trial> trials;
    for (const model::run_step& step : context.done) {
        if (!step.name.starts_with("trial."))
            continue;
        if (auto trial = replay::parse_trial(step.output))
            trials.push_back(std::move(*trial));
    }
    return trials;
}

std::optional<replay_targets> find_targets(const run_context& context)
{
    const auto target = replay::check_target(context.service.replay_target, context.parts.policy.targets);
    if (!target)
        return std::nullopt;
    replay_targets found{*target, std::nullopt};
    if (context.service.replay_last_good_target.empty())
        return found;
    const auto last_good = replay::check_target(context.service.replay_last_good_target, context.parts.policy.targets);
    if (!last_good)
        return std::nullopt;
    found.last_good = *last_good;
    return found;
}

asio::awaitable<step_answer> prepare_reproduce(run_context& context)
{
    const auto read = co_await read_evidence(context);
    if (!read)
        co_return step_failure("the evidence cannot be read now: " + read.error().message(), false);
    const std::optional<archive::bundle>& bundle = *read;
    const auto blocked = find_obstacle(context, bundle ? &*bundle : nullptr);
    if (!blocked) {
        const step_answer gate = co_await pass_unsafe_gate(context, *bundle);
        if (gate.failure || gate.end == step_end::finished)
            co_return gate;
    }
    auto write = [&context, &blocked](store::transaction& tx) {
        const std::int64_t now_ns = context.parts.time.now_ns();
        return blocked ? stop_before_replay(tx, context, *blocked, now_ns) : begin_replay(tx, context, now_ns);
    };
    const auto written = co_await context.parts.database.write(std::move(write));
    if (!written)
        co_return step_failure("prepare: " + written.error().message(), false);
    if (blocked)
        co_return step_end::finished;
    co_return step_end::next;
}

asio::awaitable<step_answer> replay_and_judge(run_context& context)
{
    auto read = co_await read_evidence(context);
    if (!read)
        co_return step_failure("the evidence cannot be read now: " + read.error().message(), false);
    std::optional<archive::bundle>& bundle = *read;
    const auto targets = find_targets(context);
    if (bundle && targets) {
        const step_answer gate = co_await pass_unsafe_gate(context, *bundle);
        if (gate.failure || gate.end == step_end::finished)
            co_return gate;
    }
    const auto released = co_await is_unsafe_released(context);
    if (!released)
        co_return step_failure("replay: " + released.error().message(), false);
    if (!bundle || !targets || !context.signal)
        co_return step_failure("the evidence or the target of this run is gone", true);
    replay_work work;
    work.run_id = context.run.id;
    work.signal = *context.signal;
    work.items = std::move(bundle->items);
    work.evidence_sha256 = context.evidence->sha256;
    work.target = targets->target;
    work.last_good = targets->last_good;
    work.sends_unsafe_setup = context.service.replay_unsafe_methods || *released;
    work.trials = list_trials_done(context);
    work.limits = context.parts.policy.trial;
    const listening ears(context.parts.trials, replay::replay_mark(context.run.id));
    trace_collector traces(context.parts.trials);
    progress_writer progress(context);
    const replay_means means(context.parts.http, context.parts.time, traces, progress);
    const auto ran = co_await run_replay_work(std::move(work), means);
    if (!ran)
        co_return step_failure("replay: " + ran.error().message(), false);
    judged_verdict judged;
    judged.verdict = ran->judged.verdict;
    judged.reason = ran->judged.reason;
    judged.json = ran->json;
    auto write = [&context, &judged](store::transaction& tx) {
        return store_verdict(tx, context, judged, context.parts.time.now_ns());
    };
    const auto written = co_await context.parts.database.write(std::move(write));
    if (!written)
        co_return step_failure("verdict: " + written.error().message(), false);
    if (judged.verdict != model::verdict::reproduced)
        co_return step_end::finished;
    co_return step_end::next;
}

}  // namespace reprise::runs
