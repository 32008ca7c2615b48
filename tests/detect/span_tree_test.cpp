#include "../../server/detect/span_tree.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace reprise::detect {
namespace {

using model::no_span;
using test::from_ms;
using test::index_of;
using test::trace_builder;
using test::trace_start_ns;

std::vector<std::uint32_t> listed(std::span<const std::uint32_t> spans)
{
    return {spans.begin(), spans.end()};
}

TEST(span_tree, spans_are_sorted_by_start_and_hang_where_they_belong)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& late = made.add(root, "late", 60, 90);
    auto& early = made.add(root, "early", 10, 40);
    auto& inner = made.add(late, "inner", 65, 70);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.root(), 0U);
    EXPECT_EQ(index_of(trace, early), 1U);
    EXPECT_EQ(index_of(trace, late), 2U);
    EXPECT_EQ(index_of(trace, inner), 3U);
    EXPECT_EQ(listed(tree.children(no_span)), std::vector<std::uint32_t>({0}));
    EXPECT_EQ(listed(tree.children(0)), std::vector<std::uint32_t>({1, 2}));
    EXPECT_EQ(listed(tree.children(2)), std::vector<std::uint32_t>({3}));
    EXPECT_EQ(listed(tree.top_down()), std::vector<std::uint32_t>({0, 1, 2, 3}));
    EXPECT_EQ(listed(tree.subtree(2)), std::vector<std::uint32_t>({2, 3}));
    EXPECT_EQ(tree.depth(0), 1U);
    EXPECT_EQ(tree.depth(3), 3U);
    EXPECT_TRUE(tree.is_below(3, 2));
    EXPECT_TRUE(tree.is_below(3, 0));
    EXPECT_TRUE(tree.is_below(0, no_span));
    EXPECT_FALSE(tree.is_below(3, 1));
    EXPECT_FALSE(tree.is_below(2, 2));
    EXPECT_EQ(tree.wall_ns(), from_ms(100));
    EXPECT_EQ(tree.start_ns(), trace_start_ns);
}

TEST(span_tree, of_spans_with_one_id_the_one_that_says_most_stays)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& poor = made.add(root, "call", 10, 20);
    auto& rich = made.add(root, "call", 10, 20);
    rich.id = poor.id;
    rich.tool = "search";

    for (const bool is_swapped : {false, true}) {
        model::trace trace = made.build();
        if (is_swapped)
            std::reverse(trace.spans.begin(), trace.spans.end());
        const span_tree tree(trace);
        ASSERT_EQ(tree.size(), 2U);
        EXPECT_EQ(tree[1].tool, "search");
        EXPECT_EQ(tree.repaired().duplicates, 1U);
    }
}

TEST(span_tree, parents_are_found_whatever_the_ids_look_like)
{
    constexpr std::uint64_t count = 300;
    const auto id_of = [](std::uint64_t number, int kind) -> std::uint64_t {
        switch (kind) {
        case 0: return number + 1;
        case 1: return (number + 1) << 48;
        case 2: return ~(number + 1);
        default: return (number + 1) * 0x9e3779b97f4a7c15;
        }
    };
    for (const int kind : {0, 1, 2, 3}) {
        model::trace trace;
        for (std::uint64_t number = count; number-- > 0;) {
            model::trace_span& span = trace.spans.emplace_back();
            span.id = id_of(number, kind);
            span.parent = number == 0 ? 0 : id_of(number / 2, kind);
            span.start_ns = static_cast<std::int64_t>(number);
            span.end_ns = 1000;
        }
        trace.spans.push_back(trace.spans.front());
        trace.spans.push_back(trace.spans.back());
        const span_tree tree(trace);
        ASSERT_EQ(tree.size(), count);
        EXPECT_EQ(tree.repaired().duplicates, 2U);
        EXPECT_EQ(tree.repaired().parents_missing, 0U);
        for (std::uint32_t span = 1; span < count; ++span)
            EXPECT_EQ(tree.parent(span), span / 2) << kind;
    }
}

TEST(span_tree, without_a_root_the_spans_whose_parents_are_missing_stand_at_the_top)
{
    trace_builder made;
    made.add_below(900, "b", 50, 80);
    made.add_below(901, "a", 20, 60);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.root(), no_span);
    EXPECT_EQ(tree.repaired().parents_missing, 2U);
    EXPECT_EQ(listed(tree.children(no_span)), std::vector<std::uint32_t>({0, 1}));
    EXPECT_EQ(tree.start_ns(), trace_start_ns + from_ms(20));
    EXPECT_EQ(tree.wall_ns(), from_ms(60));
    EXPECT_EQ(tree.repaired().clamped, 0U);
}

TEST(span_tree, orphans_and_second_roots_hang_below_the_root)
{
    trace_builder made;
    made.add_root("second", 30, 40);
    auto& root = made.add_root("first", 0, 100);
    made.add_below(900, "orphan", 50, 60);
    made.add(root, "child", 70, 80);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.root(), index_of(trace, root));
    EXPECT_EQ(tree.repaired().roots_extra, 1U);
    EXPECT_EQ(tree.repaired().parents_missing, 1U);
    EXPECT_EQ(tree.children(tree.root()).size(), 3U);
}

