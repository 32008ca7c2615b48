#include "reprise/detect/trace_analysis.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace reprise::detect {
namespace {

using model::operation_kind;
using model::span_role;
using model::trace_pattern;
using model::trace_span;
using test::trace_builder;

trace_pattern pattern_of(const trace_builder& made)
{
    model::trace trace = made.build();
    return analyse_trace(trace).pattern;
}

trace_span& add_worker(trace_builder& made, trace_span& parent, const std::string& name, double start_ms, double end_ms)
{
    auto& worker = made.add(parent, name, start_ms, end_ms, span_role::worker);
    made.add(worker, "tool_call", start_ms, end_ms, span_role::tool).attempt = 0;
    return worker;
}

// workflow > planner, as each of the agents' scenarios begins.
trace_span& add_planner(trace_builder& made, double end_ms)
{
    auto& root = made.add_root("workflow", 0, end_ms);
    root.role = span_role::workflow;
    return made.add(root, "planner", 0, end_ms, span_role::planner);
}

trace_builder fanout(int count, int concurrency, bool has_join = false)
{
    trace_builder made;
    const int waves = (count + concurrency - 1) / concurrency;
    const double done_ms = waves * 80.0;
    auto& planner = add_planner(made, done_ms + 120);
    planner.fanout = count;
    planner.concurrency = has_join ? -1 : concurrency;
    for (int index = 0; index < count; ++index) {
        const double start_ms = index / concurrency * 80.0;
        add_worker(made, planner, "worker", start_ms, start_ms + 80).index = index;
    }
    if (has_join)
        add_worker(made, planner, "aggregator", done_ms, done_ms + 80);
    made.add(planner, "checkpoint", done_ms + 80, done_ms + 105, span_role::io).payload_kb = 128;
    return made;
}

TEST(trace_pattern, a_fan_out_is_one_whatever_its_width_and_limit)
{
    const std::vector<std::pair<int, int>> cases = {{100, 20}, {50, 10}, {200, 20}, {50, 1}, {10, 10}, {2, 2}, {1, 20}};
    for (const auto& [count, concurrency] : cases)
        EXPECT_EQ(pattern_of(fanout(count, concurrency)), trace_pattern::fanout) << count << "/" << concurrency;
}

TEST(trace_pattern, a_fan_out_that_is_joined_is_a_dag)
{
    for (const int count : {100, 20, 3, 1})
        EXPECT_EQ(pattern_of(fanout(count, count, true)), trace_pattern::dag) << count;
}

TEST(trace_pattern, branches_that_fail_before_they_are_joined_are_still_a_dag)
{
    for (const int limit : {-1, 20}) {
        trace_builder made;
        auto& planner = add_planner(made, 80);
        planner.fanout = 20;
        planner.concurrency = limit;
        planner.failed = true;
        for (int branch = 0; branch < 20; ++branch)
            add_worker(made, planner, "branch_worker", 0, 80).failed = branch == 7;
        EXPECT_EQ(pattern_of(made), limit < 0 ? trace_pattern::dag : trace_pattern::fanout);
    }
}

TEST(trace_pattern, steps_in_a_row_are_a_chain_however_few)
{
    for (const int depth : {120, 60, 40, 5, 1}) {
        trace_builder made;
        auto& planner = add_planner(made, depth * 30 + 13);
        for (int index = 0; index < depth; ++index)
            add_worker(made, planner, "step", index * 30, index * 30 + 30).index = index;
        made.add(planner, "checkpoint", depth * 30, depth * 30 + 13, span_role::io);
        EXPECT_EQ(pattern_of(made), trace_pattern::chain) << depth;
    }
}

TEST(trace_pattern, calls_below_a_span_that_says_how_often_it_tries_again_are_a_retry)
{
    for (const bool has_failed : {true, false}) {
        trace_builder made;
        auto& planner = add_planner(made, 400);
        planner.fanout = 40;
        planner.concurrency = 20;
        planner.retries_max = 4;
        for (int task = 0; task < 40; ++task) {
            const double start_ms = task / 20 * 100.0;
            auto& first = made.add(planner, "tool_call", start_ms, start_ms + 80, span_role::tool);
            first.attempt = 0;
            first.failed = has_failed && task == 7;
        }
        made.add(planner, "checkpoint", 300, 350, span_role::io);
        if (has_failed)
            made.add(planner, "tool_call", 100, 180, span_role::tool).attempt = 1;
        EXPECT_EQ(pattern_of(made), trace_pattern::retry);
    }
}

TEST(trace_pattern, a_retry_inside_a_dag_counts_only_when_it_explains_the_time)
{
    for (const double backoff_ms : {20.0, 2000.0}) {
        trace_builder made;
        auto& planner = add_planner(made, 200 + backoff_ms);
        planner.fanout = 20;
        for (int branch = 1; branch < 20; ++branch)
            add_worker(made, planner, "branch_worker", 0, 80);
        auto& slow = made.add(planner, "branch_worker", 0, 90 + backoff_ms, span_role::worker);
        auto& failed = made.add(slow, "tool_call", 0, 10, span_role::tool);
        failed.attempt = 0;
        failed.failed = true;
        made.add(slow, "tool_call", 10 + backoff_ms, 90 + backoff_ms, span_role::tool).attempt = 1;
        add_worker(made, planner, "aggregator", 95 + backoff_ms, 175 + backoff_ms);
        EXPECT_EQ(pattern_of(made), backoff_ms > 1000 ? trace_pattern::retry : trace_pattern::dag);
    }
}

TEST(trace_pattern, thoughts_and_acts_in_turns_are_an_agent_even_when_it_took_one_step)
{
    for (const int steps : {1, 5, 10}) {
        trace_builder made;
        auto& agent = add_planner(made, steps * 100 + 25);
        for (int step = 0; step < steps; ++step) {
            made.add(agent, "thought", step * 100, step * 100 + 35, span_role::step).step = step;
            auto& act = made.add(agent, "act", step * 100 + 35, step * 100 + 100, span_role::tool);
            made.add(act, "tool_call", step * 100 + 36, step * 100 + 99, span_role::tool);
        }
        made.add(agent, "checkpoint", steps * 100, steps * 100 + 25, span_role::io);
        EXPECT_EQ(pattern_of(made), trace_pattern::react) << steps;
    }
}

TEST(trace_pattern, model_and_tool_calls_in_turns_are_an_agent_too)
{
    trace_builder made;
    auto& agent = made.add_root("invoke_agent", 0, 1000);
    for (int turn = 0; turn < 3; ++turn) {
        made.add(agent, "chat", turn * 300, turn * 300 + 200, span_role::llm);
        made.add(agent, "execute_tool search", turn * 300 + 200, turn * 300 + 300, span_role::tool);
    }
    made.add(agent, "chat", 900, 1000, span_role::llm);

    EXPECT_EQ(pattern_of(made), trace_pattern::react);
}

TEST(trace_pattern, a_trace_that_waits_for_a_person_is_human_even_when_the_person_is_quick)
{
    for (const double waited_ms : {0.0, 1000.0, 2000.0}) {
        trace_builder made;
        auto& planner = add_planner(made, 200 + waited_ms);
        made.add(planner, "tool_call", 0, 100, span_role::tool);
        made.add(planner, "human_feedback", 100, 100 + waited_ms, span_role::human);
        made.add(planner, "tool_call", 100 + waited_ms, 200 + waited_ms, span_role::tool);
        EXPECT_EQ(pattern_of(made), trace_pattern::human);
    }
}

TEST(trace_pattern, a_fetch_and_then_a_model_is_retrieval)
{
    for (const auto role : {span_role::io, span_role::tool}) {
        trace_builder made;
        auto& planner = add_planner(made, 190);
        auto& retrieval = made.add(planner, "retrieval", 0, 80, role);
        retrieval.payload_kb = 10;
        made.add(retrieval, "tool_call", 0, 80, span_role::tool).payload_kb = 10;
        made.add(planner, "generation", 80, 182, span_role::llm);
        EXPECT_EQ(pattern_of(made), trace_pattern::rag);
    }
}

TEST(trace_pattern, a_stream_is_one_whatever_runs_in_its_background)
{
    for (const double duration_ms : {5000.0, 900.0}) {
        trace_builder made;
        auto& root = made.add_root("token_stream", 0, duration_ms);
        root.role = span_role::stream;
        root.fanout = 80;
        auto& planner = made.add(root, "planner", 0, 825, span_role::planner);
        planner.fanout = 20;
        planner.concurrency = 10;
        for (int index = 0; index < 20; ++index)
            add_worker(made, planner, "worker", index / 10 * 400, index / 10 * 400 + 400);
        EXPECT_EQ(pattern_of(made), trace_pattern::stream);
    }
}

TEST(trace_pattern, the_higher_of_two_shapes_is_the_traces)
{
    trace_builder made;
    auto& planner = add_planner(made, 1000);
    planner.fanout = 5;
    for (int index = 0; index < 5; ++index) {
        auto& worker = made.add(planner, "worker", 0, 990, span_role::worker);
        made.add(worker, "thought", 0, 100, span_role::step);
        made.add(worker, "act", 100, 990, span_role::tool);
    }

    EXPECT_EQ(pattern_of(made), trace_pattern::fanout);
}

trace_builder service(int parallel)
{
    trace_builder made;
    auto& root = made.add_root("GET /orders/{id}", 0, 200);
    root.kind = operation_kind::server;
    for (int query = 0; query < 12; ++query)
        made.add(root, "SELECT items", query * 5, query * 5 + 4, span_role::io).kind = operation_kind::db;
    for (int call = 0; call < parallel; ++call) {
        auto& client = made.add(root, "GET", 70, 150 + call);
        client.kind = operation_kind::client;
        auto& served = made.add(client, "GET /prices", 75, 140);
        served.kind = operation_kind::server;
        served.service = "prices";
    }
    made.add(root, "render", 180, 195);
    return made;
}

TEST(trace_pattern, an_ordinary_request_has_none_unless_it_fans_out_widely)
{
    EXPECT_EQ(pattern_of(service(0)), trace_pattern::none);
    EXPECT_EQ(pattern_of(service(1)), trace_pattern::none);
    EXPECT_EQ(pattern_of(service(4)), trace_pattern::none);
    EXPECT_EQ(pattern_of(service(9)), trace_pattern::none);
    EXPECT_EQ(pattern_of(service(10)), trace_pattern::fanout);
    EXPECT_EQ(pattern_of(trace_builder()), trace_pattern::none);
}

TEST(trace_pattern, spans_that_were_lost_do_not_change_it)
{
    trace_builder made = fanout(50, 10);
    model::trace whole = made.build();
    for (std::size_t lost = 0; lost < whole.spans.size(); ++lost) {
        model::trace trace = whole;
        trace.spans.erase(trace.spans.begin() + static_cast<std::ptrdiff_t>(lost));
        EXPECT_EQ(analyse_trace(trace).pattern, trace_pattern::fanout) << lost;
    }
}

}  // namespace
}  // namespace reprise::detect
