#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::span_role;
using test::from_ms;
using test::index_of;
using test::trace_builder;

std::vector<model::chain> chains_of(const trace_builder& made)
{
    model::trace trace = made.build();
    const span_tree tree(trace);
    return find_chains(tree, find_path(tree), trace_limits{});
}

// Steps of these lengths, one after the other; when the last ended.
double add_steps(
    trace_builder& made, model::trace_span& planner, const std::vector<double>& durations_ms,
    span_role role = span_role::worker
)
{
    double now_ms = 0;
    for (std::size_t index = 0; index < durations_ms.size(); ++index) {
        auto& step = made.add(planner, "step", now_ms, now_ms + durations_ms[index], role);
        step.index = static_cast<std::int32_t>(index);
        made.add(step, "tool_call", now_ms, now_ms + durations_ms[index], span_role::tool);
        now_ms += durations_ms[index];
    }
    return now_ms;
}

TEST(trace_chain, steps_that_follow_each_other_and_are_all_of_the_path_are_a_chain)
{
    trace_builder made;
    auto& root = made.add_root("workflow", 0, 1230);
    auto& planner = made.add(root, "planner", 0, 1230);
    std::vector<double> durations(12, 100);
    durations[7] = 101;
    durations[8] = 99;
    add_steps(made, planner, durations);
    made.add(planner, "checkpoint", 1200, 1230, span_role::io);
    model::trace trace = made.build();
    const span_tree tree(trace);

    const auto found = find_chains(tree, find_path(tree), trace_limits{});

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].parent, index_of(trace, planner));
    EXPECT_EQ(found[0].depth, 12U);
    EXPECT_EQ(found[0].total_ns, from_ms(1200));
    EXPECT_DOUBLE_EQ(found[0].path_share, 1200.0 / 1230);
    EXPECT_DOUBLE_EQ(found[0].largest_share, 101.0 / 1200);
    EXPECT_EQ(trace.spans[found[0].largest].index, 7);
}

TEST(trace_chain, too_few_links_or_one_that_stands_out_or_other_work_make_none)
{
    trace_builder few;
    add_steps(few, few.add_root("planner", 0, 900), std::vector<double>(9, 100));
    EXPECT_TRUE(chains_of(few).empty());

    trace_builder uneven;
    std::vector<double> durations(12, 100);
    durations[3] = 301;
    add_steps(uneven, uneven.add_root("planner", 0, 1401), durations);
    EXPECT_TRUE(chains_of(uneven).empty());

    trace_builder beside;
    add_steps(beside, beside.add_root("planner", 0, 1400), std::vector<double>(12, 100));
    EXPECT_TRUE(chains_of(beside).empty());
}

TEST(trace_chain, ordinary_spans_are_no_links)
{
    trace_builder made;
    add_steps(made, made.add_root("GET /", 0, 1200), std::vector<double>(12, 100), span_role::plain);

    EXPECT_TRUE(chains_of(made).empty());
}

TEST(trace_chain, the_waves_of_a_fan_out_are_none)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 1500);
    for (int wave = 0; wave < 15; ++wave) {
        for (int each = 0; each < 4; ++each)
            made.add(planner, "worker", wave * 100, wave * 100 + 100 - each, span_role::worker);
    }

    EXPECT_TRUE(chains_of(made).empty());
}

TEST(trace_chain, what_runs_beside_a_long_sibling_is_none)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 1200);
    made.add(planner, "step", 0, 1200, span_role::worker);
    add_steps(made, planner, std::vector<double>(12, 100));

    EXPECT_TRUE(chains_of(made).empty());
}

TEST(trace_chain, attempts_of_one_call_are_one_link)
{
    trace_builder numbered;
    auto& first = numbered.add_root("planner", 0, 1200);
    trace_builder plain;
    auto& second = plain.add_root("planner", 0, 1200);
    for (int attempt = 0; attempt < 12; ++attempt) {
        numbered.add(first, "tool_call", attempt * 100, attempt * 100 + 100, span_role::tool).attempt = attempt;
        plain.add(second, "tool_call", attempt * 100, attempt * 100 + 100, span_role::tool).failed = attempt < 11;
    }

    EXPECT_TRUE(chains_of(numbered).empty());
    EXPECT_TRUE(chains_of(plain).empty());
}

TEST(trace_chain, an_agent_that_thinks_and_acts_in_turns_is_none)
{
    trace_builder made;
    auto& agent = made.add_root("agent", 0, 1500);
    for (int step = 0; step < 15; ++step) {
        made.add(agent, "thought", step * 100, step * 100 + 2, span_role::step);
        made.add(agent, "act", step * 100 + 2, step * 100 + 100, span_role::tool);
    }

    EXPECT_TRUE(chains_of(made).empty());
}

TEST(trace_chain, a_failed_last_step_still_ends_a_chain)
{
    trace_builder made;
    auto& planner = made.add_root("planner", 0, 1200);
    add_steps(made, planner, std::vector<double>(12, 100));
    made.spans()[23].failed = true;

    const auto found = chains_of(made);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].depth, 12U);
}

}  // namespace
}  // namespace reprise::detect
