#include "reprise/telemetry/rrpair.hpp"

#include "exchange_check.hpp"

#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <gtest/gtest.h>

#include <array>

namespace reprise::telemetry {
namespace {

using model::outcome;

constexpr std::int64_t start_ns = 1'763'726'400'123'456'789;

constexpr std::string_view http_json = R"({
  "msgType": "rrpair", "ts": "2025-11-21T12:00:00.123456789Z", "duration": 12.345678, "direction": "IN",
  "l7protocol": "https", "tech": "JSON", "command": "POST", "location": "/orders", "status": "OK",
  "service": "shop", "namespace": "prod", "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331",
  "http": {
    "request": {"method": "POST", "url": "http://shop:8080/orders?x=1", "headers": {"content-type": "application/json"},
                "body": "{\"a\":1}"},
    "response": {"statusCode": 201, "headers": {"location": "/orders/7"}, "body": "done"}
  }
})";

model::exchange http_exchange()
{
    return parse_rrpair_json(http_json).value();
}

model::exchange sql_exchange()
{
    return parse_rrpair_json(R"({"ts":"2025-11-21T12:00:00Z","duration":"3","l7protocol":"postgres","direction":"OUT",
        "command":"Query","location":"select * from t where id = 'x'","status":"timeout","service":"shop",
        "mutableSignature":{"postgres:query":"SELECT * FROM t WHERE id = $1"}})").value();
}

// Bodies that stand in the pair as JSON.
TEST(rrpair, a_body_that_is_an_object_keeps_its_bytes)
{
    const auto pair_with = [](std::string_view request, std::string_view response) {
        return R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"http","http":{"x":{"body":1.10},)"
               R"("req":{"method":"POST","url":"/a","headers":{},"body":)" + std::string(request) +
               R"(},"res":{"statusCode":200,"body":)" + std::string(response) + "}}}";
    };
    constexpr std::string_view bodies[] = {
        R"({"price":1.10,"big":123456789012345678901234567890,"e":1.0e+2})", R"([ 1.10 , {"a": "\u0041\/"} ])",
        "1.10", "{}", R"({"body":{"body":2.50}})", "true", "18446744073709551616"};
    for (const std::string_view body : bodies) {
        const auto exchange = parse_rrpair_json(pair_with(body, body)).value();
        EXPECT_EQ(exchange.request_body, body);
        EXPECT_EQ(exchange.response_body, body);
    }
    EXPECT_EQ(parse_rrpair_json(pair_with("\"{\\\"a\\\":1}\"", "null")).value().request_body, "{\"a\":1}");
    EXPECT_EQ(parse_rrpair_json(pair_with("null", "null")).value().response_body, "");

    const std::string head = "### REQUEST ###\n```\nPOST http://h/a HTTP/1.1\n```\n\n### INTERNAL ###\n```\njson: ";
    const std::string markdown = head + pair_with(bodies[0], bodies[1]) + "\n```\n";
    EXPECT_EQ(parse_rrpair_markdown(markdown).value().response_body, bodies[1]);
}

TEST(rrpair, json_is_read)
{
    const model::exchange exchange = http_exchange();
    EXPECT_EQ(exchange.operation.service, "shop");
    EXPECT_EQ(exchange.operation.protocol, "http");
    EXPECT_EQ(exchange.operation.route, "/orders");
    EXPECT_EQ(exchange.start_ns, start_ns);
    EXPECT_EQ(exchange.duration_ns, 12'345'678);
    EXPECT_EQ(exchange.status, 201);
    EXPECT_EQ(exchange.host, "shop:8080");
    EXPECT_EQ(exchange.path, "/orders?x=1");
    EXPECT_EQ(exchange.request_body, "{\"a\":1}");
    EXPECT_EQ(exchange.response_body, "done");
    EXPECT_EQ(model::to_hex(exchange.trace), "0af7651916cd43dd8448eb211c80319c");

    EXPECT_EQ(sql_exchange().operation.route, "SELECT * FROM t WHERE id = ?");
    EXPECT_EQ(sql_exchange().outcome, outcome::server_error);
}

