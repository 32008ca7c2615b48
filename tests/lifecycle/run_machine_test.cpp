#include "reprise/lifecycle/run_machine.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::lifecycle {
namespace {

using model::run_state;

constexpr std::int64_t now_ns = 1'764'000'000'000'000'000;
const run_timing timing;

model::run queued_run(model::run_kind kind = model::run_kind::reproduce)
{
    model::run run;
    run.id = "01RUN";
    run.kind = kind;
    run.not_before_ns = now_ns;
    return run;
}

model::run leased_run(model::run_kind kind = model::run_kind::reproduce)
{
    return *lease(queued_run(kind), "worker-1", now_ns, timing);
}

TEST(run, the_attempt_is_counted_when_the_lease_is_taken)
{
    const auto leased = lease(queued_run(), "worker-1", now_ns, timing);

    ASSERT_TRUE(leased);
    EXPECT_EQ(leased->state, run_state::leased);
    EXPECT_EQ(leased->attempt, 1U);
    EXPECT_EQ(leased->lease_epoch, 1);
    EXPECT_EQ(leased->lease_owner, "worker-1");
    EXPECT_EQ(leased->lease_until_ns, now_ns + 30 * ns_per_s);
    EXPECT_EQ(leased->version, 2);
}

TEST(run, a_backoff_is_waited_for)
{
    EXPECT_EQ(lease(queued_run(), "worker-1", now_ns - 1, timing).error(), errc::not_due);
}

TEST(run, a_held_lease_is_not_taken_over_and_a_lost_one_is)
{
    const auto held = leased_run();

    EXPECT_EQ(lease(held, "worker-2", held.lease_until_ns - 1, timing).error(), errc::not_due);
    const auto taken = lease(held, "worker-2", held.lease_until_ns, timing);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->lease_owner, "worker-2");
    EXPECT_EQ(taken->lease_epoch, 2);
    EXPECT_EQ(taken->attempt, 2U);
}

TEST(run, a_heartbeat_prolongs_the_lease_of_its_epoch_only)
{
    const auto held = leased_run();
    const auto beaten = heartbeat(held, 1, now_ns + timing.heartbeat_ns, timing);

    ASSERT_TRUE(beaten);
    EXPECT_EQ(beaten->lease_until_ns, now_ns + 40 * ns_per_s);
    EXPECT_EQ(heartbeat(held, 0, now_ns, timing).error(), reprise::errc::stale);
    EXPECT_EQ(heartbeat(queued_run(), 0, now_ns, timing).error(), reprise::errc::stale);
}

TEST(run, an_old_epoch_writes_nothing)
{
    const auto first = leased_run();
    const auto second = *lease(first, "worker-2", first.lease_until_ns, timing);

    EXPECT_EQ(succeed(second, 1, now_ns).error(), reprise::errc::stale);
    EXPECT_EQ(fail(second, 1, failure_kind::transient, "x", now_ns, timing).error(), reprise::errc::stale);
    EXPECT_EQ(wait_for_approval(second, 1, now_ns).error(), reprise::errc::stale);
    EXPECT_EQ(release(second, 1, now_ns).error(), reprise::errc::stale);
    EXPECT_EQ(time_out(second, 1, now_ns).error(), reprise::errc::stale);
    EXPECT_TRUE(succeed(second, 2, now_ns));
}

