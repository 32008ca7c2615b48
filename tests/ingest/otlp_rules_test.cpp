#include "ingest/otlp_listener.hpp"

#include <functional>

// OTLP/HTTP to the letter: one row per rule of the protocol specification (opentelemetry-proto,
// docs/specification.md), with the section it stands in. The gRPC rows are in tests/rpc.
namespace reprise::ingest {
namespace {

using namespace std::string_literals;
using reprise::test::gzip;
using reprise::test::logs_request;
using reprise::test::metrics_json;
using reprise::test::metrics_request;
using reprise::test::spans_json;
using reprise::test::spans_request;
using test::json;
using test::protobuf;

constexpr std::string_view good_span = "00f067aa0ba902b7";

struct rule {
    std::string section;
    std::string name;        // What the rule says.
    std::string path = "/v1/logs";
    std::string type{protobuf};
    std::string content = "";  // Content-Encoding.
    std::string body = "";
    bool overloaded = false;
    int status = 200;
    std::string holds = "";  // The answer's body holds this; empty: the answer is empty, or {} in JSON.
    std::string lacks = "";  // ... and not this.
    std::size_t records = 0; // Taken in.
};

// A google.rpc.Status as it begins: field 1, the code.
std::string status_code(char code)
{
    return std::string("\x08") + code;
}

std::string span_with(const std::string& field)
{
    std::string text = spans_json({std::string(good_span)});
    const std::string at = R"("kind":2)";
    return text.replace(text.find(at), at.size(), field);
}

std::string with_id(const std::string& id)
{
    std::string text = spans_json({std::string(good_span)});
    const std::string at = "0af7651916cd43dd8448eb211c80319c";
    return text.replace(text.find(at), at.size(), id);
}

const std::vector<rule> rules = {
    {"OTLP/HTTP Request", "logs_go_to_v1_logs", "/v1/logs", std::string(protobuf), "", logs_request(2), false, 200, "",
     "", 2},
    {"OTLP/HTTP Request", "traces_go_to_v1_traces", "/v1/traces", std::string(protobuf), "",
     spans_request({std::string(good_span)}), false, 200, "", "", 1},
    {"OTLP/HTTP Request", "metrics_go_to_v1_metrics", "/v1/metrics", std::string(protobuf), "", metrics_request({"8"}),
     false, 200, "", "", 1},
    {"OTLP/HTTP Request", "gzip_may_be_used", "/v1/metrics", std::string(protobuf), "gzip",
     gzip(metrics_request({"8"})), false, 200, "", "", 1},
    {"OTLP/HTTP Request", "gzip_of_json_may_be_used", "/v1/traces", std::string(json), "gzip",
     gzip(spans_json({std::string(good_span)})), false, 200, "", "", 1},
    {"OTLP/HTTP Request", "identity_is_no_encoding", "/v1/logs", std::string(protobuf), "identity", logs_request(1),
     false, 200, "", "", 1},
    {"OTLP/HTTP Request", "other_encodings_are_415", "/v1/logs", std::string(protobuf), "zstd", "x", false, 415,
     status_code(3)},
    {"OTLP/HTTP Request", "a_list_of_encodings_is_415", "/v1/logs", std::string(protobuf), "gzip, gzip",
     gzip(gzip(logs_request(1))), false, 415, status_code(3)},
    {"OTLP/HTTP Request", "gzip_is_undone_once", "/v1/logs", std::string(protobuf), "gzip",
     gzip(gzip(logs_request(1))), false, 400, status_code(3), "RetryInfo"},
    {"OTLP/HTTP Request", "other_content_types_are_415", "/v1/logs", "text/plain", "", "x", false, 415, R"("code":3)"},

    {"JSON Protobuf Encoding", "trace_ids_are_hex", "/v1/traces", std::string(json), "",
     spans_json({std::string(good_span)}), false, 200, "", "", 1},
    {"JSON Protobuf Encoding", "hex_is_case_insensitive", "/v1/traces", std::string(json), "",
     with_id("0AF7651916CD43DD8448EB211C80319C"), false, 200, "", "", 1},
    {"JSON Protobuf Encoding", "base64_ids_are_an_error", "/v1/traces", std::string(json), "",
     with_id("CvdlGRbNQ92ESOshHIAxnA=="), false, 400, "traceId is not hex"},
    {"JSON Protobuf Encoding", "enums_are_integers", "/v1/traces", std::string(json), "", span_with(R"("kind":3)"),
     false, 200, "", "", 1},
    {"JSON Protobuf Encoding", "enum_names_are_refused", "/v1/traces", std::string(json), "",
     span_with(R"("kind":"SPAN_KIND_SERVER")"), false, 400, "kind is not the number of an enum value"},
    {"JSON Protobuf Encoding", "unknown_fields_are_ignored", "/v1/traces", std::string(json), "",
     span_with(R"("kind":2,"newInTheNextVersion":{"a":[1,{"b":null}]})"), false, 200, "", "", 1},
    {"JSON Protobuf Encoding", "keys_are_lower_camel_case_only", "/v1/traces", std::string(json), "",
     R"({"resource_spans":[{"scope_spans":[{"spans":[{}]}]}]})", false, 200, ""},
    {"JSON Protobuf Encoding", "a_request_is_answered_in_its_encoding", "/v1/logs", std::string(json), "", "{]", false,
     400, R"("code":3)"},

    {"OTLP/HTTP Response, Full Success", "partial_success_stays_unset", "/v1/logs", std::string(json), "",
     R"({"resourceLogs":[]})"},
    {"OTLP/HTTP Request", "an_empty_request_is_a_success", "/v1/traces", std::string(protobuf), "", ""},
    {"OTLP/HTTP Request", "an_empty_request_of_metrics_is_a_success", "/v1/metrics", std::string(json), "", "{}"},
    {"OTLP/HTTP Response, Partial Success", "rejected_spans_are_counted", "/v1/traces", std::string(json), "",
     spans_json({std::string(good_span), "", "", "00f067aa0ba902b8"}), false, 200, R"("rejectedSpans":"2")", "", 2},
    {"OTLP/HTTP Response, Partial Success", "rejected_log_records_are_counted", "/v1/logs", std::string(json), "",
     R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"text"}},{}]}]}]})", false, 200,
     R"("rejectedLogRecords":"2")"},
    {"OTLP/HTTP Response, Partial Success", "rejected_data_points_are_counted", "/v1/metrics", std::string(json), "",
     metrics_json({"8", "1", "2", "8", "3"}), false, 200, R"("rejectedDataPoints":"3")", "", 2},
    {"OTLP/HTTP Response, Partial Success", "the_message_says_why", "/v1/traces", std::string(json), "",
     spans_json({""}), false, 200, R"("errorMessage":")"},

    {"Failures", "bad_protobuf_is_400_with_a_status", "/v1/metrics", std::string(protobuf), "", "no protobuf", false,
     400, status_code(3), "RetryInfo"},
    {"Failures", "damaged_gzip_is_400", "/v1/logs", std::string(protobuf), "gzip",
     gzip(logs_request(3)).substr(0, 40), false, 400, status_code(3), "RetryInfo"},
    {"Failures", "declared_gzip_that_is_none_is_400", "/v1/logs", std::string(protobuf), "gzip", logs_request(1), false,
     400, status_code(3)},
    {"Failures", "too_large_is_413_and_not_to_be_repeated", "/v1/logs", std::string(protobuf), "",
     std::string(300'001, 'x'), false, 413, status_code(8), "RetryInfo"},
    {"Failures", "too_large_when_inflated_is_413", "/v1/logs", std::string(json), "gzip", gzip("x"s, 400'000), false,
     413, R"("code":8)", "RetryInfo"},
    {"Failures", "an_unknown_path_has_a_status_too", "/v1/profiles", std::string(protobuf), "", "x", false, 404,
     status_code(12)},
    {"OTLP/HTTP Throttling", "overload_is_429_and_to_be_repeated", "/v1/logs", std::string(protobuf), "",
     logs_request(1), true, 429, "google.rpc.RetryInfo"},
    {"OTLP/HTTP Throttling", "overload_in_json", "/v1/metrics", std::string(json), "", metrics_json({"8"}), true, 429,
     R"("retryDelay":"1s")"},
};

class otlp_http_rule : public test::otlp_listener, public testing::WithParamInterface<rule> {};

TEST_P(otlp_http_rule, holds)
{
    const rule& one = GetParam();
    SCOPED_TRACE(one.section);
    stream.full = one.overloaded;

    const auto reply = post(one.path, one.type, one.body, one.content);

    EXPECT_EQ(reply.status, one.status);
    EXPECT_EQ(type_of(reply), one.type == protobuf ? protobuf : json);
    if (one.holds.empty()) {
        EXPECT_EQ(reply.body, one.type == json ? "{}" : "");
    } else {
        EXPECT_NE(reply.body.find(one.holds), std::string::npos) << reply.body;
    }
    if (!one.lacks.empty()) {
        EXPECT_EQ(reply.body.find(one.lacks), std::string::npos) << reply.body;
    }
    // Exactly 429, 502, 503 and 504 are repeated, and only they say when.
    const bool retryable = one.status == 429 || one.status == 503;
    EXPECT_EQ(!net::find_header(reply.headers, "retry-after").empty(), retryable);
    EXPECT_EQ(stream.records(), one.records);
}

INSTANTIATE_TEST_SUITE_P(specification, otlp_http_rule, testing::ValuesIn(rules), [](const auto& one) {
    return one.param.name;
});

}  // namespace
}  // namespace reprise::ingest
