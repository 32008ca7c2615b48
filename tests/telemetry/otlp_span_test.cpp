#include "reprise/telemetry/otlp_decode.hpp"

#include "record_builder.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

namespace reprise::telemetry {
namespace {

using model::outcome;

struct attribute {
    std::string_view key;
    any_value_message value;
};

struct span_case {
    std::string_view name;
    span_record::SpanKind kind;
    std::vector<attribute> attributes;
    std::string operation;  // kind|protocol|method|route
    model::outcome outcome;
    int status;
    std::string detail;
};

constexpr auto server = span_record::SPAN_KIND_SERVER;
constexpr auto client = span_record::SPAN_KIND_CLIENT;
constexpr auto internal = span_record::SPAN_KIND_INTERNAL;
constexpr auto producer = span_record::SPAN_KIND_PRODUCER;
constexpr auto consumer = span_record::SPAN_KIND_CONSUMER;

std::string line(const model::operation_view& operation)
{
    std::string text(model::to_text(operation.kind));
    for (const std::string_view part : {operation.protocol, operation.method, operation.route})
        text.append("|").append(part);
    return text;
}

decode_result<model::observation_batch> decode(const span_record& span)
{
    return decode_spans(std::make_shared<const std::string>(request_of({span}).SerializeAsString()));
}

void check(const std::vector<span_case>& cases)
{
    for (const span_case& one : cases) {
        span_record span = plain_span(one.kind, "span name 12345");
        for (const attribute& each : one.attributes)
            set_attribute(span, each.key, each.value);
        const auto batch = decode(span);
        ASSERT_TRUE(batch) << one.name;
        ASSERT_EQ(batch->observations.size(), 1U) << one.name << ": " << batch->rejected_reason;
        const model::observation& seen = batch->observations[0];
        EXPECT_EQ(line(batch->operations[0]), one.operation) << one.name;
        EXPECT_EQ(batch->operations[0].source, model::source::span) << one.name;
        EXPECT_EQ(seen.outcome, one.outcome) << one.name;
        EXPECT_EQ(seen.status, one.status) << one.name;
        EXPECT_EQ(seen.detail_hash, one.detail.empty() ? 0 : hash64(one.detail)) << one.name;
    }
}

TEST(otlp_span, http_by_current_and_older_conventions)
{
    check({
        {"server, current", server,
         {{"http.request.method", text_any("GET")}, {"url.path", text_any("/orders/17")},
          {"http.response.status_code", int_any(200)}},
         "server|http|GET|/orders/{id}", outcome::ok, 200, "/orders/17"},
        {"server, route", server,
         {{"http.request.method", text_any("get")}, {"url.path", text_any("/users/bob")},
          {"http.route", text_any("/users/:name")}, {"http.response.status_code", int_any(404)}},
         "server|http|GET|/users/{id}", outcome::client_error, 404, "/users/bob"},
        {"server, older", server,
         {{"http.method", text_any("POST")}, {"http.target", text_any("/orders?x=1")},
          {"http.status_code", text_any("503")}},
         "server|http|POST|/orders", outcome::server_error, 503, "/orders?x=1"},
        {"client, current", client,
         {{"http.request.method", text_any("GET")}, {"url.full", text_any("https://h:1/items/5?q=2#f")},
          {"server.address", text_any("h")}, {"http.response.status_code", int_any(429)}},
         "client|http|GET|/items/{id}", outcome::throttled, 429, "/items/5?q=2"},
        {"client, template", client,
         {{"http.request.method", text_any("GET")}, {"url.full", text_any("https://h/items/a")},
          {"url.template", text_any("/items/{name}")}, {"http.response.status_code", real_any(499)}},
         "client|http|GET|/items/{id}", outcome::cancelled, 499, "/items/a"},
        {"client, older", client,
         {{"http.method", text_any("GET")}, {"http.url", text_any("http://h")}, {"http.status_code", int_any(302)}},
         "client|http|GET|/", outcome::ok, 302, ""},
        {"odd method", client,
         {{"http.method", text_any("G E T")}, {"http.url", text_any("http://h/a")}, {"http.status_code", int_any(200)}},
         "client|http|_OTHER|/a", outcome::ok, 200, "/a"},
    });
}

TEST(otlp_span, databases_by_current_and_older_conventions)
{
    check({
        {"current", client,
         {{"db.system.name", text_any("postgresql")}, {"db.query.text", text_any("SELECT 1")},
          {"db.operation.name", text_any("SELECT")}},
         "db|sql|SELECT|SELECT ?", outcome::ok, 0, "SELECT 1"},
        {"older", internal,
         {{"db.system", text_any("mysql")}, {"db.statement", text_any("update t set a = 'x'")}},
         "db|sql|UPDATE|UPDATE t SET a = ?", outcome::ok, 0, "update t set a = 'x'"},
        {"without statement", client,
         {{"db.system", text_any("sqlite")}, {"db.operation", text_any("INSERT")}},
         "db|sql|INSERT|span name {id}", outcome::ok, 0, ""},
        {"not SQL", client,
         {{"db.system", text_any("Redis")}, {"db.statement", text_any("GET user:1")},
          {"db.operation", text_any("GET")}},
         "db|redis|GET|span name {id}", outcome::ok, 0, "GET user:1"},
    });
}

TEST(otlp_span, rpc_messaging_and_internal)
{
    check({
        {"grpc", server,
         {{"rpc.system", text_any("grpc")}, {"rpc.service", text_any("a.B")}, {"rpc.method", text_any("Get")},
          {"rpc.grpc.status_code", int_any(14)}},
         "server|grpc|Get|span name {id}", outcome::server_error, 14, ""},
        {"grpc, current", client,
         {{"rpc.system.name", text_any("grpc")}, {"rpc.method", text_any("a.B/Get")},
          {"rpc.response.status_code", text_any("RESOURCE_EXHAUSTED")}},
         "client|grpc|Get|span name {id}", outcome::throttled, 8, ""},
        {"publish", producer,
         {{"messaging.system", text_any("kafka")}, {"messaging.destination.name", text_any("orders")}},
         "messaging|kafka|publish|orders", outcome::ok, 0, ""},
        {"process, older", consumer,
         {{"messaging.destination", text_any("orders")}, {"messaging.operation", text_any("receive")}},
         "messaging|messaging|receive|orders", outcome::ok, 0, ""},
        {"middleware is no call", internal,
         {{"http.route", text_any("/a")}, {"http.method", text_any("GET")}},
         "internal|||span name {id}", outcome::ok, 0, ""},
        {"a server without protocol", server, {}, "server|||span name {id}", outcome::ok, 0, ""},
        {"no kind", span_record::SPAN_KIND_UNSPECIFIED, {}, "internal|||span name {id}", outcome::ok, 0, ""},
    });
}

TEST(otlp_span, the_status_counts_where_the_protocol_says_nothing_worse)
{
    span_record span = server_span();
    span.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
    EXPECT_EQ(decode(span)->observations[0].outcome, outcome::server_error);
    set_attribute(span, "http.response.status_code", int_any(404));
    EXPECT_EQ(decode(span)->observations[0].outcome, outcome::client_error);
    set_attribute(span, "http.response.status_code", int_any(0));
    EXPECT_EQ(decode(span)->observations[0].outcome, outcome::server_error);
    span.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_OK);
    EXPECT_EQ(decode(span)->observations[0].outcome, outcome::ok);
}

TEST(otlp_span, ids_and_times_are_taken_over)
{
    span_record span = server_span();
    span.set_parent_span_id(id_bytes(8, 7));
    const auto batch = decode(span);
    ASSERT_TRUE(batch);
    const model::observation& seen = batch->observations[0];
    EXPECT_EQ(seen.trace, (model::trace_id{0, 1}));
    EXPECT_EQ(seen.span, 2U);
    EXPECT_EQ(seen.parent_span, 7U);
    EXPECT_EQ(seen.start_ns, noon_ns);
    EXPECT_EQ(seen.duration_ns, 12'500'000);
    EXPECT_EQ(batch->operations[0].service, "shop");
}

TEST(otlp_span, a_clock_set_back_makes_no_negative_duration)
{
    span_record span = server_span();
    span.set_end_time_unix_nano(span.start_time_unix_nano() - 1);
    EXPECT_EQ(decode(span)->observations[0].duration_ns, 0);
}

TEST(otlp_span, spans_that_say_nothing_are_counted_with_the_reason)
{
    const std::vector<std::pair<errc, void (*)(span_record&)>> cases = {
        {errc::no_ids, [](span_record& s) { s.clear_trace_id(); }},
        {errc::no_ids, [](span_record& s) { s.set_trace_id(std::string(16, '\0')); }},
        {errc::no_ids, [](span_record& s) { s.set_span_id(std::string(8, '\0')); }},
        {errc::no_timestamp, [](span_record& s) { s.set_start_time_unix_nano(0); }},
        {errc::not_ended, [](span_record& s) { s.set_end_time_unix_nano(0); }},
        {errc::bad_timestamp, [](span_record& s) { s.set_end_time_unix_nano(~0ULL); }},
    };
    for (const auto& [reason, change] : cases) {
        span_record span = server_span();
        change(span);
        const auto batch = decode(span);
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->rejected, 1U);
        EXPECT_EQ(batch->rejected_reason, to_text(reason));
    }
}

TEST(otlp_span, an_id_of_the_wrong_length_refuses_the_request)
{
    span_record span = server_span();
    span.set_parent_span_id("abc");
    const auto batch = decode(span);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().reason, "a span id must be 8 bytes");
}

}  // namespace
}  // namespace reprise::telemetry
