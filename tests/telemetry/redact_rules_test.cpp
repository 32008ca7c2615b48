#include "reprise/telemetry/redact.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reprise::telemetry {
namespace {

constexpr std::string_view key = "a key for tests";

model::exchange order(std::string_view body)
{
    model::exchange exchange;
    exchange.operation.service = "shop";
    exchange.operation.protocol = "http";
    exchange.operation.method = "POST";
    exchange.operation.route = "/orders/{id}";
    exchange.method = "POST";
    exchange.path = "/orders/17?token=abcdef";
    exchange.request_headers = {{"Content-Type", "application/json"}, {"X-Tenant", "blue"}, {"Cookie", "sid=1"}};
    exchange.request_body = body;
    return exchange;
}

redaction_rules allowing(std::string_view pattern)
{
    redaction_rules rules;
    rules.allow_fields.push_back(parse_field_pattern(pattern).value());
    return rules;
}

std::string reason_of(const decode_result<field_pattern>& refused)
{
    return refused ? "taken" : refused.error().reason;
}

TEST(redact_rules, a_field_of_a_route_stays_with_what_is_below_it)
{
    constexpr std::string_view body = R"({"user":{"email":"bob@example.com","emails":["a@example.com"]},"email":"x"})";
    model::exchange exchange = order(body);
    redact(exchange, key, allowing("shop post /orders/{id} request.body.user"));
    EXPECT_TRUE(exchange.request_body.starts_with(R"({"user":{"email":"bob@example.com","emails":["a@example.com"]},)"))
        << exchange.request_body;
    EXPECT_NE(exchange.request_body.find("<email:"), std::string::npos);
    const auto& fields = exchange.redacted_fields;
    EXPECT_EQ(std::count(fields.begin(), fields.end(), "request.body.email"), 1);
    EXPECT_EQ(std::count(fields.begin(), fields.end(), "request.body.user.email"), 0);
}

TEST(redact_rules, other_services_methods_and_routes_are_redacted_as_ever)
{
    for (const std::string_view pattern :
         {"cart POST /orders/{id} request.body", "shop GET /orders/{id} request.body",
          "shop POST /orders request.body"}) {
        model::exchange exchange = order(R"({"pin":"1234x"})");
        redact(exchange, key, allowing(pattern));
        EXPECT_EQ(exchange.request_body.find("1234x"), std::string::npos) << pattern;
    }
    for (const std::string_view pattern : {"* * * request.body", "shop * /orders/* request.body.pin"}) {
        model::exchange exchange = order(R"({"pin":"1234x"})");
        redact(exchange, key, allowing(pattern));
        EXPECT_EQ(exchange.request_body, R"({"pin":"1234x"})") << pattern;
    }
}

TEST(redact_rules, headers_and_query_values_can_be_allowed_but_never_a_cookie)
{
    model::exchange exchange = order("{}");
    redact(exchange, key, allowing("* * * request.header.x-tenant"));
    EXPECT_EQ(exchange.request_headers[1].second, "blue");
    EXPECT_TRUE(exchange.request_headers[2].second.starts_with("sid=<cookie:"));

    exchange = order("{}");
    redact(exchange, key, allowing("* * * request.query.token"));
    EXPECT_EQ(exchange.path, "/orders/17?token=abcdef");

    exchange = order("{}");
    redaction_rules rules;
    rules.allow_headers = {parse_allowed_header("X-Tenant").value(), "cookie"};
    exchange.request_headers.emplace_back("x-tenant", "bob@example.com");
    redact(exchange, key, rules);
    EXPECT_EQ(exchange.request_headers[1].second, "blue");
    EXPECT_TRUE(exchange.request_headers[2].second.starts_with("sid=<cookie:"));
    EXPECT_TRUE(exchange.request_headers[3].second.starts_with("<email:")) << "its value is still looked at";
}

TEST(redact_rules, an_operators_name_is_secret_wherever_names_stand)
{
    redaction_rules rules;
    rules.secret_names = {parse_secret_name("tenant-Ref").value()};
    model::exchange exchange = order(R"({"myTenantRef":"blue","other":"green"})");
    exchange.path = "/a?tenant_ref=blue";
    exchange.message = "no tenantRef: blue here";
    exchange.response_body = "<tenantRef>blue</tenantRef>";
    exchange.request_headers[1].second = "gray";
    redact(exchange, key, rules);
    for (const std::string* text :
         {&exchange.request_body, &exchange.path, &exchange.message, &exchange.response_body}) {
        EXPECT_EQ(text->find("blue"), std::string::npos) << *text;
        EXPECT_NE(text->find("named:"), std::string::npos) << *text;
    }
    EXPECT_NE(exchange.request_body.find("green"), std::string::npos);
}

TEST(redact_rules, bodies_go_where_they_are_dropped_and_stay_where_they_are_kept)
{
    redaction_rules rules;
    rules.drop_bodies = {parse_route_pattern("* * /orders/*").value()};
    model::exchange exchange = order(R"({"sku":"A-1"})");
    redact(exchange, key, rules);
    EXPECT_TRUE(exchange.request_body.starts_with("<body:")) << exchange.request_body;
    EXPECT_TRUE(exchange.request_body.ends_with(":13>")) << exchange.request_body;
    EXPECT_EQ(exchange.response_body, "");
    const std::string once = exchange.request_body;
    redact(exchange, key, rules);
    EXPECT_EQ(exchange.request_body, once);
    redact(exchange, key);
    EXPECT_EQ(exchange.request_body, once);

    rules = {};
    rules.drops_bodies = true;
    rules.keep_bodies = {parse_route_pattern("shop POST /orders/{id}").value()};
    EXPECT_TRUE(keeps_bodies(rules, order("").operation));
    model::exchange other = order("x");
    other.operation.route = "/users";
    EXPECT_FALSE(keeps_bodies(rules, other.operation));
    rules.drop_bodies = rules.keep_bodies;
    EXPECT_FALSE(keeps_bodies(rules, order("").operation));
}

TEST(redact_rules, what_is_no_rule_is_refused_with_the_way_out)
{
    for (const std::string_view bad : {"", "shop", "shop POST", "shop POST /a /b", "shop POST /a*b", "shop\tPOST /a"}) {
        const auto refused = parse_route_pattern(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_TRUE(refused.error().reason.starts_with("m")) << refused.error().reason;
    }
    for (const std::string_view bad :
         {"", "request.body", "shop POST /a", "shop POST /a body", "s P /a request.header.", "s P /a request.bodyx"})
        EXPECT_NE(reason_of(parse_field_pattern(bad)).find("SERVICE METHOD ROUTE FIELD"), std::string::npos) << bad;
    for (const std::string_view never : {"request.header.Cookie", "response.header.Set-Cookie",
                                         "request.header.authorization", "request.header.X-Api-Key"})
        EXPECT_EQ(reason_of(parse_field_pattern("* * * " + std::string(never))), "names a header that is never kept");
    EXPECT_FALSE(parse_secret_name("a-1"));
    EXPECT_FALSE(parse_allowed_header("X Tenant"));
    EXPECT_FALSE(parse_allowed_header("Set-Cookie"));
    EXPECT_FALSE(parse_route_pattern("s P /" + std::string(redaction_pattern_bytes_max, 'a')));
}

TEST(redact_rules, every_replacement_can_be_told)
{
    model::exchange exchange = order(R"({"email":"bob@example.com","pin":1234,"n":"Ym9iQGV4LmNvbQ=="})");
    model::exchange plain = exchange;
    const auto changes = redact_and_tell(exchange, key);
    redact(plain, key);
    EXPECT_EQ(exchange.request_body, plain.request_body);
    EXPECT_EQ(exchange.redacted_fields, plain.redacted_fields);
    std::string told;
    for (const redaction_change& one : changes) {
        told += one.place + " " + one.type + " " + one.value + "\n";
        EXPECT_FALSE(one.becomes.empty());
    }
    EXPECT_EQ(told, "request.header.X-Tenant header blue\n"
                    "request.header.Cookie cookie 1\n"
                    "request.body.email email bob@example.com\n"
                    "request.body.pin number 1234\n"
                    "request.body.n encoded Ym9iQGV4LmNvbQ==\n"
                    "request.query.token token abcdef\n");
}

TEST(redact_rules, what_is_allowed_is_not_told)
{
    model::exchange exchange = order("mail bob@example.com and ann@example.com");
    const auto changes = redact_and_tell(exchange, key, allowing("* * * request.body"));
    EXPECT_TRUE(std::none_of(changes.begin(), changes.end(), [](const auto& one) {
        return one.place.empty() || one.place.starts_with("request.body");
    }));
}

}  // namespace
}  // namespace reprise::telemetry