std::vector<model::exchange> odd_exchanges()
{
    std::vector<model::exchange> all = {http_exchange(), sql_exchange()};
    model::exchange failed = http_exchange();
    failed.status = 0;
    failed.outcome = outcome::server_error;
    failed.message = "connect ECONNREFUSED\n\"x\"";
    all.push_back(failed);
    model::exchange binary = http_exchange();
    binary.request_body = std::string("\x00\xff```\n", 6);
    binary.response_body = "\xfe\r\n\r\n";
    binary.status = 429;
    binary.outcome = outcome::throttled;
    all.push_back(binary);
    model::exchange fences = http_exchange();
    fences.request_body = "```\njson: {}\n```\n### RESPONSE ###\n````";
    fences.response_body = "\n\nlast line ends\n";
    fences.direction = model::direction::out;
    fences.operation.kind = model::operation_kind::client;
    all.push_back(fences);
    model::exchange bare = http_exchange();
    bare.host.clear();
    bare.request_body.clear();
    bare.response_body.clear();
    bare.request_headers.clear();
    bare.response_headers.clear();
    bare.trace = {};
    bare.span = 0;
    bare.duration_ns = 0;
    all.push_back(bare);
    model::exchange rpc = parse_rrpair_json(R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"gRPC","direction":"OUT",
        "location":"/a.B/Get","status":"UNAVAILABLE","service":"shop"})").value();
    EXPECT_EQ(rpc.operation.method, "Get");
    EXPECT_EQ(rpc.status, 14);
    all.push_back(rpc);
    model::exchange repeated = http_exchange();
    repeated.request_headers = {{"Accept", "a/b, c/d"}, {"X-Odd", "back\\slash,"}, {"Empty", ""}};
    repeated.response_headers = {{"Set-Cookie", "a=1; Expires=Wed, 27 May 2026 22:33:17 GMT"}, {"Set-Cookie", ""},
                                 {"Set-Cookie", "b=2"}};
    repeated.request_body = "{\n  \"laid\": \"out\"\n}\n";
    repeated.response_body = "json: {\"not\": \"the pair\"}";
    all.push_back(repeated);
    model::exchange key = parse_rrpair_json(R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"redis","direction":"OUT",
        "command":"GET","location":"user:17","status":"OK","service":"shop","network_address":"cache:6379"})").value();
    EXPECT_EQ(key.host, "cache:6379");
    all.push_back(key);
    return all;
}

TEST(rrpair, json_written_is_read_back)
{
    for (const model::exchange& exchange : odd_exchanges()) {
        const auto back = parse_rrpair_json(write_rrpair_json(exchange));
        ASSERT_TRUE(back) << write_rrpair_json(exchange);
        expect_same(exchange, *back);
    }
}

TEST(rrpair, markdown_written_is_read_back)
{
    for (const model::exchange& exchange : odd_exchanges()) {
        const auto back = parse_rrpair_markdown(write_rrpair_markdown(exchange));
        ASSERT_TRUE(back) << write_rrpair_markdown(exchange);
        expect_same(exchange, *back);
    }
}

TEST(rrpair, markdown_of_others_is_read)
{
    const std::string text =
        "# a call\n### REQUEST ###\n```http\nGET https://api.example.com/items/5 HTTP/1.1\r\nAccept: a/b\r\n\r\n```\n"
        "### RESPONSE ###\n```\nHTTP/1.1 503 Service Unavailable\nX-A: 1\n\ndown\n```\n"
        "### METADATA ###\n```\njson: {\"ts\":\"2025-11-21T12:00:00Z\",\"duration\":3,\"direction\":\"OUT\","
        "\"l7protocol\":\"http\",\"http\":{\"request\":{\"method\":\"PUT\"}}}\n```\n";
    const auto exchange = parse_rrpair_markdown(text, "shop");
    ASSERT_TRUE(exchange) << exchange.error().message();
    EXPECT_EQ(exchange->method, "GET");
    EXPECT_EQ(exchange->host, "api.example.com");
    EXPECT_EQ(exchange->path, "/items/5");
    EXPECT_EQ(exchange->status, 503);
    EXPECT_EQ(exchange->response_body, "down");
    EXPECT_EQ(exchange->operation.service, "shop");
    EXPECT_EQ(exchange->operation.kind, model::operation_kind::client);
    EXPECT_EQ(exchange->request_headers, (model::header_list{{"Accept", "a/b"}}));
}

TEST(rrpair, markdown_without_a_marked_fence_uses_the_object_around_msgtype)
{
    const std::string text =
        "### REQUEST ###\n```\nGET http://h/a HTTP/1.1\n```\n"
        "{\"tags\":{\"a\":{}},\"ts\":\"2025-11-21T12:00:00Z\",\"msgType\":\"rrpair\",\"status\":\"OK\"} trailing";
    const auto exchange = parse_rrpair_markdown(text);
    ASSERT_TRUE(exchange) << exchange.error().message();
    EXPECT_EQ(exchange->status, 200);
    EXPECT_EQ(exchange->path, "/a");
}

// As recorders write it: bodies in fences of their own, commas in headers marked, metadata in a section.
constexpr std::string_view recorded = R"(### REQUEST (TEST) ###
```
POST http://localhost:8088/api/deposit?dry=1 HTTP/1.1
Accept: */*
Content-Type: application/json
```

