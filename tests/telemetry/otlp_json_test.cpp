#include "reprise/telemetry/otlp_json.hpp"

#include "random_metrics.hpp"
#include "random_requests.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <regex>

namespace reprise::telemetry {
namespace {

// Protobuf's own JSON writes ids as base64 and enums by name; OTLP wants hex and numbers.
template <class Request>
std::string otlp_json(const Request& request)
{
    google::protobuf::util::JsonPrintOptions options;
    options.always_print_enums_as_ints = true;
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &json, options).ok());
    static const std::regex id(R"re("(traceId|spanId|parentSpanId)":"([^"]*)")re");
    std::string out;
    std::string::const_iterator from = json.begin();
    for (std::sregex_iterator it(json.begin(), json.end(), id), end; it != end; ++it) {
        out.append(from, (*it)[0].first);
        const std::string bytes = from_base64((*it)[2].str());
        const std::string hex = to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
        out += "\"" + (*it)[1].str() + "\":\"" + hex + "\"";
        from = (*it)[0].second;
    }
    return out.append(from, json.cend());
}

template <class Request>
void expect_round_trip(const Request& request, otlp_request kind)
{
    const std::string json = otlp_json(request);
    const auto bytes = encode_otlp_json(kind, json);
    ASSERT_TRUE(bytes) << to_text(bytes.error());
    Request back;
    ASSERT_TRUE(back.ParseFromString(*bytes));
    const std::string want = request.SerializeAsString();
    const std::string seen = back.SerializeAsString();
    const auto first = std::mismatch(want.begin(), want.end(), seen.begin(), seen.end());
    const auto at = std::max<std::ptrdiff_t>(0, first.first - want.begin() - 40);
    ASSERT_TRUE(want == seen) << want.substr(static_cast<std::size_t>(at), 80);
}

TEST(otlp_json, random_requests_become_the_same_bytes)
{
    random_requests random(21);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        // Text in random requests is kept free of "traceId" keys, which the id rewriting would touch.
        expect_round_trip(random.make_traces(), otlp_request::traces);
        logs_request logs = random.make_logs();
        for (auto& entry : *logs.mutable_resource_logs()) {
            for (auto& record : *entry.mutable_scope_logs(0)->mutable_log_records())
                if (record.body().has_kvlist_value())
                    for (auto& pair : *record.mutable_body()->mutable_kvlist_value()->mutable_values())
                        pair.set_key("k" + pair.key());
        }
        expect_round_trip(logs, otlp_request::logs);
    }
}

TEST(otlp_json, random_metrics_become_the_same_bytes)
{
    random_metrics random(22);
    for (int i = 0; i < 300 && !HasFailure(); ++i)
        expect_round_trip(random.make(), otlp_request::metrics);
}

TEST(otlp_json, a_line_tells_its_kind)
{
    const auto spans = encode_otlp_json_line(
        R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
            "spanId":"eee19b7ec3c1b174","parentSpanId":"","name":"x","kind":2,"startTimeUnixNano":"1544712660000000000",
            "endTimeUnixNano":1544712661000000000,"attributes":[
            {"key":"http.request.method","value":{"stringValue":"GET"}},
            {"key":"http.response.status_code","value":{"intValue":"200"}}],"unknownField":{"a":[1]}}]}]}]})"
    );
    ASSERT_TRUE(spans) << to_text(spans.error());
    EXPECT_EQ(spans->kind, otlp_request::traces);
    const auto batch = decode_spans(std::make_shared<const std::string>(spans->bytes));
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->observations.size(), 1U);
    EXPECT_EQ(batch->observations[0].duration_ns, 1'000'000'000);
    EXPECT_EQ(batch->observations[0].status, 200);
    EXPECT_EQ(model::to_hex(batch->observations[0].trace), "5b8efff798038103d269b633813fc60c");

    const auto logs = encode_otlp_json_line(R"({"resourceLogs":[]})");
    ASSERT_TRUE(logs);
    EXPECT_EQ(logs->kind, otlp_request::logs);
    const auto metrics = encode_otlp_json_line(R"({"resourceMetrics":[]})");
    ASSERT_TRUE(metrics);
    EXPECT_EQ(metrics->kind, otlp_request::metrics);
}

