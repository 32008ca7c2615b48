#include "../../server/pipeline/open_traces.hpp"
#include "../../server/pipeline/span_blocks.hpp"

#include "made_records.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace reprise::pipeline {
namespace {

std::string text_of(const span_blocks& blocks, const span_blocks::chain& chain)
{
    std::string text;
    blocks.copy(chain, text);
    return text;
}

TEST(span_blocks, chains_grow_beside_each_other)
{
    span_blocks blocks(1024 * 1024);
    std::map<int, span_blocks::chain> chains;
    std::map<int, std::string> expected;
    test::dice dice(1);
    for (int i = 0; i < 400; ++i) {
        const int chain = static_cast<int>(dice.below(5));
        const std::string one(dice.below(1500), static_cast<char>('a' + i % 26));
        ASSERT_TRUE(blocks.append(chains[chain], {one, "|"}));
        expected[chain] += one + "|";
    }
    for (const auto& [chain, text] : expected)
        EXPECT_EQ(text_of(blocks, chains[chain]), text);
    for (auto& [number, chain] : chains)
        blocks.release(chain);
    EXPECT_EQ(blocks.used_bytes(), 0U);
}

TEST(span_blocks, what_does_not_fit_leaves_the_chain_as_it_was)
{
    span_blocks blocks(256 * 1024);
    span_blocks::chain chain;
    ASSERT_TRUE(blocks.append(chain, {"before"}));

    EXPECT_FALSE(blocks.append(chain, {std::string(256 * 1024, 'x')}));
    EXPECT_EQ(text_of(blocks, chain), "before");
    EXPECT_TRUE(blocks.append(chain, {std::string(255 * 1024, 'x')}));
    EXPECT_FALSE(blocks.append(chain, {std::string(2048, 'x')}));
    blocks.release(chain);
    EXPECT_TRUE(blocks.append(chain, {std::string(256 * 1024, 'x')}));
}

TEST(span_blocks, a_cursor_reads_and_skips_over_the_ends_of_blocks)
{
    span_blocks blocks(256 * 1024);
    span_blocks::chain chain;
    ASSERT_TRUE(blocks.append(chain, {std::string(1020, 'a'), "12345678", "end"}));

    span_blocks::cursor at(blocks, chain);
    char eight[9] = {};
    EXPECT_TRUE(at.pass_over(1020));
    EXPECT_TRUE(at.read(eight, 8));
    EXPECT_STREQ(eight, "12345678");
    EXPECT_FALSE(at.pass_over(4));
    EXPECT_TRUE(at.pass_over(3));
}

TEST(open_traces, are_found_whatever_was_added_and_removed)
{
    open_traces traces;
    std::map<std::uint64_t, std::uint64_t> expected;  // Id and rank; ranks collide often.
    test::dice dice(2);
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t id = dice.below(300) + 1;
        const std::uint64_t rank = 1 + id % 40;
        open_trace* const found = traces.find({1, id}, rank);
        ASSERT_EQ(found != nullptr, expected.contains(id)) << i;
        if (found == nullptr) {
            traces.add({1, id}, rank).spans = static_cast<std::uint32_t>(id);
            expected[id] = rank;
        } else if (dice.below(2) == 0) {
            ASSERT_EQ(found->spans, id);
            traces.remove(traces.index_of(*found));
            expected.erase(id);
        }
    }
    EXPECT_EQ(traces.size(), expected.size());
    for (const auto& [id, rank] : expected)
        EXPECT_NE(traces.find({1, id}, rank), nullptr);
}

TEST(recent_traces, tell_done_from_dropped)
{
    recent_traces recent;
    recent.note(100, false);
    recent.note(102, true);

    EXPECT_EQ(recent.find(100), recent_traces::fate::done);
    EXPECT_EQ(recent.find(102), recent_traces::fate::dropped);
    EXPECT_EQ(recent.find(104), recent_traces::fate::unknown);
}

}  // namespace
}  // namespace reprise::pipeline
