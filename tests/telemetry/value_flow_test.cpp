#include "reprise/telemetry/value_flow.hpp"

#include "flow_exchanges.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

using namespace test;

// What the second of two exchanges sends when the first answers otherwise than captured.
struct replayed_request {
    std::string path;
    header_list headers;
    std::string body;
    std::vector<unlearned_value> missing;
};

replayed_request replay(
    const std::vector<model::exchange>& captured, const model::exchange& new_answer, bool strips_credentials = false
)
{
    const value_flows plan = find_value_flows(captured);
    flow_values values(plan);
    replayed_request request{captured[1].path, captured[1].request_headers, captured[1].request_body, {}};
    if (strips_credentials)
        request.headers.clear();
    values.learn(0, {new_answer.status, new_answer.response_headers, new_answer.response_body});
    request.missing = values.rewrite(1, {request.path, request.headers, request.body});
    return request;
}

TEST(value_flow, a_token_goes_from_a_login_to_the_bearer_header)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/login"), body),
        sent("GET", "/me", {{"Authorization", "Bearer " + std::string(token)}})};

    EXPECT_EQ(flows_of(captured), "0 body /token -> 1 header authorization\n");
    const auto request = replay(captured, answered(sent("POST", "/login"), R"({"token":"new"})"), true);
    EXPECT_EQ(model::find_header(request.headers, "authorization"), "Bearer new");
    EXPECT_TRUE(request.missing.empty());
}

TEST(value_flow, a_cookie_goes_on_and_leaves_its_neighbours)
{
    const std::vector<model::exchange> captured{
        answered(sent("GET", "/"), "", {{"Set-Cookie", "sid=abc%3D123456; Path=/; HttpOnly"}}),
        sent("GET", "/me", {{"Cookie", "theme=dark; sid=abc%3D123456; lang=en"}})};
    const auto fresh = answered(sent("GET", "/"), "", {{"set-cookie", "sid=xyz%3D; Path=/"}});

    EXPECT_EQ(flows_of(captured), "0 cookie sid -> 1 cookie sid\n");
    EXPECT_EQ(replay(captured, fresh).headers[0].second, "theme=dark; sid=xyz%3D; lang=en");
    EXPECT_EQ(replay(captured, fresh, true).headers, (header_list{{"Cookie", "sid=xyz%3D"}}));
}

TEST(value_flow, a_csrf_cookie_is_decoded_for_its_header)
{
    const std::vector<model::exchange> captured{
        answered(sent("GET", "/"), "", {{"Set-Cookie", "XSRF-TOKEN=a1b2c3d4e5%3D%3D; Path=/"}}),
        sent("POST", "/save", {{"X-XSRF-TOKEN", "a1b2c3d4e5=="}})};
    const auto fresh = answered(sent("GET", "/"), "", {{"Set-Cookie", "XSRF-TOKEN=n%2Few%3D"}});

    EXPECT_EQ(flows_of(captured), "0 cookie XSRF-TOKEN -> 1 header x-xsrf-token\n");
    EXPECT_EQ(replay(captured, fresh).headers[0].second, "n/ew=");
}

TEST(value_flow, a_body_value_is_encoded_for_a_cookie)
{
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/login"), R"({"cart":"c/12345abc="})"),
        sent("GET", "/", {{"Cookie", "cart=c%2F12345abc%3D"}})};

    EXPECT_EQ(flows_of(captured), "0 body /cart -> 1 cookie cart\n");
    EXPECT_EQ(replay(captured, answered(sent("", ""), R"({"cart":"d/6=;x"})")).headers[0].second, "cart=d%2F6%3D%3Bx");
}

TEST(value_flow, a_csrf_token_of_a_page_goes_into_the_form)
{
    const header_list html{{"Content-Type", "text/html"}};
    const auto page = [](std::string_view value) {
        return "<form method=\"post\"><input name=\"user\"><input type=\"hidden\" name=\"csrf\" value=\"" +
               std::string(value) + "\"></form>";
    };
    const std::vector<model::exchange> captured{
        answered(sent("GET", "/form"), page("8f3a9c1be7+/="), html),
        sent("POST", "/form", {{"Content-Type", "application/x-www-form-urlencoded"}},
             "user=bob&csrf=8f3a9c1be7%2B%2F%3D&go=1")};

    ASSERT_EQ(find_value_flows(captured).flows.size(), 1U);
    EXPECT_EQ(replay(captured, answered(sent("", ""), page("0d2e&4"), html)).body, "user=bob&csrf=0d2e&go=1");
    EXPECT_EQ(replay(captured, answered(sent("", ""), page("n+w/"), html)).body, "user=bob&csrf=n%2Bw%2F&go=1");
}

