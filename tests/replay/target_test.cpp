#include "reprise/replay/target.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

struct url_case {
    std::string name;
    std::string url;
    std::string expected;  // target::text(); empty: refused.
};

class target_url : public testing::TestWithParam<url_case> {};

TEST_P(target_url, is_read_or_refused_with_a_reason)
{
    const auto read = parse_target(GetParam().url);

    if (GetParam().expected.empty()) {
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, errc::bad_target);
        EXPECT_NE(read.error().reason.find("give it as http://host:port"), std::string::npos) << read.error().reason;
    } else {
        ASSERT_TRUE(read) << read.error().reason;
        EXPECT_EQ(read->text(), GetParam().expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, target_url,
    testing::Values(
        url_case{"plain", "http://127.0.0.1:3000", "http://127.0.0.1:3000"},
        url_case{"a_name_in_capitals", "HTTP://Shop.Local:80/", "http://shop.local:80"},
        url_case{"the_default_port", "https://shop.local", "https://shop.local:443"},
        url_case{"a_path", "http://shop:1/v1//", "http://shop:1/v1"},
        url_case{"ipv6", "http://[::1]:8080", "http://[::1]:8080"},
        url_case{"empty", "", ""}, url_case{"no_scheme", "127.0.0.1:3000", ""},
        url_case{"a_file", "file:///etc/passwd", ""},
        url_case{"another_protocol", "ftp://shop:21", ""}, url_case{"user_info", "http://me:secret@shop:3000", ""},
        url_case{"a_query", "http://shop:3000?a=b", ""}, url_case{"a_fragment", "http://shop:3000#x", ""},
        url_case{"no_host", "http://:3000", ""}, url_case{"a_port_too_large", "http://shop:70000", ""},
        url_case{"port_zero", "http://shop:0", ""}, url_case{"a_path_upwards", "http://shop:3000/a/../b", ""},
        url_case{"an_encoded_path_upwards", "http://shop:3000/a/%2e%2e/b", ""},
        url_case{"control_characters", "http://shop:3000/\r\nX: y", ""},
        url_case{"too_long", "http://shop:3000/" + std::string(3000, 'a'), ""}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(target_url_text, in_a_reason_is_printable_and_short)
{
    const auto read = parse_target("http://\x01\n" + std::string(500, 'a'));

    ASSERT_FALSE(read);
    EXPECT_LT(read.error().reason.size(), 300U);
    EXPECT_EQ(read.error().reason.find('\n'), std::string::npos);
    EXPECT_THROW(static_cast<void>(read.value()), std::logic_error);
}

struct allow_case {
    std::string name;
    std::string url;
    bool expected;
};

class allow_list : public testing::TestWithParam<allow_case> {};

TEST_P(allow_list, lets_through_only_what_it_names)
{
    const std::vector<target> allowed = {*parse_target("http://127.0.0.1:3000"), *parse_target("http://shop:80/v1")};

    const auto checked = check_target(GetParam().url, allowed);

    EXPECT_EQ(checked.has_value(), GetParam().expected);
    if (!checked) {
        EXPECT_EQ(checked.error().code, errc::not_allowed);
        EXPECT_NE(checked.error().reason.find("listed: http://127.0.0.1:3000, http://shop:80/v1"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, allow_list,
    testing::Values(
        allow_case{"the_same", "http://127.0.0.1:3000", true},
        allow_case{"another_port", "http://127.0.0.1:3001", false},
        allow_case{"another_scheme", "https://127.0.0.1:3000", false},
        allow_case{"another_name_for_it", "http://localhost:3000", false},
        allow_case{"a_longer_name", "http://shop.evil:80/v1", false},
        allow_case{"below_the_path", "http://shop/v1/a", true},
        allow_case{"beside_the_path", "http://shop/v10", false}, allow_case{"above_the_path", "http://shop", false}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(allow_list_of_nothing, allows_nothing_and_says_where_to_add)
{
    const auto checked = check_target("http://127.0.0.1:3000", {});

    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().reason.find("it is empty"), std::string::npos);
    EXPECT_NE(checked.error().reason.find("replay.targets"), std::string::npos);
}

TEST(unsafe_methods, are_all_that_may_change_something)
{
    for (const char* safe : {"GET", "HEAD", "OPTIONS", "TRACE"})
        EXPECT_FALSE(is_unsafe_method(safe)) << safe;
    for (const char* unsafe : {"POST", "PUT", "PATCH", "DELETE", "get", "PURGE", ""})
        EXPECT_TRUE(is_unsafe_method(unsafe)) << unsafe;

    const std::vector<model::exchange> sent = {
        test::make_exchange("PUT", "/", 200), test::make_exchange("GET", "/", 200),
        test::make_exchange("DELETE", "/", 200), test::make_exchange("PUT", "/x", 200)
    };
    EXPECT_EQ(list_unsafe_methods(sent), (std::vector<std::string>{"DELETE", "PUT"}));
}

TEST(replayed_request, leaves_out_what_belonged_to_the_capture)
{
    model::exchange captured = test::make_exchange("POST", "/orders?x=1", 500);
    captured.request_body = "{\"sku\":1}";
    captured.request_headers = {
        {"Authorization", "Bearer s"}, {"COOKIE", "a=b"}, {"X-Api-Key", "k"}, {"Forwarded", "for=1"},
        {"X-Forwarded-For", "1"}, {"Host", "shop"}, {"Connection", "close, X-Hop"}, {"X-Hop", "1"},
        {"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}, {"traceparent", "00-aa"}, {"tracestate", "x"},
        {"X-Replay", "other"}, {":authority", "shop"}, {"X-Split", "a\r\nEvil: 1"}, {"Proxy-Authorization", "p"},
        {"Content-Type", "application/json"}, {"X-Tenant", "7"}
    };

    const request made = make_request(captured, "01RUN", {0xabcd, 0x1234}, 0x77);

    EXPECT_EQ(made.method, "POST");
    EXPECT_EQ(made.path, "/orders?x=1");
    EXPECT_EQ(made.body, "{\"sku\":1}");
    const model::header_list expected = {
        {"Content-Type", "application/json"},
        {"X-Tenant", "7"},
        {"X-Replay", "01RUN"},
        {"traceparent", "00-000000000000abcd0000000000001234-0000000000000077-01"}
    };
    EXPECT_EQ(made.headers, expected);
}

TEST(replayed_request, always_has_a_path_of_the_target_itself)
{
    const auto path_of = [](std::string path) {
        return make_request(test::make_exchange("GET", std::move(path), 200), "r", {1, 1}, 1).path;
    };

    EXPECT_EQ(path_of("http://elsewhere/a?b"), "/a?b");
    EXPECT_EQ(path_of("http://elsewhere"), "/");
    EXPECT_EQ(path_of("a"), "/a");
    EXPECT_EQ(path_of("/a#b"), "/a");
    EXPECT_EQ(path_of("/go?to=http://x/y"), "/go?to=http://x/y");
}

TEST(replay_mark, is_stable_and_different_for_each_run)
{
    EXPECT_EQ(replay_mark("01RUN"), replay_mark("01RUN"));
    EXPECT_NE(replay_mark("01RUN"), replay_mark("01RUO"));
    EXPECT_NE(replay_mark(""), 0U);
}

}  // namespace
}  // namespace reprise::replay
