#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <queue>
#include <string>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;
using test::from_ms;
using test::index_of;
using test::trace_builder;

std::vector<model::fanout> fanouts_of(model::trace& trace)
{
    return find_fanouts(span_tree(trace), trace_limits{});
}

// Workers that take as long as said, each begun when one of `places` is free, with one tool call in each.
void add_workers(
    trace_builder& made, model::trace_span& planner, const std::vector<double>& durations_ms, std::size_t places
)
{
    std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
    for (std::size_t place = 0; place < places; ++place)
        free_at.push(0);
    for (std::size_t index = 0; index < durations_ms.size(); ++index) {
        const double start_ms = free_at.top();
        free_at.pop();
        const double end_ms = start_ms + durations_ms[index];
        free_at.push(end_ms);
        auto& worker = made.add(planner, "worker", start_ms, end_ms, span_role::worker);
        worker.index = static_cast<std::int32_t>(index);
        worker.agent = made.keep("worker:" + std::to_string(index));
        made.add(worker, "tool_call", start_ms, end_ms, span_role::tool).tool =
            made.keep("t" + std::to_string(index % 5));
    }
}

TEST(trace_fanout, waves_wait_in_line_and_leave_slack)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 265);
    planner.concurrency = 3;
    add_workers(made, planner, std::vector<double>(7, 80), 3);
    made.add(planner, "checkpoint", 240, 265, span_role::io);
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 1U);
    const model::fanout& one = found.front();
    EXPECT_EQ(one.parent, 0U);
    EXPECT_EQ(one.members, 7U);
    EXPECT_EQ(one.peak, 3U);
    EXPECT_EQ(one.limit, 3);
    EXPECT_EQ(one.waves, 3U);
    EXPECT_EQ(one.median_ns, from_ms(80));
    EXPECT_EQ(one.longest_ns, from_ms(80));
    EXPECT_EQ(one.queue_ns, from_ms(3 * 80 + 160));
    EXPECT_EQ(one.queue_longest_ns, from_ms(160));
    EXPECT_EQ(one.join_ns, from_ms(80));
    EXPECT_EQ(one.join, no_span);
    EXPECT_FALSE(one.slow);
    ASSERT_EQ(one.branches.size(), 7U);
    const std::vector<double> slacks_ms = {0, 80, 80, 0, 80, 80, 0};
    const std::vector<double> queues_ms = {0, 0, 0, 80, 80, 80, 160};
    for (std::size_t at = 0; at < slacks_ms.size(); ++at) {
        EXPECT_EQ(one.branches[at].slack_ns, from_ms(slacks_ms[at])) << at;
        EXPECT_EQ(one.branches[at].queue_ns, from_ms(queues_ms[at])) << at;
        EXPECT_EQ(one.branches[at].service_ns, from_ms(80)) << at;
    }
}

TEST(trace_fanout, of_a_dag_with_20_branches_20_ran_at_once_and_the_aggregator_is_none_of_them)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 200);
    planner.fanout = 20;
    for (int branch = 0; branch < 20; ++branch) {
        auto& worker = made.add(planner, "branch_worker", 10, 50 + branch, span_role::worker);
        made.add(worker, "tool_call", 11, 49 + branch, span_role::tool);
    }
    auto& aggregator = made.add(planner, "aggregator", 70, 150, span_role::worker);
    made.add(aggregator, "tool_call", 71, 149, span_role::tool);
    made.add(planner, "checkpoint", 151, 163, span_role::io);
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].members, 20U);
    EXPECT_EQ(found[0].peak, 20U);
    EXPECT_EQ(found[0].limit, -1);
    EXPECT_EQ(found[0].waves, 1U);
    EXPECT_EQ(found[0].queue_ns, 0);
    EXPECT_EQ(found[0].join, index_of(trace, aggregator));
    EXPECT_EQ(found[0].join_ns, from_ms(9.5));
    EXPECT_EQ(found[0].branches.front().slack_ns, from_ms(19));
    EXPECT_EQ(found[0].branches.back().slack_ns, 0);
}

TEST(trace_fanout, the_straggler_is_named_with_its_call_and_the_delay_it_added)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 905);
    planner.concurrency = 20;
    std::vector<double> durations(100, 80);
    durations[37] = 800;
    add_workers(made, planner, durations, 20);
    made.add(planner, "checkpoint", 880, 905, span_role::io);
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].peak, 20U);
    ASSERT_TRUE(found[0].slow);
    const model::straggler& slow = *found[0].slow;
    EXPECT_EQ(trace.spans[slow.span].agent, "worker:37");
    EXPECT_EQ(trace.spans[slow.tool_span].tool, "t2");
    EXPECT_EQ(slow.duration_ns, from_ms(800));
    EXPECT_EQ(slow.limit_ns, from_ms(120));
    EXPECT_EQ(slow.delay_ns, from_ms(880 - 480));
    EXPECT_DOUBLE_EQ(slow.parent_share, 400.0 / 905);
}

