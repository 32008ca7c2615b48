#include "reprise/replay/trial.hpp"

#include "builders.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using model::verdict;
using test::answer_all;
using test::with_last_good;

constexpr int no_control = -1;

trial_plan plan_with(bool has_control)
{
    trial_plan plan = with_last_good(test::share_plan());
    if (!has_control)
        plan.control.clear();
    return plan;
}

// So many of each arm's ten requests answered with 500, the others with 200.
trial make_trial(std::uint32_t number, int failing, int control, int last_good)
{
    const trial_plan plan = plan_with(control != no_control);
    auto records = answer_all(plan, 200, 200);
    for (request_record& record : records) {
        int& left = record.planned.arm == arm::failing   ? failing
                    : record.planned.arm == arm::control ? control
                                                         : last_good;
        record.status = left-- > 0 ? 500 : 200;
    }
    return decide_trial(plan, number, records, {});
}

std::vector<request_record> answer_last_good(std::vector<request_record> records, int status, std::int64_t latency_ns)
{
    for (request_record& record : records) {
        if (record.planned.arm != arm::last_good)
            continue;
        record.answered = status != 0;
        record.status = status;
        record.latency_ns = latency_ns;
    }
    return records;
}

TEST(planned_requests_with_last_good, take_turns_and_are_the_failing_ones)
{
    const trial_plan plan = with_last_good(test::share_plan());
    std::string order;
    std::string failing;
    std::string last_good;
    for (const planned_request& planned : list_requests(plan, 1)) {
        order += planned.arm == arm::failing ? 'f' : planned.arm == arm::control ? 'c' : 'l';
        (planned.arm == arm::failing ? failing : last_good) +=
            planned.arm == arm::control ? "" : std::to_string(planned.exchange);
    }
    EXPECT_EQ(order, "fclclflfcfclclflfcfclclflfcfcl");
    EXPECT_EQ(failing, "0101010101");
    EXPECT_EQ(last_good, failing);
}

TEST(method_with_last_good, is_another_one_whatever_its_address)
{
    const trial_plan plan = test::share_plan();
    trial_plan one = with_last_good(plan);
    trial_plan other = one;
    other.last_good_target = "http://elsewhere";

    EXPECT_NE(methodology_hash(plan), methodology_hash(one));
    EXPECT_EQ(methodology_hash(one), methodology_hash(other));
}

struct trial_case {
    std::string name;
    int failing;     // Answered with 500, of 10.
    int control;
    int last_good;
    bool shows;
    bool last_good_shows;
};

class trial_with_last_good : public testing::TestWithParam<trial_case> {};

TEST_P(trial_with_last_good, compares_the_same_requests)
{
    const trial_case& given = GetParam();

    const trial made = make_trial(1, given.failing, given.control, given.last_good);

    EXPECT_EQ(made.shows, given.shows) << made.p_value;
    ASSERT_TRUE(made.last_good);
    EXPECT_EQ(made.last_good->shows, given.last_good_shows);
    EXPECT_EQ(made.last_good->k, static_cast<std::uint64_t>(given.last_good));
    EXPECT_EQ(made.last_good->n, 10U);
    EXPECT_TRUE(made.last_good->usable);
    EXPECT_FALSE(made.compared_with_baseline);
    EXPECT_EQ(made.planned, given.control == no_control ? 20U : 30U);
}

