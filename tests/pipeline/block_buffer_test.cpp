#include "../../server/pipeline/block_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace reprise::pipeline {
namespace {

constexpr std::size_t block = block_buffer::block_bytes;

void put(block_buffer& to, const std::string& text)
{
    std::copy(text.begin(), text.end(), to.extend(text.size()));
}

TEST(block_buffer, gives_whole_aligned_blocks_with_zeros_at_the_end)
{
    block_buffer buffer;
    put(buffer, "abc");

    const std::string_view blocks = buffer.blocks();

    EXPECT_EQ(blocks, "abc" + std::string(block - 3, '\0'));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.data()) % block, 0U);
    EXPECT_EQ(buffer.fresh_bytes(), 3U);
}

TEST(block_buffer, what_does_not_fill_a_block_comes_again_with_what_follows)
{
    block_buffer buffer;
    const std::string first(block + 5, 'a');
    put(buffer, first);
    EXPECT_EQ(buffer.keep_tail(), block);
    EXPECT_EQ(buffer.fresh_bytes(), 0U);

    put(buffer, "bb");

    EXPECT_EQ(buffer.fresh_bytes(), 2U);
    EXPECT_EQ(buffer.blocks(), "aaaaabb" + std::string(block - 7, '\0'));
    EXPECT_EQ(buffer.keep_tail(), 0U);
    put(buffer, std::string(block - 7, 'c'));
    EXPECT_EQ(buffer.keep_tail(), block);
    EXPECT_EQ(buffer.blocks(), "");
}

TEST(block_buffer, keeps_what_it_holds_while_it_grows)
{
    block_buffer buffer;
    std::string all;
    for (std::size_t bytes = 1; bytes < 100'000; bytes *= 3) {
        const std::string more(bytes, static_cast<char>('a' + bytes % 26));
        put(buffer, more);
        all += more;
    }
    EXPECT_EQ(buffer.blocks().substr(0, all.size()), all);
}

TEST(block_buffer, forgets_everything_when_cleared)
{
    block_buffer buffer;
    put(buffer, "abc");
    buffer.keep_tail();
    buffer.clear();
    EXPECT_EQ(buffer.blocks(), "");
    EXPECT_EQ(buffer.fresh_bytes(), 0U);
}

}  // namespace
}  // namespace reprise::pipeline
