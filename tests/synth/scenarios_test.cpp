#include "../../server/synth/scenarios.hpp"

#include "virtual_world.hpp"

#include <gtest/gtest.h>

// Each scenario with its defaults: the tree, its attributes and the time it takes by the book.
namespace reprise::synth::test {
namespace {

using shape = std::map<std::string, int>;

constexpr std::int64_t us = 1'000;
constexpr std::int64_t ms = 1'000'000;

typed_texts with_common(std::string agent, std::string kind, typed_texts more)
{
    more["ati.agent.id"] = "str " + agent;
    more["ati.span.kind"] = "str " + kind;
    more["ati.workflow"] = "str demo";
    return more;
}

typed_texts tool_attributes(const std::string& name, int delay_ms, int attempt = 0, const std::string& rate = "0")
{
    return with_common(
        "worker:" + name, "tool_call",
        {{"ati.tool.name", "str " + name},
         {"ati.retry.attempt", "int " + std::to_string(attempt)},
         {"ati.tool.delay_ms", "int " + std::to_string(delay_ms)},
         {"ati.tool.error_rate", "double " + rate},
         {"ati.tool.stream", "int 0"},
         {"ati.tool.payload_kb", "int 0"}}
    );
}

void expect_sound(const span_tree& tree)
{
    for (const seen_span& span : tree.all()) {
        EXPECT_TRUE(span.is_internal);
        EXPECT_FALSE(span.failed);
        EXPECT_TRUE(span.events.empty());
        EXPECT_EQ(span.trace, tree.root().trace);
    }
    EXPECT_EQ(tree.all().back().id, tree.root().id) << "the root ends last";
}

TEST(scenarios, fanout_runs_twenty_at_a_time_in_five_waves)
{
    virtual_world world;

    const span_tree tree = world.run_tree(parameters_of(scenario::fanout));

    expect_sound(tree);
    const shape expected = {{"workflow", 1},
                            {"workflow>planner", 1},
                            {"workflow>planner>worker", 100},
                            {"workflow>planner>worker>tool_call", 100},
                            {"workflow>planner>checkpoint", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(*world.result, 425 * ms);
    EXPECT_EQ(tree.root().duration_ns(), 425 * ms);
    EXPECT_EQ(tree.overlap_max("worker"), 20);
    EXPECT_EQ(tree.root().attributes, with_common("workflow", "workflow", {{"ati.scenario", "str fanout"}}));
    EXPECT_EQ(
        tree.one("planner").attributes,
        with_common("planner:v1", "planner", {{"ati.fanout", "int 100"}, {"ati.concurrency", "int 20"}})
    );
    EXPECT_EQ(
        tree.one("checkpoint").attributes,
        with_common("checkpoint", "checkpoint", {{"ati.checkpoint.size_kb", "int 128"}})
    );
    EXPECT_EQ(tree.one("checkpoint").duration_ns(), 25 * ms);
    const seen_span& worker = tree.agent("worker:63");
    EXPECT_EQ(worker.attributes, with_common("worker:63", "worker", {{"ati.worker.index", "int 63"}}));
    EXPECT_EQ(worker.start_ns - tree.one("planner").start_ns, 240 * ms) << "it waited for three waves";
    EXPECT_EQ(tree.children(worker).front().attributes, tool_attributes("t3", 80));
}

TEST(scenarios, chain_is_strictly_sequential)
{
    virtual_world world;

    const span_tree tree = world.run_tree(parameters_of(scenario::chain));

    expect_sound(tree);
    const shape expected = {{"workflow", 1},
                            {"workflow>planner", 1},
                            {"workflow>planner>step", 60},
                            {"workflow>planner>step>tool_call", 60},
                            {"workflow>planner>checkpoint", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(*world.result, 4'812'500 * us);
    EXPECT_EQ(tree.overlap_max("step"), 1);
    EXPECT_EQ(tree.one("planner").attributes, with_common("planner:v1", "planner", {{"ati.chain.depth", "int 60"}}));
    const seen_span& step = tree.agent("chain:59");
    EXPECT_EQ(step.attributes, with_common("chain:59", "worker", {{"ati.chain.index", "int 59"}}));
    EXPECT_EQ(tree.children(step).front().attributes, tool_attributes("chain", 80));
    EXPECT_EQ(tree.one("checkpoint").at("ati.checkpoint.size_kb"), "int 64");
}

TEST(scenarios, retry_without_errors_calls_each_tool_once_and_has_no_workers)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::retry);
    want.error_rate = 0;

    const span_tree tree = world.run_tree(want);

    expect_sound(tree);
    const shape expected = {{"workflow", 1},
                            {"workflow>planner", 1},
                            {"workflow>planner>tool_call", 100},
                            {"workflow>planner>checkpoint", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(*world.result, 450 * ms);
    EXPECT_EQ(
        tree.one("planner").attributes,
        with_common(
            "planner:v1", "planner",
            {{"ati.fanout", "int 100"}, {"ati.concurrency", "int 20"}, {"ati.retry.max", "int 3"}}
        )
    );
    EXPECT_EQ(tree.named("tool_call").front().attributes, tool_attributes("r0", 80));
    EXPECT_EQ(tree.one("checkpoint").at("ati.checkpoint.size_kb"), "int 256");
}

TEST(scenarios, a_retried_task_waits_longer_each_time_and_holds_its_place)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::retry);
    want.fanout = 2;
    want.concurrency = 1;
    want.max_retries = 7;
    want.error_rate = 1;

    const span_tree tree = world.run_tree(want);

    ASSERT_TRUE(world.result) << "tasks that gave up are not the workflow's failure";
    EXPECT_FALSE(tree.root().failed);
    EXPECT_FALSE(tree.one("planner").failed);
    const auto calls = tree.named("tool_call");
    ASSERT_EQ(calls.size(), 16U);
    const std::vector<std::int64_t> gaps = {20, 40, 80, 160, 320, 500, 500};
    for (std::size_t attempt = 0; attempt < 8; ++attempt) {
        EXPECT_EQ(calls[attempt].attributes, tool_attributes("r0", 80, static_cast<int>(attempt), "1"));
        EXPECT_TRUE(calls[attempt].failed);
        if (attempt > 0) {
            EXPECT_EQ(calls[attempt].start_ns - calls[attempt - 1].end_ns, gaps[attempt - 1] * ms);
        }
    }
    EXPECT_EQ(calls[8].at("ati.tool.name"), "str r1") << "the other one had to wait for all of it";
    EXPECT_EQ(calls[8].start_ns, calls[7].end_ns);
}

TEST(scenarios, retries_add_the_load_that_their_error_rate_foretells)
{
    virtual_world world;
    std::size_t calls = 0;
    constexpr int runs = 40;
    for (int i = 0; i < runs; ++i)
        calls += world.run_tree(parameters_of(scenario::retry)).named("tool_call").size();

    const double calls_each = static_cast<double>(calls) / runs;

    EXPECT_NEAR(calls_each, 111.1, 2.5);  // Standard error 0.56.
}

TEST(scenarios, backoff_doubles_up_to_half_a_second)
{
    const std::vector<int> expected = {20, 40, 80, 160, 320, 500, 500, 500};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(backoff_after(static_cast<int>(i)).count(), expected[i]) << i;
    EXPECT_EQ(backoff_after(1'000).count(), 500);
}

TEST(scenarios, dag_starts_all_branches_at_once_and_then_aggregates)
{
    virtual_world world;

    const span_tree tree = world.run_tree(parameters_of(scenario::dag));

    expect_sound(tree);
    const shape expected = {{"workflow", 1},
                            {"workflow>planner", 1},
                            {"workflow>planner>branch_worker", 100},
                            {"workflow>planner>branch_worker>tool_call", 100},
                            {"workflow>planner>aggregator", 1},
                            {"workflow>planner>aggregator>tool_call", 1},
                            {"workflow>planner>checkpoint", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(*world.result, 172'500 * us);
    EXPECT_EQ(tree.overlap_max("branch_worker"), 100);
    EXPECT_EQ(tree.one("planner").attributes, with_common("planner:v1", "planner", {{"ati.dag.fanout", "int 100"}}));
    const seen_span& branch = tree.agent("branch:42");
    EXPECT_EQ(branch.attributes, with_common("branch:42", "worker", {}));
    EXPECT_EQ(tree.children(branch).front().attributes, tool_attributes("dag_42", 80));
    EXPECT_EQ(tree.one("aggregator").attributes, with_common("aggregator:v1", "worker", {}));
    EXPECT_EQ(tree.children(tree.one("aggregator")).front().attributes, tool_attributes("aggregator", 80));
}

TEST(scenarios, react_thinks_and_acts_until_it_stops)
{
    virtual_world world;

    const span_tree tree = world.run_tree(parameters_of(scenario::react));

    expect_sound(tree);
    const int steps = static_cast<int>(tree.named("thought").size());
    const shape expected = {{"workflow", 1},
                            {"workflow>agent_core", 1},
                            {"workflow>agent_core>thought", steps},
                            {"workflow>agent_core>act", steps},
                            {"workflow>agent_core>act>tool_call", steps},
                            {"workflow>agent_core>checkpoint", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(
        tree.one("agent_core").attributes, with_common("agent:v1", "planner", {{"ati.react.max_steps", "int 10"}})
    );
    for (const seen_span& thought : tree.named("thought")) {
        EXPECT_GE(thought.duration_ns(), 10 * ms);
        EXPECT_LE(thought.duration_ns(), 60 * ms);
        EXPECT_TRUE(thought.at("ati.llm.prompt").starts_with("str Step "));
    }
    EXPECT_EQ(tree.agent("thought:0").at("ati.step"), "int 0");
    EXPECT_EQ(tree.agent("thought:0").at("ati.span.kind"), "str internal");
    EXPECT_EQ(tree.agent("act:0").attributes, with_common("act:0", "tool_call", {{"ati.step", "int 0"}}));
    EXPECT_EQ(tree.children(tree.agent("act:0")).front().attributes, tool_attributes("step_0", 80));
}

TEST(scenarios, react_stops_after_each_step_with_one_chance_in_ten)
{
    virtual_world world;
    constexpr int runs = 400;
    std::size_t steps = 0;
    int full = 0;
    for (int i = 0; i < runs; ++i) {
        const std::size_t taken = world.run_tree(parameters_of(scenario::react)).named("act").size();
        steps += taken;
        full += taken == 10 ? 1 : 0;
    }

    EXPECT_NEAR(static_cast<double>(steps) / runs, 6.51, 0.6);  // Standard error 0.17.
    EXPECT_NEAR(static_cast<double>(full) / runs, 0.387, 0.09);
}

TEST(scenarios, human_waits_a_second_between_two_calls)
{
    virtual_world world;

    const span_tree tree = world.run_tree(parameters_of(scenario::human));

    expect_sound(tree);
    const shape expected = {{"workflow", 1},
                            {"workflow>planner", 1},
                            {"workflow>planner>tool_call", 2},
                            {"workflow>planner>human_feedback", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(*world.result, 1'200 * ms);
    EXPECT_EQ(tree.one("planner").at("ati.human.delay_s"), "double 1");
    EXPECT_EQ(tree.one("human_feedback").attributes, with_common("human", "interactive", {}));
    EXPECT_EQ(tree.one("human_feedback").duration_ns(), 1'000 * ms);
    const auto calls = tree.named("tool_call");
    EXPECT_EQ(calls.front().attributes, tool_attributes("pre_human", 100));
    EXPECT_EQ(calls.back().attributes, tool_attributes("post_human", 100));
}

TEST(scenarios, rag_carries_its_payload_and_generates_the_longer_for_it)
{
    virtual_world world;

    const span_tree tree = world.run_tree(parameters_of(scenario::rag));

    expect_sound(tree);
    const shape expected = {{"workflow", 1},
                            {"workflow>planner", 1},
                            {"workflow>planner>retrieval", 1},
                            {"workflow>planner>retrieval>tool_call", 1},
                            {"workflow>planner>generation", 1}};
    EXPECT_EQ(tree.shape(), expected);
    EXPECT_EQ(*world.result, 182 * ms);
    EXPECT_EQ(tree.one("planner").at("ati.rag.chunks"), "int 5");
    const std::string content(10 * 1024, 'a');
    EXPECT_EQ(
        tree.one("retrieval").attributes,
        with_common("retriever", "tool_call", {{"ati.rag.total_kb", "int 10"}, {"ati.rag.content", "str " + content}})
    );
    EXPECT_EQ(tree.one("tool_call").at("ati.tool.name"), "str vector_db");
    EXPECT_EQ(tree.one("tool_call").at("ati.tool.payload_kb"), "int 10");
    EXPECT_EQ(tree.one("generation").attributes, with_common("llm", "generation", {}));
    EXPECT_EQ(tree.one("generation").duration_ns(), 102 * ms);
}

TEST(scenarios, nothing_to_do_is_done_at_once)
{
    for (const scenario what : {scenario::fanout, scenario::chain, scenario::retry, scenario::dag, scenario::react}) {
        virtual_world world;
        run_parameters want = parameters_of(what);
        want.fanout = 0;
        want.depth = 0;
        want.max_steps = 0;

        const span_tree tree = world.run_tree(want);

        EXPECT_TRUE(world.result) << to_text(what);
        EXPECT_EQ(tree.named("checkpoint").size(), 1U) << to_text(what);
    }
}

TEST(scenarios, an_agent_with_a_name_puts_it_before_every_agent_id)
{
    virtual_world world("SecondaryAgent");

    const span_tree tree = world.run_tree(parameters_of(scenario::human));

    EXPECT_EQ(tree.all().size(), 5U);
    for (const seen_span& span : tree.all())
        EXPECT_TRUE(span.agent().starts_with("SecondaryAgent:")) << span.agent();
    EXPECT_EQ(tree.one("human_feedback").agent(), "SecondaryAgent:human");
}

}  // namespace
}  // namespace reprise::synth::test