TEST(run, delays_double_up_to_their_limit)
{
    const retry_profile profile{10, 120 * ns_per_s, 3600 * ns_per_s};

    EXPECT_EQ(backoff_ns(profile, 1), 120 * ns_per_s);
    EXPECT_EQ(backoff_ns(profile, 2), 240 * ns_per_s);
    EXPECT_EQ(backoff_ns(profile, 3), 480 * ns_per_s);
    EXPECT_EQ(backoff_ns(profile, 5), 1920 * ns_per_s);
    EXPECT_EQ(backoff_ns(profile, 6), 3600 * ns_per_s);
    EXPECT_EQ(backoff_ns(profile, 4'000'000'000), 3600 * ns_per_s);
    EXPECT_EQ(backoff_ns(retry_profile{4, 10, 5}, 1), 5);
    EXPECT_EQ(backoff_ns(retry_profile{4, 0, 5}, 1'000), 0);
}

// Leases and fails until nothing is left; the delays it was told to wait, in seconds.
std::vector<std::int64_t> delays_until_dead(model::run run)
{
    std::vector<std::int64_t> delays_s;
    std::int64_t time_ns = now_ns;
    while (run.state == run_state::queued) {
        run = *lease(run, "worker-1", time_ns, timing);
        run = *fail(run, run.lease_epoch, failure_kind::transient, "connection refused", time_ns, timing);
        if (run.state == run_state::queued)
            delays_s.push_back((run.not_before_ns - time_ns) / ns_per_s);
        time_ns = run.not_before_ns;
    }
    EXPECT_EQ(run.state, run_state::dead_letter);
    EXPECT_EQ(run.error, "connection refused");
    return delays_s;
}

TEST(run, is_retried_by_the_profile_of_its_kind_and_then_dead_lettered)
{
    EXPECT_EQ(delays_until_dead(queued_run(model::run_kind::reproduce)), (std::vector<std::int64_t>{120, 240, 480}));
    EXPECT_EQ(delays_until_dead(queued_run(model::run_kind::publish)), (std::vector<std::int64_t>{60, 120, 240}));
}

TEST(run, what_cannot_get_better_is_not_retried)
{
    const auto dead = fail(leased_run(), 1, failure_kind::permanent, "no such bundle", now_ns, timing);

    ASSERT_TRUE(dead);
    EXPECT_EQ(dead->state, run_state::dead_letter);
    EXPECT_EQ(dead->lease_owner, "");
}

TEST(run, work_that_kills_its_worker_runs_out_of_attempts)
{
    auto run = queued_run();
    std::int64_t time_ns = now_ns;
    for (int attempt = 1; attempt <= 4; ++attempt) {
        run = *lease(run, "worker-1", time_ns, timing);
        EXPECT_EQ(lose_lease(run, time_ns).error(), errc::not_due);
        time_ns = run.lease_until_ns;
        if (attempt == 4) {
            EXPECT_EQ(lease(run, "worker-2", time_ns, timing).error(), errc::attempts_exhausted);
        }
        run = *lose_lease(run, time_ns);
    }
    EXPECT_EQ(run.state, run_state::dead_letter);
    EXPECT_EQ(run.error, "The lease of worker-1 ran out in attempt 4 of 4, step none.");
}

TEST(run, a_lost_lease_is_due_again_at_once)
{
    const auto held = leased_run();
    const auto lost = lose_lease(held, held.lease_until_ns);

    ASSERT_TRUE(lost);
    EXPECT_EQ(lost->state, run_state::queued);
    EXPECT_EQ(lost->not_before_ns, held.lease_until_ns);
    EXPECT_EQ(lose_lease(*lost, held.lease_until_ns).error(), errc::illegal_transition);
}

TEST(run, a_lease_released_in_good_order_costs_no_attempt)
{
    const auto released = release(leased_run(), 1, now_ns + 5);

    ASSERT_TRUE(released);
    EXPECT_EQ(released->state, run_state::queued);
    EXPECT_EQ(released->attempt, 0U);
    EXPECT_EQ(released->not_before_ns, now_ns + 5);
    EXPECT_EQ(released->lease_epoch, 1);
}

TEST(run, an_approval_gives_all_attempts_back)
{
    auto held = leased_run();
    held.attempt = 4;
    const auto waiting = wait_for_approval(held, 1, now_ns);
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->state, run_state::waiting_approval);
    EXPECT_EQ(waiting->lease_until_ns, 0);
    EXPECT_EQ(lease(*waiting, "worker-1", now_ns, timing).error(), errc::illegal_transition);

    const auto resumed = resume_approved(*waiting, now_ns + 9);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->state, run_state::queued);
    EXPECT_EQ(resumed->attempt, 0U);
    EXPECT_TRUE(lease(*resumed, "worker-1", now_ns + 9, timing));
}

TEST(run, a_rejected_run_has_done_its_work)
{
    const auto waiting = *wait_for_approval(leased_run(), 1, now_ns);

    EXPECT_EQ(end_unapproved(waiting, now_ns)->state, run_state::succeeded);
    EXPECT_EQ(end_unapproved(leased_run(), now_ns).error(), errc::illegal_transition);
    EXPECT_EQ(resume_approved(leased_run(), now_ns).error(), errc::illegal_transition);
}

TEST(run, a_dead_letter_is_replayed_with_all_attempts_or_put_away)
{
    const auto dead = *fail(leased_run(), 1, failure_kind::permanent, "x", now_ns, timing);
    const auto again = replay_dead_letter(dead, now_ns + 7);

    ASSERT_TRUE(again);
    EXPECT_EQ(again->state, run_state::queued);
    EXPECT_EQ(again->attempt, 0U);
    EXPECT_EQ(discard_dead_letter(dead, now_ns)->state, run_state::discarded);
    EXPECT_EQ(replay_dead_letter(queued_run(), now_ns).error(), errc::illegal_transition);
    EXPECT_EQ(discard_dead_letter(queued_run(), now_ns).error(), errc::illegal_transition);
}

TEST(run, cancelling_a_leased_run_fences_its_worker)
{
    const auto cancelled = cancel(leased_run(), now_ns);

    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->state, run_state::cancelled);
    EXPECT_EQ(cancelled->lease_epoch, 2);
    EXPECT_EQ(heartbeat(*cancelled, 1, now_ns, timing).error(), reprise::errc::stale);
    EXPECT_EQ(succeed(*cancelled, 2, now_ns).error(), reprise::errc::stale);
}

TEST(run, cancelling_means_something_in_every_state_that_is_not_over)
{
    struct row {
        run_state state;
        cancel_effect effect;
    };
    const row rows[] = {
        {run_state::queued, cancel_effect::never_starts},      {run_state::leased, cancel_effect::fences},
        {run_state::failed, cancel_effect::refused},           {run_state::waiting_approval, cancel_effect::voids},
        {run_state::paused, cancel_effect::never_starts},      {run_state::paused_budget, cancel_effect::never_starts},
        {run_state::dead_letter, cancel_effect::refused},      {run_state::succeeded, cancel_effect::refused},
        {run_state::cancelled, cancel_effect::refused},        {run_state::timed_out, cancel_effect::refused},
        {run_state::discarded, cancel_effect::refused},
    };
    for (const row& one : rows) {
        auto run = queued_run();
        run.state = one.state;
        EXPECT_EQ(find_cancel_effect(one.state), one.effect) << model::to_text(one.state);
        EXPECT_EQ(cancel(run, now_ns).has_value(), one.effect != cancel_effect::refused) << model::to_text(one.state);
    }
}

TEST(run, a_long_error_is_cut)
{
    const auto failed = fail(leased_run(), 1, failure_kind::transient, std::string(100'000, 'x'), now_ns, timing);

    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->error.size(), run_error_bytes_max);
}

TEST(run, a_person_pauses_it_in_the_queue_and_at_work_and_resumes_it)
{
    const auto waiting = pause(queued_run(), "paused by ada", now_ns);
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->state, run_state::paused);
    EXPECT_EQ(waiting->hold, hold_by_person);
    EXPECT_EQ(waiting->hold_why, "paused by ada");

    const auto working = pause(leased_run(), "paused by ada", now_ns);
    ASSERT_TRUE(working);
    EXPECT_EQ(working->attempt, 0U) << "the attempt is given back";
    EXPECT_TRUE(working->lease_owner.empty());

    const auto resumed = resume(*working, now_ns + 5);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->state, run_state::queued);
    EXPECT_EQ(resumed->not_before_ns, now_ns + 5);
    EXPECT_TRUE(resumed->hold.empty());
    EXPECT_TRUE(resumed->hold_why.empty());
}

