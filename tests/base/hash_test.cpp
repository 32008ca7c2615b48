#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace reprise {
namespace {

TEST(hash, sha256_matches_the_published_vectors)
{
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(hash, hmac_matches_rfc_4231_case_2)
{
    EXPECT_EQ(
        to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

TEST(hash, hex_and_base64_survive_a_round_trip_of_every_byte)
{
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    }
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    EXPECT_EQ(from_hex(to_hex({data, bytes.size()})), bytes);
}

TEST(hash, malformed_hex_and_base64_are_empty)
{
    EXPECT_EQ(from_hex("abc"), "");
    EXPECT_EQ(from_hex("zz"), "");
    EXPECT_EQ(from_base64("abc"), "");
    EXPECT_EQ(from_base64("a*c="), "");
}

// These values are stored in databases: a change here breaks every one of them.
TEST(hash, hash64_is_the_same_in_every_version)
{
    EXPECT_EQ(hash64(""), 0x48218226ff3cd4bfULL);
    EXPECT_EQ(hash64("POST /orders"), 0x56fe06f36609a676ULL);
    EXPECT_NE(hash64("a"), hash64(std::string_view("a\0", 2)));
    EXPECT_NE(hash64("a", 1), hash64("a", 2));
}

TEST(hash, hash64_takes_every_byte_of_short_texts)
{
    const std::vector<std::uint64_t> known = {
        0x7927f79e5052d4f8ULL,
        0x81f79e058aa22daaULL,
        0x8075f5a24321cfc8ULL,
        0x9177185f14a0c6a9ULL,
        0xb03ae1b677f6528bULL,
        0x67127f4e10909dbaULL,
        0x449659750403625eULL,
        0x673af252f3ee3847ULL,
    };
    for (std::size_t size = 1; size <= known.size(); ++size)
        EXPECT_EQ(hash64(std::string_view("abcdefgh").substr(0, size)), known[size - 1]) << size;
}

TEST(hash, short_bytes_are_a_number_filled_with_zeros)
{
    const std::string bytes = "\x81\x02\xff\x04\x85\x06\x07\x88";
    std::uint64_t expected = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        EXPECT_EQ(load_short(bytes.data(), size), expected) << size;
        if (size < bytes.size())
            expected |= std::uint64_t{static_cast<unsigned char>(bytes[size])} << 8 * size;
    }
}

TEST(hash, hash64_spreads_similar_keys)
{
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100'000; ++i)
        seen.insert(hash64("/orders/" + std::to_string(i)) >> 24);
    EXPECT_GT(seen.size(), 99'990U);
}

TEST(hash, tokens_are_long_and_differ)
{
    const std::string token = random_token(32);
    EXPECT_EQ(token.size(), 64U);
    EXPECT_NE(token, random_token(32));
}

TEST(hash, constant_time_comparison_tells_equal_from_unequal)
{
    EXPECT_TRUE(equal_in_constant_time("same", "same"));
    EXPECT_FALSE(equal_in_constant_time("same", "sama"));
    EXPECT_FALSE(equal_in_constant_time("same", "sam"));
}

}  // namespace
}  // namespace reprise
