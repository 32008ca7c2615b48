#include "reprise/telemetry/exchange_parse.hpp"

#include "record_builder.hpp"

#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

namespace reprise::telemetry {
namespace {

using model::outcome;
using model::source;

result<model::exchange> parse(const log_record& record)
{
    return parse_exchange(source::rrpair, record.SerializeAsString(), "fallback");
}

result<model::exchange> parse(const span_record& span)
{
    return parse_exchange(source::span, span.SerializeAsString(), "shop");
}

TEST(exchange_parse, an_http_record_in_full)
{
    log_record record = http_record();
    any_value_message bytes;
    bytes.set_bytes_value(std::string("\x00\xff", 2));
    const auto request = kvlist_any({
        {"method", text_any("POST")},
        {"url", text_any("http://user@shop:8080/orders/17?verbose=1#top")},
        {"headers", kvlist_any({{"Accept", array_any({text_any("a/b"), text_any("c/d")})}, {"X-N", int_any(5)}})},
        {"body", text_any("{\"a\":1}")},
    });
    const auto response = kvlist_any(
        {{"statusCode", int_any(500)}, {"headers", kvlist_any({{"Server", text_any("x")}})}, {"body", bytes}}
    );
    set_key(body_of(record), "http", kvlist_any({{"request", request}, {"response", response}}));
    set_key(body_of(record), "status", text_any("boom"));
    record.set_trace_id(id_bytes(16, 3));

    const auto exchange = parse(record);

    ASSERT_TRUE(exchange) << exchange.error().message();
    EXPECT_EQ(exchange->operation.route, "/orders/{id}");
    EXPECT_EQ(exchange->operation.service, "shop");
    EXPECT_EQ(exchange->direction, model::direction::in);
    EXPECT_EQ(exchange->outcome, outcome::server_error);
    EXPECT_EQ(exchange->status, 500);
    EXPECT_EQ(exchange->start_ns, noon_ns);
    EXPECT_EQ(exchange->duration_ns, 12'500'000);
    EXPECT_EQ(exchange->host, "shop:8080");
    EXPECT_EQ(exchange->method, "POST");
    EXPECT_EQ(exchange->path, "/orders/17?verbose=1");
    EXPECT_EQ(exchange->request_headers, (model::header_list{{"Accept", "a/b"}, {"Accept", "c/d"}, {"X-N", "5"}}));
    EXPECT_EQ(exchange->response_headers, (model::header_list{{"Server", "x"}}));
    EXPECT_EQ(exchange->request_body, "{\"a\":1}");
    EXPECT_EQ(exchange->response_body, std::string("\x00\xff", 2));
    EXPECT_EQ(exchange->message, "boom");
    EXPECT_EQ(exchange->trace.low, 3U);
    EXPECT_TRUE(exchange->complete);
}

TEST(exchange_parse, bodies_in_base64_and_as_values_are_undone)
{
    log_record record = http_record();
    kvlist_message& http = *key_of(body_of(record), "http").mutable_kvlist_value();
    kvlist_message& request = *key_of(http, "request").mutable_kvlist_value();
    set_key(request, "bodyBase64", text_any("AAEC/w=="));
    kvlist_message& response = *key_of(http, "response").mutable_kvlist_value();
    set_key(response, "body", kvlist_any({{"a", array_any({int_any(1), real_any(0.5), text_any("x")})}}));

    const auto exchange = parse(record);

    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->request_body, std::string("\x00\x01\x02\xff", 4));
    EXPECT_EQ(exchange->response_body, R"({"a":[1,5E-1,"x"]})");
}

TEST(exchange_parse, base64_of_every_spelling_is_undone_and_what_is_none_is_kept)
{
    for (const auto& [text, bytes] : std::vector<std::pair<std::string, std::string>>{
             {"AAEC/w", std::string("\x00\x01\x02\xff", 4)},
             {"AAEC_w==", std::string("\x00\x01\x02\xff", 4)},
             {"AAEC\r\n/w==\n", std::string("\x00\x01\x02\xff", 4)},
             {"no base64!", "no base64!"},
             {"", ""}}) {
        log_record record = http_record();
        kvlist_message& http = *key_of(body_of(record), "http").mutable_kvlist_value();
        set_key(*key_of(http, "request").mutable_kvlist_value(), "bodyBase64", text_any(text));
        const auto exchange = parse(record);
        ASSERT_TRUE(exchange);
        EXPECT_EQ(exchange->request_body, bytes) << text;
    }
}

TEST(exchange_parse, a_statement_in_full)
{
    log_record record = sql_record("select 'x' from t");
    set_key(body_of(record), "status", text_any("no such table: t"));
    const auto exchange = parse(record);
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->operation.service, "fallback");
    EXPECT_EQ(exchange->operation.kind, model::operation_kind::db);
    EXPECT_EQ(exchange->direction, model::direction::out);
    EXPECT_EQ(exchange->statement, "select 'x' from t");
    EXPECT_EQ(exchange->method, "Query");
    EXPECT_EQ(exchange->path, "");
    EXPECT_EQ(exchange->message, "no such table: t");
    EXPECT_FALSE(exchange->complete);
}

