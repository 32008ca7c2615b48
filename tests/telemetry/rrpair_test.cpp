#include "reprise/telemetry/rrpair.hpp"

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

void expect_same(const model::exchange& a, const model::exchange& b)
{
    EXPECT_EQ(a.operation, b.operation);
    EXPECT_EQ(a.direction, b.direction);
    EXPECT_EQ(a.outcome, b.outcome);
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.start_ns, b.start_ns);
    EXPECT_EQ(a.duration_ns, b.duration_ns);
    EXPECT_EQ(a.host, b.host);
    EXPECT_EQ(a.method, b.method);
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.statement, b.statement);
    EXPECT_EQ(a.request_headers, b.request_headers);
    EXPECT_EQ(a.response_headers, b.response_headers);
    EXPECT_EQ(a.request_body, b.request_body);
    EXPECT_EQ(a.response_body, b.response_body);
    EXPECT_EQ(a.message, b.message);
    EXPECT_EQ(a.trace, b.trace);
    EXPECT_EQ(a.span, b.span);
    EXPECT_EQ(a.parent_span, b.parent_span);
    EXPECT_EQ(a.complete, b.complete);
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
