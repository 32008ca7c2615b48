#include "../../server/pipeline/block_buffer.hpp"
#include "../../server/pipeline/journal_format.hpp"

#include "reprise/base/seal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace reprise::pipeline {
namespace {

segment_header some_header()
{
    segment_header header;
    header.first_number = 5;
    header.key_id.fill('k');
    for (std::size_t i = 0; i < header.salt.size(); ++i)
        header.salt[i] = static_cast<char>(i * 7 + 1);
    return header;
}

sealer& seal()
{
    static sealer made(std::string(sealing_key_bytes, 's'));
    return made;
}

bool is_sealed(const frame_view& frame)
{
    return seal().open(frame.head.number, frame.context, frame.sealed).has_value();
}

result<parsed_segment> parse(std::string_view bytes)
{
    return parse_segment(bytes, is_sealed);
}

std::string text_of(std::uint64_t number, std::size_t bytes)
{
    return std::string(bytes, static_cast<char>('a' + number));
}

void add_frame(std::string& to, std::uint64_t number, std::uint64_t synced, std::size_t bytes)
{
    frame_head head;
    head.number = number;
    head.synced = synced;
    head.time_ns = static_cast<std::int64_t>(number) * 1000;
    head.kind = number % 2 == 0 ? entry_kind::logs : entry_kind::traces;
    const std::size_t at = to.size();
    const std::string context = frame_context(head, bytes + seal_tag_bytes);
    to.resize(at + frame_head_bytes + bytes + seal_tag_bytes);
    write_head(some_header(), context, to.data() + at);
    seal().seal(number, context, text_of(number, bytes), to.data() + at + frame_head_bytes);
}

// Three frames; the first was synced when the others were written.
std::string some_segment(std::uint64_t synced_last = 5)
{
    std::string bytes = encode_header(some_header());
    add_frame(bytes, 5, 4, 700);
    add_frame(bytes, 6, 5, 30);
    add_frame(bytes, 7, synced_last, 900);
    return bytes;
}

std::vector<std::uint64_t> numbers_of(const parsed_segment& parsed)
{
    std::vector<std::uint64_t> numbers;
    for (const frame_view& frame : parsed.frames)
        numbers.push_back(frame.head.number);
    return numbers;
}

TEST(journal_format, parses_what_was_written)
{
    const std::string bytes = some_segment();

    const auto parsed = parse(bytes);

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->header, some_header());
    EXPECT_EQ(numbers_of(*parsed), (std::vector<std::uint64_t>{5, 6, 7}));
    EXPECT_EQ(parsed->frames[1].head.synced, 5U);
    EXPECT_EQ(parsed->frames[1].head.time_ns, 6000);
    EXPECT_EQ(parsed->frames[1].head.kind, entry_kind::logs);
    EXPECT_EQ(seal().open(6, parsed->frames[1].context, parsed->frames[1].sealed).value(), text_of(6, 30));
    EXPECT_TRUE(parsed->damages.empty());
    EXPECT_EQ(parsed->good_bytes, bytes.size());
}

TEST(journal_format, a_header_alone_is_an_empty_segment)
{
    std::string bytes = encode_header(some_header());
    EXPECT_EQ(bytes.size(), segment_header_bytes);
    EXPECT_TRUE(parse(bytes)->frames.empty());
}

TEST(journal_format, torn_at_every_byte_it_gives_the_whole_frames_and_says_torn)
{
    const std::string whole = some_segment();
    const auto all = parse(whole);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse(std::string_view(whole).substr(0, size));
        if (size < segment_header_bytes) {
            EXPECT_EQ(parsed.error(), errc::corrupt) << size;
            continue;
        }
        const auto whole_frames = static_cast<std::size_t>(
            std::count_if(all->frames.begin(), all->frames.end(), [size](const frame_view& frame) {
                return frame.offset + frame.bytes <= size;
            })
        );
        ASSERT_EQ(parsed->frames.size(), whole_frames) << size;
        const bool between = parsed->good_bytes == size;
        ASSERT_EQ(parsed->damages.size(), between ? 0U : 1U) << size;
        if (between)
            continue;
        EXPECT_EQ(parsed->damages[0], (damage{damage_kind::torn, parsed->good_bytes, size - parsed->good_bytes}));
    }
}

