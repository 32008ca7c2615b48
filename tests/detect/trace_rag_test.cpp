#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::span_role;

TEST(trace_rag, a_retrieval_feeds_the_generation_that_follows)
{
    test::trace_builder told;
    const auto& root = told.add_root("planner", 0, 200);
    auto& retrieval = told.add(root, "retrieval", 0, 81, span_role::tool);
    retrieval.payload_kb = 10;
    auto& store = told.add(retrieval, "tool_call", 0, 80, span_role::tool);
    store.payload_kb = 10;
    const auto& generation = told.add(root, "generation", 82, 184, span_role::llm);
    model::trace trace = told.build();

    const auto found = find_retrieval(span_tree(trace));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->payload_kb, 10);
    EXPECT_EQ(found->retrieval_ns, test::from_ms(81));
    EXPECT_EQ(found->generation_ns, test::from_ms(102));
    EXPECT_EQ(found->generation, test::index_of(trace, generation));
}

TEST(trace_rag, the_call_in_a_retrieval_may_say_how_much_it_brought)
{
    test::trace_builder told;
    const auto& root = told.add_root("chat", 0, 200);
    const auto& retrieval = told.add(root, "retrieve", 0, 50, span_role::io);
    told.add(retrieval, "query", 0, 20, span_role::tool).payload_kb = 3;
    told.add(retrieval, "query", 20, 40, span_role::tool).payload_kb = 4;
    told.add(root, "answer", 60, 160, span_role::llm);
    model::trace trace = told.build();

    EXPECT_EQ(find_retrieval(span_tree(trace))->payload_kb, 7);
}

TEST(trace_rag, a_long_attribute_of_what_fetches_is_what_it_brought)
{
    test::trace_builder told;
    const auto& root = told.add_root("chat", 0, 200);
    told.add(root, "retrieve", 0, 50, span_role::io).largest_bytes = 4096;
    told.add(root, "answer", 60, 160, span_role::llm);
    model::trace trace = told.build();

    EXPECT_EQ(find_retrieval(span_tree(trace))->payload_kb, 4);
}

TEST(trace_rag, what_runs_beside_the_generation_or_only_stores_does_not_feed_it)
{
    test::trace_builder told;
    const auto& root = told.add_root("planner", 0, 200);
    told.add(root, "checkpoint", 0, 20, span_role::io).payload_kb = 128;
    told.add(root, "fetch", 30, 120, span_role::tool).payload_kb = 10;
    told.add(root, "generation", 50, 150, span_role::llm);
    told.add(root, "fetch", 160, 170, span_role::tool).payload_kb = 10;
    model::trace trace = told.build();

    EXPECT_FALSE(find_retrieval(span_tree(trace)));
}

TEST(trace_rag, attributes_are_oversized_from_10_kb_on)
{
    test::trace_builder told;
    auto& root = told.add_root("planner", 0, 200);
    root.largest_bytes = 10'239;
    auto& first = told.add(root, "retrieval", 0, 20, span_role::tool);
    first.largest_bytes = 10'240;
    first.largest_key = "ati.rag.content";
    auto& second = told.add(root, "generation", 30, 120, span_role::llm);
    second.largest_bytes = 5'000'000;
    second.largest_key = "ati.llm.prompt";
    model::trace trace = told.build();

    const auto found = find_oversized(span_tree(trace), {});

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].key, "ati.llm.prompt");
    EXPECT_EQ(found[0].bytes, 5'000'000U);
    EXPECT_EQ(found[1].span, test::index_of(trace, first));
    EXPECT_EQ(found[1].key, "ati.rag.content");
}

}  // namespace
}  // namespace reprise::detect