INSTANTIATE_TEST_SUITE_P(
    cases, trial_with_last_good,
    testing::Values(
        trial_case{"all_against_none", 10, 0, 0, true, false}, trial_case{"all_against_all", 10, 0, 10, false, true},
        trial_case{"six_against_none", 6, 0, 0, true, false}, trial_case{"five_against_none", 5, 0, 0, false, false},
        trial_case{"all_against_three", 10, 0, 3, true, false}, trial_case{"all_against_five", 10, 0, 5, false, true},
        trial_case{"a_target_that_fails_everything", 10, 10, 0, false, false},
        trial_case{"only_the_last_good_one_fails", 0, 0, 10, false, false},
        trial_case{"without_good_ones", 10, no_control, 0, true, false},
        trial_case{"without_good_ones_all_against_all", 10, no_control, 10, false, true}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(latency_with_last_good, is_decided_by_the_ranks_of_the_same_requests)
{
    const trial_plan plan = with_last_good(test::latency_plan());
    const auto slow = answer_all(plan, 200, 200, 400 * ns_per_ms, 90 * ns_per_ms);

    EXPECT_TRUE(decide_trial(plan, 1, answer_last_good(slow, 200, 95 * ns_per_ms), {}).shows);
    const trial both = decide_trial(plan, 1, answer_last_good(slow, 200, 400 * ns_per_ms), {});
    EXPECT_FALSE(both.shows);
    EXPECT_TRUE(both.last_good->shows);
    EXPECT_EQ(both.last_good->metric, 400e6);
    EXPECT_FALSE(both.last_good->k);
}

struct refusal_case {
    std::string name;
    bool share;          // Of the failing ones, else their latency.
    int status;
    bool usable;
};

class last_good_answer : public testing::TestWithParam<refusal_case> {};

TEST_P(last_good_answer, is_a_baseline_only_when_it_got_as_far)
{
    const trial_plan plan = with_last_good(GetParam().share ? test::share_plan() : test::latency_plan());
    const auto bad = answer_all(plan, GetParam().share ? 500 : 200, 200, 400 * ns_per_ms, 90 * ns_per_ms);

    const trial made = decide_trial(plan, 1, answer_last_good(bad, GetParam().status, ns_per_ms), {});

    EXPECT_EQ(made.last_good->usable, GetParam().usable);
    EXPECT_FALSE(made.shows && !GetParam().usable);
}

INSTANTIATE_TEST_SUITE_P(
    cases, last_good_answer,
    testing::Values(
        refusal_case{"share_no_login", true, 401, false}, refusal_case{"share_forbidden", true, 403, false},
        refusal_case{"share_not_there", true, 404, false}, refusal_case{"share_throttled", true, 429, false},
        refusal_case{"share_nobody_behind_the_proxy", true, 502, false},
        refusal_case{"share_bad_request", true, 400, true}, refusal_case{"share_fails", true, 500, true},
        refusal_case{"share_good", true, 200, true}, refusal_case{"share_silent", true, 0, false},
        refusal_case{"latency_not_there", false, 404, false}, refusal_case{"latency_good", false, 200, true},
        refusal_case{"latency_bad_request", false, 400, false}, refusal_case{"latency_silent", false, 0, false}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(last_good_answer_of_the_captured_class, counts_as_failing_and_not_as_refused)
{
    trial_plan plan = with_last_good(test::share_plan());
    plan.failing[0].status = plan.failing[1].status = 404;

    const trial made = decide_trial(plan, 1, answer_last_good(answer_all(plan, 404, 200), 404, ns_per_ms), {});

    EXPECT_TRUE(made.last_good->usable);
    EXPECT_TRUE(made.last_good->shows);
}

TEST(burst_with_last_good, that_every_request_of_the_target_causes_is_compared_with_the_other_version)
{
    const trial_plan plan = with_last_good(test::burst_plan());
    const auto records = answer_all(plan, 200, 200);

    const trial made = decide_trial(plan, 1, records, test::report(plan, 1, 200, 200, 0, 10));

    EXPECT_TRUE(made.shows);
    EXPECT_FALSE(made.control_normal);
    EXPECT_FALSE(made.compared_with_baseline);
    EXPECT_EQ(made.last_good->metric, 10);
    EXPECT_FALSE(decide_trial(plan, 1, records, test::report(plan, 1, 200, 10, 0, 200)).shows);
}

TEST(burst_with_last_good, without_telemetry_of_the_last_good_target_shows_nothing)
{
    const trial_plan plan = with_last_good(test::burst_plan());
    auto seen = test::report(plan, 1, 200, 10);
    for (const planned_request& planned : list_requests(plan, 1)) {
        if (planned.arm == arm::last_good)
            std::erase_if(seen, [&](const model::observation& one) { return one.trace == planned.trace; });
    }

    const trial made = decide_trial(plan, 1, answer_all(plan, 200, 200), seen);

    EXPECT_TRUE(made.measured);
    EXPECT_FALSE(made.last_good->measured);
    EXPECT_FALSE(made.shows);
    EXPECT_EQ(decide_verdict(plan, std::vector<trial>(5, made)).reason_code, "no_telemetry");
}

TEST(burst_with_last_good, counts_the_calls_of_each_target_by_its_own_source)
{
    const trial_plan plan = with_last_good(test::burst_plan());
    model::operation_key other = plan.operation;
    other.source = model::source::rrpair;
    auto seen = test::report(plan, 1, 200, 10, 0, 200);
    for (const planned_request& planned : list_requests(plan, 1)) {
        for (model::observation& call : seen) {
            if (planned.arm == arm::last_good && call.trace == planned.trace && call.operation == plan.operation_id)
                call.operation = operation_id(other.view());
        }
    }

    EXPECT_TRUE(decide_trial(plan, 1, answer_all(plan, 200, 200), seen).last_good->shows);
}

struct verdict_case {
    std::string name;
    std::vector<int> failing;  // Answered with 500 of 10, per trial.
    int control;
    int last_good;
    verdict expected;
    std::string code;
};

class verdict_with_last_good : public testing::TestWithParam<verdict_case> {};

TEST_P(verdict_with_last_good, follows_the_trials)
{
    const verdict_case& given = GetParam();
    std::vector<trial> trials;
    for (const int failing : given.failing) {
        const auto number = static_cast<std::uint32_t>(trials.size()) + 1;
        trials.push_back(make_trial(number, failing, given.control, given.last_good));
    }

    const run_result result = decide_verdict(plan_with(given.control != no_control), trials);

    EXPECT_EQ(result.verdict, given.expected) << result.reason;
    EXPECT_EQ(result.reason_code, given.code);
}

INSTANTIATE_TEST_SUITE_P(
    cases, verdict_with_last_good,
    testing::Values(
        verdict_case{"all_show", {10, 10, 10, 10, 10}, 0, 0, verdict::reproduced, "shown"},
        verdict_case{"without_good_ones", {10, 10, 10, 10, 10}, no_control, 0, verdict::reproduced, "shown"},
        verdict_case{"four_of_five", {10, 10, 0, 10, 10}, 0, 0, verdict::flaky, "some_trials"},
        verdict_case{"only_together", {3, 4, 3, 4, 3}, 0, 0, verdict::flaky, "some_trials"},
        verdict_case{"none", {0, 0, 0, 0, 0}, 0, 0, verdict::not_reproduced, "not_shown"},
        verdict_case{"only_there", {0, 0, 0, 0, 0}, 0, 10, verdict::not_reproduced, "not_shown"},
        verdict_case{"in_both", {10, 10, 10, 10, 10}, 0, 10, verdict::inconclusive, "last_good_shows_it"},
        verdict_case{"in_both_alone", {10, 10, 10, 10, 10}, no_control, 9, verdict::inconclusive, "last_good_shows_it"},
        verdict_case{"a_dead_loss_of_a_target", {10, 10, 10, 10, 10}, 10, 0, verdict::inconclusive, "control_abnormal"},
        verdict_case{"no_trials", {}, 0, 0, verdict::inconclusive, "too_few_answered"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(verdict_reason_with_last_good, gives_the_counts_of_all_arms)
{
    const auto reason_of = [](int control, int last_good) {
        const std::vector<trial> trials(5, make_trial(1, 10, control, last_good));
        return decide_verdict(plan_with(control != no_control), trials).reason;
    };

    EXPECT_EQ(
        reason_of(0, 0), "5 of 5 trials show it (47 to 100 % with 95 % confidence): 50 of 50 failing requests failed "
                         "again (by class; the captured answers show no message), 0 of 50 of them against the "
                         "last-good target, 0 of 50 good ones failed."
    );
    EXPECT_EQ(
        reason_of(no_control, 10), "In 5 of 5 trials the last-good target http://127.0.0.1:3001 shows it as well, so "
                                   "it is no regression between the two: 50 of 50 failing requests failed again (by "
                                   "class; the captured answers show no message), 50 of 50 of them "
                                   "against the last-good target; there were no good ones to check the target with."
    );
}

TEST(verdict_on_a_last_good_target, that_answers_nothing_or_turns_all_away_is_inconclusive)
{
    const trial_plan plan = with_last_good(test::share_plan());
    const auto decide = [&plan](int status) {
        const auto records = answer_last_good(answer_all(plan, 500, 200), status, ns_per_ms);
        return decide_verdict(plan, std::vector<trial>(5, decide_trial(plan, 1, records, {})));
    };

    EXPECT_EQ(decide(0).verdict, verdict::inconclusive);
    EXPECT_EQ(decide(0).reason_code, "last_good_unanswered");
    EXPECT_NE(decide(0).reason.find("answered only 0 of 50 requests"), std::string::npos) << decide(0).reason;
    EXPECT_EQ(decide(401).verdict, verdict::inconclusive);
    EXPECT_EQ(decide(401).reason_code, "last_good_abnormal");
    EXPECT_NE(decide(401).reason.find("50 of 50 answers"), std::string::npos) << decide(401).reason;
}

TEST(verdict_on_a_proxy_without_target, is_never_reproduced_whether_there_are_good_requests_or_not)
{
    for (const bool has_control : {true, false}) {
        trial_plan plan = plan_with(has_control);
        plan.failing[0].status = plan.failing[1].status = 500;
        const auto records = answer_last_good(answer_all(plan, 503, 503), 200, ns_per_ms);
        const trial made = decide_trial(plan, 1, records, {});

        const run_result result = decide_verdict(plan, std::vector<trial>(5, made));

        EXPECT_FALSE(made.shows);
        EXPECT_EQ(result.verdict, verdict::inconclusive);
        EXPECT_EQ(result.reason_code, has_control ? "control_abnormal" : "too_few_answered");
    }
}

TEST(burst_with_last_good, is_shown_by_the_telemetry_of_a_target_that_answers_502)
{
    trial_plan plan = with_last_good(test::burst_plan());
    plan.control.clear();
    const auto records = answer_last_good(answer_all(plan, 502, 200), 200, ns_per_ms);

    const trial made = decide_trial(plan, 1, records, test::report(plan, 1, 200, 10));

    EXPECT_TRUE(made.shows);
    EXPECT_EQ(decide_verdict(plan, std::vector<trial>(5, made)).reason_code, "shown");
}

TEST(verdict_on_a_captured_503, is_reproduced_by_a_503_without_good_requests)
{
    trial_plan plan = plan_with(false);
    plan.failing[0].status = plan.failing[1].status = 503;
    const auto records = answer_last_good(answer_all(plan, 503, 200), 200, ns_per_ms);

    const std::vector<trial> trials(5, decide_trial(plan, 1, records, {}));

    EXPECT_EQ(decide_verdict(plan, trials).reason_code, "shown");
}

TEST(obstacle_with_last_good, is_none_without_good_requests)
{
    EXPECT_FALSE(find_obstacle(plan_with(false)));
}

TEST(stored_trial_with_last_good, comes_back_as_it_was)
{
    trial made = make_trial(2, 10, 0, 3);
    made.setup_failure = "setup request POST /login has to give cookie sid, but request 1 has not been answered";
    made.last_good->setup_failure = "the same";
    const std::string text = to_json(made);

    const auto again = parse_trial(text);

    ASSERT_TRUE(again) << again.error().reason;
    EXPECT_EQ(to_json(*again), text);
    EXPECT_EQ(again->last_good->k, 3U);
    EXPECT_EQ(again->last_good->setup_failure, "the same");
    EXPECT_EQ(again->setup_failure, made.setup_failure);
}

TEST(stored_trial_with_last_good, that_contradicts_itself_is_refused)
{
    std::string text = to_json(make_trial(2, 10, 0, 3));
    const std::string from = "\"last_good_answered\":10";
    ASSERT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), "\"last_good_answered\":11");

    EXPECT_FALSE(parse_trial(text));
}

TEST(run_result_json_with_last_good, names_the_target_and_its_numbers)
{
    const trial_plan plan = plan_with(true);
    const std::vector<trial> trials(5, make_trial(1, 10, 0, 0));

    const auto parsed = boost::json::parse(to_json(plan, decide_verdict(plan, trials)));

    EXPECT_EQ(parsed.at("last_good_target").as_string(), "http://127.0.0.1:3001");
    EXPECT_EQ(parsed.at("trials").at(0).at("last_good_n").to_number<int>(), 10);
    EXPECT_EQ(parsed.at("trials").at(0).at("last_good_k").to_number<int>(), 0);
    const trial_plan without = test::share_plan();
    const std::string text = to_json(without, decide_verdict(without, {}));
    EXPECT_EQ(text.find("last_good"), std::string::npos);
}

}  // namespace
}  // namespace reprise::replay