TEST(value_flow, a_location_gives_the_id_of_the_next_path)
{
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/orders"), "", {{"Location", "http://shop:8080/orders/17"}}, 201),
        sent("GET", "/orders/17/items?page=2")};

    EXPECT_EQ(flows_of(captured), "0 part 0 of header location -> 1 path segment 1\n");
    const auto fresh = answered(sent("", ""), "", {{"Location", "/orders/a b"}}, 201);
    EXPECT_EQ(replay(captured, fresh).path, "/orders/a%20b/items?page=2");
}

TEST(value_flow, a_redirect_gives_code_and_state)
{
    const std::vector<model::exchange> captured{
        answered(sent("GET", "/authorize"), "",
                 {{"Location", "https://app/cb?code=Spl0xLOBeZQQYbYS6&state=af0ifjsldkj9"}}, 302),
        sent("GET", "/cb?code=Spl0xLOBeZQQYbYS6&state=af0ifjsldkj9")};

    EXPECT_EQ(flows_of(captured),
              "0 part 2 of header location -> 1 query /code\n0 part 0 of header location -> 1 query /state\n");
}

TEST(value_flow, ids_of_a_created_thing_go_into_path_query_and_body)
{
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/carts"), R"({"data":{"id":12,"total":1.10}})"),
        sent("POST", "/checkout?cart_id=12", json_headers,
             R"({"price":1.10,"cartId": 12,"big":12345678901234567890123})"),
        sent("GET", "/carts/12")};

    EXPECT_EQ(flows_of(captured),
              "0 body /data/id -> 1 query /cart_id\n0 body /data/id -> 1 body /cartId\n"
              "0 body /data/id -> 2 path segment 1\n");
    const auto request = replay(captured, answered(sent("", ""), R"({"data":{"id":99}})"));
    EXPECT_EQ(request.path, "/checkout?cart_id=99");
    EXPECT_EQ(request.body, R"({"price":1.10,"cartId": 99,"big":12345678901234567890123})");
}

TEST(value_flow, what_may_be_equal_by_chance_does_not_flow)
{
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/settings"),
                 R"({"id":1,"on":true,"lang":"en","state":"pending","count":42,"price":"19.99","day":"2026-11-26",
                     "sku":"garden-7","name":"a name of words","zip":"10115","secret":999999,"mask":"********"})"),
        sent("POST", "/settings/1?lang=en&on=true&day=2026-11-26&count=42",
             json_headers, R"({"state":"pending","count":42,"price":"19.99","sku":"garden-7","name":"a name of words",
                               "zip":"10115","secret":999999,"mask":"********"})")};

    EXPECT_EQ(flows_of(captured), "");
}

TEST(value_flow, small_numbers_flow_only_between_ids_of_the_same_thing)
{
    const auto order_of = [](std::string_view path, std::string_view body = {}) {
        return std::vector<model::exchange>{
            answered(sent("POST", "/products"), R"([{"id":42},{"id":43,"ownerId":77,"paid":55}])"),
            sent("POST", path, json_headers, body)};
    };

    EXPECT_EQ(flows_of(order_of("/products/42")), "0 body /0/id -> 1 path segment 1\n");
    EXPECT_EQ(flows_of(order_of("/orders/42")), "");
    EXPECT_EQ(flows_of(order_of("/owners/77")), "0 body /1/ownerId -> 1 path segment 1\n");
    EXPECT_EQ(flows_of(order_of("/lines", R"({"productId":43})")), "0 body /1/id -> 1 body /productId\n");
    EXPECT_EQ(flows_of(order_of("/lines", R"({"product":{"id":43}})")), "0 body /1/id -> 1 body /product/id\n");
    EXPECT_EQ(flows_of(order_of("/lines", R"({"quantity":43})")), "");
    EXPECT_EQ(flows_of(order_of("/paids/55")), "");
    EXPECT_EQ(flows_of({answered(sent("GET", "/products"), R"([{"id":42}])"), sent("GET", "/products/42")}), "");
    EXPECT_EQ(flows_of({answered(sent("GET", "/me"), R"({"cartId":42})"), sent("GET", "/carts/42")}), "");
}

TEST(value_flow, what_was_sent_before_the_answer_does_not_flow)
{
    const std::string body = "{\"echo\":\"" + std::string(token) + "\"}";
    const header_list key{{"X-Tenant", std::string(token)}};
    EXPECT_EQ(flows_of({answered(sent("GET", "/a", key), body), sent("GET", "/b", key)}), "");
    EXPECT_EQ(flows_of({sent("GET", "/0", key), answered(sent("GET", "/a"), body), sent("GET", "/b", key)}), "");
}

TEST(value_flow, the_nearest_earlier_answer_counts_and_an_echo_later_does_not)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const header_list bearer{{"Authorization", "Bearer " + std::string(token)}};
    EXPECT_EQ(flows_of({answered(sent("GET", "/a"), body), answered(sent("GET", "/b"), body),
                        sent("GET", "/c", bearer)}),
              "1 body /token -> 2 header authorization\n");
    EXPECT_EQ(flows_of({answered(sent("GET", "/a"), body), answered(sent("GET", "/b", bearer), body),
                        sent("GET", "/c", bearer)}),
              "0 body /token -> 1 header authorization\n0 body /token -> 2 header authorization\n");
}

