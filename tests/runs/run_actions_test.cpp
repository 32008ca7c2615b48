#include "runs_fixture.hpp"

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/error.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/run_answers.hpp"

namespace reprise::runs {
namespace {

using model::incident_status;
using model::run_state;

class run_actions_test : public fixture::runs_fixture {
protected:
    void SetUp() override
    {
        add_incident();
        enqueue();
    }

    void save_steps(const std::vector<std::string>& names)
    {
        const auto save = [&](store::transaction& tx) -> result<void> {
            std::int64_t at_ns = fixture::t0;
            for (const std::string& name : names) {
                const model::run_step step{"01RUN", name, 1, "{}", at_ns, at_ns + 1};
                if (auto saved = store::save_step(tx, step); !saved)
                    return saved;
                at_ns += 10;
            }
            return {};
        };
        write(save).value();
    }
    void save_answers()
    {
        model::exchange_answers one;
        one.statuses[1] = {{500, 10}};
        const std::vector answers = {one};
        const auto save = [&](store::transaction& tx) {
            return store::save_run_answers(tx, "01RUN", run.evidence_id, answers, fixture::t0);
        };
        write(save).value();
    }
    std::size_t count_answers(const std::string& run_id)
    {
        const auto list = [&](const store::reader& from) { return store::list_run_answers(from, run_id); };
        return db->read_blocking(list).value().size();
    }
    std::string names_of_steps(const std::string& run_id)
    {
        std::string text;
        for (const auto& step : steps_of(run_id))
            text += step.name + " ";
        return text;
    }

