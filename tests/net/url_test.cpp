#include "reprise/net/url.hpp"

#include <gtest/gtest.h>

namespace reprise::net {
namespace {

struct good_case {
    std::string name;
    std::string text;
    std::string origin;
    std::string target;
};

class url_table : public testing::TestWithParam<good_case> {};

TEST_P(url_table, is_taken_apart)
{
    const auto parsed = parse_url(GetParam().text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->origin(), GetParam().origin);
    EXPECT_EQ(parsed->target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    url_table,
    testing::Values(
        good_case{"plain", "http://example.com", "http://example.com", "/"},
        good_case{"upper_case", "HTTP://EXAMPLE.com/A", "http://example.com", "/A"},
        good_case{"default_port", "http://example.com:80/", "http://example.com", "/"},
        good_case{"port", "http://127.0.0.1:3000/a?b=c", "http://127.0.0.1:3000", "/a?b=c"},
        good_case{"query_without_path", "http://a.test?x=1", "http://a.test", "/?x=1"},
        good_case{"https", "https://a.test/", "https://a.test", "/"},
        good_case{"v6", "http://[0:0::1]:81/", "http://[::1]:81", "/"},
        good_case{"escapes_stay", "http://a.test/%2e%20x", "http://a.test", "/%2e%20x"}
    ),
    [](const auto& param) { return param.param.name; }
);

struct bad_case {
    std::string name;
    std::string text;
};

class url_refused : public testing::TestWithParam<bad_case> {};

TEST_P(url_refused, is_bad_url)
{
    EXPECT_EQ(parse_url(GetParam().text).error(), errc::bad_url);
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    url_refused,
    testing::Values(
        bad_case{"empty", ""},
        bad_case{"relative", "/a"},
        bad_case{"other_scheme", "ftp://a.test/"},
        bad_case{"no_authority", "http:a"},
        bad_case{"no_host", "http:///a"},
        bad_case{"user", "http://user@a.test/"},
        bad_case{"confusing_user", "http://a.test@b.test/"},
        bad_case{"fragment", "http://a.test/#b"},
        bad_case{"user_behind_fragment", "http://a#@b/"},
        bad_case{"hex_address", "http://0x7f.1/"},
        bad_case{"short_address", "http://127.1/"},
        bad_case{"number_address", "http://2130706433/"},
        bad_case{"octal_looking_tail", "http://a.0177/"},
        bad_case{"number_with_root_dot", "http://127.0.0.1./"},
        bad_case{"zone", "http://[fe80::1%25eth0]/"},
        bad_case{"escaped_host", "http://%6cocalhost/"},
        bad_case{"line_break", "http://a.test/\r\nX: y"},
        bad_case{"space", "http://a.test/ b"},
        bad_case{"port_zero", "http://a.test:0/"},
        bad_case{"port_too_large", "http://a.test:70000/"},
        bad_case{"too_long", "http://a.test/" + std::string(9000, 'x')}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(percent_decode, knows_where_plus_is_a_space)
{
    EXPECT_EQ(percent_decode("a+b%20c%2F", true).value(), "a b c/");
    EXPECT_EQ(percent_decode("a+b", false).value(), "a+b");
    EXPECT_EQ(percent_decode("", false).value(), "");
}

TEST(percent_decode, refuses_cut_escapes_and_nul)
{
    for (const std::string text : {"%", "%4", "%zz", "%00", "a%0"})
        EXPECT_EQ(percent_decode(text, false).error(), errc::bad_message) << text;
    EXPECT_EQ(percent_decode(std::string_view("a\0b", 3), false).error(), errc::bad_message);
}

}  // namespace
}  // namespace reprise::net
