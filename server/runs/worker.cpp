#include "reprise/runs/worker.hpp"

#include "approval_gauges.hpp"
#include "incident_moves.hpp"
#include "steps.hpp"

#include "reprise/base/first_of.hpp"
#include "reprise/base/log.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

constexpr auto claim_pause = std::chrono::milliseconds(250);
constexpr auto sweep_pause = std::chrono::seconds(1);

// The run gave up, or its lease was lost for the last time: the incident says so in the same
// transaction.
result<void> store_dead_letter(
    store::transaction& tx, const model::run& run, std::int64_t now_ns, notice_sink* notices
)
{
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    if (auto told = tell(tx, notices, dead_letter_notice(run, *incident, now_ns)); !told)
        return told;
    const auto moved = lifecycle::dead_letter(*incident, run, now_ns);
    if (!moved)
        return {};
    auto changed = moved->incident;
    return store::save_incident(tx, changed, incident->version, moved->event);
}

}  // namespace

worker::worker(const worker_parts& parts)
    : parts_(parts),
      claimed_(parts.numbers.add_counter("reprise_runs_claimed_total", "Runs claimed by workers of this process.")),
      succeeded_(parts.numbers.add_counter("reprise_runs_executions_total", "Executions ended.", "result=\"settled\"")),
      failed_(parts.numbers.add_counter("reprise_runs_executions_total", "Executions ended.", "result=\"failed\"")),
      leases_lost_(parts.numbers.add_counter("reprise_runs_leases_lost_total", "Leases lost while working."))
{
}

