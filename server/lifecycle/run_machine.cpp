#include "reprise/lifecycle/run_machine.hpp"

#include <algorithm>
#include <array>

namespace reprise::lifecycle {
namespace {

using enum model::run_state;

constexpr std::array edges = {
    run_edge{queued, leased},
    run_edge{queued, paused},
    run_edge{queued, cancelled},
    run_edge{leased, queued},
    run_edge{leased, succeeded},
    run_edge{leased, failed},
    run_edge{leased, waiting_approval},
    run_edge{leased, paused},
    run_edge{leased, paused_budget},
    run_edge{leased, cancelled},
    run_edge{leased, timed_out},
    run_edge{failed, queued},
    run_edge{failed, dead_letter},
    run_edge{waiting_approval, queued},
    run_edge{waiting_approval, succeeded},
    run_edge{waiting_approval, cancelled},
    run_edge{paused, queued},
    run_edge{paused, cancelled},
    run_edge{paused_budget, queued},
    run_edge{paused_budget, cancelled},
    run_edge{dead_letter, queued},
    run_edge{dead_letter, discarded},
};

// The new state without a lease; version and time set.
model::run moved(const model::run& run, model::run_state to, std::int64_t now_ns)
{
    model::run next = run;
    next.state = to;
    next.lease_owner.clear();
    next.lease_until_ns = 0;
    next.hold.clear();
    next.hold_why.clear();
    next.version += 1;
    next.updated_ns = now_ns;
    return next;
}

result<model::run> move(const model::run& run, model::run_state to, std::int64_t now_ns)
{
    if (!is_edge(run.state, to))
        return errc::illegal_transition;
    return moved(run, to, now_ns);
}

bool holds(const model::run& run, std::int64_t epoch) noexcept
{
    return run.state == leased && run.lease_epoch == epoch;
}

result<model::run> move_leased(const model::run& run, std::int64_t epoch, model::run_state to, std::int64_t now_ns)
{
    if (!holds(run, epoch))
        return reprise::errc::stale;
    return move(run, to, now_ns);
}

// Due at once with every attempt left.
result<model::run> start_anew(const model::run& run, model::run_state from, std::int64_t now_ns)
{
    if (run.state != from)
        return errc::illegal_transition;
    auto next = move(run, queued, now_ns);
    if (next) {
        next->attempt = 0;
        next->not_before_ns = now_ns;
    }
    return next;
}

std::string cut(std::string_view text)
{
    return std::string(text.substr(0, run_error_bytes_max));
}

}  // namespace

std::span<const run_edge> run_edges() noexcept
{
    return edges;
}

bool is_edge(model::run_state from, model::run_state to) noexcept
{
    return std::any_of(
        edges.begin(), edges.end(), [=](const run_edge& one) { return one.from == from && one.to == to; }
    );
}

bool is_final(model::run_state state) noexcept
{
    return state == succeeded || state == cancelled || state == timed_out || state == discarded;
}

std::int64_t automatic_priority(model::severity severity) noexcept
{
    constexpr std::int64_t step = 10;
    return static_cast<std::int64_t>(severity) * step;
}

std::int64_t backoff_ns(const retry_profile& profile, std::uint32_t attempts_done) noexcept
{
    std::int64_t delay_ns = std::min(profile.delay_first_ns, profile.delay_max_ns);
    for (std::uint32_t i = 1; i < attempts_done && delay_ns < profile.delay_max_ns; ++i)
        delay_ns = delay_ns > profile.delay_max_ns / 2 ? profile.delay_max_ns : delay_ns * 2;
    return delay_ns;
}

result<model::run> lease(
    const model::run& run, std::string_view owner, std::int64_t now_ns, const run_timing& timing
)
{
    if (run.state != queued && run.state != leased)
        return errc::illegal_transition;
    const std::int64_t due_ns = run.state == queued ? run.not_before_ns : run.lease_until_ns;
    if (now_ns < due_ns)
        return errc::not_due;
    if (run.attempt >= run.attempts_max)
        return errc::attempts_exhausted;
    model::run next = moved(run, leased, now_ns);
    next.attempt += 1;
    next.lease_epoch += 1;
    next.lease_owner = owner;
    next.lease_until_ns = now_ns + timing.lease_ns;
    return next;
}

result<model::run> heartbeat(
    const model::run& run, std::int64_t epoch, std::int64_t now_ns, const run_timing& timing
)
{
    if (!holds(run, epoch))
        return reprise::errc::stale;
    model::run next = run;
    next.lease_until_ns = now_ns + timing.lease_ns;
    next.updated_ns = now_ns;
    next.version += 1;
    return next;
}

result<model::run> release(const model::run& run, std::int64_t epoch, std::int64_t now_ns)
{
    auto next = move_leased(run, epoch, queued, now_ns);
    if (next) {
        next->attempt -= std::min(next->attempt, 1U);
        next->not_before_ns = now_ns;
    }
    return next;
}

result<model::run> lose_lease(const model::run& run, std::int64_t now_ns)
{
    if (run.state != leased)
        return errc::illegal_transition;
    if (now_ns < run.lease_until_ns)
        return errc::not_due;
    const bool exhausted = run.attempt >= run.attempts_max;
    model::run next = moved(run, exhausted ? dead_letter : queued, now_ns);
    next.not_before_ns = now_ns;
    next.error = cut("The lease of " + run.lease_owner + " ran out in attempt " + std::to_string(run.attempt) + " of "
        + std::to_string(run.attempts_max) + ", step " + (run.step.empty() ? "none" : run.step) + ".");
    return next;
}

result<model::run> fail(
    const model::run& run, std::int64_t epoch, failure_kind kind, std::string_view error, std::int64_t now_ns,
    const run_timing& timing
)
{
    auto next = move_leased(run, epoch, failed, now_ns);
    if (!next)
        return next;
    next->error = cut(error);
    if (kind == failure_kind::permanent || run.attempt >= run.attempts_max) {
        next->state = dead_letter;
        return next;
    }
    next->state = queued;
    next->not_before_ns = now_ns + backoff_ns(timing.profile(run.kind), run.attempt);
    return next;
}

result<model::run> succeed(const model::run& run, std::int64_t epoch, std::int64_t now_ns)
{
    return move_leased(run, epoch, succeeded, now_ns);
}

result<model::run> time_out(const model::run& run, std::int64_t epoch, std::int64_t now_ns)
{
    return move_leased(run, epoch, timed_out, now_ns);
}

result<model::run> wait_for_approval(const model::run& run, std::int64_t epoch, std::int64_t now_ns)
{
    return move_leased(run, epoch, waiting_approval, now_ns);
}

result<model::run> resume_approved(const model::run& run, std::int64_t now_ns)
{
    auto next = start_anew(run, waiting_approval, now_ns);
    if (next)
        next->priority = std::max(next->priority, priority_released);
    return next;
}

result<model::run> end_unapproved(const model::run& run, std::int64_t now_ns)
{
    if (run.state != waiting_approval)
        return errc::illegal_transition;
    return move(run, succeeded, now_ns);
}

result<model::run> replay_dead_letter(const model::run& run, std::int64_t now_ns)
{
    return start_anew(run, dead_letter, now_ns);
}

result<model::run> discard_dead_letter(const model::run& run, std::int64_t now_ns)
{
    return move(run, discarded, now_ns);
}

result<model::run> pause(const model::run& run, std::string_view why, std::int64_t now_ns)
{
    const bool works = run.state == leased;
    auto next = move(run, paused, now_ns);
    if (!next)
        return next;
    next->hold = hold_by_person;
    next->hold_why = cut(why);
    if (works)
        next->attempt -= std::min(next->attempt, 1U);
    return next;
}

result<model::run> resume(const model::run& run, std::int64_t now_ns)
{
    if (run.state != paused && run.state != paused_budget)
        return errc::illegal_transition;
    auto next = move(run, queued, now_ns);
    if (next)
        next->not_before_ns = now_ns;
    return next;
}

result<model::run> prioritise(const model::run& run, std::int64_t priority, std::int64_t now_ns)
{
    if (priority < 0 || priority > model::run_priority_max)
        return reprise::errc::invalid_argument;
    if (run.state != queued && run.state != paused && run.state != paused_budget)
        return errc::illegal_transition;
    model::run next = run;
    next.priority = priority;
    next.version += 1;
    next.updated_ns = now_ns;
    return next;
}

cancel_effect find_cancel_effect(model::run_state state) noexcept
{
    switch (state) {
    case queued:
    case paused:
    case paused_budget: return cancel_effect::never_starts;
    case leased: return cancel_effect::fences;
    case waiting_approval: return cancel_effect::voids;
    case failed:
    case dead_letter:
    case succeeded:
    case cancelled:
    case timed_out:
    case discarded: return cancel_effect::refused;
    }
    return cancel_effect::refused;
}

result<model::run> cancel(const model::run& run, std::int64_t now_ns)
{
    const cancel_effect effect = find_cancel_effect(run.state);
    if (effect == cancel_effect::refused)
        return errc::illegal_transition;
    auto next = move(run, cancelled, now_ns);
    if (next && effect == cancel_effect::fences)
        next->lease_epoch += 1;
    return next;
}

}  // namespace reprise::lifecycle
