#include "scripted_run.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using test::fails_when_bad;
using test::scripted_target;
using test::scripted_traces;
using test::session_plan;
using test::session_target;
using test::with_last_good;

bool never_fails(const request&)
{
    return false;
}

std::vector<std::string> bad_paths(const std::vector<request>& sent)
{
    std::vector<std::string> paths;
    for (const request& one : sent) {
        if (fails_when_bad(one))
            paths.push_back(one.path);
    }
    return paths;
}

class last_good_run : public test::reproduce_run {};

TEST_F(last_good_run, sends_the_failing_requests_to_both_targets)
{
    const trial_plan plan = with_last_good(test::share_plan());
    scripted_target target(time, fails_when_bad);
    scripted_target last_good(time, never_fails);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced) << result->reason;
    EXPECT_EQ(target.sent.size(), 100U);
    EXPECT_EQ(last_good.sent.size(), 50U);
    EXPECT_EQ(bad_paths(last_good.sent), bad_paths(target.sent));
    EXPECT_EQ(progress.total, 150U);
    EXPECT_EQ(result->requests_planned, 150U);
    std::set<std::string> traces_sent;
    for (const auto* sent : {&target.sent, &last_good.sent}) {
        for (const request& one : *sent) {
            EXPECT_EQ(model::find_header(one.headers, "X-Replay"), "01RUN");
            traces_sent.emplace(model::find_header(one.headers, "traceparent"));
        }
    }
    EXPECT_EQ(traces_sent.size(), 150U);
}

TEST_F(last_good_run, is_inconclusive_when_both_fail)
{
    const trial_plan plan = with_last_good(test::share_plan());
    scripted_target target(time, fails_when_bad);
    scripted_target last_good(time, fails_when_bad);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(result->reason_code, "last_good_shows_it");
}

TEST_F(last_good_run, is_inconclusive_when_the_last_good_target_is_down)
{
    const trial_plan plan = with_last_good(test::share_plan());
    scripted_target target(time, fails_when_bad);
    scripted_target last_good(time, never_fails);
    last_good.silent = true;
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(result->reason_code, "last_good_unanswered");
}

TEST_F(last_good_run, needs_no_good_exchanges)
{
    trial_plan plan = with_last_good(test::share_plan());
    plan.control.clear();
    scripted_target target(time, fails_when_bad);
    scripted_target last_good(time, never_fails);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced) << result->reason;
    EXPECT_EQ(progress.total, 100U);
}

TEST_F(last_good_run, without_good_exchanges_never_takes_a_dead_target_for_a_failing_one)
{
    trial_plan plan = with_last_good(test::share_plan());
    plan.control.clear();
    scripted_target target(time, fails_when_bad);
    target.silent = true;
    scripted_target last_good(time, never_fails);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(result->reason_code, "too_few_answered");
    EXPECT_TRUE(result->reason.starts_with("The target answered only 0 of 50 requests")) << result->reason;
    EXPECT_FALSE(result->trials[0].shows);
}

TEST_F(last_good_run, gives_each_target_the_values_of_its_own_session)
{
    auto plan = session_plan();
    ASSERT_TRUE(plan);
    plan->last_good_target = "http://shop-before";
    session_target target(time, true);
    session_target last_good(time, true, false, "token-of-the-other-2");
    scripted_traces traces(*plan, 0);

    const auto result = run(*plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced) << result->reason;
    ASSERT_EQ(last_good.sent.size(), 5U * (2 + 10));
    std::set<std::string> used;
    std::set<std::string> traces_sent;
    for (const request& one : last_good.sent) {
        used.emplace(model::find_header(one.headers, "authorization"));
        traces_sent.emplace(model::find_header(one.headers, "traceparent"));
    }
    EXPECT_EQ(used, (std::set<std::string>{"", "Bearer token-of-the-other-2"})) << "none for the login";
    for (const request& one : target.sent)
        EXPECT_FALSE(traces_sent.contains(std::string(model::find_header(one.headers, "traceparent"))));
}

TEST_F(last_good_run, names_the_setup_request_that_failed_there)
{
    auto plan = session_plan();
    ASSERT_TRUE(plan);
    plan->last_good_target = "http://shop-before";
    session_target target(time, true);
    session_target last_good(time, false);
    scripted_traces traces(*plan, 0);

    const auto result = run(*plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(result->reason_code, "setup_failed");
    EXPECT_TRUE(result->reason.starts_with(
        "In 5 of 5 trials requests to the last-good target http://shop-before could not be sent: setup request POST "
        "/login has to give body"
    )) << result->reason;
}

TEST_F(last_good_run, measures_again_what_was_measured_without_it)
{
    const trial_plan before = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_target last_good(time, never_fails);
    scripted_traces traces(before, 0);
    static_cast<void>(run(before, target, traces));
    const auto done = progress.trials;
    ASSERT_EQ(done.size(), 5U);

    const auto result = run(with_last_good(before), target, traces, done, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(last_good.sent.size(), 50U);
    EXPECT_EQ(result->trials.size(), 5U);
}

TEST_F(last_good_run, waits_for_the_telemetry_of_both_targets)
{
    const trial_plan plan = with_last_good(test::burst_plan());
    scripted_target target(time, fails_when_bad);
    scripted_target last_good(time, never_fails);
    scripted_traces traces(plan, 150);

    const auto result = run(plan, target, traces, {}, &last_good);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced) << result->reason;
    EXPECT_EQ(traces.wanted_counts, std::vector<std::size_t>(5, 30));
}

}  // namespace
}  // namespace reprise::replay
