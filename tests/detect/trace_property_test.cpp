#include "../../server/detect/trace_parts.hpp"

#include "builders.hpp"
#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <numeric>
#include <string>

// What holds for every trace, however broken: tried on some thousand small ones.
namespace reprise::detect {
namespace {

using test::dice;

std::size_t pick(dice& random, std::size_t count)
{
    return std::min(static_cast<std::size_t>(random.uniform() * static_cast<double>(count)), count - 1);
}

std::int64_t some_time(dice& random, bool is_wild)
{
    if (is_wild && random.uniform() < 0.1)
        return random.uniform() < 0.5 ? INT64_MIN : INT64_MAX;
    return test::trace_start_ns + static_cast<std::int64_t>(pick(random, 40)) * 1'000'000;
}

// Parents anywhere: missing, themselves, below themselves. Ids that come twice, times in any order.
model::trace make_trace(dice& random, bool is_wild)
{
    static constexpr std::array<std::string_view, 4> names = {"worker", "call_7", "call_12", "checkpoint"};
    static constexpr std::array<std::string_view, 3> services = {"shop", "payments", ""};
    model::trace trace;
    trace.id = {1, 2};
    const std::size_t count = 1 + pick(random, 30);
    for (std::size_t at = 0; at < count; ++at) {
        model::trace_span& span = trace.spans.emplace_back();
        span.id = is_wild && random.uniform() < 0.1 ? 1 + pick(random, count) : at + 1;
        span.parent = at == 0 && random.uniform() < 0.8 ? 0 : pick(random, is_wild ? count + 3 : at + 1);
        span.start_ns = some_time(random, is_wild);
        span.end_ns = some_time(random, is_wild);
        span.name = names[pick(random, names.size())];
        span.service = services[pick(random, services.size())];
        span.role = static_cast<model::span_role>(pick(random, 10));
        span.kind = static_cast<model::operation_kind>(pick(random, 5));
        span.wait = static_cast<model::span_wait>(random.uniform() < 0.8 ? 0 : pick(random, 6));
        span.failed = random.uniform() < 0.2;
        span.attempt = random.uniform() < 0.2 ? static_cast<std::int32_t>(pick(random, 3)) : -1;
        span.concurrency = random.uniform() < 0.2 ? static_cast<std::int32_t>(pick(random, 3)) : -1;
        span.fanout = random.uniform() < 0.1 ? 3 : -1;
        span.payload_kb = random.uniform() < 0.1 ? 2.5 : -1;
    }
    return trace;
}

void shuffle(dice& random, std::vector<model::trace_span>& spans)
{
    for (std::size_t at = spans.size(); at > 1; --at)
        std::swap(spans[at - 1], spans[pick(random, at)]);
}

std::string report_bytes(model::trace trace)
{
    model::trace_report report = analyse_trace(trace);
    report.duplicates = 0;
    return boost::json::serialize(model::to_json(report));
}

TEST(trace_property, the_path_tiles_the_trace_and_the_classes_sum_to_it)
{
    dice random(11);
    for (int round = 0; round < 4000; ++round) {
        model::trace trace = make_trace(random, round % 2 == 0);
        const span_tree tree(trace);
        auto path = find_path(tree);
        const class_times times = find_times(tree, path);
        std::int64_t at_ns = 0;
        for (const model::path_part& part : path) {
            ASSERT_EQ(part.start_ns, at_ns) << round;
            ASSERT_GT(part.end_ns, part.start_ns) << round;
            at_ns = part.end_ns;
        }
        ASSERT_EQ(at_ns, tree.wall_ns()) << round;
        ASSERT_EQ(std::accumulate(times.begin(), times.end(), std::int64_t{0}), tree.wall_ns()) << round;
    }
}

TEST(trace_property, every_span_stands_once_below_the_top_with_its_children_by_start)
{
    dice random(12);
    for (int round = 0; round < 4000; ++round) {
        model::trace trace = make_trace(random, round % 2 == 0);
        const span_tree tree(trace);
        std::vector<int> seen(tree.size(), 0);
        for (const std::uint32_t span : tree.top_down()) {
            ++seen[span];
            const std::uint32_t parent = tree.parent(span);
            ASSERT_TRUE(parent == model::no_span || (seen[parent] == 1 && tree.is_below(span, parent)));
            ASSERT_EQ(tree.subtree(span).front(), span);
            std::int64_t before_ns = INT64_MIN;
            for (const std::uint32_t child : tree.children(span)) {
                ASSERT_EQ(tree.parent(child), span);
                ASSERT_GE(tree.start_ns(child), before_ns);
                before_ns = tree.start_ns(child);
            }
            ASSERT_LE(tree.path_start_ns(span), tree.path_end_ns(span));
            ASSERT_GE(tree.path_start_ns(span), tree.path_start_ns(parent));
            ASSERT_LE(tree.path_end_ns(span), tree.path_end_ns(parent));
        }
        ASSERT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<std::ptrdiff_t>(tree.size()));
    }
}

TEST(trace_property, the_order_and_the_number_of_copies_of_spans_change_nothing)
{
    dice random(13);
    for (int round = 0; round < 2000; ++round) {
        model::trace trace = make_trace(random, round % 2 == 0);
        const std::string expected = report_bytes(trace);
        model::trace again = trace;
        for (std::size_t copies = pick(random, 4); copies > 0; --copies)
            again.spans.push_back(trace.spans[pick(random, trace.spans.size())]);
        shuffle(random, again.spans);
        ASSERT_EQ(report_bytes(again), expected) << round;
    }
}

TEST(trace_property, a_fan_out_is_never_wider_than_its_members)
{
    dice random(14);
    for (int round = 0; round < 4000; ++round) {
        model::trace trace = make_trace(random, round % 2 == 0);
        const model::trace_report report = analyse_trace(trace);
        for (const model::fanout& one : report.fanouts) {
            ASSERT_GE(one.peak, trace_limits{}.fanout_overlap_min);
            ASSERT_LE(one.peak, one.members);
            ASSERT_GE(one.waves, 1U);
            ASSERT_GE(one.join_ns, 0);
            for (const model::branch& branch : one.branches) {
                ASSERT_GE(branch.slack_ns, 0);
                ASSERT_GE(branch.queue_ns, 0);
            }
        }
    }
}

}  // namespace
}  // namespace reprise::detect