asio::awaitable<void> worker::run_worker(std::string name)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    for (;;) {
        auto claim = [this, &name](store::transaction& tx) {
            return store::claim_run(tx, name, parts_.time.now_ns(), parts_.policy.timing.lease_ns);
        };
        auto claimed = co_await parts_.database.write(std::move(claim));
        if (claimed && *claimed) {
            claimed_.add();
            co_await work_on(std::move(**claimed));
            continue;
        }
        pause.expires_after(claim_pause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> worker::work_on(model::run run)
{
    if (run.attempt > run.attempts_max) {
        co_await record_failure(run, true, "its worker was lost in each of its attempts");
        co_return;
    }
    std::exception_ptr thrown;
    std::size_t ended = 0;
    try {
        ended = co_await first_of(execute(run), keep_lease(run));
    } catch (...) {
        thrown = std::current_exception();
    }
    if (!thrown) {
        if (ended == 1) {
            leases_lost_.add();
            log_warn("runs", "run " + run.id + " lost its lease; another worker goes on");
        }
        co_return;
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        co_await asio::this_coro::reset_cancellation_state();
        co_await give_back(run);
        std::rethrow_exception(thrown);
    }
    log_exception("run " + run.id, thrown);
    co_await record_failure(run, false, "an internal error; the log says more");
}

asio::awaitable<void> worker::keep_lease(const model::run& run)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    for (;;) {
        pause.expires_after(std::chrono::nanoseconds(parts_.policy.timing.heartbeat_ns));
        co_await pause.async_wait(asio::use_awaitable);
        auto beat = [this, &run](store::transaction& tx) {
            return store::heartbeat_run(
                tx, run.id, run.lease_epoch, parts_.time.now_ns(), parts_.policy.timing.lease_ns
            );
        };
        const auto kept = co_await parts_.database.write(std::move(beat));
        if (!kept && kept.error() == errc::stale)
            co_return;
    }
}

asio::awaitable<void> worker::execute(model::run run)
{
    run_context context(parts_);
    context.run = std::move(run);
    auto load = [&context](const store::reader& from) { return load_context(from, context); };
    const auto loaded = co_await parts_.database.read(std::move(load));
    if (!loaded) {
        co_await record_failure(context.run, false, "cannot be loaded: " + loaded.error().message());
        co_return;
    }
    if (const auto discard = lifecycle::find_discard_reason(context.incident, context.run)) {
        context.run.error = *discard;
        auto drop = [this, &context](store::transaction& tx) {
            return finish_run(tx, context, parts_.time.now_ns());
        };
        const auto dropped = co_await parts_.database.write(std::move(drop));
        if (!dropped)
            log_warn("runs", "run " + context.run.id + " not put away: " + dropped.error().message());
        co_return;
    }

    using step = asio::awaitable<step_answer> (*)(run_context&);
    struct named_step {
        std::string_view done_by;
        step work;
    };
    static constexpr named_step reproduce_steps[] = {
        {step_prepare, prepare_reproduce}, {step_verdict, replay_and_judge}, {step_gate, open_gate},
        {step_publish, publish_released}};
    static constexpr named_step publish_steps[] = {{step_gate, open_gate}, {step_publish, publish_released}};
    const bool is_publish = context.run.kind != model::run_kind::reproduce;
    const named_step* const begin = is_publish ? publish_steps : reproduce_steps;
    const named_step* const end = is_publish ? std::end(publish_steps) : std::end(reproduce_steps);
    for (const named_step* next = begin; next != end; ++next) {
        if (context.has_done(next->done_by))
            continue;
        const step_answer answer = co_await next->work(context);
        if (answer.failure) {
            failed_.add();
            const step_failure& why = *answer.failure;
            co_await record_failure(context.run, why.permanent, why.text, why.not_before_ns);
            co_return;
        }
        if (answer.end == step_end::finished)
            break;
    }
    succeeded_.add();
}

asio::awaitable<void> worker::give_back(const model::run& run)
{
    auto release = [this, &run](store::transaction& tx) -> result<void> {
        const auto now = load_run(tx, run.id);
        if (!now)
            return now.error();
        auto released = lifecycle::release(*now, run.lease_epoch, parts_.time.now_ns());
        if (!released)
            return released.error();
        return store::save_run(tx, *released, run.lease_epoch);
    };
    const auto released = co_await parts_.database.write(std::move(release));
    if (!released)
        log_warn("runs", "run " + run.id + " not given back: " + released.error().message());
}

asio::awaitable<void> worker::record_failure(
    model::run run, bool permanent, std::string what, std::int64_t not_before_ns
)
{
    log_warn("runs", "run " + run.id + ": " + what);
    auto fail = [this, &run, permanent, &what, not_before_ns](store::transaction& tx) -> result<void> {
        const auto now = load_run(tx, run.id);
        if (!now)
            return now.error();
        const auto kind = permanent ? lifecycle::failure_kind::permanent : lifecycle::failure_kind::transient;
        auto failed =
            lifecycle::fail(*now, run.lease_epoch, kind, what, parts_.time.now_ns(), parts_.policy.timing);
        if (!failed)
            return failed.error();
        failed->not_before_ns = std::max(failed->not_before_ns, not_before_ns);
        if (auto saved = store::save_run(tx, *failed, run.lease_epoch); !saved)
            return saved;
        if (failed->state != model::run_state::dead_letter)
            return {};
        return store_dead_letter(tx, *failed, parts_.time.now_ns(), parts_.notices);
    };
    const auto stored = co_await parts_.database.write(std::move(fail));
    if (!stored && stored.error() != errc::stale)
        log_error("runs", "failure of run " + run.id + " not stored: " + stored.error().message());
}

asio::awaitable<void> worker::run_sweeper()
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    approval_gauges gauges(parts_.numbers);
    for (;;) {
        pause.expires_after(sweep_pause);
        co_await pause.async_wait(asio::use_awaitable);
        auto sweep = [this](store::transaction& tx) {
            return sweep_approvals(tx, parts_.policy.approval, parts_.time.now_ns(), parts_.notices);
        };
        const auto swept = co_await parts_.database.write(std::move(sweep));
        if (!swept && swept.error() != errc::unavailable)
            log_error("approvals", "the sweep failed: " + swept.error().message());
        if (swept)
            gauges.show(*swept, parts_.time.now_ns());
    }
}

}  // namespace reprise::runs
