#include "reprise/replay/trial.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using test::answer_all;

struct share_case {
    std::string name;
    int failing_answers_500;   // Of 10.
    int control_answers_500;
    bool shows;
    bool control_normal;
};

class failing_share : public testing::TestWithParam<share_case> {};

TEST_P(failing_share, is_decided_by_fisher_and_the_gate)
{
    const trial_plan plan = test::share_plan();
    auto records = answer_all(plan, 200, 200);
    int failing = GetParam().failing_answers_500;
    int control = GetParam().control_answers_500;
    for (request_record& record : records) {
        int& left = record.planned.arm == arm::failing ? failing : control;
        record.status = left-- > 0 ? 500 : 200;
    }

    const trial made = decide_trial(plan, 1, records, {});

    EXPECT_EQ(made.shows, GetParam().shows);
    EXPECT_EQ(made.control_normal, GetParam().control_normal);
    EXPECT_EQ(made.k, static_cast<std::uint64_t>(GetParam().failing_answers_500));
    EXPECT_EQ(made.n, 10U);
    EXPECT_EQ(made.metric, GetParam().failing_answers_500 / 10.0);
}

INSTANTIATE_TEST_SUITE_P(
    cases, failing_share,
    testing::Values(
        share_case{"all_against_none", 10, 0, true, true}, share_case{"all_against_one", 10, 1, true, true},
        share_case{"half_against_none", 5, 0, false, true}, share_case{"six_against_none", 6, 0, true, true},
        share_case{"none_against_none", 0, 0, false, true},
        share_case{"a_target_that_fails_everything", 10, 10, false, false},
        share_case{"a_control_that_fails_too_often", 10, 2, false, false}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(failing_again, is_no_answer_a_5xx_or_the_captured_class)
{
    trial_plan plan = test::share_plan();
    plan.failing[0].status = plan.failing[1].status = 404;
    EXPECT_EQ(decide_trial(plan, 1, answer_all(plan, 410, 200), {}).k, 10U);
    EXPECT_EQ(decide_trial(plan, 1, answer_all(plan, 302, 200), {}).k, 0U);

    auto silent = answer_all(plan, 0, 200);
    for (request_record& record : silent)
        record.answered = record.planned.arm == arm::control;
    const trial made = decide_trial(plan, 1, silent, {});
    EXPECT_EQ(made.k, 10U);
    EXPECT_TRUE(made.shows);
    EXPECT_EQ(made.answered, 10U);
}

TEST(latency, is_decided_by_the_quantile_and_the_ranks)
{
    const trial_plan plan = test::latency_plan();

    const trial slow = decide_trial(plan, 1, answer_all(plan, 200, 200, 400 * ns_per_ms, 90 * ns_per_ms), {});
    EXPECT_TRUE(slow.shows);
    EXPECT_EQ(slow.metric, 400e6);
    EXPECT_EQ(slow.control, 90e6);
    EXPECT_FALSE(slow.k);

    const trial equal = decide_trial(plan, 1, answer_all(plan, 200, 200, 90 * ns_per_ms, 90 * ns_per_ms), {});
    EXPECT_FALSE(equal.shows);
    EXPECT_FALSE(equal.gate_passed);
    EXPECT_TRUE(equal.control_normal);

    const trial below_gate = decide_trial(plan, 1, answer_all(plan, 200, 200, 120 * ns_per_ms, 90 * ns_per_ms), {});
    EXPECT_FALSE(below_gate.shows);
    EXPECT_LT(below_gate.p_value, 0.01);

    const trial slow_target = decide_trial(plan, 1, answer_all(plan, 200, 200, 900 * ns_per_ms, 400 * ns_per_ms), {});
    EXPECT_FALSE(slow_target.shows);
    EXPECT_FALSE(slow_target.control_normal);
}

TEST(burst, is_read_from_the_calls_of_the_trial_and_not_from_the_answers)
{
    const trial_plan plan = test::burst_plan();

    const trial made = decide_trial(plan, 1, answer_all(plan, 502, 200), test::report(plan, 1, 200, 10));

    EXPECT_TRUE(made.shows);
    EXPECT_EQ(made.metric, 200);
    EXPECT_EQ(made.control, 10);
    EXPECT_EQ(made.max_arrivals_50ms, 200U);
    EXPECT_EQ(made.peak_in_flight, 200U);
    EXPECT_FALSE(made.compared_with_baseline);
}

TEST(burst, of_a_pool_of_workers_does_not_pass_the_gate)
{
    const trial_plan plan = test::burst_plan();

    const trial made = decide_trial(plan, 1, answer_all(plan, 200, 200), test::report(plan, 1, 200, 10, 2 * ns_per_ms));

    EXPECT_FALSE(made.shows);
    EXPECT_EQ(made.metric, 25);
}

TEST(burst, is_the_most_that_one_request_reached_as_the_signal_was_measured)
{
    const trial_plan plan = test::burst_plan();
    auto seen = test::report(plan, 1, 200, 10, 2 * ns_per_ms);
    const auto dense = test::report(plan, 1, 200, 10);
    const auto planned = list_requests(plan, 1);
    const auto failing = std::find_if(planned.begin(), planned.end(), [](const planned_request& request) {
        return request.arm == arm::failing;
    });
    const std::uint64_t one = failing->trace.low;
    const auto is_of_one = [one](const model::observation& call) { return call.trace.low == one; };
    std::erase_if(seen, is_of_one);
    std::copy_if(dense.begin(), dense.end(), std::back_inserter(seen), is_of_one);

    const trial made = decide_trial(plan, 1, answer_all(plan, 200, 200), seen);

    EXPECT_EQ(made.metric, 200);
    EXPECT_TRUE(made.shows);
}

TEST(burst, that_every_request_causes_is_compared_with_the_baseline)
{
    const trial_plan plan = test::burst_plan();

    const trial made = decide_trial(plan, 1, answer_all(plan, 200, 200), test::report(plan, 1, 200, 200));

    EXPECT_TRUE(made.shows);
    EXPECT_TRUE(made.compared_with_baseline);
    EXPECT_FALSE(made.control_normal);
    EXPECT_NEAR(made.p_value, 1.0 / 1024, 1e-9);
}

TEST(burst, without_any_control_is_compared_with_the_baseline)
{
    trial_plan plan = test::burst_plan();
    plan.control.clear();

    const trial made = decide_trial(plan, 1, answer_all(plan, 200, 200), test::report(plan, 1, 200, 0));

    EXPECT_TRUE(made.shows);
    EXPECT_EQ(made.control_n, 0U);
}

TEST(calls, of_another_run_or_another_operation_do_not_count)
{
    const trial_plan plan = test::burst_plan();
    auto seen = test::report(plan, 1, 200, 0);
    for (model::observation& call : seen)
        call.operation = call.operation == plan.operation_id ? 4242 : call.operation;
    EXPECT_EQ(decide_trial(plan, 1, answer_all(plan, 200, 200), seen).metric, 0);

    auto foreign = test::report(plan, 1, 200, 0);
    for (model::observation& call : foreign)
        call.trace.high += 1;
    EXPECT_FALSE(decide_trial(plan, 1, answer_all(plan, 200, 200), foreign).measured);
}

TEST(calls, reported_by_both_sources_count_once)
{
    const trial_plan plan = test::burst_plan();
    model::operation_key other = plan.operation;
    other.source = model::source::rrpair;
    auto both = test::report(plan, 1, 120, 5);
    auto twice = both;
    for (model::observation& call : twice)
        call.operation = call.operation == plan.operation_id ? operation_id(other.view()) : call.operation;
    const auto only_other = twice;
    both.insert(both.end(), twice.begin(), twice.end());

    EXPECT_EQ(decide_trial(plan, 1, answer_all(plan, 200, 200), both).metric, 120);
    EXPECT_EQ(decide_trial(plan, 1, answer_all(plan, 200, 200), only_other).metric, 120);
}

TEST(calls_per_parent, counts_the_calls_under_one_parent)
{
    const trial_plan plan = test::plan_of(test::make_signal(model::confirm_metric::calls_per_parent, 5, 0));
    auto seen = test::report(plan, 1, 24, 2);
    std::uint64_t turn = 0;
    for (model::observation& call : seen)
        call.parent_span = turn++ % 2;

    EXPECT_EQ(decide_trial(plan, 1, answer_all(plan, 200, 200), seen).metric, 12);
    EXPECT_TRUE(decide_trial(plan, 1, answer_all(plan, 200, 200), seen).shows);
}

TEST(statements, that_got_slow_are_measured_in_the_target)
{
    model::signal signal = test::make_signal(model::confirm_metric::latency_quantile, 300e6, 10e6);
    signal.operation = test::make_operation(model::operation_kind::db, "SELECT", "SELECT ?");
    signal.operation_id = operation_id(signal.operation.view());
    const trial_plan plan = test::plan_of(signal);
    auto seen = test::report(plan, 1, 3, 3);
    std::uint64_t turn = 0;
    for (const planned_request& planned : list_requests(plan, 1)) {
        for (model::observation& call : seen) {
            if (call.trace == planned.trace && planned.arm == arm::failing && call.operation == plan.operation_id)
                call.duration_ns = (300 + static_cast<std::int64_t>(++turn)) * ns_per_ms;
        }
    }

    const trial made = decide_trial(plan, 1, answer_all(plan, 200, 200), seen);

    EXPECT_TRUE(made.shows);
    EXPECT_EQ(made.n, 10U);
    EXPECT_EQ(made.control, 20e6);
}

TEST(telemetry, that_does_not_come_leaves_the_trial_unmeasured)
{
    const trial_plan plan = test::burst_plan();

    const trial nothing = decide_trial(plan, 1, answer_all(plan, 200, 200), {});
    EXPECT_FALSE(nothing.measured);
    EXPECT_FALSE(nothing.shows);

    auto half = test::report(plan, 1, 200, 0);
    half.resize(half.size() / 2);
    EXPECT_FALSE(decide_trial(plan, 1, answer_all(plan, 200, 200), half).measured);
}

}  // namespace
}  // namespace reprise::replay
