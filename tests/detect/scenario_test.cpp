#include "scenario_traces.hpp"
#include "trace_builder.hpp"

#include "reprise/detect/trace_series.hpp"

#include <gtest/gtest.h>

#include <map>

// The eight scenarios of the synthetic agents, many seeds of each, as their service sends them and as its scripts ask
// for them: each trace is labelled as what it is and says nothing but what is there.
namespace reprise::detect {
namespace {

using model::signal_kind;
using model::trace_pattern;

constexpr std::uint64_t seeds = 25;

std::vector<signal_kind> expected_findings(trace_pattern pattern)
{
    switch (pattern) {
    case trace_pattern::chain: return {signal_kind::blocking_chain};
    case trace_pattern::retry: return {signal_kind::retry_storm};
    default: return {};
    }
}

struct played {
    model::trace trace;
    model::trace_report report;
    model::trace_summary summary;
};

played analyse(const test::scenario_values& values)
{
    played made;
    made.trace = test::play(values);
    made.report = analyse_trace(made.trace);
    made.summary = summarise(made.trace, made.report);
    return made;
}

std::string texts_of(const model::trace_report& report)
{
    std::string text;
    for (const model::trace_finding& finding : report.findings)
        text += finding.explanation + "\n";
    return text;
}

using values_of = test::scenario_values (*)(trace_pattern, std::uint64_t);

class scenarios : public testing::TestWithParam<std::tuple<trace_pattern, values_of>> {};

TEST_P(scenarios, are_labelled_as_what_they_are_and_show_nothing_else)
{
    const auto [pattern, values] = GetParam();
    trace_series series;
    std::vector<model::signal> signals;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const played one = analyse(values(pattern, seed));

        EXPECT_EQ(one.report.pattern, pattern) << "seed " << seed << ": " << to_text(one.report.pattern);
        EXPECT_EQ(one.summary.findings, expected_findings(pattern)) << "seed " << seed << ": " << texts_of(one.report);
        EXPECT_TRUE(one.summary.is_complete);
        const auto more = series.add(one.trace, one.report, one.summary);
        signals.insert(signals.end(), more.begin(), more.end());
    }

