#include "reprise/replay/target.hpp"
#include "reprise/replay/trial.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using model::confirm_metric;
using model::evidence_role;
using test::make_exchange;
using test::make_item;

TEST(plan, takes_failing_and_control_from_the_bundle)
{
    const trial_plan plan = test::share_plan();

    EXPECT_EQ(plan.failing.size(), 2U);
    EXPECT_EQ(plan.control.size(), 1U);
    EXPECT_EQ(plan.mark, replay_mark("01RUN"));
    EXPECT_EQ(plan.metric_text, "share of failing responses");
    EXPECT_FALSE(needs_traces(plan));
}

TEST(plan, leaves_out_what_cannot_or_must_not_be_sent)
{
    auto outbound = make_exchange("GET", "/price", 500);
    outbound.direction = model::direction::out;
    auto incomplete = make_exchange("GET", "/a", 500);
    incomplete.complete = false;
    const std::vector<model::evidence_item> bundle = {
        make_item(evidence_role::failing, outbound), make_item(evidence_role::failing, incomplete),
        make_item(evidence_role::failing, make_exchange("GET", "/a b", 500)),
        make_item(evidence_role::failing, make_exchange("GET", "", 500)),
        make_item(evidence_role::context, make_exchange("GET", "/context", 500))
    };

    const auto plan = make_plan(test::make_signal(confirm_metric::failing_share, 0.1, 0), bundle, "", "r", "t", 1);

    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, errc::nothing_to_replay);
    EXPECT_NE(plan.error().reason.find("None of the 5 exchanges in the evidence (4 inbound)"), std::string::npos)
        << plan.error().reason;
}

TEST(plan, for_calls_of_a_dependency_sends_the_requests_that_made_them)
{
    auto bundle = test::make_bundle();
    bundle.push_back(make_item(evidence_role::trigger, make_exchange("POST", "/sync", 200)));

    const trial_plan plan = test::burst_plan(bundle);

    ASSERT_EQ(plan.failing.size(), 1U);
    EXPECT_EQ(plan.failing[0].path, "/sync");
    EXPECT_TRUE(needs_traces(plan));
    EXPECT_EQ(plan.unit, "count");
}

TEST(plan, reads_the_quantile_from_the_signal)
{
    model::signal signal = test::make_signal(confirm_metric::latency_quantile, 100, 50);
    EXPECT_EQ(test::plan_of(signal).quantile, 0.9);

    signal.numbers = {{"quantile", 0.5}};
    EXPECT_EQ(test::plan_of(signal).quantile, 0.5);
    EXPECT_EQ(test::plan_of(signal).metric_text, "p50 of the response time");

    signal.numbers = {{"quantile", 7.0}};
    EXPECT_EQ(test::plan_of(signal).quantile, 0.9);
}

TEST(plan, keeps_at_most_the_named_number_of_exchanges)
{
    std::vector<model::evidence_item> bundle;
    for (int index = 0; index < 50; ++index)
        bundle.push_back(make_item(evidence_role::failing, make_exchange("GET", "/" + std::to_string(index), 500)));
    trial_limits limits;
    limits.exchanges_per_arm_max = 7;

    const model::signal signal = test::make_signal(confirm_metric::failing_share, 0.1, 0);
    EXPECT_EQ(test::plan_of(signal, bundle, limits).failing.size(), 7U);
}

TEST(planned_requests, alternate_between_the_arms)
{
    const auto list = list_requests(test::share_plan(), 1);

    ASSERT_EQ(list.size(), 20U);
    std::string order;
    for (const planned_request& planned : list)
        order += planned.arm == arm::failing ? 'f' : 'c';
    EXPECT_EQ(order, "fccffccffccffccffccf");
}

TEST(planned_requests, go_on_where_the_last_trial_stopped)
{
    trial_plan plan = test::share_plan();
    plan.limits.requests_per_arm = 5;
    std::string exchanges;
    for (const std::uint32_t number : {1U, 2U}) {
        for (const planned_request& planned : list_requests(plan, number))
            exchanges += planned.arm == arm::failing ? std::to_string(planned.exchange) : "";
    }

    EXPECT_EQ(exchanges, "0101010101");
}

TEST(planned_requests, carry_the_mark_and_a_trace_of_their_own)
{
    const trial_plan plan = test::share_plan();
    std::set<std::uint64_t> traces;
    for (std::uint32_t number = 1; number <= 5; ++number) {
        for (const planned_request& planned : list_requests(plan, number)) {
            EXPECT_EQ(planned.trace.high, plan.mark);
            EXPECT_NE(planned.span, 0U);
            traces.insert(planned.trace.low);
        }
    }
    EXPECT_EQ(traces.size(), 100U);

    trial_plan later = plan;
    later.nonce += 1;
    EXPECT_FALSE(traces.contains(list_requests(later, 1)[0].trace.low));
}

TEST(planned_requests, without_control_are_the_failing_ones_only)
{
    trial_plan plan = test::burst_plan();
    plan.control.clear();

    EXPECT_EQ(list_requests(plan, 1).size(), 10U);
}

TEST(methodology, is_the_same_for_another_target_and_another_run)
{
    const trial_plan plan = test::share_plan();
    trial_plan other = plan;
    other.target = "http://fixed:3000";
    other.run_id = "01OTHER";
    other.mark = 4;
    other.nonce = 4;

    EXPECT_EQ(methodology_hash(plan), methodology_hash(other));
    EXPECT_EQ(methodology_hash(plan).size(), 64U);
}

struct method_case {
    std::string name;
    void (*change)(trial_plan&);
};

class methodology_change : public testing::TestWithParam<method_case> {};

TEST_P(methodology_change, changes_the_hash)
{
    const trial_plan plan = test::share_plan();
    trial_plan changed = plan;
    GetParam().change(changed);

    EXPECT_NE(methodology_hash(plan), methodology_hash(changed));
}

INSTANTIATE_TEST_SUITE_P(
    cases, methodology_change,
    testing::Values(
        method_case{"of_the_gate", [](trial_plan& p) { p.gate *= 2; }},
        method_case{"of_the_number_of_trials", [](trial_plan& p) { p.limits.trials = 6; }},
        method_case{"of_a_body", [](trial_plan& p) { p.failing[0].request_body = "x"; }},
        method_case{"of_a_header", [](trial_plan& p) { p.control[0].request_headers = {{"A", "b"}}; }},
        method_case{"of_the_evidence", [](trial_plan& p) { p.evidence_sha256 = "e1"; }},
        method_case{"of_the_metric", [](trial_plan& p) { p.metric = confirm_metric::latency_quantile; }},
        method_case{"of_the_order", [](trial_plan& p) { std::swap(p.failing[0], p.failing[1]); }}
    ),
    [](const auto& param) { return param.param.name; }
);

}  // namespace
}  // namespace reprise::replay
