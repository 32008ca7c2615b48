#include "../../server/detect/trace_parts.hpp"

#include "scenario_traces.hpp"
#include "trace_builder.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::span_role;

// An agent that thinks and acts; each adds what comes next.
class told_agent {
public:
    told_agent()
        : root_(told_.add_root("workflow", 0, 100'000)),
          agent_(told_.add(root_, "agent", 0, 90'000, span_role::planner))
    {
        agent_.agent = "agent:v1";
    }

    void think(double took_ms) { last_ = &add("chat", span_role::llm, took_ms); }
    model::trace_span& act(std::string_view tool, std::uint64_t arguments, double took_ms = 10)
    {
        last_ = &add("execute_tool", span_role::tool, took_ms);
        last_->tool = tool;
        last_->arguments = arguments;
        return *last_;
    }
    void pause(double ms) { now_ms_ += ms; }
    void back(double ms) { now_ms_ -= ms; }

    std::optional<model::agent_run> run()
    {
        trace_ = told_.build();
        const span_tree tree(trace_);
        return find_agent_run(tree, {});
    }
    const model::trace& trace() const { return trace_; }

private:
    model::trace_span& add(std::string_view name, span_role role, double took_ms)
    {
        model::trace_span& span = told_.add(agent_, name, now_ms_, now_ms_ + took_ms, role);
        now_ms_ += took_ms;
        return span;
    }

    test::trace_builder told_;
    model::trace_span& root_;
    model::trace_span& agent_;
    model::trace_span* last_ = nullptr;
    double now_ms_ = 0;
    model::trace trace_;
};

TEST(trace_agents, thinks_and_acts_in_turn)
{
    told_agent told;
    told.think(20);
    told.act("search", 1, 80);
    told.think(30);
    told.act("read", 2, 50);
    told.think(40);

    const auto run = told.run();

    ASSERT_TRUE(run);
    EXPECT_EQ(told.trace().spans[run->span].name, "agent");
    EXPECT_EQ(run->step_count, 3U);
    EXPECT_EQ(run->think_ns, test::from_ms(90));
    EXPECT_EQ(run->tool_ns, test::from_ms(130));
    ASSERT_EQ(run->steps.size(), 3U);
    EXPECT_EQ(run->steps[0].think_ns, test::from_ms(20));
    EXPECT_EQ(run->steps[0].tool_ns, test::from_ms(80));
    EXPECT_EQ(told.trace().spans[run->steps[1].span].tool, "read");
    EXPECT_EQ(run->steps[2].tool_ns, 0);
    EXPECT_EQ(run->repeats, 1U);
}

TEST(trace_agents, an_act_and_the_call_in_it_take_their_time_once)
{
    test::trace_builder told;
    const auto& root = told.add_root("workflow", 0, 400);
    const auto& agent = told.add(root, "agent_core", 0, 390, span_role::planner);
    for (int step = 0; step < 3; ++step) {
        const double at = step * 100;
        auto& thought = told.add(agent, "thought", at, at + 15, span_role::step);
        auto& act = told.add(agent, "act", at + 15, at + 97, span_role::tool);
        auto& call = told.add(act, "tool_call", at + 16, at + 96, span_role::tool);
        call.tool = told.keep("step_" + std::to_string(step));
        call.arguments = 7;
        thought.step = act.step = step;
    }
    model::trace trace = told.build();

    const auto run = find_agent_run(span_tree(trace), {});

    ASSERT_TRUE(run);
    EXPECT_EQ(run->step_count, 3U);
    EXPECT_EQ(run->think_ns, test::from_ms(45));
    EXPECT_EQ(run->tool_ns, test::from_ms(246));
    EXPECT_EQ(run->steps[2].step, 2);
    EXPECT_EQ(run->repeats, 1U);
}

TEST(trace_agents, calls_of_one_step_that_run_side_by_side_take_their_time_once)
{
    told_agent told;
    told.think(10);
    told.act("a", 1, 80);
    told.back(80);
    told.act("b", 2, 100);
    told.think(10);

    const auto run = told.run();

    ASSERT_TRUE(run);
    EXPECT_EQ(run->step_count, 2U);
    EXPECT_EQ(run->tool_ns, test::from_ms(100));
}

TEST(trace_agents, the_same_call_again_and_again_is_counted)
{
    told_agent told;
    told.act("other", 4);
    for (int turn = 0; turn < 4; ++turn) {
        told.think(30);
        told.act("search", 1);
    }
    told.think(5);

    const auto run = told.run();

    ASSERT_TRUE(run);
    EXPECT_EQ(run->repeats, 4U);
    EXPECT_EQ(told.trace().spans[run->repeated].tool, "search");
    EXPECT_EQ(told.trace().spans[run->repeated].start_ns, test::trace_start_ns + test::from_ms(40));
}

TEST(trace_agents, two_calls_that_take_turns_are_a_loop_too)
{
    told_agent told;
    for (int turn = 0; turn < 3; ++turn) {
        told.think(30);
        told.act("search", 1);
        told.think(30);
        told.act("read", 2);
    }

    const auto run = told.run();

    ASSERT_TRUE(run);
    EXPECT_EQ(run->repeats, 3U);
}

TEST(trace_agents, pages_are_no_loop)
{
    told_agent told;
    for (std::uint64_t page = 1; page < 9; ++page) {
        told.think(30);
        told.act("list", page);
    }

    EXPECT_EQ(told.run()->repeats, 1U);
}

TEST(trace_agents, what_is_asked_unknown_is_no_loop)
{
    told_agent told;
    for (int turn = 0; turn < 9; ++turn) {
        told.think(30);
        told.act("list", 0);
    }

    EXPECT_EQ(told.run()->repeats, 1U);
}

TEST(trace_agents, parts_that_run_side_by_side_are_no_loop)
{
    told_agent told;
    told.think(30);
    for (int part = 0; part < 9; ++part) {
        told.act("embed", 1, 50);
        told.back(49);
    }
    told.pause(100);
    told.think(10);

    const auto run = told.run();

    ASSERT_TRUE(run);
    EXPECT_EQ(run->repeats, 1U);
    EXPECT_EQ(run->step_count, 2U);
}

TEST(trace_agents, a_poll_with_its_delay_is_no_loop)
{
    told_agent told;
    for (int turn = 0; turn < 9; ++turn) {
        told.think(30);
        told.act("status", 1);
        told.pause(1000);
    }

    EXPECT_EQ(told.run()->repeats, 1U);
}

TEST(trace_agents, a_failing_call_made_again_without_a_thought_is_a_retry)
{
    told_agent told;
    told.think(30);
    for (int attempt = 0; attempt < 5; ++attempt)
        told.act("search", 1).failed = true;
    told.think(30);

    EXPECT_EQ(told.run()->repeats, 1U);
}

TEST(trace_agents, a_failing_call_made_again_after_each_thought_is_a_loop)
{
    told_agent told;
    for (int attempt = 0; attempt < 5; ++attempt) {
        told.think(30);
        told.act("search", 1).failed = true;
    }

    EXPECT_EQ(told.run()->repeats, 5U);
}

TEST(trace_agents, steps_that_hold_their_calls_are_steps)
{
    test::trace_builder told;
    const auto& root = told.add_root("run", 0, 400);
    for (int step = 0; step < 3; ++step) {
        auto& loop = told.add(root, "iteration", step * 100, step * 100 + 90);
        loop.step = step;
        auto& call = told.add(loop, "execute_tool", step * 100 + 30, step * 100 + 80, span_role::tool);
        call.tool = "search";
        call.arguments = 3;
        told.add(loop, "chat", step * 100, step * 100 + 30, span_role::llm);
    }
    auto& first = told.add(root, "note", 0, 0, span_role::step);
    first.step = 0;
    model::trace trace = told.build();

    const auto run = find_agent_run(span_tree(trace), {});

    ASSERT_TRUE(run);
    EXPECT_EQ(run->step_count, 3U);
    EXPECT_EQ(run->think_ns, test::from_ms(120));
    EXPECT_EQ(run->tool_ns, test::from_ms(150));
    EXPECT_EQ(run->repeats, 3U);
}

TEST(trace_agents, an_agent_without_thoughts_is_known_by_its_loop_alone)
{
    told_agent looping;
    for (int turn = 0; turn < 5; ++turn)
        looping.act("search", 1);
    told_agent working;
    for (std::uint64_t turn = 1; turn < 6; ++turn)
        working.act("search", turn);

    ASSERT_TRUE(looping.run());
    EXPECT_EQ(looping.run()->repeats, 5U);
    EXPECT_FALSE(working.run());
}

TEST(trace_agents, only_an_agent_is_one)
{
    for (const model::trace_pattern pattern : test::all_scenarios) {
        model::trace trace = test::play(test::default_values(pattern, 5));
        EXPECT_EQ(find_agent_run(span_tree(trace), {}).has_value(), pattern == model::trace_pattern::react)
            << to_text(pattern);
    }
}

TEST(trace_agents, each_step_of_a_run_is_found)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        model::trace trace = test::play(test::default_values(model::trace_pattern::react, seed));
        const auto thoughts = std::count_if(trace.spans.begin(), trace.spans.end(), [](const auto& span) {
            return span.role == span_role::step;
        });

        const auto run = find_agent_run(span_tree(trace), {});

        ASSERT_TRUE(run);
        EXPECT_EQ(run->step_count, static_cast<std::uint32_t>(thoughts));
        EXPECT_EQ(run->repeats, 1U);
        EXPECT_GE(run->tool_ns, thoughts * test::from_ms(80));
        EXPECT_LE(run->tool_ns, thoughts * test::from_ms(86));
    }
}

}  // namespace
}  // namespace reprise::detect
