#include "store_fixture.hpp"

#include "reprise/store/error.hpp"
#include "reprise/store/traces.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace reprise::store {
namespace {

using model::signal_kind;
using model::trace_pattern;

class traces_test : public store_test {
protected:
    void save(const stored_trace& trace)
    {
        const auto saved = write([&](transaction& tx) { return save_trace(tx, trace, t0); });
        ASSERT_TRUE(saved) << saved.error().message();
    }
    std::vector<model::trace_summary> list(const trace_filter& filter)
    {
        return read([&](reader& r) { return list_traces(r, filter); }).value();
    }
    std::optional<stored_trace> find(std::uint64_t number)
    {
        return read([&](reader& r) { return find_trace(r, {1, number}); }).value();
    }
    std::size_t prune(std::size_t rows_max, const trace_retention& keep)
    {
        return write([&](transaction& tx) { return prune_traces(tx, rows_max, keep); }).value();
    }
    std::vector<trace_group> groups(std::string_view service)
    {
        return read([&](reader& r) { return list_trace_groups(r, service); }).value();
    }
};

stored_trace trace_of(std::uint64_t number, trace_pattern pattern = trace_pattern::fanout)
{
    stored_trace trace;
    model::trace_summary& summary = trace.summary;
    summary.id = {1, number};
    summary.service = "agents";
    summary.operation.source = model::source::span;
    summary.operation.kind = model::operation_kind::internal;
    summary.operation.service = "agents";
    summary.operation.route = "workflow";
    summary.agent = "planner:v1";
    summary.started_ns = t0 + static_cast<std::int64_t>(number);
    summary.wall_ns = 1000 * static_cast<std::int64_t>(number);
    summary.pattern = pattern;
    summary.span_count = 203;
    summary.failed_count = 2;
    summary.service_count = 1;
    summary.times = {1, 2, 3, 4, 5, 6, 7};
    summary.figures.members = 100;
    summary.figures.straggler = "worker:37 (t2)";
    summary.figures.payload_kb = 12.5;
    return trace;
}

stored_trace opened(stored_trace trace, std::size_t bytes = 100)
{
    trace.report = "{}";
    trace.spans = std::string(bytes - 2, ' ');
    return trace;
}

std::vector<std::uint64_t> numbers(const std::vector<model::trace_summary>& traces)
{
    std::vector<std::uint64_t> out;
    for (const model::trace_summary& trace : traces)
        out.push_back(trace.id.low);
    return out;
}

using these = std::vector<std::uint64_t>;

TEST_F(traces_test, a_trace_comes_back_as_it_was_saved)
{
    stored_trace trace = trace_of(7);
    trace.summary.findings = {signal_kind::fanout_straggler, signal_kind::stream_stall};
    trace.summary.is_complete = false;
    trace.report = R"({"pattern":"fanout"})";
    trace.spans = R"([{"name":"worker"}])";

    save(trace);

    const auto found = find(7);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->report, trace.report);
    EXPECT_EQ(found->spans, trace.spans);
    const model::trace_summary& summary = found->summary;
    EXPECT_EQ(summary.id, trace.summary.id);
    EXPECT_EQ(summary.operation, trace.summary.operation);
    EXPECT_EQ(summary.agent, "planner:v1");
    EXPECT_EQ(summary.started_ns, trace.summary.started_ns);
    EXPECT_EQ(summary.wall_ns, 7000);
    EXPECT_EQ(summary.pattern, trace_pattern::fanout);
    EXPECT_EQ(summary.span_count, 203U);
    EXPECT_EQ(summary.failed_count, 2U);
    EXPECT_FALSE(summary.is_complete);
    EXPECT_TRUE(summary.has_spans);
    EXPECT_EQ(summary.times, trace.summary.times);
    EXPECT_EQ(summary.findings, trace.summary.findings);
    EXPECT_EQ(summary.figures.members, 100U);
    EXPECT_EQ(summary.figures.straggler, "worker:37 (t2)");
    EXPECT_EQ(summary.figures.payload_kb, 12.5);
    EXPECT_FALSE(find(8));
}

TEST_F(traces_test, saving_a_trace_again_replaces_what_was_known_of_it)
{
    save(opened(trace_of(1)));
    stored_trace again = trace_of(1, trace_pattern::dag);

    save(again);

    const auto found = find(1);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->summary.pattern, trace_pattern::dag);
    EXPECT_FALSE(found->summary.has_spans);
    EXPECT_EQ(found->spans, "");
    EXPECT_EQ(list({}).size(), 1U);
}

TEST_F(traces_test, how_many_spans_a_trace_has_is_found_without_it)
{
    save(opened(trace_of(1)));

    const auto count = [this](std::uint64_t number) {
        return read([&](reader& r) { return count_trace_spans(r, {1, number}); }).value();
    };
    EXPECT_EQ(count(1), 203U);
    EXPECT_EQ(count(2), 0U);
}