TEST(trace_fanout, a_straggler_of_an_early_wave_added_what_its_place_was_missed_for)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 400);
    planner.concurrency = 3;
    std::vector<double> durations(12, 80);
    durations[1] = 240;
    add_workers(made, planner, durations, 3);
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 1U);
    ASSERT_TRUE(found[0].slow);
    EXPECT_EQ(trace.spans[found[0].slow->span].agent, "worker:1");
    EXPECT_EQ(found[0].slow->delay_ns, from_ms(80));
    EXPECT_DOUBLE_EQ(found[0].slow->parent_share, 0.2);
}

TEST(trace_fanout, when_all_take_equally_long_one_and_a_half_times_is_a_straggler)
{
    for (const double longest_ms : {119.0, 120.0}) {
        trace_builder made;
        auto& planner = made.add_root("planner", 0, longest_ms);
        add_workers(made, planner, {80, 80, 80, longest_ms}, 4);
        model::trace trace = made.build();
        const auto found = fanouts_of(trace);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].slow.has_value(), longest_ms == 120);
    }
}

TEST(trace_fanout, where_durations_vary_anyway_longer_is_no_straggler)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 200);
    add_workers(made, planner, {40, 60, 80, 100, 120, 160}, 6);
    model::trace trace = made.build();

    EXPECT_FALSE(fanouts_of(trace).front().slow);
}

TEST(trace_fanout, one_that_delays_a_long_parent_by_little_is_no_straggler)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 1000);
    add_workers(made, planner, {40, 40, 40, 130}, 4);
    model::trace trace = made.build();

    EXPECT_FALSE(fanouts_of(trace).front().slow);
}

TEST(trace_fanout, two_that_are_slow_together_are_no_straggler)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 400);
    add_workers(made, planner, {40, 40, 40, 40, 395, 400}, 6);
    model::trace trace = made.build();

    EXPECT_FALSE(fanouts_of(trace).front().slow);
}

TEST(trace_fanout, checkpoints_people_and_further_attempts_are_no_members)
{
    trace_builder made;
    auto& root = made.add_root("planner", 0, 100);
    for (int each = 0; each < 5; ++each) {
        made.add(root, "checkpoint", 0, 50, span_role::io);
        made.add(root, "ask", 0, 50, span_role::human);
        made.add(root, "tool_call", 50, 90, span_role::tool).attempt = 1;
    }
    model::trace trace = made.build();
    EXPECT_TRUE(fanouts_of(trace).empty());

    for (auto& span : made.spans())
        span.kind = model::operation_kind::db;
    model::trace queries = made.build();
    const auto found = fanouts_of(queries);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(queries.spans[found[0].branches.front().span].name, "checkpoint");
}

TEST(trace_fanout, siblings_that_follow_each_other_are_none)
{
    trace_builder made;
    auto& root = made.add_root("planner", 0, 1000);
    for (int each = 0; each < 20; ++each)
        made.add(root, "call", each * 40, each * 40 + 40);
    model::trace trace = made.build();

    EXPECT_TRUE(fanouts_of(trace).empty());
}

TEST(trace_fanout, those_that_ran_alone_are_left_out_unless_a_limit_explains_it)
{
    for (const int limit : {-1, 3}) {
        trace_builder made;
        auto& root = made.add_root("planner", 0, 100);
        root.concurrency = limit;
        for (int each = 0; each < 3; ++each)
            made.add(root, "call", 0, 40);
        made.add(root, "call", 50, 90);
        model::trace trace = made.build();
        const auto found = fanouts_of(trace);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].members, limit < 0 ? 3U : 4U);
    }
}

TEST(trace_fanout, a_missing_parent_still_shows_what_ran_below_it)
{
    trace_builder made;
    for (int each = 0; each < 12; ++each)
        made.add_below(900, "worker", each, 50 + each).role = span_role::worker;
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].parent, no_span);
    EXPECT_EQ(found[0].members, 12U);
    EXPECT_EQ(found[0].queue_ns, 0);
}

TEST(trace_fanout, lists_are_cut_but_the_slowest_stays)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 1000);
    std::vector<double> durations(500, 80);
    durations[450] = 900;
    add_workers(made, planner, durations, 500);
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].members, 500U);
    ASSERT_EQ(found[0].branches.size(), model::report_rows_max);
    EXPECT_EQ(trace.spans[found[0].branches.back().span].agent, "worker:450");
}

TEST(trace_fanout, the_widest_comes_first)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    for (const int width : {3, 9, 5}) {
        auto& part = made.add(root, "part", width, 90);
        for (int each = 0; each < width; ++each)
            made.add(part, "call", 20, 60);
    }
    model::trace trace = made.build();

    const auto found = fanouts_of(trace);

    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].members, 9U);
    EXPECT_EQ(found[1].members, 5U);
    EXPECT_EQ(found[2].members, 3U);
    EXPECT_EQ(found[2].parent, 0U);
    EXPECT_EQ(found[3].members, 3U);
}

}  // namespace
}  // namespace reprise::detect
