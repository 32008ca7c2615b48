#include "reprise/telemetry/inflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <random>
#include <string>

namespace reprise::telemetry {
namespace {

std::string gzip(std::string_view text)
{
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    std::string in(text);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string noise(std::size_t bytes)
{
    std::mt19937_64 random(7);
    std::string text(bytes, '\0');
    for (char& c : text)
        c = static_cast<char>(random() % 61);
    return text;
}

std::size_t resident_kib(std::string_view field)
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field))
            return std::stoul(line.substr(field.size() + 1));
    }
    return 0;
}

TEST(inflate, gzip_is_known_by_its_magic)
{
    EXPECT_TRUE(is_gzip(gzip("x")));
    EXPECT_FALSE(is_gzip("\x1f"));
    EXPECT_FALSE(is_gzip(""));
    EXPECT_FALSE(is_gzip("\x0a\x05hello"));
}

TEST(inflate, what_was_deflated_comes_back)
{
    for (const std::size_t bytes : {0UL, 1UL, 65'535UL, 65'536UL, 65'537UL, 1'000'000UL}) {
        const std::string text = noise(bytes);
        const auto back = gunzip(gzip(text), bytes);
        ASSERT_TRUE(back) << bytes;
        EXPECT_EQ(*back, text) << bytes;
    }
}

TEST(inflate, members_are_joined)
{
    const auto back = gunzip(gzip("one ") + gzip("") + gzip("two"), 100);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, "one two");
}

TEST(inflate, one_byte_over_the_limit_is_too_large)
{
    const std::string text = noise(100'000);
    EXPECT_TRUE(gunzip(gzip(text), 100'000));
    EXPECT_EQ(gunzip(gzip(text), 99'999).error(), reprise::errc::too_large);
    EXPECT_EQ(gunzip(gzip(text) + gzip("x"), 100'000).error(), reprise::errc::too_large);
}

TEST(inflate, every_truncation_is_told)
{
    const std::string whole = gzip(noise(300));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(gunzip(whole.substr(0, size), 1000).error(), reprise::errc::invalid_argument) << size;
}

TEST(inflate, damage_is_told)
{
    const std::string whole = gzip(noise(300));
    std::string bad_sum = whole;
    bad_sum[whole.size() - 6] ^= 1;
    EXPECT_EQ(gunzip(bad_sum, 1000).error(), reprise::errc::invalid_argument);
    EXPECT_EQ(gunzip(whole + "tail", 1000).error(), reprise::errc::invalid_argument);
    EXPECT_EQ(gunzip(whole + std::string(8, '\0'), 1000).error(), reprise::errc::invalid_argument);
    EXPECT_EQ(gunzip("not gzip at all", 1000).error(), reprise::errc::invalid_argument);
}

TEST(inflate, a_bomb_grows_memory_by_less_than_twice_the_limit)
{
    constexpr std::size_t limit = 32 * 1024 * 1024;
    const std::string bomb = gzip(std::string(8 * limit, 'a'));
    ASSERT_LT(bomb.size(), 8 * limit / 900);
    std::ofstream("/proc/self/clear_refs") << "5";  // The peak starts anew.
    const std::size_t before = resident_kib("VmRSS:");

    EXPECT_EQ(gunzip(bomb, limit).error(), reprise::errc::too_large);

    EXPECT_LT(resident_kib("VmHWM:") - before, 2 * limit / 1024);
}

}  // namespace
}  // namespace reprise::telemetry
