#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace reprise::detect {
namespace {

using model::operation_kind;
using model::span_role;
using model::span_wait;
using model::time_class;
using test::trace_builder;

// Milliseconds per class.
struct spent {
    double human = 0;
    double queue = 0;
    double backoff = 0;
    double tool = 0;
    double io = 0;
    double compute = 0;
    double untracked = 0;
};

void expect_times(const trace_builder& made, const spent& expected)
{
    model::trace trace = made.build();
    const span_tree tree(trace);
    auto path = find_path(tree);
    const class_times times = find_times(tree, path);
    const auto in_ms = [&](time_class one) { return static_cast<double>(times[static_cast<std::size_t>(one)]) / 1e6; };
    EXPECT_EQ(in_ms(time_class::waiting_human), expected.human);
    EXPECT_EQ(in_ms(time_class::waiting_queue), expected.queue);
    EXPECT_EQ(in_ms(time_class::waiting_backoff), expected.backoff);
    EXPECT_EQ(in_ms(time_class::waiting_tool), expected.tool);
    EXPECT_EQ(in_ms(time_class::io), expected.io);
    EXPECT_EQ(in_ms(time_class::compute), expected.compute);
    EXPECT_EQ(in_ms(time_class::untracked), expected.untracked);
    EXPECT_EQ(std::accumulate(times.begin(), times.end(), std::int64_t{0}), tree.wall_ns());
}

TEST(trace_times, own_time_is_classed_by_what_a_span_is)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    made.add(root, "tool", 0, 10, span_role::tool);
    made.add(root, "model", 10, 30, span_role::llm);
    made.add(root, "checkpoint", 30, 35, span_role::io);
    made.add(root, "SELECT", 35, 42).kind = operation_kind::db;
    made.add(root, "GET", 42, 45).kind = operation_kind::client;
    made.add(root, "worker", 45, 50, span_role::worker);

    expect_times(made, {.tool = 33, .io = 12, .compute = 55});
}

TEST(trace_times, what_a_span_says_that_it_waits_for_counts_first)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    made.add(root, "a", 0, 10, span_role::tool).wait = span_wait::queue;
    made.add(root, "b", 10, 30, span_role::io).wait = span_wait::backoff;
    made.add(root, "c", 30, 60).wait = span_wait::human;
    made.add(root, "d", 60, 65).wait = span_wait::tool;
    made.add(root, "e", 65, 67).wait = span_wait::other;
    made.add(root, "f", 67, 70, span_role::io).wait = span_wait::other;

    expect_times(made, {.human = 30, .queue = 10, .backoff = 20, .tool = 7, .io = 3, .compute = 30});
}

TEST(trace_times, whatever_runs_while_a_person_is_waited_for_is_waiting_for_the_person)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 1200);
    made.add(root, "pre_human", 0, 100, span_role::tool);
    auto& human = made.add(root, "human_feedback", 100, 1100, span_role::human);
    auto& poll = made.add(human, "poll", 200, 300);
    made.add(poll, "SELECT", 210, 290).kind = operation_kind::db;
    made.add(root, "post_human", 1100, 1200, span_role::tool);

    expect_times(made, {.human = 1000, .tool = 200});
}

TEST(trace_times, the_gap_between_a_failure_and_the_next_attempt_is_backoff)
{
    trace_builder made;
    auto& root = made.add_root("planner", 0, 200);
    made.add(root, "tool_call", 0, 5, span_role::tool).failed = true;
    made.add(root, "tool_call", 25, 30, span_role::tool).failed = true;
    made.add(root, "tool_call", 70, 150, span_role::tool);
    made.add(root, "other", 160, 170, span_role::tool);

    expect_times(made, {.backoff = 60, .tool = 100, .compute = 40});
}

TEST(trace_times, a_numbered_attempt_tells_its_backoff_even_when_another_call_ended_last)
{
    trace_builder made;
    auto& root = made.add_root("planner", 0, 100);
    auto& failed = made.add(root, "tool_call", 0, 10, span_role::tool);
    failed.failed = true;
    failed.attempt = 0;
    made.add(root, "else", 0, 20, span_role::tool);
    made.add(root, "tool_call", 30, 100, span_role::tool).attempt = 1;

    expect_times(made, {.backoff = 10, .tool = 90});
}

TEST(trace_times, a_call_with_other_arguments_is_no_attempt_of_the_failed_one)
{
    trace_builder made;
    auto& root = made.add_root("planner", 0, 100);
    auto& first = made.add(root, "tool_call", 0, 10, span_role::tool);
    first.failed = true;
    first.arguments = 1;
    made.add(root, "tool_call", 30, 100, span_role::tool).arguments = 2;

    expect_times(made, {.tool = 80, .compute = 20});
}

TEST(trace_times, the_gap_before_a_member_that_had_to_wait_for_a_place_is_queueing)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 200);
    planner.concurrency = 2;
    made.add(planner, "worker", 10, 90, span_role::worker);
    made.add(planner, "worker", 10, 100, span_role::worker);
    made.add(planner, "worker", 105, 180, span_role::worker);
    made.add(planner, "worker", 103, 170, span_role::worker);
    made.add(planner, "checkpoint", 190, 200, span_role::io);

    // 10 before the first and 10 after the last are the planner's own.
    expect_times(made, {.queue = 5, .io = 10, .compute = 185});
}

TEST(trace_times, a_gap_is_the_parents_own_while_there_is_room)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 100);
    planner.concurrency = 2;
    made.add(planner, "worker", 0, 40, span_role::worker);
    made.add(planner, "worker", 50, 90, span_role::worker);

    expect_times(made, {.compute = 100});
}

TEST(trace_times, a_task_holds_its_place_while_it_waits_to_be_tried_again)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 200);
    planner.concurrency = 2;
    planner.retries_max = 3;
    auto& failed = made.add(planner, "tool_call", 0, 10, span_role::tool);
    failed.failed = true;
    failed.attempt = 0;
    made.add(planner, "tool_call", 100, 180, span_role::tool).attempt = 1;
    made.add(planner, "tool_call", 0, 60, span_role::tool).attempt = 0;
    // Let in when the second had ended, while the first still held its place.
    made.add(planner, "tool_call", 70, 200, span_role::tool).attempt = 0;

    expect_times(made, {.queue = 10, .tool = 190});
}

TEST(trace_times, time_outside_every_span_is_untracked)
{
    trace_builder made;
    made.add_below(900, "a", 0, 40);
    made.add_below(900, "b", 60, 100);

    expect_times(made, {.compute = 80, .untracked = 20});
}

}  // namespace
}  // namespace reprise::detect
