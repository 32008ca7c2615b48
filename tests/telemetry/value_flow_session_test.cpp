#include "flow_exchanges.hpp"

#include "reprise/telemetry/redact.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

using namespace test;

// Requests of many users for things of a shop, mixed at random: nobody carries on what another one got.
std::vector<model::exchange> unrelated_traffic(std::size_t count)
{
    std::uint32_t state = 7;
    const auto pick = [&state](std::uint32_t from, std::uint32_t to) {
        state = state * 1'664'525 + 1'013'904'223;
        return std::to_string(from + (state >> 8) % (to - from + 1));
    };
    std::vector<model::exchange> traffic;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string order = R"({"id":)" + pick(1, 500) + R"(,"customer_id":)" + pick(1, 40) +
                                  R"(,"total_cents":)" + pick(100, 99'999) + R"(,"lines":[{"sku":"garden-)" +
                                  pick(1, 10) + R"(","quantity":)" + pick(1, 5) + "}]}";
        switch (i % 4) {
        case 0: traffic.push_back(answered(sent("GET", "/orders/" + pick(1, 500)), order)); break;
        case 1:
            traffic.push_back(
                answered(sent("GET", "/customers/" + pick(1, 40) + "/orders"), "{\"orders\":[" + order + "]}")
            );
            break;
        case 2:
            traffic.push_back(answered(sent("GET", "/products?category=garden&page=" + pick(1, 20)),
                                       R"({"products":[{"sku":"garden-)" + pick(1, 10) + R"(","price_cents":1299}]})"));
            break;
        default:
            traffic.push_back(answered(sent("POST", "/orders", json_headers,
                                            R"({"customer_id":)" + pick(1, 40) + R"(,"sku":"garden-)" + pick(1, 10) +
                                                R"(","quantity":)" + pick(1, 50) + "}"),
                                       R"({"id":)" + std::to_string(501 + i) + R"(,"total_cents":)" + pick(100, 9'999) +
                                           "}"));
        }
    }
    return traffic;
}

