#include "reprise/lifecycle/snooze.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::lifecycle {
namespace {

constexpr std::int64_t minute_ns = 60LL * 1'000'000'000;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t opened_ns = 1'764'000'000'000'000'000;

model::approval waiting_approval()
{
    model::approval approval;
    approval.id = "a1";
    approval.created_ns = opened_ns;
    approval.expires_ns = opened_ns + 10 * hour_ns;
    return approval;
}

model::incident open_incident()
{
    model::incident incident;
    incident.id = "i1";
    incident.status = model::incident_status::needs_human;
    incident.reason = "no_target";
    incident.severity = model::severity::medium;
    incident.version = 4;
    return incident;
}

incident_snooze until(std::int64_t until_ns, std::string reason = "the owner is back on Monday")
{
    return {until_ns, std::move(reason), "ada", opened_ns};
}

TEST(snooze_of_an_approval, lasts_until_the_time_that_was_asked_for)
{
    const auto plan = plan_snooze(waiting_approval(), opened_ns + hour_ns, opened_ns);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->until_ns, opened_ns + hour_ns);
    EXPECT_FALSE(plan->expires_first);
}

TEST(snooze_of_an_approval, comes_back_with_a_tenth_of_its_time_left_when_the_expiry_comes_first)
{
    for (const std::int64_t wanted_ns : {opened_ns + 10 * hour_ns, opened_ns + 30 * hour_ns}) {
        const auto plan = plan_snooze(waiting_approval(), wanted_ns, opened_ns + hour_ns);
        ASSERT_TRUE(plan);
        EXPECT_EQ(plan->until_ns, opened_ns + 9 * hour_ns);
        EXPECT_TRUE(plan->expires_first);
    }
}

TEST(snooze_of_an_approval, near_its_end_only_a_time_before_it_is_taken)
{
    const std::int64_t late_ns = opened_ns + 9 * hour_ns;
    EXPECT_EQ(plan_snooze(waiting_approval(), opened_ns + 20 * hour_ns, late_ns).error(), errc::expires_first);
    EXPECT_EQ(plan_snooze(waiting_approval(), late_ns + 10 * minute_ns, late_ns)->until_ns, late_ns + 10 * minute_ns);
}

TEST(snooze_of_an_approval, needs_one_that_waits_and_a_time_ahead)
{
    EXPECT_EQ(plan_snooze(waiting_approval(), opened_ns, opened_ns).error(), errc::time_passed);
    EXPECT_EQ(
        plan_snooze(waiting_approval(), opened_ns + 12 * hour_ns, opened_ns + 11 * hour_ns).error(), errc::expired
    );
    model::approval decided = waiting_approval();
    decided.state = model::approval_state::rejected;
    EXPECT_EQ(plan_snooze(decided, opened_ns + hour_ns, opened_ns).error(), errc::already_decided);
}

TEST(snooze_of_an_incident, keeps_reason_and_person_and_says_so_in_the_timeline)
{
    const auto changed = snooze(open_incident(), until(opened_ns + hour_ns));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->incident.snoozed_until_ns, opened_ns + hour_ns);
    EXPECT_EQ(changed->incident.snooze_reason, "the owner is back on Monday");
    EXPECT_EQ(changed->incident.snoozed_by, "ada");
    EXPECT_EQ(changed->incident.version, 5);
    EXPECT_EQ(changed->event.actor, "user:ada");
    EXPECT_EQ(changed->event.from, changed->event.to);
    EXPECT_NE(changed->event.why.find("the owner is back on Monday"), std::string::npos);
}

TEST(snooze_of_an_incident, is_refused_without_reason_ahead_of_its_limit_or_when_it_is_over)
{
    EXPECT_EQ(snooze(open_incident(), until(opened_ns + hour_ns, "")).error(), errc::comment_required);
    EXPECT_EQ(snooze(open_incident(), until(opened_ns)).error(), errc::time_passed);
    EXPECT_EQ(snooze(open_incident(), until(opened_ns + incident_snooze_ns_max + 1)).error(), errc::too_far);
    EXPECT_TRUE(snooze(open_incident(), until(opened_ns + incident_snooze_ns_max)));
    const std::string long_reason(snooze_reason_bytes_max + 1, 'x');
    EXPECT_EQ(snooze(open_incident(), until(opened_ns + 1, long_reason)).error(), reprise::errc::too_large);
    model::incident over = open_incident();
    over.status = model::incident_status::resolved;
    EXPECT_EQ(snooze(over, until(opened_ns + hour_ns)).error(), errc::illegal_transition);
}

TEST(snooze_of_an_incident, ends_when_its_severity_rises_and_not_when_it_is_only_seen_again)
{
    model::incident incident = snooze(open_incident(), until(opened_ns + hour_ns))->incident;
    EXPECT_FALSE(raise_severity(incident, model::severity::medium));
    EXPECT_FALSE(raise_severity(incident, model::severity::low));
    EXPECT_TRUE(incident.snoozed_until_ns);
    EXPECT_EQ(incident.severity, model::severity::medium);

    EXPECT_TRUE(raise_severity(incident, model::severity::high));
    EXPECT_EQ(incident.severity, model::severity::high);
    EXPECT_FALSE(incident.snoozed_until_ns);
    EXPECT_EQ(incident.snooze_reason, "");
    EXPECT_NE(return_event(incident, "pipeline", opened_ns).why.find("high"), std::string::npos);
    EXPECT_FALSE(raise_severity(incident, model::severity::critical)) << "it is not snoozed any more";
    EXPECT_EQ(incident.severity, model::severity::critical);
}

TEST(snooze_of_an_incident, ends_by_hand_and_with_the_incident)
{
    const model::incident snoozed = snooze(open_incident(), until(opened_ns + hour_ns))->incident;
    const auto ended = end_snooze(snoozed, "user:bo", "not snoozed any more", opened_ns + 1);
    ASSERT_TRUE(ended);
    EXPECT_FALSE(ended->incident.snoozed_until_ns);
    EXPECT_EQ(end_snooze(ended->incident, "user:bo", "again", opened_ns + 2).error(), errc::not_snoozed);

    incident_change resolve;
    resolve.to = model::incident_status::resolved;
    resolve.cause = change_cause::person;
    resolve.actor = "user:ada";
    resolve.now_ns = opened_ns + 1;
    const auto resolved = apply(snoozed, resolve);
    ASSERT_TRUE(resolved);
    EXPECT_FALSE(resolved->incident.snoozed_until_ns);
}

TEST(assignment, goes_to_a_name_and_back_to_nobody)
{
    const auto given = assign(open_incident(), "bo", "ada", opened_ns);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->incident.assigned_to, "bo");
    EXPECT_EQ(given->event.why, "assigned to bo");
    EXPECT_EQ(given->event.actor, "user:ada");
    EXPECT_EQ(assign(given->incident, "bo", "ada", opened_ns).error(), errc::unchanged);
    EXPECT_EQ(assign(given->incident, "", "bo", opened_ns)->incident.assigned_to, "");
}

}  // namespace
}  // namespace reprise::lifecycle