    // As the worker leaves it: the run in the dead-letter state, its incident with a person.
    void die(const std::string& verdict = {})
    {
        auto dead = stored();
        dead.state = run_state::dead_letter;
        dead.attempt = 4;
        dead.step = "publish";
        dead.error = "it broke";
        dead.updated_ns = time.now_ns();
        if (!verdict.empty())
            dead.verdict = model::find_verdict(verdict);
        dead.result = verdict.empty() ? "" : "{}";
        const auto store_both = [&](store::transaction& tx) -> result<void> {
            store::save_run_by_version(tx, dead, dead.version).value();
            const auto before = store::find_incident(tx, incident.id).value().value();
            auto moved = lifecycle::dead_letter(before, dead, time.now_ns()).value();
            return store::save_incident(tx, moved.incident, before.version, moved.event);
        };
        write(store_both).value();
    }
};

TEST_F(run_actions_test, a_queued_run_is_paused_with_its_reason_and_resumed)
{
    const auto paused = act(run_action::pause, "the target is down");
    ASSERT_TRUE(paused);
    EXPECT_EQ(paused->state, run_state::paused);
    EXPECT_EQ(paused->hold, "person");
    EXPECT_EQ(paused->hold_why, "paused by user:ada: the target is down");
    EXPECT_EQ(last_audit(), "run.pause by user:ada");

    const auto resumed = act(run_action::resume);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->state, run_state::queued);
    EXPECT_TRUE(resumed->hold.empty());
    EXPECT_EQ(act(run_action::resume).error(), lifecycle::errc::illegal_transition);
}

TEST_F(run_actions_test, resuming_what_a_breaker_held_lets_its_incident_go_on)
{
    lifecycle::incident_change held;
    held.to = incident_status::detected;
    held.phase = lifecycle::phase_held;
    held.actor = "pipeline";
    held.why = "3 incidents have one cause";
    move(held);
    store_run(run_state::paused);

    ASSERT_TRUE(act(run_action::resume, "the cause is known"));

    EXPECT_EQ(stored_incident().status, incident_status::detected);
    EXPECT_EQ(stored_incident().phase, "queued");
    EXPECT_EQ(stored_incident().generation, 1);
}

TEST_F(run_actions_test, cancelling_a_held_run_leaves_the_incident_to_people)
{
    store_run(run_state::paused);

    ASSERT_TRUE(act(run_action::cancel));

    EXPECT_EQ(stored().state, run_state::cancelled);
    EXPECT_EQ(stored_incident().status, incident_status::needs_human);
    EXPECT_EQ(stored_incident().reason, "cancelled");
}

TEST_F(run_actions_test, the_priority_of_a_waiting_run_changes_the_order)
{
    run_request request;
    request.run_id = "01RUN";
    request.action = run_action::prioritise;
    request.actor = "user:ada";
    request.priority = 77;
    ASSERT_TRUE(write([&](store::transaction& tx) { return act_on_run(tx, request, time.now_ns()); }));
    EXPECT_EQ(stored().priority, 77);
    EXPECT_EQ(last_audit(), "run.priority by user:ada");

    store_run(run_state::succeeded);
    const auto late = write([&](store::transaction& tx) { return act_on_run(tx, request, time.now_ns()); });
    EXPECT_EQ(late.error(), lifecycle::errc::illegal_transition);
}

TEST_F(run_actions_test, a_dead_letter_goes_on_where_it_stopped)
{
    save_steps({"prepare", "replay", "trial.1", "verdict", "gate"});
    die("reproduced");
    EXPECT_EQ(stored_incident().reason, "dead_letter");

    const auto replayed = act(run_action::replay, "the disk has room again");

    ASSERT_TRUE(replayed);
    EXPECT_EQ(replayed->state, run_state::queued);
    EXPECT_EQ(replayed->attempt, 0U);
    EXPECT_EQ(replayed->verdict, model::verdict::reproduced);
    EXPECT_EQ(names_of_steps("01RUN"), "prepare replay trial.1 verdict gate ");
    EXPECT_EQ(stored_incident().status, incident_status::detected) << "where it was when the run died";
    EXPECT_EQ(last_audit(), "run.replay by user:ada");
}

TEST_F(run_actions_test, a_dead_letter_retried_from_a_step_drops_what_came_after)
{
    save_steps({"prepare", "replay", "trial.1", "trial.2", "verdict", "gate"});
    save_answers();
    die("reproduced");

    const auto replayed = act(run_action::retry, "", "replay");

    ASSERT_TRUE(replayed);
    EXPECT_EQ(names_of_steps("01RUN"), "prepare ");
    EXPECT_EQ(count_answers("01RUN"), 0U);
    EXPECT_FALSE(replayed->verdict);
    EXPECT_TRUE(replayed->result.empty());
}

TEST_F(run_actions_test, a_retry_from_the_verdict_keeps_the_trials)
{
    save_steps({"prepare", "replay", "trial.1", "verdict", "gate"});
    die("reproduced");

    ASSERT_TRUE(act(run_action::retry, "", "verdict"));

    EXPECT_EQ(names_of_steps("01RUN"), "prepare replay trial.1 ");
    EXPECT_FALSE(stored().verdict);
}

TEST_F(run_actions_test, a_retry_from_the_gate_voids_what_was_released_and_one_from_the_publication_does_not)
{
    const auto approve = [&](store::transaction& tx) -> result<void> {
        lifecycle::approval_request asked;
        asked.id = "01APPROVAL";
        asked.run_id = "01RUN";
        asked.incident_id = incident.id;
        asked.action = "ticket";
        asked.content = "{}";
        asked.risk = model::risk::high;
        asked.now_ns = fixture::t0;
        auto approval = lifecycle::open_approval(asked, {});
        store::insert_approval(tx, approval).value();
        approval.state = model::approval_state::approved;
        return store::save_approval(tx, approval, approval.version, fixture::t0);
    };
    write(approve).value();
    const auto state = [&] {
        return db->read_blocking([](const store::reader& r) { return store::find_approval(r, "01APPROVAL"); })
            .value()
            ->state;
    };
    die("reproduced");
    ASSERT_TRUE(act(run_action::retry, "", "publish"));
    EXPECT_EQ(state(), model::approval_state::approved);

    die("reproduced");
    ASSERT_TRUE(act(run_action::retry, "", "gate"));
    EXPECT_EQ(state(), model::approval_state::voided);
}

TEST_F(run_actions_test, a_step_that_is_none_is_refused_and_nothing_changes)
{
    die();
    for (const std::string step : {"deploy", "trial.1", "Replay"})
        EXPECT_EQ(act(run_action::retry, "", step).error(), lifecycle::errc::unknown_step) << step;
    EXPECT_EQ(stored().state, run_state::dead_letter);
    EXPECT_EQ(last_audit(), "");
}

TEST_F(run_actions_test, a_dead_letter_whose_incident_moved_on_stays_dead)
{
    die();
    lifecycle::incident_change resolved;
    resolved.to = incident_status::resolved;
    resolved.cause = lifecycle::change_cause::person;
    resolved.actor = "user:ada";
    move(resolved);

    EXPECT_EQ(act(run_action::replay).error(), lifecycle::errc::not_awaited);
    EXPECT_EQ(stored().state, run_state::dead_letter);
}

TEST_F(run_actions_test, discarding_a_dead_letter_says_why)
{
    EXPECT_EQ(act(run_action::discard, "done by hand").error(), lifecycle::errc::illegal_transition);
    die();
    EXPECT_EQ(act(run_action::discard).error(), lifecycle::errc::comment_required);

    ASSERT_TRUE(act(run_action::discard, "done by hand"));

    EXPECT_EQ(stored().state, run_state::discarded);
    EXPECT_EQ(stored_incident().status, incident_status::needs_human) << "still a person's";
    EXPECT_EQ(last_audit(), "run.discard by user:ada");
}

TEST_F(run_actions_test, only_a_dead_letter_is_replayed)
{
    EXPECT_EQ(act(run_action::replay).error(), lifecycle::errc::illegal_transition);
    EXPECT_EQ(act(run_action::retry).error(), lifecycle::errc::illegal_transition) << "queued";
    store_run(run_state::succeeded);
    EXPECT_EQ(act(run_action::replay).error(), lifecycle::errc::illegal_transition);
}

TEST_F(run_actions_test, a_finished_run_that_is_still_awaited_is_taken_up_by_a_new_one)
{
    save_steps({"prepare", "replay", "trial.1", "verdict"});
    save_answers();
    auto over = stored();
    over.state = run_state::succeeded;
    over.verdict = model::verdict::reproduced;
    over.result = "{}";
    over.counted = true;
    write([&](store::transaction& tx) { return store::save_run_by_version(tx, over, over.version); }).value();
    lifecycle::incident_change reproducing;
    reproducing.to = incident_status::reproducing;
    reproducing.actor = "run:01RUN";
    move(reproducing);

    const auto next = act(run_action::retry, "once more", "gate");

    ASSERT_TRUE(next);
    EXPECT_NE(next->id, "01RUN");
    EXPECT_EQ(next->state, run_state::queued);
    EXPECT_EQ(next->requested_by, "user:ada");
    EXPECT_EQ(next->verdict, model::verdict::reproduced);
    EXPECT_EQ(next->priority, lifecycle::priority_by_person);
    EXPECT_FALSE(next->counted);
    EXPECT_EQ(names_of_steps(next->id), "prepare replay trial.1 verdict ");
    EXPECT_EQ(count_answers(next->id), 1U) << "what its trials were answered";
    EXPECT_EQ(count_answers("01RUN"), 1U);
    EXPECT_EQ(stored().state, run_state::succeeded) << "what is over stays as it was";
    EXPECT_EQ(names_of_steps("01RUN"), "prepare replay trial.1 verdict ");

    EXPECT_EQ(act(run_action::retry, "", "gate").error(), lifecycle::errc::active_run);
}

TEST_F(run_actions_test, a_finished_run_that_nobody_awaits_is_not_taken_up)
{
    store_run(run_state::succeeded);
    lifecycle::incident_change gave_up;
    gave_up.to = incident_status::needs_human;
    gave_up.reason = "not_reproduced";
    gave_up.actor = "run:01RUN";
    move(gave_up);

    EXPECT_EQ(act(run_action::retry, "", "replay").error(), lifecycle::errc::not_awaited);
}

TEST_F(run_actions_test, people_queue_a_reproduce_run_by_hand)
{
    run_start start;
    start.incident_id = incident.id;
    start.person.name = "ada";
    start.priority = 90;
    const auto queue = [&] {
        return write([&](store::transaction& tx) { return start_reproduce(tx, start, time.now_ns()); });
    };
    EXPECT_EQ(queue().error(), lifecycle::errc::active_run) << "the automatic one is still there";

    ASSERT_TRUE(act(run_action::cancel));
    const auto queued = queue();

    ASSERT_TRUE(queued);
    EXPECT_EQ(queued->kind, model::run_kind::reproduce);
    EXPECT_EQ(queued->priority, 90);
    EXPECT_EQ(queued->requested_by, "user:ada");
    EXPECT_EQ(queued->generation, 2);
    EXPECT_EQ(stored_incident().status, incident_status::detected);

    start.incident_id = "nobody";
    EXPECT_EQ(queue().error(), reprise::errc::not_found);
}

}  // namespace
}  // namespace reprise::runs