TEST(value_flow, traffic_of_many_users_has_no_flow_by_chance)
{
    EXPECT_EQ(flows_of(unrelated_traffic(2'000)), "");
}

TEST(value_flow, a_session_is_closed_over_what_is_needed_and_no_more)
{
    const header_list bearer{{"Authorization", "Bearer " + std::string(token)}, json_headers[0]};
    const std::vector<model::exchange> captured{
        answered(sent("GET", "/health"), R"({"build":"a1b2c3d4e5f6"})"),
        answered(sent("POST", "/login"), "{\"token\":\"" + std::string(token) + "\"}"),
        answered(sent("GET", "/orders", bearer), R"([{"id":71}])"),
        answered(sent("POST", "/orders", bearer, "{}"), R"({"id":4711})"),
        sent("GET", "/orders/4711", bearer)};
    const value_flows flows = find_value_flows(captured);
    const std::uint32_t wanted[] = {4};

    const auto needed = close_session(flows, wanted);

    ASSERT_EQ(needed.size(), 2U);
    EXPECT_EQ(needed[0].exchange, 1U);
    EXPECT_EQ(needed[0].reason, "its answer gives body /token, which request 5 sends as header authorization");
    EXPECT_EQ(needed[1].exchange, 3U);
    EXPECT_EQ(needed[1].reason, "its answer gives body /id, which request 5 sends as path segment 1");
}

TEST(value_flow, a_long_chain_is_closed_and_cut_at_its_limit)
{
    std::vector<model::exchange> chain;
    const std::size_t count = session_requests_max + 50;
    const auto cursor = [](std::size_t i) { return "cur" + std::to_string(1'000'000 + i * 7919) + "x"; };
    for (std::size_t i = 0; i < count; ++i)
        chain.push_back(answered(sent("GET", "/list?cursor=" + cursor(i)), "{\"next\":\"" + cursor(i + 1) + "\"}"));
    const value_flows flows = find_value_flows(chain);
    const std::uint32_t last[] = {static_cast<std::uint32_t>(count - 1)};
    std::size_t cut = 0;

    const auto needed = close_session(flows, last, &cut);

    EXPECT_EQ(flows.flows.size(), count - 1);
    EXPECT_EQ(needed.size(), session_requests_max);
    EXPECT_EQ(cut, count - 1 - session_requests_max);
    EXPECT_EQ(needed.front().exchange, 0U);
}

TEST(value_flow, hostile_bodies_give_no_flow_and_no_harm)
{
    const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
    const std::string huge = "{\"a\":\"" + std::string(1U << 20, 'x') + "1\"}";
    const std::string bytes("\x00\xff\xfe token=abc123def456", 23);
    for (const std::string& body : {deep, huge, bytes, std::string("{\"a\":\"x1"), std::string("=&=&&%&%4")}) {
        const std::vector<model::exchange> captured{
            answered(sent("POST", "/a", json_headers, body), body),
            answered(sent("POST", "//?&&=%", {{"Cookie", "=;; =a; b"}, {"Authorization", ""}}, body), body)};
        EXPECT_EQ(flows_of(captured), "") << body.substr(0, 20);
    }
}

// What the archive holds: every secret is a token by then.
std::vector<model::exchange> redacted_session()
{
    std::vector<model::exchange> session{
        answered(sent("POST", "/login", json_headers, R"({"user":"bob","password":"hunter2"})"),
                 R"({"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLW9mLXRva2Vu"})",
                 with(json_headers, "Set-Cookie", "sid=Zx81kQ%3D%3D; Path=/; HttpOnly")),
        answered(sent("POST", "/orders", with(json_headers, "Cookie", "lang=en; sid=Zx81kQ%3D%3D"), "{}"),
                 R"({"id":4711,"csrfToken":"c5f1bd22"})"),
        sent("DELETE", "/orders/4711",
             {{"Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLW9mLXRva2Vu"},
              {"X-CSRF-Token", "c5f1bd22"}})};
    for (model::exchange& exchange : session)
        redact(exchange, "key");
    return session;
}

TEST(value_flow, redaction_does_not_break_a_flow)
{
    const auto captured = redacted_session();
    const value_flows plan = find_value_flows(captured);

    EXPECT_EQ(listed(plan),
              "0 cookie sid -> 1 cookie sid\n1 body /id -> 2 path segment 1\n"
              "0 body /access_token -> 2 header authorization\n1 body /csrfToken -> 2 header x-csrf-token\n");
    flow_values values(plan);
    values.learn(0, {200, with(json_headers, "Set-Cookie", "sid=a%2Fb; Path=/"), R"({"access_token":"fresh"})"});
    values.learn(1, {201, json_headers, R"({"csrfToken":"new","id":12})"});
    model::exchange create = captured[1];
    model::exchange remove = captured[2];
    EXPECT_TRUE(values.rewrite(1, {create.path, create.request_headers, create.request_body}).empty());
    EXPECT_TRUE(values.rewrite(2, {remove.path, remove.request_headers, remove.request_body}).empty());
    EXPECT_TRUE(create.request_headers[1].second.ends_with("; sid=a%2Fb")) << create.request_headers[1].second;
    EXPECT_EQ(remove.path, "/orders/12");
    EXPECT_EQ(remove.request_headers, (header_list{{"Authorization", "Bearer fresh"}, {"X-CSRF-Token", "new"}}));
}

TEST(value_flow, a_token_of_redaction_flows_whatever_type_and_length_it_has)
{
    EXPECT_EQ(flows_of({answered(sent("POST", "/login"), R"({"session":"<session:9f86d081......>"})"),
                        sent("GET", "/", {{"Authorization", "Bearer <auth:9f86d081>"}}),
                        sent("GET", "/%3Crandom:9f86d081%3E")}),
              "0 body /session -> 1 header authorization\n0 body /session -> 2 path segment 0\n");
    EXPECT_TRUE(are_same_value("<session:9f86d081......>", "<auth:9f86d081>"));
    EXPECT_FALSE(are_same_value("<session:9f86d081>", "<session:9f86d082>"));
    EXPECT_TRUE(are_same_value("abc", "abc"));
    EXPECT_EQ(flows_of({answered(sent("GET", "/"), R"({"image":"<binary:9f86d081:1841>"})"),
                        sent("POST", "/", json_headers, R"({"image":"<binary:9f86d081:1841>"})")}),
              "");
}

TEST(value_flow, numbers_of_exchanges_over_the_limit_are_said)
{
    const std::vector<model::exchange> many(flow_exchanges_max + 3);

    EXPECT_EQ(find_value_flows(many).left_out, 3U);
}

}  // namespace
}  // namespace reprise::telemetry
