#include "gate_world.hpp"

#include "../../server/runs/approval_gauges.hpp"

#include "reprise/runs/snoozes.hpp"

namespace reprise::runs {
namespace {

using model::approval_state;
using model::run_state;
using test::hour_ns;

class sweep_of_approvals : public test::gate_world {
protected:
    void SetUp() override
    {
        open_incident();
        run = waiting_run();
    }
    std::string run;
};

TEST_F(sweep_of_approvals, expiry_ends_the_run_and_never_releases)
{
    time.advance_ns(4 * hour_ns - 1);
    EXPECT_EQ(sweep().ended, 0U);
    time.advance_ns(1);
    EXPECT_EQ(sweep().ended, 1U);

    EXPECT_EQ(approval_of(run).state, approval_state::expired);
    EXPECT_EQ(run_now(run).state, run_state::succeeded);
    EXPECT_EQ(place(), "needs_human(approval_expired)");
    EXPECT_TRUE(trackers.asked.empty());
    EXPECT_EQ(notices.all.back().state, "expired");
    EXPECT_EQ(notices.all.back().actor, "clock");
    EXPECT_EQ(sweep().ended, 0U);
}

TEST_F(sweep_of_approvals, what_was_released_and_not_carried_out_within_the_hour_lapses)
{
    stop();
    release(approval_of(run));
    time.advance_ns(hour_ns + 1);
    EXPECT_EQ(sweep().ended, 1U);

    EXPECT_EQ(approval_of(run).state, approval_state::lapsed);
    EXPECT_EQ(run_now(run).state, run_state::cancelled);
    EXPECT_EQ(place(), "needs_human(approval_lapsed)");
}

TEST_F(sweep_of_approvals, people_are_reminded_once_at_half_and_once_at_nine_tenths)
{
    time.advance_ns(2 * hour_ns);
    EXPECT_EQ(sweep().reminded, 1U);
    EXPECT_EQ(sweep().reminded, 0U);
    EXPECT_EQ(notices.all.back().percent, 50U);
    EXPECT_EQ(notices.all.back().id, "approval_reminder/" + approval_of(run).id + "/50");
    time.advance_ns(hour_ns * 8 / 5);
    EXPECT_EQ(sweep().reminded, 1U);
    EXPECT_EQ(notices.all.back().percent, 90U);
    EXPECT_EQ(approval_of(run).reminded, 90U);
    EXPECT_TRUE(audit_actions().empty());
}

TEST_F(sweep_of_approvals, a_problem_that_got_worse_voids_it_and_asks_again)
{
    const auto before = approval_of(run);
    change_incident([](model::incident& incident) { incident.severity = model::severity::critical; });
    EXPECT_EQ(sweep().voided, 1U);
    EXPECT_EQ(run_now(run).state, run_state::queued);
    work_until_run(run, run_state::waiting_approval);

    const auto after = approval_of(run);
    EXPECT_NE(after.id, before.id);
    EXPECT_EQ(after.state, approval_state::pending);
    EXPECT_EQ(after.severity, model::severity::critical);
    EXPECT_NE(after.content_hash, before.content_hash);
    EXPECT_EQ(audit_actions(), std::vector<std::string>{"approval.void"});
    EXPECT_EQ(decide(decision_on(before, "bo")).error(), lifecycle::errc::already_decided);
    const auto old = read([&](store::reader& from) { return store::find_approval(from, before.id); }).value();
    EXPECT_NE(old.void_reason, "");
    EXPECT_EQ(after.void_reason, "");
}

TEST_F(sweep_of_approvals, an_incident_comes_back_when_its_snooze_is_over)
{
    store_person(approver("ada"));
    care_request request;
    request.id = incident_id;
    request.person = approver("ada");
    write([&](store::transaction& tx) {
        return snooze_incident(tx, request, time.now_ns() + hour_ns, "the owner is told", time.now_ns());
    });
    time.advance_ns(hour_ns - 1);
    sweep();
    EXPECT_TRUE(incident_now().snoozed_until_ns);
    time.advance_ns(1);
    sweep();
    EXPECT_FALSE(incident_now().snoozed_until_ns);
    const auto timeline =
        read([&](store::reader& from) { return store::list_timeline(from, incident_id, 0, 50); });
    EXPECT_EQ(timeline.back().actor, "clock");
    EXPECT_EQ(place(), "needs_human(no_target)") << "a snooze moves nothing";
}

TEST_F(sweep_of_approvals, an_incident_that_started_over_ends_the_run)
{
    change_incident([](model::incident& incident) { incident.generation = 2; });
    EXPECT_EQ(sweep().voided, 1U);
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(approval_of(run).state, approval_state::voided);
    EXPECT_NE(run_now(run).error.find("generation"), std::string::npos);
    EXPECT_EQ(place(), "needs_human(no_target)");
}

TEST_F(sweep_of_approvals, what_got_worse_between_release_and_execution_is_not_carried_out)
{
    stop();
    release(approval_of(run));
    change_incident([](model::incident& incident) { incident.severity = model::severity::critical; });
    work_until_run(run, run_state::waiting_approval);

    EXPECT_TRUE(trackers.asked.empty());
    EXPECT_EQ(approval_of(run).state, approval_state::pending);
    EXPECT_EQ(approval_of(run).severity, model::severity::critical);
    EXPECT_TRUE(publications().empty());
}

TEST_F(sweep_of_approvals, changes_nobody_made_end_with_their_time)
{
    ASSERT_TRUE(decide(decision_on(approval_of(run), "bo", model::decision_kind::request_changes)));
    time.advance_ns(4 * hour_ns);
    EXPECT_EQ(sweep().ended, 1U);
    EXPECT_EQ(run_now(run).state, run_state::succeeded);
    EXPECT_EQ(place(), "needs_human(changes_requested)");
    EXPECT_EQ(sweep().ended, 0U);
}

TEST_F(sweep_of_approvals, the_gauges_show_states_and_the_oldest_pending)
{
    time.advance_ns(90 * ns_per_s);
    approval_gauges gauges(numbers);
    gauges.show(sweep(), time.now_ns());
    EXPECT_NE(numbers.render().find("reprise_approvals{state=\"pending\"} 1"), std::string::npos);
    EXPECT_NE(numbers.render().find("reprise_approval_oldest_pending_seconds 90"), std::string::npos);

    ASSERT_TRUE(decide(decision_on(approval_of(run), "bo", model::decision_kind::stop)));
    gauges.show(sweep(), time.now_ns());
    EXPECT_NE(numbers.render().find("reprise_approvals{state=\"pending\"} 0"), std::string::npos);
    EXPECT_NE(numbers.render().find("reprise_approvals{state=\"stopped\"} 1"), std::string::npos);
    EXPECT_NE(numbers.render().find("reprise_approval_oldest_pending_seconds 0"), std::string::npos);
}

}  // namespace
}  // namespace reprise::runs