TEST(journal_format, any_flipped_bit_loses_its_own_frame_only_and_says_flipped)
{
    const std::string whole = some_segment(6);
    const auto all = parse(whole);
    for (std::size_t bit = segment_header_bytes * 8; bit < whole.size() * 8; ++bit) {
        std::string bytes = whole;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));

        const auto parsed = parse(bytes);

        ASSERT_TRUE(parsed);
        ASSERT_EQ(parsed->damages.size(), 1U) << bit;
        const damage& found = parsed->damages[0];
        EXPECT_EQ(found.kind, damage_kind::flipped) << bit;
        EXPECT_TRUE(bit / 8 >= found.offset && bit / 8 < found.offset + found.bytes) << bit;
        std::vector<std::uint64_t> expected;
        for (const frame_view& frame : all->frames) {
            if (frame.offset != found.offset)
                expected.push_back(frame.head.number);
        }
        EXPECT_EQ(numbers_of(*parsed), expected) << bit;
    }
}

TEST(journal_format, any_flipped_bit_of_the_header_makes_it_no_segment)
{
    const std::string whole = some_segment();
    for (std::size_t bit = 0; bit < segment_header_bytes * 8; ++bit) {
        std::string bytes = whole;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(parse(bytes).error(), errc::corrupt) << bit;
    }
}

TEST(journal_format, a_hole_that_no_later_frame_calls_synced_is_torn)
{
    std::string bytes = some_segment(5);
    const std::size_t second = parse(bytes)->frames[1].offset;
    bytes[second + frame_head_bytes] ^= 1;

    const auto parsed = parse(bytes);

    EXPECT_EQ(numbers_of(*parsed), (std::vector<std::uint64_t>{5, 7}));
    EXPECT_EQ(parsed->damages.at(0).kind, damage_kind::torn);
}

TEST(journal_format, a_lost_block_in_the_last_frame_is_torn)
{
    std::string bytes = some_segment(6);
    const std::size_t block = (bytes.size() / 512) * 512;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(block), bytes.end(), '\0');

    const auto parsed = parse(bytes);

    EXPECT_EQ(numbers_of(*parsed), (std::vector<std::uint64_t>{5, 6}));
    EXPECT_EQ(parsed->damages.at(0).kind, damage_kind::torn);
}

TEST(journal_format, zeros_that_fill_the_last_block_are_no_damage_but_a_block_of_them_is_torn)
{
    const std::string frames = some_segment();
    for (const std::size_t zeros : {std::size_t{1}, std::size_t{500}, block_buffer::block_bytes - 1}) {
        const auto parsed = parse(frames + std::string(zeros, '\0'));
        EXPECT_TRUE(parsed->damages.empty()) << zeros;
        EXPECT_EQ(parsed->good_bytes, frames.size());
    }
    const auto parsed = parse(frames + std::string(block_buffer::block_bytes, '\0'));
    EXPECT_EQ(parsed->damages.at(0), (damage{damage_kind::torn, frames.size(), block_buffer::block_bytes}));
}

TEST(journal_format, without_a_key_heads_alone_are_looked_at)
{
    std::string bytes = some_segment(6);
    const std::size_t second = parse(bytes)->frames[1].offset;
    bytes[second + frame_head_bytes] ^= 1;
    EXPECT_EQ(numbers_of(*parse_segment(bytes)), (std::vector<std::uint64_t>{5, 6, 7}));
    bytes[second + 1] ^= 1;
    EXPECT_EQ(numbers_of(*parse_segment(bytes)), (std::vector<std::uint64_t>{5, 7}));
}

TEST(journal_format, frames_of_another_segment_are_none)
{
    segment_header other = some_header();
    other.salt[0] ^= 1;
    const std::string bytes = encode_header(other) + some_segment().substr(segment_header_bytes);

    EXPECT_TRUE(parse(bytes)->frames.empty());
}

}  // namespace
}  // namespace reprise::pipeline
