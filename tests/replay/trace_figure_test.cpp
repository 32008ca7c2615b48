#include "../../server/replay/trace_figure.hpp"

#include "builders.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using model::signal_kind;
using model::verdict;

constexpr std::uint64_t handler = 100;
constexpr std::uint64_t branch = 200;

model::observation call(std::uint64_t span, std::uint64_t parent, std::uint64_t operation, double start_ms, double ms)
{
    model::observation seen;
    seen.trace = {7, 9};
    seen.span = span;
    seen.parent_span = parent;
    seen.operation = operation;
    seen.detail_hash = span;
    seen.start_ns = ns_per_s + static_cast<std::int64_t>(start_ms * 1e6);
    seen.duration_ns = static_cast<std::int64_t>(ms * 1e6);
    return seen;
}

// A request that waits for ten branches of 20 ms, one of which takes `slow_ms`. Its parent is the replayed request.
std::vector<model::observation> fan(double slow_ms)
{
    std::vector<model::observation> seen = {call(1, 555, handler, 0, std::max(slow_ms, 20.0) + 2)};
    for (std::uint64_t i = 0; i < 10; ++i)
        seen.push_back(call(10 + i, 1, branch, 1, i == 6 ? slow_ms : 20));
    return seen;
}

std::optional<double> figure(signal_kind kind, const std::vector<model::observation>& seen)
{
    std::vector<const model::observation*> reported;
    for (const model::observation& one : seen)
        reported.push_back(&one);
    return figure_of_trace(kind, reported);
}

TEST(trace_figure, of_a_straggler_is_the_longest_branch_in_medians)
{
    EXPECT_DOUBLE_EQ(figure(signal_kind::fanout_straggler, fan(200)).value(), 10);
    EXPECT_DOUBLE_EQ(figure(signal_kind::fanout_straggler, fan(20)).value(), 1);
}

TEST(trace_figure, of_a_chain_is_its_share_of_the_request)
{
    std::vector<model::observation> seen = {call(1, 555, handler, 0, 200)};
    for (std::uint64_t i = 0; i < 19; ++i)
        seen.push_back(call(10 + i, 1, branch, 10 * static_cast<double>(i), 10));

    EXPECT_NEAR(figure(signal_kind::blocking_chain, seen).value(), 0.95, 1e-9);
}

TEST(trace_figure, of_retries_is_attempts_per_task)
{
    std::vector<model::observation> seen = {call(1, 555, handler, 0, 200)};
    for (std::uint64_t i = 0; i < 3; ++i) {
        seen.push_back(call(10 + i, 1, branch, 30 * static_cast<double>(i), 10));
        seen.back().detail_hash = 4;
        seen.back().outcome = i < 2 ? model::outcome::server_error : model::outcome::ok;
    }

    EXPECT_DOUBLE_EQ(figure(signal_kind::retry_storm, seen).value(), 3);
}

TEST(trace_figure, does_not_depend_on_order_or_repetition)
{
    std::vector<model::observation> seen = fan(200);
    std::reverse(seen.begin(), seen.end());
    seen.push_back(seen.front());

    EXPECT_DOUBLE_EQ(figure(signal_kind::fanout_straggler, seen).value(), 10);
}

TEST(trace_figure, is_none_where_nothing_was_reported_or_single_requests_cannot_show_it)
{
    EXPECT_FALSE(figure(signal_kind::fanout_straggler, {}));
    EXPECT_FALSE(figure(signal_kind::payload_latency, fan(200)));
    EXPECT_FALSE(figure(signal_kind::stream_stall, fan(200)));
    EXPECT_FALSE(can_be_shown_again(signal_kind::agent_loop));
    EXPECT_TRUE(can_be_shown_again(signal_kind::retry_storm));
}

model::signal straggler_signal()
{
    model::signal signal = test::make_signal(model::confirm_metric::trace_figure, 3, 1.2);
    signal.kind = signal_kind::fanout_straggler;
    signal.metric = "longest branch in medians";
    return signal;
}

// What the target reports about each request of the plan: failing ones have a branch of 200 ms.
std::vector<model::observation> report_fans(const trial_plan& plan, std::uint32_t number, double failing_ms)
{
    std::vector<model::observation> all;
    for (const planned_request& planned : list_requests(plan, number)) {
        for (model::observation seen : fan(planned.arm == arm::failing ? failing_ms : 20)) {
            seen.trace = planned.trace;
            all.push_back(seen);
        }
    }
    return all;
}

TEST(trial_of_a_trace_figure, shows_a_straggler_that_the_failing_requests_have_and_the_good_ones_have_not)
{
    const trial_plan plan = test::plan_of(straggler_signal());
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(
            decide_trial(plan, number, test::answer_all(plan, 200, 200), report_fans(plan, 1, 200))
        );

    EXPECT_TRUE(needs_traces(plan));
    EXPECT_EQ(plan.metric_text, "longest branch in medians");
    EXPECT_DOUBLE_EQ(trials[0].metric, 10);
    EXPECT_TRUE(trials[0].shows);
    EXPECT_EQ(decide_verdict(plan, trials).verdict, verdict::reproduced);
}

TEST(trial_of_a_trace_figure, does_not_show_what_is_gone)
{
    const trial_plan plan = test::plan_of(straggler_signal());

    const trial made = decide_trial(plan, 1, test::answer_all(plan, 200, 200), report_fans(plan, 1, 20));

    EXPECT_FALSE(made.shows);
}

TEST(plan_of_a_trace_figure, says_why_single_requests_cannot_show_it)
{
    model::signal signal = straggler_signal();
    signal.kind = signal_kind::payload_latency;

    const auto made = make_plan(signal, test::make_bundle(), "e0", "01RUN", "http://127.0.0.1:3000", 5);

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::nothing_to_replay);
    EXPECT_NE(made.error().reason.find("many payload sizes"), std::string::npos);
}

TEST(plan_of_a_trace_figure, names_the_analysis_in_its_method)
{
    model::signal other = straggler_signal();
    other.kind = signal_kind::blocking_chain;

    EXPECT_NE(methodology_hash(test::plan_of(straggler_signal())), methodology_hash(test::plan_of(other)));
}

}  // namespace
}  // namespace reprise::replay
