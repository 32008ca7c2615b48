#include "reprise/telemetry/otlp_answer.hpp"

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

#include <gtest/gtest.h>

namespace reprise::telemetry {
namespace {

using namespace std::chrono_literals;
using logs_response = opentelemetry::proto::collector::logs::v1::ExportLogsServiceResponse;
using traces_response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;

TEST(otlp_answer, success_leaves_partial_success_unset)
{
    EXPECT_EQ(encode_export_response(), "");
    for (const otlp_request kind : {otlp_request::logs, otlp_request::traces, otlp_request::metrics})
        EXPECT_EQ(encode_export_response_json(kind), "{}");
}

TEST(otlp_answer, partial_success_names_count_and_reason)
{
    const std::string bytes = encode_export_response(300, "no body");
    logs_response logs;
    ASSERT_TRUE(logs.ParseFromString(bytes));
    EXPECT_EQ(logs.partial_success().rejected_log_records(), 300);
    EXPECT_EQ(logs.partial_success().error_message(), "no body");
    traces_response traces;
    ASSERT_TRUE(traces.ParseFromString(bytes));
    EXPECT_EQ(traces.partial_success().rejected_spans(), 300);
    EXPECT_EQ(encode_export_response_json(otlp_request::logs, 300, "no \"body\""),
              R"({"partialSuccess":{"rejectedLogRecords":"300","errorMessage":"no \"body\""}})");
    EXPECT_EQ(encode_export_response_json(otlp_request::traces, 1), R"({"partialSuccess":{"rejectedSpans":"1"}})");
    EXPECT_EQ(
        encode_export_response_json(otlp_request::metrics, 2), R"({"partialSuccess":{"rejectedDataPoints":"2"}})"
    );
}

TEST(otlp_answer, a_warning_rejects_nothing)
{
    logs_response logs;
    ASSERT_TRUE(logs.ParseFromString(encode_export_response(0, "deprecated")));
    EXPECT_TRUE(logs.has_partial_success());
    EXPECT_EQ(logs.partial_success().rejected_log_records(), 0);
    EXPECT_EQ(logs.partial_success().error_message(), "deprecated");
}

TEST(otlp_answer, a_status_has_code_message_and_when_to_come_back)
{
    using namespace std::string_literals;
    EXPECT_EQ(encode_status(3, "bad"), "\x08\x03\x12\x03""bad"s);
    const std::string type = "type.googleapis.com/google.rpc.RetryInfo";
    const std::string any = "\x0a"s + static_cast<char>(type.size()) + type + "\x12\x04\x0a\x02\x08\x07"s;
    EXPECT_EQ(encode_status(8, "busy", 7s), "\x08\x08\x12\x04""busy\x1a"s + static_cast<char>(any.size()) + any);
    EXPECT_EQ(encode_status_json(3, "bad"), R"({"code":3,"message":"bad"})");
    EXPECT_EQ(
        encode_status_json(8, "busy", 7s),
        R"({"code":8,"message":"busy",)"
        R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]})"
    );
}

TEST(otlp_answer, texts_are_cut_and_valid)
{
    logs_response logs;
    ASSERT_TRUE(logs.ParseFromString(encode_export_response(1, std::string(5000, 'x') + "\xff")));
    EXPECT_EQ(logs.partial_success().error_message().size(), answer_text_bytes_max);
    ASSERT_TRUE(logs.ParseFromString(encode_export_response(1, "a\xff""b")));
    EXPECT_EQ(logs.partial_success().error_message(), "a\xef\xbf\xbd""b");
}

}  // namespace
}  // namespace reprise::telemetry
