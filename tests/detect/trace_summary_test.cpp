#include "builders.hpp"
#include "trace_builder.hpp"

#include "reprise/detect/trace_series.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::detect {
namespace {

using model::trace_pattern;

model::trace_summary make_summary(trace_pattern pattern, std::int64_t wall_ms)
{
    model::trace_summary made;
    made.pattern = pattern;
    made.wall_ns = wall_ms * ns_per_ms;
    made.times[static_cast<std::size_t>(model::time_class::compute)] = made.wall_ns / 2;
    made.times[static_cast<std::size_t>(model::time_class::io)] = made.wall_ns / 2;
    made.started_ns = test::day_start_ns + wall_ms;
    return made;
}

TEST(trace_summary, holds_what_the_report_says)
{
    test::trace_builder told;
    auto& root = told.add_root("workflow", 0, 1000);
    auto& worker = told.add(root, "worker", 0, 900, model::span_role::worker);
    worker.agent = "worker:37";
    told.add(worker, "tool_call", 0, 890, model::span_role::tool).tool = "t2";
    const model::trace trace = told.build();
    model::trace_report report;
    report.span_count = 3;
    report.parents_missing = 1;
    report.fanouts.emplace_back().members = 4;
    report.fanouts.back().slow = model::straggler{1, 2, 900, 300, 600, 0.6};
    report.retried.emplace().calls = 9;
    report.retried->tasks = 6;
    report.findings.emplace_back().kind = model::signal_kind::retry_storm;
    report.findings.emplace_back().kind = model::signal_kind::retry_storm;

    const model::trace_summary summary = summarise(trace, report);

    EXPECT_FALSE(summary.is_complete);
    EXPECT_EQ(summary.span_count, 3U);
    EXPECT_EQ(summary.figures.members, 4U);
    EXPECT_EQ(summary.figures.straggler, "worker:37 (t2)");
    EXPECT_EQ(summary.figures.straggler_delay_ns, 600);
    EXPECT_EQ(summary.figures.calls, 9U);
    EXPECT_EQ(summary.figures.payload_kb, -1);
    EXPECT_EQ(summary.findings, std::vector{model::signal_kind::retry_storm});
}

TEST(trace_summary, figures_are_read_as_they_were_written)
{
    model::trace_figures figures;
    figures.members = 100;
    figures.limit = 20;
    figures.chain_share = 0.96875;
    figures.straggler = "worker:37 (t2)";
    figures.payload_kb = 10;
    figures.rate_during = 12.5;
    figures.waited_human_ns = 3'600'000'000'000;

    const std::string text = boost::json::serialize(model::to_json(figures));
    const auto read = model::parse_trace_figures(boost::json::parse(text).as_object());

    ASSERT_TRUE(read);
    EXPECT_EQ(boost::json::serialize(model::to_json(*read)), text);
    EXPECT_EQ(read->members, 100U);
    EXPECT_EQ(read->limit, 20);
    EXPECT_EQ(read->straggler, "worker:37 (t2)");
    EXPECT_EQ(read->chain_share, 0.96875);
    EXPECT_EQ(read->waited_human_ns, 3'600'000'000'000);
    EXPECT_EQ(read->tail_ns, -1);
    EXPECT_FALSE(model::to_json(figures).contains("tail_ns"));
}

TEST(trace_summary, figures_that_are_none_are_refused)
{
    for (const char* text :
         {R"({"members": "many"})", R"({"members": -1})", R"({"limit": 1e99})", R"({"straggler": 7})"})
        EXPECT_FALSE(model::parse_trace_figures(boost::json::parse(text).as_object())) << text;
    EXPECT_TRUE(model::parse_trace_figures(boost::json::parse(R"({"later": true})").as_object()));
}

TEST(trace_summary, is_a_row_for_people)
{
    model::trace_summary summary = make_summary(trace_pattern::rag, 182);
    summary.id = {7, 9};
    summary.findings = {model::signal_kind::agent_loop};

    const boost::json::object json = model::to_json(summary);

    EXPECT_EQ(json.at("trace_id").as_string(), "00000000000000070000000000000009");
    EXPECT_EQ(json.at("pattern").as_string(), "rag");
    EXPECT_EQ(json.at("wall_ns").as_int64(), 182 * ns_per_ms);
    EXPECT_EQ(json.at("times").at("io").as_int64(), 91 * ns_per_ms);
    EXPECT_EQ(json.at("findings").at(0).as_string(), "agent_loop");
    EXPECT_FALSE(json.contains("agent"));
}

TEST(pattern_report, says_what_traces_have_in_common)
{
    std::vector<model::trace_summary> traces;
    for (std::int64_t trace = 1; trace <= 10; ++trace) {
        model::trace_summary& one = traces.emplace_back(make_summary(trace_pattern::retry, trace * 100));
        one.figures.calls = 12;
        one.figures.tasks = 10;
        one.figures.exhausted = trace == 3 ? 1 : 0;
        one.figures.limit = trace <= 4 ? 20 : -1;
        one.figures.straggler = trace <= 3 ? "worker:2" : trace == 4 ? "worker:1" : "";
        one.failed_count = trace <= 6 ? 1 : 0;
        one.is_complete = trace != 9;
    }
    traces.push_back(make_summary(trace_pattern::chain, 9999));

    const model::pattern_report report = report_pattern(trace_pattern::retry, traces);

    EXPECT_EQ(report.traces, 10U);
    EXPECT_EQ(report.failed, 6U);
    EXPECT_EQ(report.incomplete, 1U);
    EXPECT_EQ(report.first_ns, test::day_start_ns + 100);
    EXPECT_EQ(report.last_ns, test::day_start_ns + 1000);
    EXPECT_DOUBLE_EQ(report.wall_mean_ns, 550 * ns_per_ms);
    EXPECT_EQ(report.wall_p50_ns, 500 * ns_per_ms);
    EXPECT_EQ(report.wall_p90_ns, 900 * ns_per_ms);
    EXPECT_EQ(report.wall_p99_ns, 1000 * ns_per_ms);
    EXPECT_EQ(report.wall_max_ns, 1000 * ns_per_ms);
    EXPECT_DOUBLE_EQ(report.time_shares[static_cast<std::size_t>(model::time_class::io)], 0.5);
    EXPECT_DOUBLE_EQ(report.amplification, 1.2);
    EXPECT_EQ(report.exhausted_traces, 1U);
    EXPECT_EQ(report.typical.limit, 20);
    EXPECT_EQ(report.typical.calls, 12U);
    EXPECT_EQ(report.typical.payload_kb, -1);
    ASSERT_EQ(report.stragglers.size(), 2U);
    EXPECT_EQ(report.stragglers[0].name, "worker:2");
    EXPECT_EQ(report.stragglers[0].traces, 3U);
    EXPECT_EQ(report.typical.straggler, "worker:2");
    EXPECT_FALSE(report.payload_line);
    EXPECT_FALSE(report.steps);
}

TEST(pattern_report, of_no_traces_is_empty)
{
    const model::pattern_report report = report_pattern(trace_pattern::dag, {});

    EXPECT_EQ(report.traces, 0U);
    EXPECT_FALSE(model::to_json(report).contains("first_at"));
    EXPECT_FALSE(model::to_json(report).contains("amplification"));
}

// Runs of 2 steps take 100 and 140 ms, of 4 steps 300 and 340: by hand, 10,000 between and 400 within, in ms^2.
TEST(pattern_report, splits_the_variance_of_runs_by_the_law_of_total_variance)
{
    std::vector<model::trace_summary> traces;
    const std::vector<std::pair<std::uint32_t, int>> runs = {{2, 100}, {2, 140}, {4, 300}, {4, 340}};
    for (const auto& [steps, wall_ms] : runs) {
        traces.push_back(make_summary(trace_pattern::react, wall_ms + 50));
        traces.back().figures.steps = steps;
        traces.back().figures.waited_human_ns = 50 * ns_per_ms;
    }

    const model::pattern_report report = report_pattern(trace_pattern::react, traces);

    ASSERT_TRUE(report.steps);
    EXPECT_NEAR(report.steps->by_steps_ns2, 1e4 * 1e12, 1);
    EXPECT_NEAR(report.steps->by_time_ns2, 400 * 1e12, 1);
    EXPECT_NEAR(report.steps->total_ns2, 10'400 * 1e12, 1);
}

TEST(pattern_report, fits_payload_from_three_sizes_on)
{
    std::vector<model::trace_summary> traces;
    for (const double kb : {1.0, 2.0, 2.0}) {
        traces.push_back(make_summary(trace_pattern::rag, 100));
        traces.back().figures.payload_kb = kb;
        traces.back().figures.generation_ns = static_cast<std::int64_t>(100e6 + kb * 2e5);
    }
    EXPECT_FALSE(report_pattern(trace_pattern::rag, traces).payload_line);

    traces.push_back(traces.back());
    traces.back().figures.payload_kb = 200;
    traces.back().figures.generation_ns = 140'000'000;

    const auto line = report_pattern(trace_pattern::rag, traces).payload_line;
    ASSERT_TRUE(line);
    EXPECT_NEAR(line->slope, 2e5, 1);
    EXPECT_NEAR(line->intercept, 1e8, 10);
}

}  // namespace
}  // namespace reprise::detect
