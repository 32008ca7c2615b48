// The generated message types as a stranger to our wire code: what they write we take, what we
// answer they read.

#include "rpc/otlp_fixture.hpp"

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <future>

namespace reprise::rpc {
namespace {

namespace logs = opentelemetry::proto::collector::logs::v1;
namespace metrics_v1 = opentelemetry::proto::collector::metrics::v1;
namespace traces = opentelemetry::proto::collector::trace::v1;

template <class Request, class Response>
grpc::Status call(test::generic_client& client, std::string_view path, const Request& request, Response& response)
{
    grpc::TemplatedGenericStub<Request, Response> stub(client.channel());
    grpc::ClientContext context;
    std::promise<grpc::Status> end;
    stub.UnaryCall(&context, std::string(path), {}, &request, &response, [&end](const grpc::Status& status) {
        end.set_value(status);
    });
    return end.get_future().get();
}

// One span that says all it needs to.
void add_span(traces::ExportTraceServiceRequest& request, std::string_view trace_id)
{
    auto& resource = *request.add_resource_spans();
    auto& name = *resource.mutable_resource()->add_attributes();
    name.set_key("service.name");
    name.mutable_value()->set_string_value("shop");
    auto& span = *resource.add_scope_spans()->add_spans();
    span.set_trace_id(std::string(trace_id));
    span.set_span_id("\x01\x02\x03\x04\x05\x06\x07\x08");
    span.set_name("GET /orders");
    span.set_kind(opentelemetry::proto::trace::v1::Span::SPAN_KIND_SERVER);
    span.set_start_time_unix_nano(1'790'000'000'000'000'000U);
    span.set_end_time_unix_nano(1'790'000'000'020'000'000U);
    auto& method = *span.add_attributes();
    method.set_key("http.request.method");
    method.mutable_value()->set_string_value("GET");
}

class otlp_typed_test : public test::otlp_fixture {};

TEST_F(otlp_typed_test, spans_of_generated_types_are_taken)
{
    traces::ExportTraceServiceRequest request;
    add_span(request, "0123456789abcdef");
    traces::ExportTraceServiceResponse response;
    auto peer = client();

    const auto status = call(peer, trace_export_path, request, response);

    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_FALSE(response.has_partial_success());
    ASSERT_EQ(stream.records(), 1U);
    EXPECT_EQ(stream.batches.front()->observations.front().duration_ns, 20'000'000);
    EXPECT_EQ(stream.batches.front()->operations.front().service, "shop");
}

TEST_F(otlp_typed_test, unusable_records_are_counted_in_partial_success)
{
    logs::ExportLogsServiceRequest request;
    auto& scope = *request.add_resource_logs()->add_scope_logs();
    scope.add_log_records()->mutable_body()->set_string_value("a line of text");
    scope.add_log_records();
    logs::ExportLogsServiceResponse response;
    auto peer = client();

    const auto status = call(peer, logs_export_path, request, response);

    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(response.has_partial_success());
    EXPECT_EQ(response.partial_success().rejected_log_records(), 2);
    EXPECT_FALSE(response.partial_success().error_message().empty());
    EXPECT_TRUE(stream.batches.empty());
}

TEST_F(otlp_typed_test, good_and_bad_spans_of_one_request_are_told_apart)
{
    traces::ExportTraceServiceRequest request;
    add_span(request, "0123456789abcdef");
    add_span(request, "fedcba9876543210");
    request.mutable_resource_spans(1)->mutable_scope_spans(0)->mutable_spans(0)->clear_end_time_unix_nano();
    traces::ExportTraceServiceResponse response;
    auto peer = client();

    const auto status = call(peer, trace_export_path, request, response);

    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.partial_success().rejected_spans(), 1);
    EXPECT_EQ(stream.records(), 1U);
}

TEST_F(otlp_typed_test, bad_data_points_are_counted_in_partial_success)
{
    metrics_v1::ExportMetricsServiceRequest request;
    ASSERT_TRUE(request.ParseFromString(test::metrics_request({"8", "7", "8", "9"})));
    metrics_v1::ExportMetricsServiceResponse response;
    auto peer = client();

    const auto status = call(peer, metrics_export_path, request, response);

    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.partial_success().rejected_data_points(), 2);
    EXPECT_EQ(stream.batches.front()->measured.size(), 2U);
}

TEST_F(otlp_typed_test, an_empty_request_is_a_success)
{
    logs::ExportLogsServiceResponse response;
    auto peer = client();

    const auto status = call(peer, logs_export_path, logs::ExportLogsServiceRequest(), response);

    EXPECT_TRUE(status.ok());
    EXPECT_FALSE(response.has_partial_success());
}

}  // namespace
}  // namespace reprise::rpc