    ASSERT_EQ(signals.size(), expected_findings(pattern).size());
    for (const model::signal& signal : signals) {
        EXPECT_EQ(signal.kind, expected_findings(pattern).front());
        EXPECT_EQ(signal.operation.route, "workflow");
    }
}

// As a clock that only runs when somebody waits would have it: whatever follows begins when the other ends.
test::scenario_values exact_values(trace_pattern pattern, std::uint64_t seed)
{
    test::scenario_values values = test::default_values(pattern, seed);
    values.jitter_ms = values.lag_ms = 0;
    return values;
}

// On a busy machine: up to 30 ms late, whatever it is.
test::scenario_values busy_values(trace_pattern pattern, std::uint64_t seed)
{
    test::scenario_values values = test::default_values(pattern, seed);
    values.jitter_ms = 30;
    values.lag_ms = 2;
    return values;
}

INSTANTIATE_TEST_SUITE_P(
    at_defaults, scenarios,
    testing::Combine(testing::ValuesIn(test::all_scenarios), testing::Values(&test::default_values)),
    [](const auto& param) { return std::string(to_text(std::get<0>(param.param))); }
);
INSTANTIATE_TEST_SUITE_P(
    as_scripts_ask, scenarios,
    testing::Combine(testing::ValuesIn(test::all_scenarios), testing::Values(&test::script_values)),
    [](const auto& param) { return std::string(to_text(std::get<0>(param.param))); }
);

INSTANTIATE_TEST_SUITE_P(
    to_the_nanosecond, scenarios,
    testing::Combine(testing::ValuesIn(test::all_scenarios), testing::Values(&exact_values)),
    [](const auto& param) { return std::string(to_text(std::get<0>(param.param))); }
);
INSTANTIATE_TEST_SUITE_P(
    on_a_busy_machine, scenarios,
    testing::Combine(testing::ValuesIn(test::all_scenarios), testing::Values(&busy_values)),
    [](const auto& param) { return std::string(to_text(std::get<0>(param.param))); }
);

// Ordinary requests that do the same thing over and over for a good reason: no finding, no pattern.
struct harmless {
    std::string name;
    double gap_ms;         // From call to call.
    bool is_parallel;
    bool asks_for_more;    // Each call for something else.
    bool is_failing_once;
};

class repeated_by_design : public testing::TestWithParam<harmless> {};

TEST_P(repeated_by_design, is_nothing_to_report)
{
    const harmless& story = GetParam();
    test::trace_builder told;
    auto& request = told.add_root("GET /orders", 0, 30'000);
    request.kind = model::operation_kind::server;
    for (int call = 0; call < 25; ++call) {
        const double at = story.is_parallel ? 1 : 1 + call * (story.gap_ms + 20);
        auto& span = told.add(request, "GET /prices", at, at + 20);
        span.kind = model::operation_kind::client;
        span.arguments = story.asks_for_more ? static_cast<std::uint64_t>(call) + 1 : 7;
        span.failed = story.is_failing_once && call == 12;
        span.status = span.failed ? 503 : 200;
    }
    model::trace trace = told.build();

    const model::trace_report report = analyse_trace(trace);

    EXPECT_TRUE(report.findings.empty()) << texts_of(report);
    EXPECT_FALSE(report.retried);
    EXPECT_FALSE(report.agents);
}

INSTANTIATE_TEST_SUITE_P(
    stories, repeated_by_design,
    testing::Values(
        harmless{"pages", 1, false, true, false}, harmless{"pages_of_which_one_fails", 1, false, true, true},
        harmless{"pages_with_a_pause", 500, false, true, false}, harmless{"parts_of_a_batch", 0, true, false, true},
        harmless{"a_poll", 1000, false, false, false}, harmless{"a_poll_that_fails_once", 1000, false, false, true}
    ),
    [](const auto& param) { return param.param.name; }
);

test::scenario_values with_straggler(std::uint64_t seed, int index)
{
    test::scenario_values values = test::default_values(trace_pattern::fanout, seed);
    values.straggler_index = index;
    return values;
}

TEST(scenario, the_straggler_is_named_with_its_tool_and_what_it_adds)
{
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const played one = analyse(with_straggler(seed, 37));

        EXPECT_EQ(one.report.pattern, trace_pattern::fanout);
        ASSERT_EQ(one.report.findings.size(), 1U) << texts_of(one.report);
        const model::trace_finding& finding = one.report.findings[0];
        EXPECT_EQ(finding.kind, signal_kind::fanout_straggler);
        EXPECT_EQ(finding.agent, "worker:37");
        EXPECT_NE(finding.explanation.find("worker:37 (tool t2) took 80"), std::string::npos) << finding.explanation;
        EXPECT_NEAR(finding.observed, 10, 0.6);
        EXPECT_EQ(one.summary.figures.straggler, "worker:37 (t2)");
        EXPECT_GT(one.summary.figures.straggler_delay_ns, 300 * ns_per_ms);
        EXPECT_GE(finding.confidence, 0.6);
        EXPECT_FALSE(finding.advice.change.empty());
    }
}

TEST(scenario, the_same_straggler_in_three_traces_is_a_signal_and_any_other_one_is_noise)
{
    trace_series same;
    trace_series any;
    std::vector<model::signal> signals;
    std::vector<model::signal> noise;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const played one = analyse(with_straggler(seed, 37));
        const played other = analyse(with_straggler(seed, static_cast<int>(seed * 7)));
        for (model::signal& signal : same.add(one.trace, one.report, one.summary)) {
            EXPECT_EQ(seed, 3U);
            signals.push_back(std::move(signal));
        }
        for (model::signal& signal : any.add(other.trace, other.report, other.summary))
            noise.push_back(std::move(signal));
    }

    EXPECT_TRUE(noise.empty());
    ASSERT_EQ(signals.size(), 1U);
    const model::signal& signal = signals[0];
    EXPECT_EQ(signal.kind, signal_kind::fanout_straggler);
    EXPECT_EQ(signal.observed_k, 3U);
    EXPECT_EQ(signal.observed_n, 3U);
    EXPECT_NEAR(signal.observed, 10, 0.6);
    EXPECT_NEAR(signal.gate, 5.5, 0.3);
    ASSERT_TRUE(signal.p_value);
    EXPECT_NEAR(*signal.p_value, 1e-4, 1e-6);
    EXPECT_EQ(signal.confirm_with, model::confirm_metric::trace_figure);
    EXPECT_EQ(signal.trace_ids.size(), 3U);
    EXPECT_NE(signal.explanation.find("It is worker:37 in 3 of 3 of them"), std::string::npos) << signal.explanation;
}

TEST(scenario, retries_are_as_many_as_the_error_rate_makes)
{
    double calls = 0;
    double tasks = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const played one = analyse(test::default_values(trace_pattern::retry, seed));
        ASSERT_TRUE(one.report.retried);
        EXPECT_EQ(one.summary.figures.tasks, 100U);
        calls += one.summary.figures.calls;
        tasks += one.summary.figures.tasks;
    }

    EXPECT_NEAR(calls / tasks, 1.1111, 0.02);
}