TEST(exchange_parse, a_span_gives_what_the_conventions_carry)
{
    span_record span = server_span();
    set_attribute(span, "url.query", text_any("a=1"));
    set_attribute(span, "server.address", text_any("shop.local"));
    set_attribute(span, "http.request.header.accept", array_any({text_any("a/b")}));
    set_attribute(span, "http.response.header.server", array_any({text_any("x")}));
    set_attribute(span, "http.response.status_code", int_any(500));
    auto* event = span.add_events();
    event->set_name("exception");
    const std::vector<std::pair<std::string, std::string>> exception = {
        {"exception.type", "TypeError"}, {"exception.message", "x is 12345"}};
    for (const auto& [key, text] : exception) {
        auto* attribute = event->add_attributes();
        attribute->set_key(key);
        *attribute->mutable_value() = text_any(text);
    }

    const auto exchange = parse(span);

    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->operation.source, source::span);
    EXPECT_EQ(exchange->path, "/orders/17?a=1");
    EXPECT_EQ(exchange->host, "shop.local");
    EXPECT_EQ(exchange->method, "GET");
    EXPECT_EQ(exchange->status, 500);
    EXPECT_EQ(exchange->message, "TypeError: x is 12345");
    EXPECT_EQ(exchange->request_headers, (model::header_list{{"accept", "a/b"}}));
    EXPECT_EQ(exchange->response_headers, (model::header_list{{"server", "x"}}));
    EXPECT_EQ(exchange->span, 2U);
    EXPECT_FALSE(exchange->complete);
}

TEST(exchange_parse, the_path_of_a_span_begins_with_a_slash)
{
    span_record span = server_span();
    set_attribute(span, "url.path", text_any("orders/17"));
    const auto exchange = parse(span);
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->path, "/orders/17");
}

TEST(exchange_parse, the_status_message_speaks_where_no_exception_does)
{
    span_record span = plain_span(span_record::SPAN_KIND_CLIENT, "query");
    set_attribute(span, "db.system", text_any("sqlite"));
    set_attribute(span, "db.statement", text_any("select 1"));
    span.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
    span.mutable_status()->set_message("disk I/O error");
    const auto exchange = parse(span);
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->message, "disk I/O error");
    EXPECT_EQ(exchange->statement, "select 1");
    EXPECT_EQ(exchange->method, "SELECT");
    EXPECT_EQ(exchange->direction, model::direction::out);
}

// Messaging, RPC and document databases: what stands in the place of a path must outlive the span.
TEST(exchange_parse, a_span_that_became_an_rrpair_is_the_same_operation)
{
    std::vector<span_record> spans(3, plain_span(span_record::SPAN_KIND_CLIENT, "pay.v1.Cards/Charge"));
    set_attribute(spans[0], "rpc.system", text_any("grpc"));
    set_attribute(spans[0], "rpc.method", text_any("Charge"));
    set_attribute(spans[0], "rpc.grpc.status_code", int_any(14));
    spans[1] = plain_span(span_record::SPAN_KIND_PRODUCER, "send orders");
    set_attribute(spans[1], "messaging.system", text_any("kafka"));
    set_attribute(spans[1], "messaging.operation.name", text_any("send"));
    set_attribute(spans[1], "messaging.destination.name", text_any("orders"));
    spans[2].set_name("find carts");
    set_attribute(spans[2], "db.system", text_any("mongodb"));
    set_attribute(spans[2], "db.operation.name", text_any("find"));

    for (const span_record& span : spans) {
        const auto exchange = parse(span);
        ASSERT_TRUE(exchange) << span.name();
        const auto again = parse_rrpair_json(write_rrpair_json(*exchange), "shop");
        ASSERT_TRUE(again) << span.name();
        model::operation_key wanted = exchange->operation;
        wanted.source = source::rrpair;
        EXPECT_TRUE(again->operation == wanted) << write_rrpair_json(*exchange);
        EXPECT_EQ(again->outcome, exchange->outcome) << span.name();
    }
}

TEST(exchange_parse, unusable_records_say_why)
{
    EXPECT_EQ(parse(log_record()).error(), errc::no_body);
    EXPECT_EQ(parse(span_record()).error(), errc::no_ids);
    EXPECT_EQ(parse_exchange(source::rrpair, "\x80", "s").error(), errc::malformed_wire);
    EXPECT_EQ(parse_exchange(source::span, "\x0a\x05", "s").error(), errc::malformed_wire);
}

TEST(exchange_parse, a_body_nested_too_deeply_is_refused)
{
    any_value_message deep = text_any("x");
    for (std::size_t i = 0; i < value_depth_max; ++i)
        deep = array_any({deep});
    for (const bool too_deep : {false, true}) {
        if (too_deep)
            deep = array_any({deep});
        log_record record = http_record();
        kvlist_message& http = *key_of(body_of(record), "http").mutable_kvlist_value();
        set_key(*key_of(http, "request").mutable_kvlist_value(), "body", deep);
        EXPECT_EQ(parse(record).has_value(), !too_deep);
    }
}

}  // namespace
}  // namespace reprise::telemetry
