#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include "reprise/detect/trace_series.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::signal_kind;
using model::span_role;

std::vector<model::trace_finding> findings_of(model::trace& trace, const model::trace_report& report)
{
    return find_findings(span_tree(trace), report, {});
}

model::trace_report complete_report()
{
    model::trace_report report;
    report.span_count = 10;
    report.has_root = true;
    return report;
}

// A planner with two workers, of which the second calls t2 for long.
class told_fanout {
public:
    told_fanout()
    {
        auto& planner = told_.add_root("planner", 0, 1000);
        planner.agent = "planner:v1";
        told_.add(planner, "worker", 1, 80, span_role::worker).agent = "worker:0";
        auto& slow = told_.add(planner, "worker", 2, 800, span_role::worker);
        slow.agent = "worker:37";
        told_.add(slow, "tool_call", 3, 799, span_role::tool).tool = "t2";
        trace_ = told_.build();
        model::fanout& group = report.fanouts.emplace_back();
        group.parent = 0;
        group.members = 100;
        group.median_ns = test::from_ms(80);
        group.longest_ns = test::from_ms(800);
        group.slow = model::straggler{2, 3, test::from_ms(800), test::from_ms(120), test::from_ms(520), 0.52};
    }
    std::vector<model::trace_finding> find() { return findings_of(trace_, report); }

    model::trace_report report = complete_report();

private:
    test::trace_builder told_;
    model::trace trace_;
};

TEST(trace_findings, name_the_straggler_and_what_to_do)
{
    const auto found = told_fanout().find();

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, signal_kind::fanout_straggler);
    EXPECT_EQ(found[0].span, 2U);
    EXPECT_EQ(found[0].agent, "worker:37");
    EXPECT_EQ(found[0].service, "shop");
    EXPECT_EQ(found[0].observed, 10);
    EXPECT_EQ(found[0].expected, 1);
    EXPECT_EQ(
        found[0].explanation,
        "worker:37 (tool t2) took 800 ms, 10.0 times the median of 80.0 ms of its 100 siblings, and ended 520 ms "
        "after all others: 52.0 % of the time of planner:v1."
    );
    // It passes its limits 6.67 and 5.2 times.
    EXPECT_DOUBLE_EQ(found[0].confidence, 0.6 + 0.35 * (1 - 1 / 5.2));
    EXPECT_EQ(found[0].advice.title, "Hedge or time out the slow call");
    EXPECT_NE(found[0].advice.change.find("each t2 call a time limit of 240 ms"), std::string::npos)
        << found[0].advice.change;
}

TEST(trace_findings, are_less_sure_where_spans_are_missing)
{
    told_fanout whole;
    told_fanout part;
    part.report.parents_missing = 1;

    EXPECT_DOUBLE_EQ(part.find().at(0).confidence, 0.8 * whole.find().at(0).confidence);
}

TEST(trace_findings, say_how_much_of_the_trace_a_chain_is)
{
    test::trace_builder told;
    auto& planner = told.add_root("planner", 0, 3200);
    planner.agent = "planner:v1";
    for (int link = 0; link < 40; ++link)
        told.add(planner, "step", link * 80, link * 80 + 79, span_role::worker);
    model::trace trace = told.build();
    model::trace_report report = complete_report();
    report.chains.push_back({0, 40, test::from_ms(3160), 0.9875, 0.025, 7});

    const auto found = findings_of(trace, report);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, signal_kind::blocking_chain);
    EXPECT_EQ(found[0].observed, 0.9875);
    EXPECT_NE(found[0].explanation.find("40 step calls under planner:v1 ran one after the other for 3.2 s, 98.8 %"),
              std::string::npos) << found[0].explanation;
    EXPECT_NE(found[0].advice.change.find("pool of 10 (about 316 ms instead of 3.2 s)"), std::string::npos)
        << found[0].advice.change;
    report.agents.emplace().span = 0;
    EXPECT_TRUE(findings_of(trace, report).empty());
}

TEST(trace_findings, a_storm_is_many_tasks_tried_again)
{
    test::trace_builder told;
    auto& planner = told.add_root("planner", 0, 1000);
    planner.concurrency = 20;
    told.add(planner, "tool_call", 0, 2, span_role::tool);
    model::trace trace = told.build();
    model::trace_report report = complete_report();
    model::retries& retried = report.retried.emplace();
    retried.calls = 120;
    retried.tasks = 100;
    retried.amplification = 1.2;
    retried.sequence_count = 16;
    retried.exhausted_count = 1;
    retried.attempts_most = 5;
    retried.sequences.push_back({0, {{1, 0, -1, true}}, true, false, 1, "503"});

    const auto found = findings_of(trace, report);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, signal_kind::retry_storm);
    EXPECT_EQ(found[0].observed, 1.2);
    EXPECT_NE(found[0].explanation.find("100 tasks took 120 calls (20.0 % more load): 16 were tried again after 503"),
              std::string::npos) << found[0].explanation;
    EXPECT_NE(found[0].explanation.find("1 failed to the end."), std::string::npos);
    EXPECT_NE(found[0].advice.change.find("at most 10 of these calls at once"), std::string::npos);
    EXPECT_NE(found[0].advice.change.find("Report the 1 that failed"), std::string::npos);

    retried.sequence_count = 2;
    EXPECT_TRUE(findings_of(trace, report).empty());
}

