#include "reprise/detect/trace_series.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::detect {
namespace {

using model::severity;
using model::signal_kind;

// Traces of one operation, one after the other; each is changed by the test before it is added.
class told_series {
public:
    explicit told_series(const trace_series_limits& limits = {}) : series_(limits) {}

    // A report of a trace that shows nothing.
    model::trace_report report(std::int64_t at_ms = 0, std::string route = "workflow")
    {
        model::trace_report made;
        made.id = {7, ++traces_};
        made.service = made.operation.service = "agents";
        made.operation.route = std::move(route);
        made.started_ns = test::day_start_ns + at_ms * ns_per_ms;
        made.wall_ns = ns_per_s;
        made.span_count = 10;
        return made;
    }
    std::vector<model::signal> add(const model::trace_report& report)
    {
        return series_.add(trace, report, summarise(trace, report));
    }
    std::size_t operations() const { return series_.operations(); }

    model::trace trace;

private:
    trace_series series_;
    std::uint64_t traces_ = 0;
};

void add_finding(model::trace_report& report, signal_kind kind, double observed, double confidence = 0.8)
{
    model::trace_finding& made = report.findings.emplace_back();
    made.kind = kind;
    made.span = 0;
    made.observed = observed;
    made.expected = 1;
    made.unit = "count";
    made.confidence = confidence;
    made.explanation = "It is so.";
}

void add_loop(model::trace_report& report, std::uint32_t repeats, double confidence = 0.8)
{
    add_finding(report, signal_kind::agent_loop, repeats, confidence);
    report.agents.emplace().repeats = repeats;
}

void add_retries(model::trace_report& report, std::uint32_t calls, std::uint32_t tasks, std::uint32_t sequences)
{
    model::retries& retried = report.retried.emplace();
    retried.calls = calls;
    retried.tasks = tasks;
    retried.amplification = static_cast<double>(calls) / tasks;
    retried.sequence_count = sequences;
}

TEST(trace_series, tells_once_per_window_as_soon_as_three_traces_show_it)
{
    told_series told;
    std::vector<std::size_t> counts;
    std::vector<model::signal> signals;
    for (const std::int64_t at_ms : {1000, 2000, 3000, 4000, 5000, 61'000, 62'000, 63'000}) {
        model::trace_report report = told.report(at_ms);
        add_loop(report, 3);
        const auto more = told.add(report);
        counts.push_back(more.size());
        signals.insert(signals.end(), more.begin(), more.end());
    }

    EXPECT_EQ(counts, (std::vector<std::size_t>{0, 0, 1, 0, 0, 0, 0, 1}));
    const model::signal& signal = signals[0];
    EXPECT_EQ(signal.kind, signal_kind::agent_loop);
    EXPECT_EQ(signal.operation.route, "workflow");
    EXPECT_EQ(signal.operation_id, operation_id(signal.operation.view()));
    EXPECT_EQ(signal.window_start_ns, test::day_start_ns);
    EXPECT_EQ(signal.window_end_ns, test::day_start_ns + test::minute_ns);
    EXPECT_EQ(signals[1].window_start_ns, test::day_start_ns + test::minute_ns);
    EXPECT_EQ(signal.observed, 3);
    EXPECT_EQ(signal.observed_k, 3U);
    EXPECT_EQ(signal.observed_n, 3U);
    EXPECT_EQ(signal.baseline, 1);
    EXPECT_EQ(signal.effect, 3);
    EXPECT_EQ(signal.gate, 3);
    EXPECT_EQ(signal.unit, "count");
    EXPECT_EQ(signal.metric, "equal tool calls in a row");
    EXPECT_EQ(signal.severity, severity::low);
    EXPECT_EQ(signal.confirm_with, model::confirm_metric::trace_figure);
    EXPECT_EQ(signal.trace_ids.size(), 3U);
    EXPECT_EQ(signal.explanation, "It is so. Seen in 3 of 3 traces of workflow since 14:14:01.");
    EXPECT_FALSE(signal.rule.empty());
    EXPECT_FALSE(signal.sensitivity.empty());
}

TEST(trace_series, two_traces_or_three_over_two_windows_or_operations_are_noise)
{
    told_series told;
    for (const auto& [at_ms, route] : std::vector<std::pair<std::int64_t, std::string>>{
             {1000, "a"}, {2000, "a"}, {61'000, "a"}, {62'000, "b"}, {1000, "b"}}) {
        model::trace_report report = told.report(at_ms, route);
        add_loop(report, 3);
        EXPECT_TRUE(told.add(report).empty());
    }
}

TEST(trace_series, what_is_not_sure_enough_does_not_count)
{
    told_series told;
    for (int trace = 0; trace < 9; ++trace) {
        model::trace_report report = told.report();
        add_loop(report, 9, 0.59);
        EXPECT_TRUE(told.add(report).empty());
    }
}

TEST(trace_series, one_clear_case_is_enough_and_alone_is_never_high)
{
    told_series told;
    model::trace_report loop = told.report();
    add_loop(loop, 40);
    model::trace_report storm = told.report();
    add_finding(storm, signal_kind::retry_storm, 3);
    add_retries(storm, 300, 100, 90);
    model::trace_report chain = told.report();
    add_finding(chain, signal_kind::blocking_chain, 0.97);
    chain.chains.push_back({0, 60, 60 * ns_per_s, 0.97, 0.02, 1});
    model::trace_report stall = told.report();
    add_finding(stall, signal_kind::stream_stall, 90);
    stall.stream.emplace().largest_gap_ns = 9 * ns_per_s;

    for (const model::trace_report& report : {loop, storm, chain, stall}) {
        const auto signals = told.add(report);
        ASSERT_EQ(signals.size(), 1U);
        EXPECT_EQ(signals[0].kind, report.findings[0].kind);
        EXPECT_EQ(signals[0].severity, severity::medium) << signals[0].explanation;
        EXPECT_EQ(signals[0].observed, report.findings[0].observed);
    }
}

TEST(trace_series, cases_that_are_not_clear_wait_for_others)
{
    told_series told;
    model::trace_report loop = told.report();
    add_loop(loop, 4);
    model::trace_report mild = told.report();
    add_finding(mild, signal_kind::retry_storm, 1.4);
    add_retries(mild, 140, 100, 30);
    model::trace_report few = told.report();
    add_finding(few, signal_kind::retry_storm, 2);
    add_retries(few, 18, 9, 9);

    EXPECT_TRUE(told.add(loop).empty());
    EXPECT_TRUE(told.add(mild).empty());
    EXPECT_TRUE(told.add(few).empty());
}

TEST(trace_series, what_many_traces_show_strongly_is_high)
{
    told_series told;
    std::vector<model::signal> signals;
    for (int trace = 0; trace < 3; ++trace) {
        model::trace_report report = told.report();
        add_finding(report, signal_kind::retry_storm, 2.5);
        add_retries(report, 25, 10, 9);
        signals = told.add(report);
    }

    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals[0].severity, severity::high);
    EXPECT_EQ(signals[0].gate, 1.75);
}

// A fan-out of `members` in which one was slow.
model::trace_report straggling(told_series& told, std::uint32_t slow)
{
    model::trace_report report = told.report();
    model::fanout& group = report.fanouts.emplace_back();
    group.members = static_cast<std::uint32_t>(told.trace.spans.size());
    group.slow = model::straggler{slow, model::no_span, 10, 3, 6, 0.5};
    for (std::uint32_t span = 0; span < group.members; ++span)
        group.branches.push_back({span, 0, 1, 0});
    add_finding(report, signal_kind::fanout_straggler, 10);
    report.findings[0].span = slow;
    return report;
}

TEST(trace_series, few_siblings_need_more_traces_to_name_the_slow_one)
{
    told_series told;
    told.trace.spans.resize(4);
    for (std::int32_t index = 0; index < 4; ++index)
        told.trace.spans[static_cast<std::size_t>(index)].index = index;
    std::size_t traces = 1;
    while (told.add(straggling(told, 2)).empty())
        ++traces;

    // 4 x 0.25^n < 1e-3.
    EXPECT_EQ(traces, 6U);
}

TEST(trace_series, siblings_that_nothing_tells_apart_have_no_slow_one_among_them)
{
    told_series told;
    told.trace.spans.resize(50);
    for (int trace = 0; trace < 40; ++trace)
        EXPECT_TRUE(told.add(straggling(told, 2)).empty());
}

TEST(trace_series, attempts_per_task_that_rise_over_three_windows_are_a_storm)
{
    told_series told;
    std::vector<model::signal> signals;
    for (std::int64_t window = 0; window < 3; ++window) {
        for (std::int64_t trace = 0; trace < 12; ++trace) {
            model::trace_report report = told.report(window * 60'000 + trace);
            if (trace < 4 * (window + 1))
                add_retries(report, 2, 1, 1);
            for (model::signal& signal : told.add(report))
                signals.push_back(std::move(signal));
        }
    }

    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals[0].kind, signal_kind::retry_storm);
    EXPECT_GE(signals[0].observed, 1.5);
    EXPECT_NEAR(signals[0].baseline, 4.0 / 3, 1e-9);
    EXPECT_NE(signals[0].explanation.find("rose over 3 windows (1.3, 1.7, 2.0)"), std::string::npos)
        << signals[0].explanation;
}

TEST(trace_series, attempts_per_task_that_stay_as_they_are_do_not_rise)
{
    told_series told;
    for (std::int64_t window = 0; window < 6; ++window) {
        for (std::int64_t trace = 0; trace < 12; ++trace) {
            model::trace_report report = told.report(window * 60'000 + trace);
            add_retries(report, 2, 1, 1);
            EXPECT_TRUE(told.add(report).empty());
        }
    }
}

std::size_t payload_signals(double slope_ns, const std::vector<double>& sizes, double noise_ns, int rounds)
{
    told_series told;
    test::dice dice(5);
    std::size_t signals = 0;
    for (int round = 0; round < rounds; ++round) {
        for (const double kb : sizes) {
            model::trace_report report = told.report();
            const double took_ns = 1e8 + slope_ns * kb + noise_ns * dice.uniform();
            report.rag = model::retrieval{kb, 0, static_cast<std::int64_t>(took_ns), 1};
            signals += told.add(report).size();
        }
    }
    return signals;
}

TEST(trace_series, time_that_grows_with_the_payload_is_told_by_its_slope)
{
    EXPECT_EQ(payload_signals(2e5, {1, 50, 100, 200}, 4e6, 5), 1U);
}

TEST(trace_series, payload_that_hardly_matters_or_hardly_varies_is_not_told)
{
    EXPECT_EQ(payload_signals(2e5, {1, 50, 100}, 1e6, 5), 0U);    // 20 of 120 ms.
    EXPECT_EQ(payload_signals(2e6, {1, 200}, 1e6, 20), 0U);       // Two sizes make no line.
    EXPECT_EQ(payload_signals(0, {1, 50, 100, 200}, 8e7, 40), 0U);
    EXPECT_EQ(payload_signals(2e5, {10, 20, 200}, 1e6, 2), 0U);   // Too few traces.
}

TEST(trace_series, remembers_no_more_operations_than_it_may)
{
    trace_series_limits limits;
    limits.operations_max = 3;
    told_series told(limits);
    for (int trace = 0; trace < 2; ++trace) {
        model::trace_report report = told.report(0, "kept");
        add_loop(report, 3);
        EXPECT_TRUE(told.add(report).empty());
        for (int other = 0; other < 2; ++other)
            told.add(told.report(0, "other" + std::to_string(other) + std::to_string(trace)));
    }
    model::trace_report report = told.report(0, "kept");
    add_loop(report, 3);

    EXPECT_EQ(told.add(report).size(), 1U);
    EXPECT_EQ(told.operations(), 3U);
}

TEST(trace_series, traces_of_windows_long_past_are_no_news)
{
    told_series told;
    for (std::int64_t window = 10; window < 14; ++window)
        told.add(told.report(window * 60'000));
    for (int trace = 0; trace < 5; ++trace) {
        model::trace_report late = told.report(9 * 60'000);
        add_loop(late, 40);
        EXPECT_TRUE(told.add(late).empty());
    }
    model::trace_report in_time = told.report(10 * 60'000);
    add_loop(in_time, 40);
    EXPECT_EQ(told.add(in_time).size(), 1U);
}

}  // namespace
}  // namespace reprise::detect