TEST(otlp_json, snake_case_keys_are_unknown)
{
    const auto bytes = encode_otlp_json(otlp_request::logs, R"({"resource_logs":[{"scope_logs":[]}]})");
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, "");
}

struct bad_json {
    std::string_view text;
    std::string_view reason;
};

TEST(otlp_json, bad_input_names_the_place)
{
    const std::vector<bad_json> cases = {
        {R"({"resourceSpans":{}})", "resourceSpans is not an array"},
        {R"({"resourceSpans":[1]})", "resourceSpans[0] is not an object"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{},{"traceId":"xyz"}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[1].traceId is not hex"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"AbCd"}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].spanId is not 16 hex digits"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"W47/94gDgQPSabYzgT/GDA=="}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].traceId is not hex"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_SERVER"}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].kind is not the number of an enum value"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":-1}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano is not an unsigned 64-bit integer"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"flags":4294967296}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].flags does not fit into 32 bits"},
        {R"({"resourceSpans":[{"resource":{"attributes":[{"key":1}]}}]})",
         "resourceSpans[0].resource.attributes[0].key is not a string"},
        {R"({"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"intValue":1.5}}]}}]})",
         "resourceSpans[0].resource.attributes[0].value.intValue is not a 64-bit integer"},
        {R"({"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"boolValue":1}}]}}]})",
         "resourceSpans[0].resource.attributes[0].value.boolValue is neither true nor false"},
        {R"({"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"bytesValue":"?"}}]}}]})",
         "resourceSpans[0].resource.attributes[0].value.bytesValue is not base64 text"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"code":"2"}}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].status.code is not the number of an enum value"},
        {R"({"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"bytesValue":"AB==CD=="}}]}}]})",
         "resourceSpans[0].resource.attributes[0].value.bytesValue is not base64 text"},
        {R"({"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"bytesValue":"A"}}]}}]})",
         "resourceSpans[0].resource.attributes[0].value.bytesValue is not base64 text"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":1e10}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].kind is not the number of an enum value"},
        {R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":3.5}]}]}]})",
         "resourceSpans[0].scopeSpans[0].spans[0].kind is not the number of an enum value"},
        {"[]", "the request is not an object"},
    };
    for (const bad_json& one : cases) {
        const auto bytes = encode_otlp_json(otlp_request::traces, one.text);
        ASSERT_FALSE(bytes) << one.text;
        EXPECT_EQ(to_text(bytes.error()), one.reason);
    }
}

TEST(otlp_json, bad_metrics_name_the_place)
{
    const std::vector<bad_json> cases = {
        {R"({"histogram":{"dataPoints":[{"bucketCounts":[1,-1]}]}})", "histogram.dataPoints[0].bucketCounts[1]"},
        {R"({"histogram":{"dataPoints":[{"bucketCounts":3}]}})",
         "histogram.dataPoints[0].bucketCounts is not an array"},
        {R"({"histogram":{"dataPoints":[{"explicitBounds":["x"]}]}})", "histogram.dataPoints[0].explicitBounds[0]"},
        {R"({"histogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}})",
         "histogram.aggregationTemporality is not the number of an enum value"},
        {R"({"exponentialHistogram":{"dataPoints":[{"scale":2147483648}]}})",
         "exponentialHistogram.dataPoints[0].scale does not fit into 32 bits"},
        {R"({"exponentialHistogram":{"dataPoints":[{"positive":{"bucketCounts":[1.5]}}]}})",
         "exponentialHistogram.dataPoints[0].positive.bucketCounts[0]"},
        {R"({"gauge":{"dataPoints":[{"asInt":"12x"}]}})", "gauge.dataPoints[0].asInt is not a 64-bit integer"},
        {R"({"sum":{"isMonotonic":"true"}})", "sum.isMonotonic is neither true nor false"},
    };
    for (const bad_json& one : cases) {
        const std::string text =
            R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)" + std::string(one.text) + "]}]}]}";
        const auto bytes = encode_otlp_json(otlp_request::metrics, text);
        ASSERT_FALSE(bytes) << one.text;
        const std::string reason = to_text(bytes.error());
        EXPECT_TRUE(reason.starts_with("resourceMetrics[0].scopeMetrics[0].metrics[0]." + std::string(one.reason)))
            << reason;
    }
}

