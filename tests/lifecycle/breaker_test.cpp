#include "reprise/lifecycle/breaker.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::lifecycle {
namespace {

constexpr std::int64_t deployed_ns = 1'764'000'000 * ns_per_s;
constexpr std::int64_t minute_ns = 60 * ns_per_s;

model::deployment deployment_of(std::string version)
{
    return {"checkout", std::move(version), deployed_ns, model::deployment_origin::observed};
}

shared_cause cause_with(std::size_t incidents)
{
    shared_cause cause;
    cause.text = "deployment checkout 2.4.1";
    for (std::size_t i = 0; i < incidents; ++i)
        cause.incidents.push_back("01INCIDENT" + std::to_string(i));
    return cause;
}

TEST(breaker, nothing_is_held_below_every_limit)
{
    breaker_counts counts;
    counts.incident_runs = 4;
    counts.hour_runs = 59;
    counts.causes = {cause_with(2)};

    EXPECT_FALSE(find_hold({}, counts));
}

TEST(breaker, the_sixth_run_of_an_incident_within_a_day_is_held)
{
    breaker_counts counts;
    counts.incident_runs = 5;

    const auto hold = find_hold({}, counts);

    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->reason, hold_reason::incident_limit);
    EXPECT_EQ(hold->why, "the incident had 5 automatic runs of this kind within a day");
}

TEST(breaker, the_sixty_first_run_of_an_hour_is_held)
{
    breaker_counts counts;
    counts.hour_runs = 60;

    const auto hold = find_hold({}, counts);

    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->reason, hold_reason::hour_limit);
}

TEST(breaker, the_third_incident_with_one_cause_is_a_storm_and_the_cause_is_named)
{
    breaker_counts counts;
    counts.causes = {cause_with(1), cause_with(3)};
    counts.incident_runs = 5;

    const auto hold = find_hold({}, counts);

    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->reason, hold_reason::storm);
    EXPECT_EQ(hold->why, "3 incidents within 30 min have one cause, deployment checkout 2.4.1: 01INCIDENT0, "
                         "01INCIDENT1, 01INCIDENT2");
}

TEST(breaker, a_large_storm_names_some_incidents_and_counts_the_rest)
{
    breaker_counts counts;
    counts.causes = {cause_with(9)};

    EXPECT_NE(find_hold({}, counts)->why.find("01INCIDENT4 and 4 more"), std::string::npos);
}

TEST(breaker, each_breaker_is_turned_off_by_zero)
{
    breaker_counts counts;
    counts.incident_runs = 1000;
    counts.hour_runs = 1000;
    counts.causes = {cause_with(1000)};
    breaker_limits limits;
    limits.incident_runs_max = 0;
    limits.hour_runs_max = 0;
    limits.storm_incidents = 0;

    EXPECT_FALSE(find_hold(limits, counts));
}

TEST(breaker, a_deployment_is_blamed_for_two_hours)
{
    const auto running = deployment_of("2.4.1");

    EXPECT_FALSE(deployment_cause(running, deployed_ns - 1)) << "seen before it";
    ASSERT_TRUE(deployment_cause(running, deployed_ns + 120 * minute_ns));
    EXPECT_FALSE(deployment_cause(running, deployed_ns + 121 * minute_ns));
    EXPECT_EQ(deployment_cause(running, deployed_ns)->text, "deployment checkout 2.4.1");
    EXPECT_NE(deployment_cause(running, deployed_ns)->key, deployment_cause(deployment_of("2.4.2"), deployed_ns)->key);
}

TEST(breaker, causes_of_different_kinds_never_meet)
{
    EXPECT_FALSE(message_cause(""));
    EXPECT_EQ(message_cause("connection refused")->key, message_cause("connection refused")->key);
    EXPECT_NE(error_cause("a", "b").key, message_cause("a\nb")->key);
    EXPECT_NE(error_cause("a", "bc").key, error_cause("ab", "c").key);
    EXPECT_EQ(error_cause("checkout", "latency").text, "latency in checkout");
}

TEST(breaker, a_cause_is_short_whatever_it_is_made_from)
{
    std::string message;
    for (int i = 0; i < 1000; ++i)
        message += "\xC3\xA9";

    const auto cause = message_cause(message);

    ASSERT_TRUE(cause);
    EXPECT_LE(cause->key.size(), 80U);
    EXPECT_LE(cause->text.size(), 200U);
    const std::size_t end = cause->text.find("...");
    EXPECT_EQ(static_cast<unsigned char>(cause->text[end - 1]), 0xA9U) << "cut inside a character";
}

TEST(breaker, a_held_run_is_paused_and_not_counted)
{
    const run_hold hold{hold_reason::storm, "3 incidents"};

    const auto held = admit_automatic(model::run(), hold);
    EXPECT_EQ(held.state, model::run_state::paused);
    EXPECT_EQ(held.hold, "storm");
    EXPECT_EQ(held.hold_why, "3 incidents");
    EXPECT_FALSE(held.counted);

    const auto admitted = admit_automatic(model::run(), std::nullopt);
    EXPECT_EQ(admitted.state, model::run_state::queued);
    EXPECT_TRUE(admitted.hold.empty());
    EXPECT_TRUE(admitted.counted);
}

}  // namespace
}  // namespace reprise::lifecycle
