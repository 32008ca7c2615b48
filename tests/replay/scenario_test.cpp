#include "simulated_bug.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

namespace reprise::replay {
namespace {

using namespace test;

carried_value token()
{
    carried_value made;
    made.from = 0;
    made.name = "/session/token";
    made.marker = "900719925474099101";
    made.captured = "t-old";
    return made;
}

scenario with_login()
{
    scenario made = make_source(3).all;
    made.requests[2].headers.emplace_back("Authorization", "Bearer 900719925474099101");
    made.requests[2].body = R"({"token":"900719925474099101"})";
    made.values.push_back(token());
    return made;
}

TEST(scenario, is_made_of_captured_exchanges_in_the_order_of_their_start)
{
    std::vector<model::exchange> exchanges = {
        make_exchange("GET", "/b c?x=\xc3\xa9", 200), make_exchange("POST", "/a", 500)};
    exchanges[0].start_ns = 2'000;
    exchanges[0].duration_ns = 7;
    exchanges[1].start_ns = 500;
    exchanges[1].request_headers = {{"Cookie", "sid=1"}, {"Accept", "*/*"}, {"X-Bad", "a\r\nb"}};
    const scenario made = make_scenario(exchanges);

    ASSERT_EQ(made.requests.size(), 2U);
    EXPECT_EQ(made.pacing, pacing::recorded);
    EXPECT_EQ(made.requests[0].exchange, 1U);
    EXPECT_EQ(made.requests[0].headers, (model::header_list{{"Accept", "*/*"}}));
    EXPECT_EQ(made.requests[1].path, "/b%20c?x=%C3%A9");
    EXPECT_EQ(made.requests[1].at_ns, 1'500);
    EXPECT_EQ(made.requests[1].took_ns, 7);
}

TEST(scenario, has_another_key_when_other_bytes_are_sent)
{
    const scenario base = with_login();
    std::vector<scenario> others(8, base);
    others[0].requests[0].method = "PUT";
    others[1].requests[0].path += "x";
    others[2].requests[0].headers.pop_back();
    others[3].requests[0].body += " ";
    others[4].requests[1].at_ns += 1;
    others[5].requests[1].copies = 2;
    others[6].values[0].captured = "other";
    others[7] = one_after_the_other(base);
    for (const scenario& other : others)
        EXPECT_NE(content_key(other), content_key(base));

    scenario same = base;
    same.requests[1].exchange = 77;
    same.requests[1].took_ns = 1;
    EXPECT_EQ(content_key(same), content_key(base));
    EXPECT_EQ(content_key(base).size(), 32U);
}

TEST(scenario, counts_groups_and_times_from_what_is_left)
{
    const scenario left = keep_requests(make_source(5).all, {false, true, false, true, true});

    EXPECT_EQ(left.requests[0].at_ns, 0);
    EXPECT_EQ(left.requests[1].at_ns, 20 * ns_per_ms);
    EXPECT_EQ(left.requests[0].group, 0U);
    EXPECT_EQ(left.requests[2].group, 2U);
}

TEST(scenario, carries_values_only_while_somebody_gives_and_takes_them)
{
    EXPECT_EQ(keep_requests(with_login(), {true, false, true}).values.size(), 1U);
    EXPECT_TRUE(keep_requests(with_login(), {true, true, false}).values.empty());

    const scenario without_login = keep_requests(with_login(), {false, true, true});
    EXPECT_TRUE(without_login.values.empty());
    EXPECT_EQ(model::find_header(without_login.requests[1].headers, "authorization"), "Bearer t-old");
    EXPECT_EQ(without_login.requests[1].body, R"({"token":"t-old"})");
}

TEST(carried_value, is_read_from_where_the_answer_says_it)
{
    const model::header_list headers = {
        {"Location", "http://shop/orders/17?x=1"}, {"Set-Cookie", "other=1"}, {"set-cookie", "sid=abc=; Path=/"}};
    constexpr std::string_view body = R"({"session":{"token":"t1","n":42,"none":null},"a":[true]} csrf="x-7_Z";)";
    const auto find = [&](answer_part part, std::string name, std::optional<std::uint32_t> piece = {}) {
        carried_value value;
        value.part = part;
        value.name = std::move(name);
        value.piece = piece;
        return find_carried(value, headers, part == answer_part::json ? body.substr(0, body.find(" csrf")) : body);
    };

    EXPECT_EQ(find(answer_part::json, "/session/token"), "t1");
    EXPECT_EQ(find(answer_part::json, "/session/n"), "42");
    EXPECT_EQ(find(answer_part::json, "/a/0"), "true");
    EXPECT_EQ(find(answer_part::json, "/session/none"), std::nullopt);
    EXPECT_EQ(find(answer_part::json, "/session"), std::nullopt);
    EXPECT_EQ(find(answer_part::header, "location", 2), "17");
    EXPECT_EQ(find(answer_part::header, "location", 9), std::nullopt);
    EXPECT_EQ(find(answer_part::header, "x-none"), std::nullopt);
    EXPECT_EQ(find(answer_part::cookie, "sid"), "abc=");
    EXPECT_EQ(find(answer_part::cookie, "si"), std::nullopt);
    EXPECT_EQ(find(answer_part::text, "csrf=\""), "x-7_Z");
    EXPECT_EQ(find(answer_part::text, "none=\""), std::nullopt);
}

TEST(carried_value, never_breaks_a_request_apart)
{
    carried_value value = token();
    EXPECT_EQ(find_carried(value, {}, R"({"session":{"token":"a\r\nX-Evil: 1"}})"), std::nullopt);
}

}  // namespace
}  // namespace reprise::replay