```
{
  "accountId": 70668,
  "amount": 3.30
}
```

### RESPONSE (MOCK) ###
```
HTTP/1.1 400 Bad Request
Cache-Control: no-cache\, no-store
Date: Thu\, 25 Jun 2026 18:18:27 GMT
Vary: Origin, Accept
```

```
```

### SIGNATURE ###
```
http:host is localhost
http:requestBodyJSON is {"accountId":70668,"amount":3.3}
```

### METADATA ###
```
direction: OUT
uuid: ac47257d-9df8-4009-adaa-d9c15840767b
ts: 2026-06-25T18:18:27.132643Z
duration: 1m0.5s
tags: captureMode=proxy, sequence=13
```

### INTERNAL - DO NOT MODIFY ###
```
json: {"msgType":"rrpair","resource":"my-app","ts":"2026-06-25T18:18:27Z","l7protocol":"http","duration":21,
"direction":"IN","service":"undefined","command":"POST","location":"/api/deposit","status":"400","http":{"req":
{"url":"/api/deposit","uri":"/api/deposit?dry=1","version":"1.1","method":"POST","host":"localhost:8088"},
"res":{"statusCode":400,"statusMessage":"400 Bad Request"}}}
```
)";

TEST(rrpair, markdown_of_a_recorder_is_read_section_by_section)
{
    const auto exchange = parse_rrpair_markdown(recorded, {});
    ASSERT_TRUE(exchange) << exchange.error().message();
    EXPECT_EQ(exchange->operation.service, "my-app");
    EXPECT_EQ(exchange->operation.kind, model::operation_kind::client);
    EXPECT_EQ(exchange->host, "localhost:8088");
    EXPECT_EQ(exchange->path, "/api/deposit?dry=1");
    EXPECT_EQ(exchange->status, 400);
    EXPECT_EQ(exchange->duration_ns, 60'500'000'000);
    EXPECT_EQ(exchange->start_ns % 1'000'000'000, 132'643'000);
    EXPECT_EQ(exchange->request_body, R"({"accountId":70668,"amount":3.30})");
    EXPECT_EQ(exchange->response_body, "");
    EXPECT_EQ(exchange->message, "");
    EXPECT_EQ(
        exchange->response_headers,
        (model::header_list{{"Cache-Control", "no-cache, no-store"}, {"Date", "Thu, 25 Jun 2026 18:18:27 GMT"},
                            {"Vary", "Origin"}, {"Vary", "Accept"}})
    );
}

TEST(rrpair, a_body_edited_in_its_fence_wins_over_the_encoded_one)
{
    const std::string encoded = "\"res\":{\"bodyBase64\":\"eyJhIjogMX0=\",";  // {"a": 1}
    std::string text(recorded);
    text.replace(text.find("\"res\":{"), 7, encoded);
    text.replace(text.find("```\n```\n\n### SIGNATURE"), 7, "```\n{\n\"a\":1\n}\n```");
    EXPECT_EQ(parse_rrpair_markdown(text)->response_body, "{\"a\": 1}");
    text.replace(text.find("\"a\":1"), 5, "\"a\":2");
    EXPECT_EQ(parse_rrpair_markdown(text)->response_body, "{\"a\":2}");
}

TEST(rrpair, http_that_names_host_and_query_beside_the_url_is_put_together)
{
    for (const std::string_view parts : {R"("url":"/v1/users","uri":"/v1/users?limit=10")",
                                         R"("uri":"/v1/users?limit=10","url":"/v1/users")"}) {
        const auto exchange = parse_rrpair_json(
            R"({"msgType":"rrpair","ts":"2024-01-15T14:31:25Z","l7protocol":"http","duration":42.0,"direction":"OUT",
            "status":"200","http":{"res":{"statusCode":200.0,"headers":{"Set-Cookie":["a=1","b=2"]}},
            "req":{)" + std::string(parts) + R"(,"method":"GET","host":"users.internal"}}})", "svc");
        ASSERT_TRUE(exchange) << exchange.error().message();
        EXPECT_EQ(exchange->path, "/v1/users?limit=10");
        EXPECT_EQ(exchange->host, "users.internal");
        EXPECT_EQ(exchange->status, 200);
        EXPECT_EQ(exchange->response_headers, (model::header_list{{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}));
    }
}

TEST(rrpair, json_that_is_damaged_or_hostile_is_refused_with_its_place)
{
    const std::string good = R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"http","location":"/a","command":"GET",)"
                             R"("status":"OK","duration":1})";
    ASSERT_TRUE(parse_rrpair_json(good));
    std::size_t offset = 0;
    EXPECT_EQ(parse_rrpair_json(good.substr(0, 30), {}, &offset).error(), errc::malformed_json);
    EXPECT_EQ(offset, 30U);
    const auto with = [&good](std::string_view from, std::string_view to) {
        std::string text = good;
        return parse_rrpair_json(text.replace(text.find(from), from.size(), to));
    };
    EXPECT_EQ(with("\"duration\":1", "\"duration\":1e400").error(), errc::bad_duration);
    EXPECT_EQ(with("\"duration\":1", "\"duration\":[1]").error(), errc::bad_duration);
    EXPECT_EQ(with("\"/a\"", "\"/\xff\"").error(), errc::malformed_json);
    EXPECT_EQ(with("\"ts\":\"2025", "\"ts\":\"25").error(), errc::bad_timestamp);
    EXPECT_EQ(with("\"/a\"", "{\"x\":1}").error(), errc::no_target);
    EXPECT_EQ(with("\"status\":\"OK\"", "\"status\":\"OK\",\"status\":\"404\"")->status, 404) << "the last counts";
    EXPECT_EQ(with("1}", "1} {}").error(), errc::malformed_json);
    EXPECT_EQ(with("\"/a\"", "\"/a\",\"x\":" + std::string(150, '[')).error(), errc::malformed_json);
}

TEST(rrpair, bad_files_say_why)
{
    EXPECT_EQ(parse_rrpair_json("").error(), errc::malformed_json);
    EXPECT_EQ(parse_rrpair_json("[]").error(), errc::malformed_json);
    EXPECT_EQ(parse_rrpair_json(std::string(200, '[')).error(), errc::malformed_json);
    EXPECT_EQ(parse_rrpair_json("{\"msgType\":\"x\"}").error(), errc::not_rrpair);
    EXPECT_EQ(parse_rrpair_json("{}").error(), errc::no_protocol);
    EXPECT_EQ(parse_rrpair_markdown("").error(), errc::malformed_markdown);
    EXPECT_EQ(parse_rrpair_markdown("### REQUEST ###\n```\nGET / HTTP/1.1\n").error(), errc::malformed_markdown);
    EXPECT_EQ(parse_rrpair_markdown("### REQUEST ###\n```\nhello\n```\n").error(), errc::malformed_markdown);
    EXPECT_EQ(parse_rrpair_markdown("### REQUEST ###\n```\nGET http://h/ HTTP/1.1\n```\n").error(), errc::no_timestamp);
    EXPECT_EQ(
        parse_rrpair_markdown("### REQUEST ###\n```\nGET http://h/ HTTP/1.1\n```\n```\njson: {\"a\n```\n").error(),
        errc::malformed_json
    );
}

TEST(rrpair, encoded_records_pass_the_live_decoder_unchanged)
{
    const std::vector<model::exchange> exchanges = odd_exchanges();
    const auto batch = decode_logs(std::make_shared<const std::string>(encode_logs_request(exchanges)));

    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->rejected, 0U) << batch->rejected_reason;
    ASSERT_EQ(batch->observations.size(), exchanges.size());
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const model::observation& seen = batch->observations[i];
        EXPECT_EQ(model::operation_key(batch->operations[seen.operation_index]), exchanges[i].operation);
        EXPECT_EQ(seen.start_ns, exchanges[i].start_ns);
        EXPECT_EQ(seen.outcome, exchanges[i].outcome);
        const std::string_view raw = std::string_view(*batch->bytes).substr(seen.record_offset, seen.record_bytes);
        const auto back = parse_exchange(model::source::rrpair, raw, "shop");
        ASSERT_TRUE(back);
        expect_same(exchanges[i], *back);
    }
}

TEST(rrpair, a_grpc_status_that_nobody_knows_stays_a_failure)
{
    const auto exchange = parse_rrpair_json(
        R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"grpc","command":"Add","location":"/shop.Cart/Add","status":"?4"})"
    );
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->outcome, model::outcome::server_error);
    const auto again = parse_rrpair_json(write_rrpair_json(*exchange));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->outcome, model::outcome::server_error);
}

TEST(rrpair, records_of_several_services_keep_their_service)
{
    std::array<model::exchange, 3> exchanges = {http_exchange(), http_exchange(), http_exchange()};
    exchanges[1].operation.service = "cart";
    const auto batch = decode_logs(std::make_shared<const std::string>(encode_logs_request(exchanges)));
    ASSERT_TRUE(batch);
    std::vector<std::string_view> services;
    for (const model::observation& one : batch->observations)
        services.push_back(batch->operations[one.operation_index].service);
    EXPECT_EQ(services, (std::vector<std::string_view>{"cart", "shop", "shop"}));
}

}  // namespace
}  // namespace reprise::telemetry
