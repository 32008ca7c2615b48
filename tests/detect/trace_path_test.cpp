#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::detect {
namespace {

using model::no_span;
using test::trace_builder;

// "b 50-90" for every part, in order.
std::vector<std::string> told(const span_tree& tree)
{
    std::vector<std::string> parts;
    for (const model::path_part& part : find_path(tree)) {
        const std::string name = part.span == no_span ? "-" : std::string(tree[part.span].name);
        parts.push_back(
            name + " " + std::to_string(part.start_ns / 1'000'000) + "-" + std::to_string(part.end_ns / 1'000'000)
        );
    }
    return parts;
}

std::vector<std::string> path_of(const trace_builder& made)
{
    model::trace trace = made.build();
    return told(span_tree(trace));
}

using path = std::vector<std::string>;

TEST(trace_path, the_child_that_ended_last_before_the_next_began_was_waited_for)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    made.add(root, "a", 10, 40);
    made.add(root, "b", 50, 90);
    made.add(root, "still-running", 20, 60);
    made.add(root, "ended-before", 12, 39);

    EXPECT_EQ(path_of(made), path({"run 0-10", "a 10-40", "run 40-50", "b 50-90", "run 90-100"}));
}

TEST(trace_path, goes_through_the_slowest_branch_and_what_joined_them)
{
    trace_builder made;
    auto& root = made.add_root("workflow", 0, 180);
    auto& planner = made.add(root, "planner", 0, 180);
    for (int branch = 0; branch < 5; ++branch) {
        const double end_ms = branch == 3 ? 85 : 80;
        auto& worker = made.add(planner, "branch:" + std::to_string(branch), 1, end_ms);
        made.add(worker, "dag_" + std::to_string(branch), 2, end_ms - 1);
    }
    auto& joined = made.add(planner, "aggregator", 86, 166);
    made.add(joined, "tool", 87, 165);
    made.add(planner, "checkpoint", 167, 179);

    EXPECT_EQ(
        path_of(made),
        path({"planner 0-1", "branch:3 1-2", "dag_3 2-84", "branch:3 84-85", "planner 85-86", "aggregator 86-87",
              "tool 87-165", "aggregator 165-166", "planner 166-167", "checkpoint 167-179", "planner 179-180"})
    );
}

TEST(trace_path, children_that_outlive_the_root_are_cut_to_it)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& worker = made.add(root, "worker", 50, 130);
    made.add(worker, "tool", 60, 120);
    made.add(root, "after", 110, 140);

    EXPECT_EQ(path_of(made), path({"run 0-50", "worker 50-60", "tool 60-100"}));
}

TEST(trace_path, time_between_the_pieces_of_a_trace_without_a_root_is_nobodys)
{
    trace_builder made;
    made.add_below(900, "a", 0, 40);
    made.add_below(901, "b", 60, 100);

    EXPECT_EQ(path_of(made), path({"a 0-40", "- 40-60", "b 60-100"}));
}

TEST(trace_path, of_children_that_end_together_the_longest_was_waited_for)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    made.add(root, "short", 60, 100);
    made.add(root, "long", 10, 100);
    made.add(root, "nothing", 100, 100);
    made.add(root, "nothing", 10, 10);

    EXPECT_EQ(path_of(made), path({"run 0-10", "long 10-100"}));
}

TEST(trace_path, a_trace_that_took_no_time_has_no_path)
{
    trace_builder made;
    auto& root = made.add_root("run", 5, 5);
    for (int child = 0; child < 10; ++child)
        made.add(root, "child", 5, 5);

    EXPECT_TRUE(path_of(made).empty());
    EXPECT_TRUE(path_of(trace_builder()).empty());
}

TEST(trace_path, spans_that_all_begin_together_leave_one_on_the_path)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    for (int child = 1; child <= 50; ++child)
        made.add(root, "child" + std::to_string(child), 0, child);

    EXPECT_EQ(path_of(made), path({"child50 0-50", "run 50-100"}));
}

TEST(trace_path, ten_thousand_spans_below_each_other_are_walked_without_a_stack)
{
    trace_builder made;
    const model::trace_span* above = &made.add_root("run", 0, 20'000);
    for (int level = 1; level < 10'000; ++level)
        above = &made.add(*above, "deeper", level, 20'000 - level);
    model::trace trace = made.build();
    const span_tree tree(trace);

    const auto parts = find_path(tree);

    ASSERT_EQ(parts.size(), 19'999U);
    EXPECT_EQ(parts.front().span, 0U);
    EXPECT_EQ(parts[9'999].span, 9'999U);
    EXPECT_EQ(parts.back().end_ns, tree.wall_ns());
}

}  // namespace
}  // namespace reprise::detect
