#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <set>

// What is off unless asked for.
namespace reprise::synth::test {
namespace {

constexpr std::int64_t ms = 1'000'000;

// What a run looks like without its ids and its place in time.
std::vector<std::string> portrait(const span_tree& tree)
{
    std::vector<std::string> lines;
    const std::int64_t begun_ns = tree.root().start_ns;
    for (const seen_span& span : tree.all()) {
        lines.push_back(
            span.agent() + " " + std::to_string(span.start_ns - begun_ns) + " " + std::to_string(span.duration_ns()) +
            " " + span.at("ati.retry.attempt") + (span.failed ? " failed" : "")
        );
    }
    return lines;
}

TEST(extras, the_straggler_takes_its_factor_and_the_others_their_time)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::fanout);
    want.more.straggler_index = 37;
    want.more.straggler_factor = 10;

    const span_tree tree = world.run_tree(want);

    const seen_span call = tree.children(tree.agent("worker:37")).front();
    EXPECT_EQ(call.duration_ns(), 800 * ms);
    EXPECT_EQ(call.at("ati.tool.name"), "str t2");
    EXPECT_EQ(call.at("ati.tool.delay_ms"), "int 800");
    for (const seen_span& worker : tree.named("worker"))
        EXPECT_EQ(worker.duration_ns(), worker.agent() == "worker:37" ? 800 * ms : 80 * ms);
}

TEST(extras, jitter_spreads_the_calls_over_its_range)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::dag);
    want.more.jitter_ms = 20;

    const span_tree tree = world.run_tree(want);

    std::set<std::int64_t> seen;
    for (const seen_span& branch : tree.named("branch_worker"))
        seen.insert(branch.duration_ns() / ms);
    EXPECT_EQ(*seen.begin(), 80);
    EXPECT_EQ(*seen.rbegin(), 100);
    EXPECT_GT(seen.size(), 15U);
}

TEST(extras, the_same_seed_makes_the_same_tree_and_another_seed_another)
{
    for (const scenario what : {scenario::fanout, scenario::retry, scenario::react, scenario::chain}) {
        run_parameters want = parameters_of(what);
        want.error_rate = 0.3;
        want.more.jitter_ms = 50;
        want.more.seed = 7;
        virtual_world first;
        virtual_world second;
        const auto portrait_of_7 = portrait(first.run_tree(want));
        EXPECT_EQ(portrait(first.run_tree(want)), portrait_of_7) << to_text(what);
        EXPECT_EQ(portrait(second.run_tree(want)), portrait_of_7) << to_text(what);

        want.more.seed = 8;

        EXPECT_NE(portrait(first.run_tree(want)), portrait_of_7) << to_text(what);
    }
}

TEST(extras, without_a_seed_no_run_is_like_the_one_before)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::chain);
    want.more.jitter_ms = 50;

    const auto first = portrait(world.run_tree(want));

    EXPECT_NE(portrait(world.run_tree(want)), first);
}

TEST(extras, two_runs_of_a_seed_are_two_traces)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::human);
    want.more.seed = 7;

    const span_tree first = world.run_tree(want);
    const span_tree second = world.run_tree(want);

    EXPECT_NE(first.root().trace, second.root().trace);
    EXPECT_NE(first.root().id, second.root().id);
}

TEST(extras, task_ids_say_of_each_retry_whose_it_is_and_what_it_waited)
{
    virtual_world world;
    run_parameters want = parameters_of(scenario::retry);
    want.fanout = 1;
    want.error_rate = 1;
    want.more.task_ids = true;

    const auto calls = world.run_tree(want).named("tool_call");

    ASSERT_EQ(calls.size(), 4U);
    EXPECT_EQ(calls[0].at("ati.task.id"), "str task:0");
    EXPECT_EQ(calls[0].at("ati.retry.count"), "int 0");
    EXPECT_EQ(calls[0].at("ati.retry.backoff_ms"), "");
    EXPECT_EQ(calls[0].at("ati.retry.reason"), "");
    EXPECT_EQ(calls[3].at("ati.task.id"), "str task:0");
    EXPECT_EQ(calls[3].at("ati.retry.count"), "int 3");
    EXPECT_EQ(calls[3].at("ati.retry.backoff_ms"), "int 80");
    EXPECT_EQ(calls[3].at("ati.retry.reason"), "str tool_error");
}

}  // namespace
}  // namespace reprise::synth::test
