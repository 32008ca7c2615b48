#include "reprise/detect/trace_analysis.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;
using test::from_ms;
using test::index_of;
using test::trace_builder;
using test::trace_start_ns;

TEST(trace_analysis, says_what_a_trace_is)
{
    trace_builder made;
    auto& root = made.add_root("POST /orders/{id}", 5, 105);
    root.kind = model::operation_kind::server;
    root.service = "shop";
    auto& call = made.add(root, "charge", 20, 60);
    made.add(call, "serve", 25, 50).service = "payments";
    made.add(call, "serve", 50, 55).service = "";
    model::trace trace = made.build();

    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.id, (model::trace_id{7, 42}));
    EXPECT_EQ(report.service, "shop");
    EXPECT_EQ(report.operation.source, model::source::span);
    EXPECT_EQ(report.operation.kind, model::operation_kind::server);
    EXPECT_EQ(report.operation.service, "shop");
    EXPECT_EQ(report.operation.protocol, "http");
    EXPECT_EQ(report.operation.method, "POST");
    EXPECT_EQ(report.operation.route, "/orders/{id}");
    EXPECT_EQ(report.started_ns, trace_start_ns + from_ms(5));
    EXPECT_EQ(report.wall_ns, from_ms(100));
    EXPECT_EQ(report.span_count, 4U);
    EXPECT_EQ(report.service_count, 2U);
    EXPECT_EQ(report.depth, 3U);
    EXPECT_EQ(report.root, 0U);
    EXPECT_TRUE(report.has_root);
    EXPECT_EQ(report.agent, "");
    EXPECT_EQ(report.path_count, report.path.size());
    EXPECT_FALSE(report.truncated);
}

TEST(trace_analysis, a_name_that_is_no_route_is_the_operation)
{
    trace_builder made;
    made.add_root("run report /daily", 0, 10);
    model::trace trace = made.build();

    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.operation.route, "run report /daily");
    EXPECT_EQ(report.operation.method, "");
    EXPECT_EQ(report.operation.protocol, "");
}

TEST(trace_analysis, the_agent_is_the_first_below_the_workflow)
{
    trace_builder made;
    auto& root = made.add_root("workflow", 0, 100);
    root.role = span_role::workflow;
    root.agent = "workflow";
    model::trace alone = made.build();
    EXPECT_EQ(analyse_trace(alone).agent, "workflow");

    auto& planner = made.add(root, "planner", 0, 100, span_role::planner);
    planner.agent = "planner:v1";
    made.add(planner, "worker", 0, 50, span_role::worker).agent = "worker:0";
    model::trace trace = made.build();
    EXPECT_EQ(analyse_trace(trace).agent, "planner:v1");
}

TEST(trace_analysis, a_failure_that_every_span_above_records_has_one_origin)
{
    trace_builder made;
    auto& root = made.add_root("workflow", 0, 100);
    auto& planner = made.add(root, "planner", 0, 100);
    auto& worker = made.add(planner, "worker", 10, 50);
    auto& tool = made.add(worker, "tool_call", 20, 50);
    auto& other = made.add(planner, "other", 60, 70);
    for (auto* span : {&root, &planner, &worker, &tool, &other})
        span->failed = true;
    model::trace trace = made.build();

    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.failed_count, 5U);
    EXPECT_EQ(report.origin_count, 2U);
    EXPECT_EQ(report.first_origin, index_of(trace, tool));
}

TEST(trace_analysis, a_failure_that_was_caught_halfway_is_still_the_one_origin)
{
    trace_builder made;
    auto& root = made.add_root("workflow", 0, 100);
    auto& middle = made.add(root, "middle", 0, 100);
    auto& tool = made.add(middle, "tool_call", 20, 50);
    root.failed = tool.failed = true;
    model::trace trace = made.build();

    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.origin_count, 1U);
    EXPECT_EQ(report.first_origin, index_of(trace, tool));
}

TEST(trace_analysis, what_was_set_right_is_said)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& call = made.add(root, "call", 10, 120);
    made.add(root, "twice", 30, 40);
    made.spans().push_back(made.spans().back());
    made.add(root, "back", 50, 45);
    auto& own = made.add(root, "own", 60, 61);
    own.parent = own.id;
    made.add_root("second", 70, 71);
    made.add_below(900, "orphan", 80, 81);
    made.add(call, "served", 3010, 3020).service = "far";
    model::trace trace = made.build();
    trace.truncated = true;

    const model::trace_report report = analyse_trace(trace);

    EXPECT_TRUE(report.truncated);
    EXPECT_EQ(report.duplicates, 1U);
    EXPECT_EQ(report.negative, 1U);
    EXPECT_EQ(report.cycles, 1U);
    EXPECT_EQ(report.roots_extra, 1U);
    EXPECT_EQ(report.parents_missing, 1U);
    EXPECT_EQ(report.clamped, 1U);
    EXPECT_EQ(report.skew_ns, from_ms(3010 - 60));
    EXPECT_EQ(report.span_count, trace.spans.size());
}

TEST(trace_analysis, a_long_path_is_cut_to_its_longest_parts)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 3000);
    for (int call = 0; call < 300; ++call)
        made.add(root, "call", call * 10, call * 10 + (call < 50 ? 1 : 8));
    model::trace trace = made.build();

    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.path_count, 600U);
    ASSERT_EQ(report.path.size(), model::report_rows_max);
    EXPECT_EQ(report.path.front().end_ns - report.path.front().start_ns, from_ms(9));
    for (std::size_t at = 1; at < report.path.size(); ++at)
        EXPECT_GE(report.path[at].start_ns, report.path[at - 1].end_ns);
}

TEST(trace_analysis, nothing_came_of_a_trace)
{
    model::trace trace;
    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.span_count, 0U);
    EXPECT_EQ(report.wall_ns, 0);
    EXPECT_FALSE(report.has_root);
    EXPECT_EQ(report.root, no_span);
    EXPECT_EQ(report.pattern, model::trace_pattern::none);
    EXPECT_TRUE(report.path.empty());
}

TEST(trace_analysis, a_million_spans_are_bounded)
{
    constexpr std::uint64_t spans = 1'000'000;
    model::trace trace;
    trace.spans.resize(spans);
    for (std::uint64_t at = 0; at < spans; ++at) {
        model::trace_span& span = trace.spans[at];
        span.id = at + 1;
        span.parent = at / 3;
        span.name = "call";
        span.service = "shop";
        span.start_ns = trace_start_ns + static_cast<std::int64_t>(at);
        span.end_ns = trace_start_ns + static_cast<std::int64_t>(3 * spans - at);
        span.failed = at % 7 == 0;
        span.role = at % 2 == 0 ? span_role::tool : span_role::worker;
    }

    const model::trace_report report = analyse_trace(trace);

    EXPECT_EQ(report.span_count, spans);
    EXPECT_LE(report.path.size(), model::report_rows_max);
    EXPECT_EQ(std::accumulate(report.times.begin(), report.times.end(), std::int64_t{0}), report.wall_ns);
    EXPECT_LE(report.fanouts.size(), model::report_rows_max);
    EXPECT_EQ(report.parents_missing, 0U);
}

}  // namespace
}  // namespace reprise::detect
