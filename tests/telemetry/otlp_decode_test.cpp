#include "reprise/telemetry/otlp_decode.hpp"

#include "record_builder.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace reprise::telemetry {
namespace {

using model::operation_kind;
using model::outcome;
using batch_result = decode_result<model::observation_batch>;

batch_result decode(const logs_request& request)
{
    return decode_logs(std::make_shared<const std::string>(request.SerializeAsString()));
}

batch_result decode(const traces_request& request)
{
    return decode_spans(std::make_shared<const std::string>(request.SerializeAsString()));
}

batch_result decode_raw_logs(std::string bytes)
{
    return decode_logs(std::make_shared<const std::string>(std::move(bytes)));
}

// The one observation of a batch and its operation, as one line.
struct seen {
    model::observation observation;
    model::operation_view operation;
    std::string rejected;
    model::observation_batch batch;  // Keeps the texts alive.
};

template <class Record>
seen decode_one(const Record& record, std::string_view service = "from-resource")
{
    auto batch = decode(request_of({record}, service));
    if (!batch) {
        ADD_FAILURE() << to_text(batch.error());
        return {};
    }
    seen one;
    one.batch = std::move(*batch);
    one.rejected = one.batch.rejected_reason;
    if (one.batch.observations.size() != 1)
        return one;
    one.observation = one.batch.observations[0];
    one.operation = one.batch.operations[one.observation.operation_index];
    return one;
}

std::string line(const model::operation_view& operation)
{
    std::string text(model::to_text(operation.source));
    for (const std::string_view part : {model::to_text(operation.kind), operation.service, operation.protocol,
                                        operation.method, operation.route})
        text.append("|").append(part);
    return text;
}

TEST(otlp_decode, an_http_record_becomes_an_observation)
{
    const seen one = decode_one(http_record());

    EXPECT_EQ(line(one.operation), "rrpair|server|shop|http|GET|/orders/{id}");
    EXPECT_EQ(one.observation.operation, model::operation_id(one.operation));
    EXPECT_EQ(one.observation.outcome, outcome::ok);
    EXPECT_EQ(one.observation.status, 200);
    EXPECT_EQ(one.observation.start_ns, noon_ns);
    EXPECT_EQ(one.observation.duration_ns, 12'500'000);
    EXPECT_EQ(one.observation.detail_hash, hash64("/orders/17?verbose=1"));
    EXPECT_FALSE(one.observation.replayed);
    log_record again;
    const std::string_view raw = std::string_view(*one.batch.bytes)
                                     .substr(one.observation.record_offset, one.observation.record_bytes);
    ASSERT_TRUE(again.ParseFromArray(raw.data(), static_cast<int>(raw.size())));
    EXPECT_EQ(again.SerializeAsString(), http_record().SerializeAsString());
}

TEST(otlp_decode, an_sql_record_is_a_database_call_whatever_its_direction)
{
    log_record record = sql_record("select * from items where id = 17");
    const seen one = decode_one(record);
    EXPECT_EQ(line(one.operation), "rrpair|db|from-resource|sql|SELECT|SELECT * FROM items WHERE id = ?");
    EXPECT_EQ(one.observation.duration_ns, 2'000'000);
    EXPECT_EQ(one.observation.detail_hash, hash64("select * from items where id = 17"));

    set_key(body_of(record), "direction", text_any("IN"));
    set_key(body_of(record), "mutableSignature", kvlist_any({{"postgres:query", text_any("SELECT $1 FROM items")}}));
    set_key(body_of(record), "status", text_any("relation \"items\" does not exist"));
    const seen signature = decode_one(record);
    EXPECT_EQ(line(signature.operation), "rrpair|db|from-resource|sql|SELECT|SELECT ? FROM items");
    EXPECT_EQ(signature.observation.outcome, outcome::server_error);
}

TEST(otlp_decode, a_parameterised_statement_tells_nothing_about_its_arguments)
{
    EXPECT_EQ(decode_one(sql_record("SELECT a FROM t WHERE id = ?")).observation.detail_hash, 0U);
    EXPECT_EQ(decode_one(sql_record("SELECT a FROM t WHERE id = $1")).observation.detail_hash, 0U);
    EXPECT_NE(decode_one(sql_record("SELECT a FROM t WHERE id = 1")).observation.detail_hash, 0U);
}

struct status_case {
    std::string_view name;
    std::function<void(kvlist_message& body)> change;
    int status;
    model::outcome outcome;
};

void set_status(kvlist_message& body, const any_value_message& code)
{
    kvlist_message& http = *key_of(body, "http").mutable_kvlist_value();
    set_key(*key_of(http, "response").mutable_kvlist_value(), "statusCode", code);
}

TEST(otlp_decode, the_status_of_an_http_record_decides_the_outcome)
{
    const std::vector<status_case> cases = {
        {"as int", [](auto& b) { set_status(b, int_any(404)); }, 404, outcome::client_error},
        {"as double", [](auto& b) { set_status(b, real_any(503)); }, 503, outcome::server_error},
        {"as text", [](auto& b) { set_status(b, text_any("429")); }, 429, outcome::throttled},
        {"went away", [](auto& b) { set_status(b, int_any(499)); }, 499, outcome::cancelled},
        {"redirect", [](auto& b) { set_status(b, int_any(302)); }, 302, outcome::ok},
        {"0 and OK", [](auto& b) { set_status(b, int_any(0)); }, 200, outcome::ok},
        {"missing and OK", [](auto& b) { set_key(b, "http", kvlist_any({{"request",
            kvlist_any({{"method", text_any("GET")}, {"url", text_any("/")}})}})); }, 200, outcome::ok},
        {"0 and a reason", [](auto& b) { set_status(b, int_any(0)); set_key(b, "status", text_any("reset by peer")); },
         0, outcome::server_error},
        {"in the status text", [](auto& b) { set_status(b, text_any("")); set_key(b, "status",
            text_any("404 Not Found")); }, 404, outcome::client_error},
        {"absurd", [](auto& b) { set_status(b, int_any(123'456)); set_key(b, "status", text_any("bad")); }, 0,
         outcome::server_error},
    };
    for (const status_case& one : cases) {
        log_record record = http_record();
        one.change(body_of(record));
        const seen found = decode_one(record);
        EXPECT_EQ(found.observation.status, one.status) << one.name;
        EXPECT_EQ(found.observation.outcome, one.outcome) << one.name;
        EXPECT_EQ(found.rejected, "") << one.name;
    }
}

TEST(otlp_decode, the_version_of_a_resource_goes_with_its_records)
{
    logs_request request = request_of({http_record(), http_record()});
    *request.add_resource_logs() = request_of({http_record()}, "other").resource_logs(0);
    *request.add_resource_logs() = request_of({http_record()}).resource_logs(0);
    const auto name_version = [&request](int resource, const std::string& version) {
        auto* attribute = request.mutable_resource_logs(resource)->mutable_resource()->add_attributes();
        attribute->set_key("service.version");
        attribute->mutable_value()->set_string_value(version);
    };
    name_version(0, "1.4.2");
    name_version(2, std::string(version_bytes_max + 1, 'x'));
    const auto batch = decode_logs(std::make_shared<const std::string>(request.SerializeAsString()));

    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->versions.size(), 1U);
    EXPECT_EQ(batch->versions[0].version, "1.4.2");
    EXPECT_EQ(batch->versions[0].first, 0U);
    EXPECT_EQ(batch->versions[0].count, 2U);

    name_version(1, "\xff");
    EXPECT_TRUE(decode_logs(std::make_shared<const std::string>(request.SerializePartialAsString())).has_error());
}

TEST(otlp_decode, the_service_comes_from_attribute_body_resource_or_nobody)
{
    log_record record = http_record();
    set_key(body_of(record), "service", text_any("from-body"));
    EXPECT_EQ(decode_one(record).operation.service, "shop");
    record.clear_attributes();
    EXPECT_EQ(decode_one(record).operation.service, "from-body");
    set_key(body_of(record), "service", text_any(""));
    EXPECT_EQ(decode_one(record).operation.service, "from-resource");
    EXPECT_EQ(decode_one(record, "").operation.service, unknown_service);
}

TEST(otlp_decode, the_time_comes_from_ts_then_the_record_then_its_observation)
{
    log_record record = http_record();
    record.set_time_unix_nano(5);
    record.set_observed_time_unix_nano(7);
    EXPECT_EQ(decode_one(record).observation.start_ns, noon_ns);
    set_key(body_of(record), "ts", text_any(""));
    EXPECT_EQ(decode_one(record).observation.start_ns, 5);
    record.clear_time_unix_nano();
    EXPECT_EQ(decode_one(record).observation.start_ns, 7);
}

constexpr std::string_view header_trace = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view header_span = "b7ad6b7169203331";
constexpr std::string_view body_trace = "11111111111111111111111111111111";
constexpr std::string_view body_span = "2222222222222222";
constexpr std::string_view body_parent = "3333333333333333";

log_record traced_record(bool with_header)
{
    log_record record = http_record();
    kvlist_message& body = body_of(record);
    set_key(body, "traceId", text_any(body_trace));
    set_key(body, "spanId", text_any(body_span));
    set_key(body, "parentSpanId", text_any(body_parent));
    if (with_header) {
        const std::string text = "00-" + std::string(header_trace) + "-" + std::string(header_span) + "-01";
        kvlist_message& http = *key_of(body, "http").mutable_kvlist_value();
        kvlist_message& request = *key_of(http, "request").mutable_kvlist_value();
        set_key(request, "headers", kvlist_any({{"TraceParent", array_any({text_any(text)})}}));
    }
    return record;
}

TEST(otlp_decode, the_header_of_an_inbound_call_names_trace_and_parent)
{
    const seen one = decode_one(traced_record(true));
    EXPECT_EQ(model::to_hex(one.observation.trace), header_trace);
    EXPECT_EQ(model::span_to_hex(one.observation.parent_span), header_span);
    EXPECT_EQ(one.observation.span, 0U);  // The body speaks of another trace.
}

TEST(otlp_decode, the_header_of_an_outbound_call_names_the_call_itself)
{
    log_record record = traced_record(true);
    set_key(body_of(record), "direction", text_any("OUT"));
    set_key(body_of(record), "traceId", text_any(header_trace));
    const seen one = decode_one(record);
    EXPECT_EQ(one.operation.kind, operation_kind::client);
    EXPECT_EQ(model::span_to_hex(one.observation.span), header_span);
    EXPECT_EQ(model::span_to_hex(one.observation.parent_span), body_parent);
}

TEST(otlp_decode, ids_of_the_record_win_over_the_body)
{
    log_record record = traced_record(false);
    EXPECT_EQ(model::to_hex(decode_one(record).observation.trace), body_trace);
    EXPECT_EQ(model::span_to_hex(decode_one(record).observation.span), body_span);

    record.set_trace_id(id_bytes(16, 9));
    record.set_span_id(id_bytes(8, 8));
    EXPECT_EQ(decode_one(record).observation.trace.low, 9U);
    EXPECT_EQ(decode_one(record).observation.span, 8U);
}

TEST(otlp_decode, the_replay_header_marks_the_record)
{
    log_record record = http_record();
    kvlist_message& http = *key_of(body_of(record), "http").mutable_kvlist_value();
    kvlist_message& request = *key_of(http, "request").mutable_kvlist_value();
    set_key(request, "headers", kvlist_any({{"x-REPLAY", text_any("01JRUN")}}));
    EXPECT_TRUE(decode_one(record).observation.replayed);

    span_record span = server_span();
    set_attribute(span, "http.request.header.x-replay", array_any({text_any("01JRUN")}));
    EXPECT_TRUE(decode_one(span).observation.replayed);
}

struct useless_case {
    errc reason;
    std::function<void(log_record& record)> change;
};

TEST(otlp_decode, records_that_say_nothing_are_counted_with_the_reason)
{
    const std::vector<useless_case> cases = {
        {errc::no_body, [](auto& r) { r.clear_body(); }},
        {errc::no_body, [](auto& r) { r.mutable_body()->Clear(); }},
        {errc::body_not_kvlist, [](auto& r) { *r.mutable_body() = text_any("hello"); }},
        {errc::body_not_kvlist, [](auto& r) { *r.mutable_body() = array_any({text_any("hello")}); }},
        {errc::not_rrpair, [](auto& r) { set_key(body_of(r), "msgType", text_any("heartbeat")); }},
        {errc::no_timestamp, [](auto& r) { set_key(body_of(r), "ts", int_any(5)); }},
        {errc::bad_timestamp, [](auto& r) { set_key(body_of(r), "ts", text_any("yesterday")); }},
        {errc::bad_timestamp, [](auto& r) { set_key(body_of(r), "ts", text_any("")); r.set_time_unix_nano(~0ULL); }},
        {errc::bad_duration, [](auto& r) { set_key(body_of(r), "duration", int_any(-1)); }},
        {errc::bad_duration, [](auto& r) { set_key(body_of(r), "duration", real_any(NAN)); }},
        {errc::bad_duration, [](auto& r) { set_key(body_of(r), "duration", real_any(1e300)); }},
        {errc::bad_duration, [](auto& r) { set_key(body_of(r), "duration", text_any("fast")); }},
        {errc::no_protocol, [](auto& r) { set_key(body_of(r), "l7protocol", text_any(""));
                                          body_of(r).mutable_values()->RemoveLast(); }},  // "http"
        {errc::no_method, [](auto& r) { set_key(body_of(r), "http", kvlist_any({})); }},
        {errc::no_target, [](auto& r) { set_key(body_of(r), "http", kvlist_any({{"request",
                                          kvlist_any({{"method", text_any("GET")}})}})); }},
        {errc::no_outcome, [](auto& r) { set_key(body_of(r), "status", text_any("")); set_key(body_of(r), "http",
            kvlist_any({{"request", kvlist_any({{"method", text_any("GET")}, {"url", text_any("/")}})}})); }},
        {errc::no_statement, [](auto& r) { r = sql_record(""); }},
        {errc::service_too_long, [](auto& r) { *r.mutable_attributes(0)->mutable_value() =
                                                   text_any(std::string(256, 's')); }},
    };
    for (const useless_case& one : cases) {
        log_record record = http_record();
        one.change(record);
        const seen found = decode_one(record);
        EXPECT_EQ(found.rejected, to_text(one.reason));
        EXPECT_EQ(found.batch.rejected, 1U) << found.rejected;
        EXPECT_TRUE(found.batch.observations.empty()) << found.rejected;
    }
}

TEST(otlp_decode, good_records_beside_bad_ones_are_taken)
{
    log_record bad = http_record();
    bad.clear_body();
    const auto batch = decode(request_of({http_record(), bad, http_record(), bad}));
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->observations.size(), 2U);
    EXPECT_EQ(batch->rejected, 2U);
    EXPECT_EQ(batch->operations.size(), 1U);
}

TEST(otlp_decode, many_paths_of_one_template_are_one_operation)
{
    logs_request request;
    auto* scope = request.add_resource_logs()->add_scope_logs();
    for (int i = 0; i < 3000; ++i) {
        log_record record = http_record();
        kvlist_message& http = *key_of(body_of(record), "http").mutable_kvlist_value();
        kvlist_message& inner = *key_of(http, "request").mutable_kvlist_value();
        set_key(inner, "url", text_any("/orders/" + std::to_string(i) + (i % 3 == 0 ? "/items" : "")));
        *scope->add_log_records() = record;
    }
    const auto batch = decode(request);
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->operations.size(), 2U);
    EXPECT_EQ(batch->operations[0].route, "/orders/{id}/items");
    for (const model::observation& one : batch->observations)
        ASSERT_EQ(one.operation, model::operation_id(batch->operations[one.operation_index]));
}

TEST(otlp_decode, an_empty_request_is_an_empty_batch)
{
    const auto logs = decode_raw_logs("");
    ASSERT_TRUE(logs);
    EXPECT_TRUE(logs->observations.empty());
    EXPECT_EQ(logs->rejected, 0U);
    EXPECT_TRUE(decode_spans(std::make_shared<const std::string>()));
}

struct malformed_case {
    std::string_view name;
    std::string bytes;
    std::string reason;
};

std::string nested(std::string_view inside, std::initializer_list<char> tags)
{
    std::string bytes(inside);
    for (const char tag : tags)
        bytes = std::string(1, tag) + static_cast<char>(bytes.size()) + bytes;
    return bytes;
}

TEST(otlp_decode, malformed_wire_data_is_refused_with_place_and_reason)
{
    using namespace std::string_literals;
    const auto in_record = [](std::string_view inside) { return nested(inside, {'\x12', '\x12', '\x0a'}); };
    const std::vector<malformed_case> cases = {
        {"cut tag", "\x80"s, "varint is cut off (at byte 0)"},
        {"length past the end", "\x0a\x05""ab"s, "length runs past the end (at byte 1)"},
        {"huge length", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, "length runs past the end (at byte 1)"},
        {"endless varint",
         "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, "varint is longer than ten bytes (at byte 1)"},
        {"group", "\x0b\x0c"s, "groups are not part of OTLP (at byte 1)"},
        {"wire type 7", "\x0f"s, "unknown wire type (at byte 1)"},
        {"field 0", "\x02\x01x"s, "field number out of range (at byte 1)"},
        {"cut fixed64", in_record("\x09\x01\x02"), "fixed-width number is cut off (at byte 7)"},
        {"short trace id", in_record("\x4a\x02""ab"), "a trace id must be 16 bytes (at byte 8)"},
        {"long span id", in_record("\x52\x09""123456789"), "a span id must be 8 bytes (at byte 8)"},
    };
    for (const malformed_case& one : cases) {
        const auto batch = decode_raw_logs(one.bytes);
        ASSERT_FALSE(batch) << one.name;
        const std::string said = one.reason.substr(0, one.reason.find(" (at byte 0)"));
        EXPECT_EQ(to_text(batch.error()), said) << one.name;
    }
}

TEST(otlp_decode, a_kept_name_that_is_not_utf8_refuses_the_request)
{
    std::string bytes = request_of({http_record()}).SerializeAsString();
    const auto at = bytes.find("/orders/17");
    bytes[at + 3] = '\xff';
    const auto batch = decode_raw_logs(bytes);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().reason, "the path, statement or name is not UTF-8");
    EXPECT_EQ(batch.error().offset, at);
}

TEST(otlp_decode, limits_are_kept)
{
    const auto bytes = std::make_shared<const std::string>(
        request_of({http_record(), http_record(), http_record()}).SerializeAsString()
    );
    EXPECT_TRUE(decode_logs(bytes, {.request_bytes_max = bytes->size(), .records_max = 3}));
    EXPECT_EQ(decode_logs(bytes, {.request_bytes_max = bytes->size() - 1}).error().offset, 0U);
    const auto many = decode_logs(bytes, {.records_max = 2});
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().reason, "more than 2 records; send smaller batches");
}

std::string prefixed(char tag, std::string_view inside)
{
    std::string bytes(1, tag);
    std::size_t size = inside.size();
    for (; size >= 0x80; size >>= 7)
        bytes += static_cast<char>(size | 0x80);
    bytes += static_cast<char>(size);
    return bytes.append(inside);
}

TEST(otlp_decode, a_value_nested_ten_thousand_deep_costs_nothing)
{
    std::string bytes = text_any("x").SerializeAsString();
    for (int i = 0; i < 10'000; ++i)
        bytes = prefixed('\x2a', prefixed('\x0a', bytes));  // AnyValue.array_value, ArrayValue.values.
    for (const char tag : {'\x2a', '\x12', '\x12', '\x0a'})
        bytes = prefixed(tag, bytes);
    const auto batch = decode_raw_logs(bytes);
    ASSERT_TRUE(batch) << to_text(batch.error());
    EXPECT_EQ(batch->rejected_reason, to_text(errc::body_not_kvlist));
}

}  // namespace
}  // namespace reprise::telemetry
