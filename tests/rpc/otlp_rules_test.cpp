#include "rpc/otlp_fixture.hpp"

#include <string>
#include <vector>

// OTLP/gRPC to the letter: one row per rule of the protocol specification (opentelemetry-proto,
// docs/specification.md), with the section it stands in. The HTTP rows are in tests/ingest.
namespace reprise::rpc {
namespace {

using test::logs_request;
using test::metrics_request;
using test::spans_request;

struct rule {
    std::string section;
    std::string name;
    std::string_view path;
    std::string body;
    bool overloaded = false;
    bool zipped = false;
    grpc::StatusCode code = grpc::StatusCode::OK;
    bool retryable = false;   // By the table of codes, or by a RetryInfo.
    std::string answer = "";  // Of a call that went well.
};

const std::vector<rule> rules = {
    {"OTLP/gRPC Response, Full Success", "partial_success_stays_unset", logs_export_path, logs_request(1)},
    {"OTLP/gRPC Request", "traces_are_taken", trace_export_path, spans_request({"00f067aa0ba902b7"})},
    {"OTLP/gRPC Request", "metrics_are_taken", metrics_export_path, metrics_request({"8"})},
    {"OTLP/gRPC Request", "gzip_may_be_used", metrics_export_path, metrics_request({"8"}), false, true},
    {"OTLP/gRPC Request", "an_empty_request_is_a_success", trace_export_path, ""},
    {"OTLP/gRPC Response, Partial Success", "rejected_points_are_counted", metrics_export_path,
     metrics_request({"8", "1", "2"}), false, false, grpc::StatusCode::OK, false, std::string("\x08\x02", 2)},
    {"OTLP/gRPC Response, Failures", "bad_data_is_for_good", trace_export_path, "no protobuf", false, false,
     grpc::StatusCode::INVALID_ARGUMENT},
    {"OTLP/gRPC Response, Failures", "an_unknown_service_is_for_good",
     "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", "", false, false,
     grpc::StatusCode::UNIMPLEMENTED},
    {"OTLP/gRPC Response, Failures", "too_large_is_for_good", logs_export_path, std::string(20 * 1024 * 1024 + 1, 'x'),
     false, false, grpc::StatusCode::RESOURCE_EXHAUSTED, false},
    {"OTLP/gRPC Throttling", "overload_carries_retry_info", metrics_export_path, metrics_request({"8"}), true, false,
     grpc::StatusCode::RESOURCE_EXHAUSTED, true},
};

class otlp_grpc_rule : public test::otlp_fixture, public testing::WithParamInterface<rule> {};

TEST_P(otlp_grpc_rule, holds)
{
    const rule& one = GetParam();
    SCOPED_TRACE(one.section);
    stream.full = one.overloaded;
    auto peer = client();

    const auto end = peer.call(one.path, one.body, one.zipped ? GRPC_COMPRESS_GZIP : GRPC_COMPRESS_NONE);

    EXPECT_EQ(end.status.error_code(), one.code) << end.status.error_message();
    EXPECT_EQ(end.status.error_details().find("google.rpc.RetryInfo") != std::string::npos, one.retryable);
    if (one.answer.empty()) {
        EXPECT_EQ(end.body, "");
    } else {
        EXPECT_NE(end.body.find(one.answer), std::string::npos);
    }
    EXPECT_EQ(end.status.error_message().empty(), end.status.ok());
}

INSTANTIATE_TEST_SUITE_P(specification, otlp_grpc_rule, testing::ValuesIn(rules), [](const auto& one) {
    return one.param.name;
});

}  // namespace
}  // namespace reprise::rpc