TEST(run, only_what_waits_or_works_is_paused_and_only_what_is_paused_is_resumed)
{
    auto run = queued_run();
    for (const auto state : {run_state::waiting_approval, run_state::dead_letter, run_state::succeeded}) {
        run.state = state;
        EXPECT_EQ(pause(run, "why", now_ns).error(), errc::illegal_transition);
    }
    EXPECT_EQ(resume(queued_run(), now_ns).error(), errc::illegal_transition);
    EXPECT_EQ(resume(leased_run(), now_ns).error(), errc::illegal_transition);
}

TEST(run, its_priority_may_change_while_it_waits)
{
    const auto raised = prioritise(queued_run(), model::run_priority_max, now_ns);
    ASSERT_TRUE(raised);
    EXPECT_EQ(raised->priority, model::run_priority_max);
    EXPECT_EQ(raised->state, run_state::queued);

    EXPECT_EQ(prioritise(queued_run(), model::run_priority_max + 1, now_ns).error(), reprise::errc::invalid_argument);
    EXPECT_EQ(prioritise(queued_run(), -1, now_ns).error(), reprise::errc::invalid_argument);
    EXPECT_EQ(prioritise(leased_run(), 7, now_ns).error(), errc::illegal_transition);
}

TEST(run, a_released_run_goes_before_automatic_ones)
{
    auto run = *wait_for_approval(leased_run(), 1, now_ns);
    EXPECT_EQ(resume_approved(run, now_ns)->priority, priority_released);
    run.priority = priority_released + 1;
    EXPECT_EQ(resume_approved(run, now_ns)->priority, priority_released + 1);
    EXPECT_LT(automatic_priority(model::severity::critical), priority_by_person);
    EXPECT_LT(automatic_priority(model::severity::low), automatic_priority(model::severity::high));
}

}  // namespace
}  // namespace reprise::lifecycle
