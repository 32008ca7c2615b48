#include "reprise/replay/trial.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using model::verdict;

trial make_trial(std::uint32_t number, std::uint64_t failing, std::uint64_t control)
{
    const trial_plan plan = test::share_plan();
    auto records = test::answer_all(plan, 200, 200);
    for (request_record& record : records) {
        std::uint64_t& left = record.planned.arm == arm::failing ? failing : control;
        record.status = left > 0 ? 500 : 200;
        left -= left > 0 ? 1 : 0;
    }
    return decide_trial(plan, number, records, {});
}

struct verdict_case {
    std::string name;
    std::vector<std::uint64_t> failing;  // Failing requests of 10, per trial.
    std::uint64_t control;               // The same for the good ones, in every trial.
    verdict expected;
    std::string code;
};

class verdict_table : public testing::TestWithParam<verdict_case> {};

TEST_P(verdict_table, follows_the_trials)
{
    std::vector<trial> trials;
    for (const std::uint64_t failing : GetParam().failing)
        trials.push_back(make_trial(static_cast<std::uint32_t>(trials.size()) + 1, failing, GetParam().control));

    const run_result result = decide_verdict(test::share_plan(), trials);

    EXPECT_EQ(result.verdict, GetParam().expected) << result.reason;
    EXPECT_EQ(result.reason_code, GetParam().code);
    EXPECT_FALSE(result.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(
    cases, verdict_table,
    testing::Values(
        verdict_case{"all_show", {10, 10, 10, 10, 10}, 0, verdict::reproduced, "shown"},
        verdict_case{"four_of_five_show", {10, 10, 0, 10, 10}, 0, verdict::flaky, "some_trials"},
        verdict_case{"three_of_five_show", {10, 10, 0, 0, 10}, 0, verdict::flaky, "some_trials"},
        verdict_case{"one_of_five_shows", {0, 10, 0, 0, 0}, 0, verdict::flaky, "some_trials"},
        verdict_case{"none_shows", {0, 0, 0, 0, 0}, 0, verdict::not_reproduced, "not_shown"},
        verdict_case{"only_together_they_show", {3, 4, 3, 4, 3}, 0, verdict::flaky, "some_trials"},
        verdict_case{"one_lone_failure_of_fifty", {0, 0, 1, 0, 0}, 0, verdict::not_reproduced, "not_shown"},
        verdict_case{"a_dead_loss_of_a_target", {10, 10, 10, 10, 10}, 10, verdict::inconclusive, "control_abnormal"},
        verdict_case{"the_control_fails_half", {10, 10, 10, 10, 10}, 5, verdict::inconclusive, "control_abnormal"},
        verdict_case{"no_trials", {}, 0, verdict::inconclusive, "too_few_answered"},
        verdict_case{"too_few_trials", {10, 10, 10}, 0, verdict::inconclusive, "too_few_answered"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(verdict_reason, gives_the_counts)
{
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(make_trial(number, 10, 0));

    const run_result result = decide_verdict(test::share_plan(), trials);

    EXPECT_EQ(
        result.reason, "5 of 5 trials show it (47 to 100 % with 95 % confidence): 50 of 50 failing requests failed "
                       "again (by class; the captured answers show no message), 0 of 50 good ones failed."
    );
    EXPECT_EQ(result.requests_planned, 100U);
    EXPECT_EQ(result.requests_sent, 100U);
    EXPECT_EQ(result.requests_answered, 100U);
}

TEST(verdict_share, fewer_than_all_trials_are_enough_where_that_was_asked_for)
{
    trial_plan plan = test::share_plan();
    plan.limits.trials_to_reproduce = 4;
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(make_trial(number, number == 3 ? 0 : 10, 0));

    const run_result result = decide_verdict(plan, trials);

    EXPECT_EQ(result.verdict, verdict::reproduced);
    EXPECT_NE(result.reason.find("4 of 5 trials show it (28 to 100 % with 95 % confidence)"), std::string::npos)
        << result.reason;
}

TEST(verdict_on_silence, is_inconclusive_and_says_how_many_answered)
{
    const trial_plan plan = test::share_plan();
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number) {
        auto records = test::answer_all(plan, 0, 0);
        for (request_record& record : records)
            record.answered = false;
        trials.push_back(decide_trial(plan, number, records, {}));
    }

    const run_result result = decide_verdict(plan, trials);

    EXPECT_EQ(result.verdict, verdict::inconclusive);
    EXPECT_EQ(result.reason_code, "too_few_answered");
    EXPECT_NE(result.reason.find("answered only 0 of 100 requests"), std::string::npos) << result.reason;
}

TEST(verdict_on_redacted_input, is_inconclusive_unless_it_fails_again)
{
    trial_plan plan = test::share_plan();
    const auto decide = [&plan](std::uint64_t failing) {
        std::vector<trial> trials;
        for (std::uint32_t number = 1; number <= 5; ++number)
            trials.push_back(make_trial(number, failing, 0));
        return decide_verdict(plan, trials).reason_code;
    };

    plan.failing[0].redacted_fields = {"request.header.authorization"};
    EXPECT_EQ(decide(0), "not_shown");
    plan.failing[0].redacted_fields = {"request.body.email"};
    EXPECT_EQ(decide(0), "redacted_input");
    EXPECT_EQ(decide(10), "shown");
    plan.failing[0].redacted_fields = {"response.body.email"};
    EXPECT_EQ(decide(0), "not_shown");
}

TEST(verdict_without_telemetry, is_inconclusive)
{
    const trial_plan plan = test::burst_plan();
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(decide_trial(plan, number, test::answer_all(plan, 200, 200), {}));

    EXPECT_EQ(decide_verdict(plan, trials).reason_code, "no_telemetry");
}

TEST(verdict_on_a_burst, says_that_every_request_shows_it)
{
    const trial_plan plan = test::burst_plan();
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(decide_trial(plan, 1, test::answer_all(plan, 200, 200), test::report(plan, 1, 200, 200)));

    const run_result result = decide_verdict(plan, trials);

    EXPECT_EQ(result.verdict, verdict::reproduced);
    EXPECT_NE(result.reason.find("calls of one request within 50 ms: 200"), std::string::npos) << result.reason;
    EXPECT_NE(result.reason.find("which show it too"), std::string::npos) << result.reason;
}

TEST(obstacle, a_share_without_control_sends_nothing)
{
    trial_plan plan = test::share_plan();
    EXPECT_FALSE(find_obstacle(plan));

    plan.control.clear();
    const auto obstacle = find_obstacle(plan);
    ASSERT_TRUE(obstacle);
    EXPECT_EQ(obstacle->verdict, verdict::inconclusive);
    EXPECT_EQ(obstacle->reason_code, "no_control");
    EXPECT_EQ(obstacle->requests_sent, 0U);

    trial_plan burst = test::burst_plan();
    burst.control.clear();
    EXPECT_FALSE(find_obstacle(burst));
}

}  // namespace
}  // namespace reprise::replay
