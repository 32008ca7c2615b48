#include "reprise/pipeline/trace_assembler.hpp"

#include "sent_traces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace reprise::pipeline {
namespace {

using test::batch_of;
using test::every_rank;
using test::span_of;

constexpr std::int64_t second = 1'000'000'000;
constexpr model::trace_id one_id{7, 1};
constexpr model::trace_id other_id{7, 2};

class trace_assembler_test : public testing::Test {
protected:
    void add(std::initializer_list<telemetry::sent_span> spans, std::int64_t at_ns = 0)
    {
        assembler.add(*batch_of(spans), {}, at_ns, every_rank);
    }
    std::size_t done_at(std::int64_t at_ns)
    {
        last = assembler.close_due(at_ns);
        return last.size();
    }

    trace_assembler assembler{assembly_limits{}};
    std::vector<assembled_trace> last;
};

TEST_F(trace_assembler_test, a_trace_is_done_two_seconds_after_its_root_came)
{
    add({span_of(one_id, 2, 1, "child")}, 0);
    add({span_of(one_id, 1, 0, "root")}, 3 * second);

    EXPECT_EQ(done_at(5 * second - 1), 0U);
    ASSERT_EQ(done_at(5 * second), 1U);
    EXPECT_EQ(last[0].id, one_id);
    EXPECT_EQ(last[0].spans.size(), 2U);
    EXPECT_EQ(last[0].service_of(last[0].spans[0]), "agents");
    EXPECT_EQ(assembler.open(), 0U);
    EXPECT_EQ(assembler.memory_bytes(), 0U);
}

TEST_F(trace_assembler_test, spans_come_out_byte_by_byte_as_they_came)
{
    telemetry::sent_span large = span_of(one_id, 1, 0, std::string(200, 'n'));
    large.attributes.emplace_back("content", std::string(5000, 'c'));
    const auto batch = batch_of({span_of(one_id, 2, 1, "child"), large});

    assembler.add(*batch, {}, 0, every_rank);
    ASSERT_EQ(done_at(2 * second), 1U);

    for (std::size_t i = 0; i < 2; ++i) {
        const model::observation& call = batch->observations[i];
        EXPECT_EQ(
            last[0].span_of(last[0].spans[i]),
            std::string_view(*batch->bytes).substr(call.record_offset, call.record_bytes)
        );
    }
}

TEST_F(trace_assembler_test, a_trace_without_a_root_waits_until_nothing_comes_any_more)
{
    add({span_of(one_id, 2, 1, "child")}, 0);
    add({span_of(one_id, 3, 1, "child")}, 10 * second);

    EXPECT_EQ(done_at(40 * second - 1), 0U);
    EXPECT_EQ(done_at(40 * second), 1U);
}

TEST_F(trace_assembler_test, a_trace_with_a_missing_parent_waits_for_it)
{
    add({span_of(one_id, 1, 0, "root"), span_of(one_id, 3, 2, "grandchild")}, 0);
    EXPECT_EQ(done_at(2 * second), 0U);

    add({span_of(one_id, 2, 1, "child")}, 5 * second);

    EXPECT_EQ(done_at(7 * second - 1), 0U);
    EXPECT_EQ(done_at(7 * second), 1U);
    EXPECT_EQ(last[0].spans.size(), 3U);
}

TEST_F(trace_assembler_test, a_parent_that_never_comes_is_waited_for_no_longer_than_the_idle_time)
{
    add({span_of(one_id, 1, 0, "root"), span_of(one_id, 3, 2, "grandchild")}, 0);

    EXPECT_EQ(done_at(30 * second - 1), 0U);
    EXPECT_EQ(done_at(30 * second), 1U);
}

TEST_F(trace_assembler_test, spans_of_a_done_trace_are_late_and_name_it_once)
{
    add({span_of(one_id, 1, 0, "root")}, 0);
    ASSERT_EQ(done_at(2 * second), 1U);

    add({span_of(one_id, 2, 1, "child"), span_of(one_id, 3, 1, "child")}, 3 * second);

    EXPECT_EQ(assembler.counts().late_spans, 2U);
    EXPECT_EQ(assembler.take_late(), (std::vector<model::trace_id>{one_id}));
    EXPECT_TRUE(assembler.take_late().empty());
    EXPECT_EQ(assembler.open(), 0U);
}

TEST_F(trace_assembler_test, spans_of_replays_and_of_other_lanes_are_left_out)
{
    const auto batch = batch_of({span_of(one_id, 1, 0, "root"), span_of({8, 1}, 1, 0, "root")});

    assembler.add(*batch, replay_filter({7}), 0, every_rank);
    EXPECT_EQ(assembler.open(), 1U);
    assembler.add(*batch, {}, 0, [](std::uint64_t) { return false; });
    EXPECT_EQ(assembler.open(), 1U);

    telemetry::sent_span marked = span_of({9, 1}, 1, 0, "root");
    marked.attributes.emplace_back("http.request.header.x-replay", std::string("run"));
    add({marked}, 0);
    EXPECT_EQ(assembler.open(), 1U);
}

TEST_F(trace_assembler_test, what_is_beyond_a_traces_limit_is_left_out_and_said)
{
    assembly_limits limits;
    limits.spans_max = 2;
    assembler = trace_assembler(limits);
    add({span_of(one_id, 2, 1, "a"), span_of(one_id, 3, 1, "b"), span_of(one_id, 4, 1, "c")}, 0);
    add({span_of(one_id, 1, 0, "root")}, 0);

    ASSERT_EQ(done_at(2 * second), 1U);  // The root counts for the time, though it is not kept.
    EXPECT_TRUE(last[0].truncated);
    EXPECT_EQ(last[0].spans.size(), 2U);
    EXPECT_EQ(assembler.counts().truncated_spans, 2U);
}

TEST_F(trace_assembler_test, a_span_larger_than_a_trace_may_be_leaves_a_truncated_trace)
{
    assembly_limits limits;
    limits.trace_bytes_max = 1000;
    assembler = trace_assembler(limits);
    telemetry::sent_span large = span_of(one_id, 1, 0, "root");
    large.attributes.emplace_back("content", std::string(5000, 'c'));
    add({large}, 0);

    ASSERT_EQ(done_at(2 * second), 1U);
    EXPECT_TRUE(last[0].truncated);
    EXPECT_TRUE(last[0].spans.empty());
}

TEST_F(trace_assembler_test, every_open_trace_can_be_closed_at_once)
{
    add({span_of(one_id, 1, 0, "root"), span_of(other_id, 2, 1, "child")}, 0);

    EXPECT_EQ(assembler.close_all().size(), 2U);
    EXPECT_EQ(assembler.counts().completed, 2U);
}

// Many traces of three spans, in an order that mixes them.
std::vector<std::shared_ptr<const model::observation_batch>> mixed_batches(std::uint64_t traces, std::size_t at_once)
{
    std::vector<telemetry::sent_span> spans;
    for (std::uint64_t span = 1; span <= 3; ++span) {
        for (std::uint64_t trace = 1; trace <= traces; ++trace)
            spans.push_back(span_of({3, trace}, 4 - span, 3 - span, "work"));
    }
    std::vector<std::shared_ptr<const model::observation_batch>> batches;
    for (std::size_t at = 0; at < spans.size(); at += at_once)
        batches.push_back(batch_of(std::span(spans).subspan(at, std::min(at_once, spans.size() - at))));
    return batches;
}

TEST_F(trace_assembler_test, mixed_traces_are_told_apart_however_they_are_cut)
{
    for (const std::size_t at_once : {std::size_t{7}, std::size_t{100}, std::size_t{5000}}) {
        trace_assembler fresh{assembly_limits{}};
        for (const auto& batch : mixed_batches(500, at_once))
            fresh.add(*batch, {}, 0, every_rank);
        const auto done = fresh.close_due(2 * second);
        ASSERT_EQ(done.size(), 500U);
        std::set<std::uint64_t> ids;
        for (const assembled_trace& one : done) {
            EXPECT_EQ(one.spans.size(), 3U);
            ids.insert(one.id.low);
        }
        EXPECT_EQ(ids.size(), 500U);
    }
}

TEST_F(trace_assembler_test, full_memory_leaves_whole_traces_out_by_their_rank)
{
    assembly_limits limits;
    limits.memory_bytes_max = 256 * 1024;
    assembler = trace_assembler(limits);
    for (const auto& batch : mixed_batches(600, 512))
        assembler.add(*batch, {}, 0, every_rank);
    const std::uint64_t admitted = assembler.admitted_rank();
    EXPECT_LT(admitted, UINT64_MAX);
    EXPECT_LE(assembler.memory_bytes(), limits.memory_bytes_max);

    const auto done = assembler.close_due(2 * second);

    EXPECT_FALSE(done.empty());
    for (const assembled_trace& one : done) {
        EXPECT_EQ(one.spans.size(), 3U);
        EXPECT_LT(detect::trace_rank(one.id), admitted);
    }
    const assembly_counts& counts = assembler.counts();
    EXPECT_EQ(counts.dropped_traces + done.size(), 600U);
    EXPECT_EQ(counts.dropped_spans + 3 * done.size(), 1800U);
}

TEST_F(trace_assembler_test, traces_are_let_in_again_when_there_is_room)
{
    assembly_limits limits;
    limits.memory_bytes_max = 256 * 1024;
    assembler = trace_assembler(limits);
    for (const auto& batch : mixed_batches(600, 512))
        assembler.add(*batch, {}, 0, every_rank);
    for (std::int64_t at = 2; assembler.admitted_rank() != UINT64_MAX && at < 100; at += 2)
        assembler.close_due(at * second);

    EXPECT_EQ(assembler.admitted_rank(), UINT64_MAX);
    // Of what was left out before, the rest stays out.
    const std::uint64_t dropped = assembler.counts().dropped_traces;
    for (const auto& batch : mixed_batches(600, 512))
        assembler.add(*batch, {}, 200 * second, every_rank);
    EXPECT_EQ(assembler.open(), 0U);
    EXPECT_EQ(assembler.counts().dropped_traces, dropped);
}

}  // namespace
}  // namespace reprise::pipeline