TEST(scenario, the_slope_of_generation_over_payload_is_recovered)
{
    std::vector<model::trace_summary> summaries;
    trace_series series;
    std::vector<model::signal> signals;
    std::vector<model::trace_report> reports;
    for (const double kb : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 150.0, 200.0}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            test::scenario_values values = test::default_values(trace_pattern::rag, seed + 10 * std::uint64_t(kb));
            values.rag_kb = kb;
            const played one = analyse(values);
            EXPECT_EQ(one.report.pattern, trace_pattern::rag);
            summaries.push_back(one.summary);
            reports.push_back(one.report);
            for (model::signal& signal : series.add(one.trace, one.report, one.summary))
                signals.push_back(std::move(signal));
        }
    }

    const model::pattern_report report = report_pattern(trace_pattern::rag, summaries);

    ASSERT_TRUE(report.payload_line);
    EXPECT_NEAR(report.payload_line->slope, 0.2 * ns_per_ms, 0.01 * ns_per_ms);
    EXPECT_NEAR(report.payload_line->intercept, 102 * ns_per_ms, 1 * ns_per_ms);
    EXPECT_GT(report.payload_line->r, 0.99);
    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals[0].kind, signal_kind::payload_latency);
    EXPECT_LT(*signals[0].p_value, 1e-3);
    EXPECT_NEAR(*find_trace_figure(signal_kind::payload_latency, reports), 0.2 * ns_per_ms, 0.01 * ns_per_ms);
    EXPECT_GE(*find_trace_figure(signal_kind::payload_latency, reports), signals[0].gate);
}

TEST(scenario, the_branches_of_a_dag_are_as_many_as_there_are)
{
    const played one = analyse(test::script_values(trace_pattern::dag, 4));

    EXPECT_EQ(one.summary.figures.members, 20U);
    EXPECT_EQ(one.summary.figures.peak, 20U);
    EXPECT_EQ(find_trace_figure(signal_kind::retry_storm, one.report), 1);
    EXPECT_EQ(find_trace_figure(signal_kind::agent_loop, one.report), std::nullopt);
}

TEST(scenario, a_person_who_waits_long_is_no_finding_whatever_else_there_is)
{
    test::scenario_values values = test::default_values(trace_pattern::human, 4);
    values.human_delay_ms = 3'600'000;

    const played one = analyse(values);

    EXPECT_TRUE(one.report.findings.empty());
    EXPECT_NEAR(static_cast<double>(one.summary.figures.waited_human_ns), 3600.0 * ns_per_s, 1.0 * ns_per_ms);
    EXPECT_LT(one.report.human->processing_ns, 220 * ns_per_ms);
}

TEST(scenario, tokens_that_stop_beside_the_background_are_a_stall)
{
    test::scenario_values values = test::default_values(trace_pattern::stream, 4);
    values.has_token_events = true;
    const played well = analyse(values);
    values.stall_ms = 1500;
    const played stalled = analyse(values);
    values.has_token_events = false;
    const played unseen = analyse(values);

    EXPECT_TRUE(well.report.findings.empty());
    EXPECT_NEAR(*find_trace_figure(signal_kind::stream_stall, well.report), 1, 0.1);
    ASSERT_EQ(stalled.report.findings.size(), 1U);
    EXPECT_EQ(stalled.report.findings[0].kind, signal_kind::stream_stall);
    EXPECT_NEAR(stalled.report.findings[0].observed, 31, 2);
    EXPECT_EQ(stalled.report.pattern, trace_pattern::stream);
    EXPECT_TRUE(unseen.report.findings.empty());
    EXPECT_EQ(unseen.report.stream->largest_gap_ns, stalled.report.stream->largest_gap_ns);
}

TEST(scenario, a_run_varies_by_its_steps_and_by_its_time_and_by_nothing_else)
{
    std::vector<model::trace_summary> summaries;
    for (std::uint64_t seed = 1; seed <= 60; ++seed)
        summaries.push_back(analyse(test::default_values(trace_pattern::react, seed)).summary);

    const model::pattern_report report = report_pattern(trace_pattern::react, summaries);

    ASSERT_TRUE(report.steps);
    EXPECT_NEAR(
        report.steps->by_steps_ns2 + report.steps->by_time_ns2, report.steps->total_ns2, 1e-9 * report.steps->total_ns2
    );
    EXPECT_GT(report.steps->by_steps_ns2, 0.9 * report.steps->total_ns2);
    EXPECT_GE(report.typical.steps, 4U);
    EXPECT_LE(report.typical.steps, 10U);
}

}  // namespace
}  // namespace reprise::detect
