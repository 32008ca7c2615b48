#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::span_role;

TEST(trace_human, waits_for_two_people_at_once_are_waited_for_once)
{
    test::trace_builder told;
    const auto& root = told.add_root("workflow", 0, 3000);
    told.add(root, "approve", 100, 1100, span_role::human);
    const auto& longer = told.add(root, "review", 600, 2100, span_role::human);
    told.add(root, "form", 2500, 2600).wait = model::span_wait::human;
    model::trace trace = told.build();

    const auto found = find_human(span_tree(trace));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->waits, 3U);
    EXPECT_EQ(found->waited_ns, test::from_ms(2100));
    EXPECT_EQ(found->processing_ns, test::from_ms(900));
    EXPECT_EQ(found->longest, test::index_of(trace, longer));
}

TEST(trace_human, a_wait_that_outlives_the_trace_counts_up_to_its_end)
{
    test::trace_builder told;
    const auto& root = told.add_root("workflow", 0, 1000);
    told.add(root, "approve", 200, 5000, span_role::human);
    model::trace trace = told.build();

    const auto found = find_human(span_tree(trace));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->waited_ns, test::from_ms(800));
    EXPECT_EQ(found->processing_ns, test::from_ms(200));
}

TEST(trace_human, nobody_is_waited_for_where_no_span_says_so)
{
    test::trace_builder told;
    const auto& root = told.add_root("workflow", 0, 1000);
    told.add(root, "sleep", 0, 900).wait = model::span_wait::other;
    model::trace trace = told.build();

    EXPECT_FALSE(find_human(span_tree(trace)));
}

}  // namespace
}  // namespace reprise::detect
