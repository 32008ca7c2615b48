#include "../../server/archive/names.hpp"

#include "reprise/archive/bundle.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace reprise::archive {
namespace {

TEST(names, of_services_and_hosts_never_become_paths)
{
    struct row {
        const char* name;
        std::string text;
        std::string expected;
    };
    const row rows[] = {
        {"usual", "shop-api_2.eu", "shop-api_2.eu"},
        {"nothing", "", "%"},
        {"here", ".", "%2E"},
        {"up", "..", "%2E."},
        {"climbing", "../x", "%2E.%2Fx"},
        {"absolute", "/etc/passwd", "%2Fetc%2Fpasswd"},
        {"port", "localhost:3000", "localhost%3A3000"},
        {"escaping is escaped", "a%2Fb", "a%252Fb"},
        {"NUL", std::string("a\0b", 3), "a%00b"},
        {"line end", "a\nb", "a%0Ab"},
        {"bytes", "\xC3\xBC", "%C3%BC"},
        {"backslash", "a\\b", "a%5Cb"},
    };
    for (const row& one : rows)
        EXPECT_EQ(escape_name(one.text), one.expected) << one.name;
}

TEST(names, long_ones_are_cut_and_stay_different)
{
    const std::string first = escape_name(std::string(5'000, 'a') + "1");
    const std::string second = escape_name(std::string(5'000, 'a') + "2");

    EXPECT_EQ(first.size(), 100U);
    EXPECT_NE(first, second);
    EXPECT_EQ(first.substr(0, 84), std::string(83, 'a') + "~");
    EXPECT_EQ(escape_name(std::string(100, 'a')), std::string(100, 'a'));
    EXPECT_LE(escape_name(std::string(100, '/')).size(), 100U);
}

TEST(names, different_texts_have_different_names)
{
    std::set<std::string> seen;
    std::size_t texts = 0;
    for (int a = 0; a < 256; ++a) {
        seen.insert(escape_name(std::string(1, static_cast<char>(a))));
        ++texts;
        for (int b = 0; b < 256; b += 5) {
            seen.insert(escape_name(std::string{static_cast<char>(a), static_cast<char>(b)}));
            ++texts;
        }
    }
    EXPECT_EQ(seen.size(), texts);
}

TEST(names, a_bundle_s_place_is_service_fingerprint_and_window)
{
    EXPECT_EQ(
        bundle_path("shop", "ab12", 1'763'723'704'000'000'000), "evidence/shop/ab12/20251121T111504.000000000Z.tar.gz"
    );
    EXPECT_EQ(
        bundle_path("../x", "../../y", 1'763'723'704'000'000'000),
        "evidence/%2E.%2Fx/%2E.%2F..%2Fy/20251121T111504.000000000Z.tar.gz"
    );
}

TEST(names, times_keep_their_nanoseconds_also_before_1970)
{
    EXPECT_EQ(exact_time(1'763'723'704'123'456'789), "2025-11-21T11:15:04.123456789Z");
    EXPECT_EQ(exact_time(-1), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(compact_time(1'763'723'704'123'456'789), "20251121T111504.123456789Z");
}

TEST(names, an_entry_is_relative_and_below_the_bundle)
{
    for (const char* good : {"manifest.json", "host/20251121T111504.000000000Z_0001.json", "a/b/c", "%2E.", "a..b"})
        EXPECT_TRUE(is_entry_name(good, 100)) << good;
    for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a\\b", "a b",
                            "a\x01", "\xC3\xBC"})
        EXPECT_FALSE(is_entry_name(bad, 100)) << bad;
    EXPECT_FALSE(is_entry_name(std::string(101, 'a'), 100));
}

}  // namespace
}  // namespace reprise::archive