TEST(trace_findings, a_loop_begins_with_the_third_equal_call)
{
    test::trace_builder told;
    auto& agent = told.add_root("agent", 0, 1000);
    agent.agent = "agent:v1";
    told.add(agent, "execute_tool", 0, 2, span_role::tool).tool = "search";
    model::trace trace = told.build();
    model::trace_report report = complete_report();
    model::agent_run& run = report.agents.emplace();
    run.span = 0;
    run.step_count = 4;
    run.repeated = 1;
    run.repeats = 2;

    EXPECT_TRUE(findings_of(trace, report).empty());
    run.repeats = 3;
    const auto found = findings_of(trace, report);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].agent, "agent:v1");
    EXPECT_DOUBLE_EQ(found[0].confidence, 0.6);
    EXPECT_NE(found[0].explanation.find("agent:v1 called search 3 times, one after another"), std::string::npos);
}

class stalls : public testing::Test {
protected:
    stalls()
    {
        auto& stream = told_.add_root("token_stream", 0, 9000);
        stream.agent = "streamer:v1";
        told_.add(stream, "planner", 100, 4000, span_role::planner).concurrency = 10;
        trace_ = told_.build();
        model::token_stream& said = report_.stream.emplace();
        said.span = 0;
        said.tokens = 5;
        said.largest_gap_ns = test::from_ms(2000);
        said.median_gap_ns = test::from_ms(50);
        said.background_start_ns = test::from_ms(100);
        said.background_end_ns = test::from_ms(4000);
        said.token_ns = {0, test::from_ms(50), test::from_ms(2050), test::from_ms(2100), test::from_ms(2150)};
    }

    test::trace_builder told_;
    model::trace trace_;
    model::trace_report report_ = complete_report();
};

TEST_F(stalls, are_gaps_that_grow_beside_the_background)
{
    const auto found = findings_of(trace_, report_);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, signal_kind::stream_stall);
    EXPECT_EQ(found[0].observed, 40);
    EXPECT_DOUBLE_EQ(found[0].confidence, 0.6 + 0.35 * 0.5);
    EXPECT_NE(found[0].advice.change.find("at most 5 at once"), std::string::npos) << found[0].advice.change;
}

TEST_F(stalls, are_none_once_the_background_has_ended_or_where_there_is_none)
{
    report_.stream->background_end_ns = test::from_ms(40);
    EXPECT_TRUE(findings_of(trace_, report_).empty());

    report_.stream->background_end_ns = -1;
    EXPECT_TRUE(findings_of(trace_, report_).empty());
}

TEST_F(stalls, are_none_below_a_second_or_five_usual_gaps)
{
    report_.stream->largest_gap_ns = test::from_ms(999);
    EXPECT_TRUE(findings_of(trace_, report_).empty());

    report_.stream->largest_gap_ns = test::from_ms(2000);
    report_.stream->median_gap_ns = test::from_ms(401);
    EXPECT_TRUE(findings_of(trace_, report_).empty());
}

TEST_F(stalls, are_less_sure_where_nobody_says_when)
{
    report_.stream->token_ns.clear();

    EXPECT_DOUBLE_EQ(findings_of(trace_, report_).at(0).confidence, 0.8 * (0.6 + 0.35 * 0.5));
}

TEST(trace_figure, is_measured_whether_it_is_a_problem_or_not)
{
    model::trace_report report = complete_report();
    EXPECT_EQ(find_trace_figure(signal_kind::fanout_straggler, report), 1);
    EXPECT_EQ(find_trace_figure(signal_kind::blocking_chain, report), 0);
    EXPECT_EQ(find_trace_figure(signal_kind::retry_storm, report), 1);
    EXPECT_EQ(find_trace_figure(signal_kind::agent_loop, report), std::nullopt);
    EXPECT_EQ(find_trace_figure(signal_kind::stream_stall, report), std::nullopt);
    EXPECT_EQ(find_trace_figure(signal_kind::payload_latency, report), std::nullopt);
    EXPECT_EQ(find_trace_figure(signal_kind::error_rate, report), std::nullopt);

    model::fanout& group = report.fanouts.emplace_back();
    group.median_ns = 80;
    group.longest_ns = 96;
    EXPECT_EQ(find_trace_figure(signal_kind::fanout_straggler, report), 1.2);

    report.span_count = 1;
    EXPECT_EQ(find_trace_figure(signal_kind::fanout_straggler, report), std::nullopt);
}

TEST(trace_figure, of_several_traces_is_the_middle_one_and_for_payload_the_slope)
{
    std::vector<model::trace_report> reports(3, complete_report());
    for (std::size_t index = 0; index < reports.size(); ++index) {
        const double kb = static_cast<double>(index + 1) * 10;
        reports[index].rag = model::retrieval{kb, 0, static_cast<std::int64_t>(1e8 + kb * 2e5), 1};
        reports[index].retried.emplace().amplification = 1 + kb;
    }

    EXPECT_EQ(find_trace_figure(signal_kind::retry_storm, reports), 21);
    EXPECT_NEAR(*find_trace_figure(signal_kind::payload_latency, reports), 2e5, 1);
    EXPECT_EQ(find_trace_figure(signal_kind::payload_latency, std::span(reports).first(1)), std::nullopt);
}

}  // namespace
}  // namespace reprise::detect