TEST(span_tree, cycles_and_self_parents_are_cut_at_their_earliest_span)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& a = made.add(root, "a", 10, 90);
    auto& b = made.add(a, "b", 20, 80);
    auto& c = made.add(b, "c", 30, 70);
    a.parent = c.id;
    auto& own = made.add(root, "own", 40, 50);
    own.parent = own.id;
    made.add(own, "below", 41, 42);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.repaired().cycles, 4U);
    EXPECT_EQ(tree.repaired().parents_missing, 0U);
    EXPECT_EQ(tree.parent(index_of(trace, a)), tree.root());
    EXPECT_EQ(tree.parent(index_of(trace, c)), index_of(trace, b));
    EXPECT_EQ(tree.parent(index_of(trace, own)), tree.root());
    EXPECT_EQ(tree.top_down().size(), 6U);
}

TEST(span_tree, a_trace_that_is_one_cycle_stands_on_its_earliest_span)
{
    trace_builder made;
    auto& a = made.add_below(2, "a", 0, 10);
    made.add(a, "b", 5, 20);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.root(), no_span);
    EXPECT_EQ(tree.repaired().cycles, 2U);
    EXPECT_EQ(listed(tree.children(no_span)), std::vector<std::uint32_t>({0}));
}

TEST(span_tree, what_ends_before_it_begins_has_no_length)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    made.add(root, "back", 50, 40);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.repaired().negative, 1U);
    EXPECT_EQ(tree.duration_ns(1), 0);
    EXPECT_EQ(tree.start_ns(1), trace_start_ns + from_ms(50));
}

TEST(span_tree, a_late_clock_is_set_right_for_all_spans_of_its_service)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& call = made.add(root, "POST", 10, 70);
    auto& served = made.add(call, "POST /pay", 1020, 1060);
    served.service = "payments";
    auto& query = made.add(served, "SELECT", 1030, 1050);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.start_ns(index_of(trace, served)), trace_start_ns + from_ms(20));
    EXPECT_EQ(tree.end_ns(index_of(trace, served)), trace_start_ns + from_ms(60));
    EXPECT_EQ(tree.start_ns(index_of(trace, query)), trace_start_ns + from_ms(30));
    EXPECT_EQ(tree.repaired().skew_ns, from_ms(1000));
    EXPECT_EQ(tree.repaired().clamped, 0U);
}

TEST(span_tree, a_message_may_be_worked_on_after_its_sender_went_on)
{
    trace_builder made;
    auto& root = made.add_root("send", 0, 10);
    auto& worked = made.add(root, "work", 500, 600);
    worked.service = "mailer";
    worked.kind = model::operation_kind::messaging;
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.start_ns(1), trace_start_ns + from_ms(500));
    EXPECT_EQ(tree.repaired().skew_ns, 0);
    EXPECT_EQ(tree.repaired().clamped, 1U);
    EXPECT_EQ(tree.path_start_ns(1), trace_start_ns + from_ms(10));
}

TEST(span_tree, children_that_outlive_their_parent_are_cut_for_the_path_only)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    auto& worker = made.add(root, "worker", 50, 130);
    auto& tool = made.add(worker, "tool", 60, 120);
    model::trace trace = made.build();

    const span_tree tree(trace);

    const std::uint32_t cut = index_of(trace, worker);
    EXPECT_EQ(tree.duration_ns(cut), from_ms(80));
    EXPECT_EQ(tree.path_end_ns(cut), trace_start_ns + from_ms(100));
    EXPECT_EQ(tree.path_end_ns(index_of(trace, tool)), trace_start_ns + from_ms(100));
    EXPECT_EQ(tree.repaired().clamped, 2U);
}

TEST(span_tree, spans_that_differ_by_a_number_have_one_form)
{
    trace_builder made;
    auto& root = made.add_root("run", 0, 100);
    made.add(root, "branch_7", 1, 2);
    made.add(root, "branch_12", 3, 4);
    made.add(root, "join_12", 5, 6);
    made.add(root, "branch_13", 7, 8, model::span_role::worker);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.form(1), tree.form(2));
    EXPECT_NE(tree.form(2), tree.form(3));
    EXPECT_NE(tree.form(2), tree.form(4));
}

TEST(span_tree, nothing_and_the_ends_of_time_are_no_trouble)
{
    model::trace empty;
    const span_tree none(empty);
    EXPECT_EQ(none.size(), 0U);
    EXPECT_EQ(none.wall_ns(), 0);
    EXPECT_TRUE(none.children(no_span).empty());

    trace_builder made;
    auto& root = made.add_root("run", 0, 0);
    root.start_ns = INT64_MIN;
    root.end_ns = INT64_MAX;
    auto& child = made.add(root, "other", 0, 0);
    child.service = "other";
    child.start_ns = INT64_MAX;
    child.end_ns = INT64_MIN;
    model::trace trace = made.build();
    const span_tree tree(trace);
    EXPECT_EQ(tree.wall_ns(), 2 * span_tree::time_ns_max);
    EXPECT_EQ(sum_ns(INT64_MAX, 1), INT64_MAX);
    EXPECT_EQ(sum_ns(INT64_MIN, -1), INT64_MIN);
}

TEST(span_tree, ten_thousand_spans_below_each_other_need_no_stack)
{
    trace_builder made;
    const model::trace_span* above = &made.add_root("run", 0, 100);
    for (int level = 1; level < 10'000; ++level)
        above = &made.add(*above, "deeper", 0, 100);
    model::trace trace = made.build();

    const span_tree tree(trace);

    EXPECT_EQ(tree.depth(9'999), 10'000U);
    EXPECT_EQ(tree.subtree(0).size(), 10'000U);
}

}  // namespace
}  // namespace reprise::detect