TEST(value_flow, an_answer_that_came_after_the_request_is_no_source)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    auto slow = answered(sent("GET", "/a"), body);
    slow.start_ns = 1'000'000'000'000;
    slow.duration_ns = 5'000'000'000;
    auto next = sent("GET", "/b", {{"X-Token", std::string(token)}});
    next.start_ns = slow.start_ns + 1'000'000'000;

    EXPECT_EQ(flows_of({slow, next}), "");
    next.start_ns = slow.start_ns + slow.duration_ns;
    EXPECT_EQ(flows_of({slow, next}), "0 body /token -> 1 header x-token\n");
}

TEST(value_flow, exchanges_are_taken_in_the_order_of_their_start)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    std::vector<model::exchange> captured{
        sent("GET", "/b", {{"X-Token", std::string(token)}}), sent("GET", "/none"),
        answered(sent("POST", "/login"), body), sent("GET", "/c/" + std::string(token))};
    for (std::size_t i = 0; i < captured.size(); ++i)
        captured[i].start_ns = 1'000 - static_cast<std::int64_t>(i);
    captured[3].start_ns = 2'000;

    EXPECT_EQ(flows_of(captured), "2 body /token -> 0 header x-token\n2 body /token -> 3 path segment 1\n");
}

TEST(value_flow, a_cookie_prefers_the_cookie_over_the_body)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/login"), body, with(json_headers, "Set-Cookie", "token=" + std::string(token))),
        sent("GET", "/", {{"Cookie", "token=" + std::string(token)}})};

    EXPECT_EQ(flows_of(captured), "0 cookie token -> 1 cookie token\n");
}

TEST(value_flow, what_was_not_learned_is_said)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/login"), body),
        sent("GET", "/me", {{"Authorization", "Bearer " + std::string(token)}})};

    const auto refused = replay(captured, answered(sent("", ""), R"({"error":"wrong"})", json_headers, 401), true);
    ASSERT_EQ(refused.missing.size(), 1U);
    EXPECT_EQ(refused.missing[0].reason, "the answer of request 1 (status 401) has no body /token");
    EXPECT_TRUE(refused.headers.empty());

    const value_flows plan = find_value_flows(captured);
    const flow_values unanswered(plan);
    model::exchange next = captured[1];
    const auto missing = unanswered.rewrite(1, {next.path, next.request_headers, next.request_body});
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_EQ(missing[0].reason, "request 1 has not been answered");
}

TEST(value_flow, line_breaks_never_reach_a_header)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/login"), body),
        sent("GET", "/" + std::string(token),
             {{"X-Token", std::string(token)}, {"Cookie", "t=" + std::string(token)}})};

    const auto request = replay(captured, answered(sent("", ""), R"({"token":"x\r\nHost: evil"})"));

    EXPECT_EQ(request.path, "/x%0D%0AHost:%20evil");
    EXPECT_EQ(request.headers, captured[1].request_headers);
    ASSERT_EQ(request.missing.size(), 2U);
    EXPECT_EQ(request.missing[0].reason, "the value has control characters, which no header may carry");
    EXPECT_EQ(request.missing[1].reason, "the value has characters that no cookie may carry");
}

TEST(value_flow, what_somebody_else_put_into_the_request_stays)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const std::vector<model::exchange> captured{
        answered(sent("POST", "/login"), body),
        sent("POST", "/a/" + std::string(token), with(json_headers, "Authorization", "Bearer " + std::string(token)),
             body)};
    const value_flows plan = find_value_flows(captured);
    flow_values values(plan);
    values.learn(0, {200, json_headers, R"({"token":"new"})"});
    std::string path = "/a/other";
    header_list headers = with(json_headers, "Authorization", "Basic given");
    std::string sent_body = R"({"token":"given"})";

    const auto missing = values.rewrite(1, {path, headers, sent_body});

    EXPECT_TRUE(missing.empty());
    EXPECT_EQ(path, "/a/other");
    EXPECT_EQ(headers, with(json_headers, "Authorization", "Basic given"));
    EXPECT_EQ(sent_body, R"({"token":"given"})");
}

TEST(value_flow, only_exchanges_on_the_way_are_touched)
{
    const std::string body = "{\"token\":\"" + std::string(token) + "\"}";
    const value_flows plan = find_value_flows(std::vector<model::exchange>{
        sent("GET", "/0"), answered(sent("POST", "/login"), body), sent("GET", "/2"),
        sent("GET", "/3", {{"X-Token", std::string(token)}})});
    const flow_values values(plan);

    for (std::uint32_t i = 0; i < 5; ++i) {
        EXPECT_EQ(values.gives(i), i == 1) << i;
        EXPECT_EQ(values.takes(i), i == 3) << i;
    }
}

}  // namespace
}  // namespace reprise::telemetry
