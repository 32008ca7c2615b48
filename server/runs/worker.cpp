#include "reprise/runs/worker.hpp"

#include "approval_gauges.hpp"
#include "run_gauges.hpp"
#include "run_queue.hpp"
#include "run_signals.hpp"
#include "steps.hpp"

#include "reprise/base/first_of.hpp"
#include "reprise/base/log.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

constexpr auto sweep_pause = std::chrono::seconds(1);
constexpr std::uint32_t sweeps_per_figures = 5;

}  // namespace

worker::worker(const worker_parts& parts)
    : parts_(parts),
      signals_(std::make_unique<run_signals>()),
      queue_(std::make_unique<run_queue>(parts.database, parts.time, parts.policy.timing, parts.notices)),
      gauges_(std::make_unique<run_gauges>(parts.numbers)),
      claimed_(parts.numbers.add_counter("reprise_runs_claimed_total", "Runs claimed by workers of this process.")),
      succeeded_(parts.numbers.add_counter("reprise_runs_executions_total", "Executions ended.", "result=\"settled\"")),
      failed_(parts.numbers.add_counter("reprise_runs_executions_total", "Executions ended.", "result=\"failed\"")),
      leases_lost_(parts.numbers.add_counter("reprise_runs_leases_lost_total", "Leases lost while working.")),
      leases_ended_(parts.numbers.add_counter(
          "reprise_runs_leases_ended_total", "Executions stopped because a person cancelled or paused the run."
      )),
      dead_letters_(parts.numbers.add_counter("reprise_runs_dead_letters_total", "Runs that became dead letters."))
{
    parts_.database.set_run_listener([signals = signals_.get()](const store::run_notice& notice) {
        signals->note(notice);
    });
}

worker::~worker()
{
    parts_.database.set_run_listener({});
}

asio::awaitable<void> worker::run_worker(std::string name)
{
    for (;;) {
        store::claim_filter filter;
        if (!parts_.policy.replay_here)
            filter.of_replays = store::claim_filter::replays::not_started;
        auto claimed = co_await queue_->claim(name, std::move(filter));
        if (claimed && *claimed) {
            claimed_.add();
            signals_->wake_one();
            co_await work_on(std::move(**claimed));
            continue;
        }
        co_await signals_->wait_for_work(parts_.policy.claim_pause);
    }
}

asio::awaitable<void> worker::work_on(model::run run)
{
    if (run.attempt > run.attempts_max) {
        co_await record_failure(run, true, "its worker was lost in each of its attempts");
        co_return;
    }
    const auto strand = co_await asio::this_coro::executor;
    lease_watch watch(*signals_, strand, run.id, run.lease_epoch);
    run_context context(parts_);
    context.run = std::move(run);
    std::exception_ptr thrown;
    std::size_t ended = 0;
    try {
        ended = co_await first_of(execute(context), keep_lease(context, watch));
    } catch (...) {
        thrown = std::current_exception();
    }
    if (!thrown) {
        if (ended == 1)
            log_info("runs", "the work on run " + context.run.id + " was stopped");
        co_return;
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        co_await asio::this_coro::reset_cancellation_state();
        const auto released = co_await queue_->give_back(context.run);
        if (!released)
            log_warn("runs", "run " + context.run.id + " not given back: " + released.error().message());
        std::rethrow_exception(thrown);
    }
    log_exception("run " + context.run.id, thrown);
    co_await record_failure(context.run, false, "an internal error; the log says more");
}

// Returns when the lease is over.
asio::awaitable<void> worker::keep_lease(run_context& context, lease_watch& watch)
{
    const std::chrono::nanoseconds pause(parts_.policy.timing.heartbeat_ns);
    for (;;) {
        const bool ended = co_await watch.wait(pause);
        if (ended) {
            leases_ended_.add();
            co_return;
        }
        const auto kept = co_await queue_->beat(context.run);
        if (!kept && kept.error() == errc::stale) {
            leases_lost_.add();
            log_warn("runs", "run " + context.run.id + " lost its lease; what it does now is another worker's");
            co_return;
        }
    }
}

asio::awaitable<void> worker::execute(run_context& context)
{
    auto load = [&context](const store::reader& from) { return load_context(from, context); };
    const auto loaded = co_await parts_.database.read(std::move(load));
    if (!loaded) {
        if (loaded.error() != errc::stale)
            co_await record_failure(context.run, false, "cannot be loaded: " + loaded.error().message());
        co_return;
    }
    if (const auto discard = lifecycle::find_discard_reason(context.incident, context.run)) {
        co_await put_away(context, *discard);
        co_return;
    }
    for (const named_step& next : steps_of(context.run.kind)) {
        if (next.work == nullptr || context.has_done(next.name))
            continue;
        if (next.name == step_verdict && !parts_.policy.replay_here) {
            co_await leave_to_others(context);
            co_return;
        }
        const step_answer answer = co_await next.work(context);
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

// The replay is prepared; a worker that reaches the target carries it out.
asio::awaitable<void> worker::leave_to_others(run_context& context)
{
    const auto released = co_await queue_->give_back(context.run);
    if (!released)
        log_warn("runs", "run " + context.run.id + " not given back: " + released.error().message());
}

// Nobody waits for its outcome any more.
asio::awaitable<void> worker::put_away(run_context& context, std::string why)
{
    context.run.error = std::move(why);
    auto drop = [this, &context](store::transaction& tx) { return finish_run(tx, context, parts_.time.now_ns()); };
    const auto dropped = co_await parts_.database.write(std::move(drop));
    if (!dropped)
        log_warn("runs", "run " + context.run.id + " not put away: " + dropped.error().message());
}

asio::awaitable<void> worker::record_failure(
    const model::run& run, bool permanent, std::string what, std::int64_t not_before_ns
)
{
    log_warn("runs", "run " + run.id + ": " + what);
    const auto kind = permanent ? lifecycle::failure_kind::permanent : lifecycle::failure_kind::transient;
    const auto stored = co_await queue_->fail(run, kind, std::move(what), not_before_ns);
    if (stored && stored->state == model::run_state::dead_letter)
        dead_letters_.add();
    if (!stored && stored.error() != errc::stale)
        log_error("runs", "failure of run " + run.id + " not stored: " + stored.error().message());
}

asio::awaitable<void> worker::run_sweeper()
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    approval_gauges gauges(parts_.numbers);
    for (std::uint32_t sweeps = 0;; ++sweeps) {
        if (sweeps % sweeps_per_figures == 0)
            co_await show_figures();
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

asio::awaitable<void> worker::show_figures()
{
    auto load = [](const store::reader& from) { return load_figures(from); };
    const auto figures = co_await parts_.database.read(std::move(load));
    if (figures)
        gauges_->show(*figures, parts_.time.now_ns());
}

}  // namespace reprise::runs