TEST(otlp_json, a_number_too_large_for_a_double_is_refused_or_infinite)
{
    const auto bytes = encode_otlp_json(
        otlp_request::logs,
        R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"doubleValue":1e400}}]}}]})"
    );
    if (!bytes)
        return;  // What a parser may say.
    logs_request request;
    ASSERT_TRUE(request.ParseFromString(*bytes));
    EXPECT_TRUE(std::isinf(request.resource_logs(0).resource().attributes(0).value().double_value()));
}

TEST(otlp_json, the_last_of_equal_keys_counts)
{
    const auto bytes = encode_otlp_json(
        otlp_request::traces, R"({"resourceSpans":[{"schemaUrl":"a","schemaUrl":"b"}]})"
    );
    ASSERT_TRUE(bytes);
    traces_request request;
    ASSERT_TRUE(request.ParseFromString(*bytes));
    EXPECT_EQ(request.resource_spans(0).schema_url(), "b");
}

TEST(otlp_json, what_is_no_json_is_refused_with_the_place)
{
    const auto cut = encode_otlp_json(otlp_request::logs, R"({"resourceLogs":[)");
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().offset, 17U);
    const std::string deep = "{\"resourceLogs\":" + std::string(101, '[') + std::string(101, ']') + "}";
    for (const std::string_view text : {"", "\xef\xbb\xbf{}", "{} {}", "{\"a\":\"\xff\"}", deep.c_str()})
        EXPECT_FALSE(encode_otlp_json(otlp_request::logs, text)) << text;
    EXPECT_FALSE(encode_otlp_json_line("{}"));
    EXPECT_FALSE(encode_otlp_json_line(R"({"resourceLogs":[],"resourceSpans":[]})"));
}

TEST(otlp_json, numbers_come_in_every_spelling)
{
    const auto bytes = encode_otlp_json(otlp_request::logs,
        R"({"resourceLogs":[{"resource":{"attributes":[
            {"key":"a","value":{"intValue":"-5"}},{"key":"b","value":{"intValue":1e3}},
            {"key":"c","value":{"doubleValue":"NaN"}},{"key":"d","value":{"doubleValue":"-Infinity"}},
            {"key":"e","value":{"doubleValue":3}},{"key":"f","value":null},
            {"key":"g","value":{"stringValue":""}},{"key":"h","value":{"bytesValue":"-_8"}}]}}]})");
    ASSERT_TRUE(bytes) << to_text(bytes.error());
    logs_request request;
    ASSERT_TRUE(request.ParseFromString(*bytes));
    const auto& attributes = request.resource_logs(0).resource().attributes();
    EXPECT_EQ(attributes[0].value().int_value(), -5);
    EXPECT_EQ(attributes[1].value().int_value(), 1000);
    EXPECT_TRUE(std::isnan(attributes[2].value().double_value()));
    EXPECT_TRUE(std::isinf(attributes[3].value().double_value()));
    EXPECT_EQ(attributes[4].value().double_value(), 3.0);
    EXPECT_FALSE(attributes[5].has_value());
    EXPECT_TRUE(attributes[6].value().has_string_value());
    EXPECT_EQ(attributes[7].value().bytes_value(), "\xfb\xff");  // URL alphabet, no padding.
}

}  // namespace
}  // namespace reprise::telemetry