TEST_F(traces_test, a_trace_of_which_more_came_too_late_is_incomplete)
{
    save(trace_of(1));
    const auto mark = [this](std::uint64_t number) {
        return write([&](transaction& tx) { return mark_trace_incomplete(tx, {1, number}); });
    };

    EXPECT_TRUE(mark(1));
    EXPECT_TRUE(mark(2));

    EXPECT_FALSE(find(1)->summary.is_complete);
    EXPECT_FALSE(find(2));
}

TEST_F(traces_test, longer_texts_than_the_limit_are_refused_and_nothing_stays)
{
    const stored_trace trace = opened(trace_of(1), trace_text_bytes_max + 3);

    const auto saved = write([&](transaction& tx) { return save_trace(tx, trace, t0); });

    EXPECT_EQ(saved.error(), reprise::errc::too_large);
    EXPECT_FALSE(find(1));
}

TEST_F(traces_test, lists_are_newest_first_and_go_on_after_the_cursor)
{
    for (std::uint64_t number = 1; number <= 4; ++number) {
        stored_trace trace = trace_of(number);
        trace.summary.started_ns = number == 4 ? t0 + 1 : t0;
        save(trace);
    }
    trace_filter page;
    page.limit = 2;

    const auto first = list(page);
    ASSERT_EQ(numbers(first), (these{4, 3}));
    page.after_started_ns = first.back().started_ns;
    page.after_id = model::to_hex(first.back().id);
    const auto second = list(page);

    EXPECT_EQ(numbers(second), (these{2, 1}));
}

TEST_F(traces_test, filters_narrow_a_list_together)
{
    save(trace_of(1));
    save(trace_of(2, trace_pattern::retry));
    stored_trace other = opened(trace_of(3, trace_pattern::retry));
    other.summary.service = "shop";
    other.summary.agent = "buyer";
    other.summary.findings = {signal_kind::retry_storm};
    save(other);

    trace_filter filter;
    filter.pattern = trace_pattern::retry;
    EXPECT_EQ(numbers(list(filter)), (these{3, 2}));
    filter.service = "agents";
    EXPECT_EQ(numbers(list(filter)), (these{2}));
    filter = {};
    filter.wall_ns_min = 2000;
    EXPECT_EQ(numbers(list(filter)), (these{3, 2}));
    filter.is_opened = true;
    EXPECT_EQ(numbers(list(filter)), (these{3}));
    filter = {};
    filter.finding = signal_kind::retry_storm;
    EXPECT_EQ(numbers(list(filter)), (these{3}));
    filter.finding = signal_kind::agent_loop;
    EXPECT_EQ(numbers(list(filter)), (these{}));
    filter = {};
    filter.agent = "buyer";
    EXPECT_EQ(numbers(list(filter)), (these{3}));
}

TEST_F(traces_test, groups_are_the_patterns_of_each_agent_the_most_recent_first)
{
    save(trace_of(1));
    save(trace_of(2));
    save(trace_of(3, trace_pattern::none));
    stored_trace other = trace_of(9, trace_pattern::rag);
    other.summary.service = "shop";
    save(other);

    const auto all = groups("");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].pattern, trace_pattern::rag);
    EXPECT_EQ(all[1].pattern, trace_pattern::fanout);
    EXPECT_EQ(all[1].agent, "planner:v1");
    EXPECT_EQ(all[1].traces, 2U);
    EXPECT_EQ(all[1].last_started_ns, t0 + 2);
    EXPECT_EQ(groups("shop").size(), 1U);
}

TEST_F(traces_test, the_oldest_rows_go_in_steps)
{
    for (std::uint64_t number = 1; number <= 6; ++number)
        save(opened(trace_of(number)));
    const trace_retention keep{2, 10, 10'000};

    EXPECT_EQ(prune(3, keep), 3U);
    EXPECT_EQ(numbers(list({})), (these{6, 5, 4}));
    EXPECT_EQ(prune(3, keep), 1U);
    EXPECT_EQ(prune(3, keep), 0U);
    EXPECT_EQ(numbers(list({})), (these{6, 5}));
    EXPECT_FALSE(find(1));
}

TEST_F(traces_test, spans_beyond_their_count_or_bytes_go_and_their_rows_stay)
{
    for (std::uint64_t number = 1; number <= 4; ++number)
        save(opened(trace_of(number)));

    EXPECT_EQ(prune(10, {10, 3, 10'000}), 1U);
    EXPECT_FALSE(find(1)->summary.has_spans);
    EXPECT_EQ(prune(10, {10, 3, 250}), 1U);
    EXPECT_FALSE(find(2)->summary.has_spans);
    EXPECT_EQ(find(2)->spans, "");

    trace_filter filter;
    filter.is_opened = true;
    EXPECT_EQ(numbers(list(filter)), (these{4, 3}));
    EXPECT_EQ(list({}).size(), 4U);
}

}  // namespace
}  // namespace reprise::store
