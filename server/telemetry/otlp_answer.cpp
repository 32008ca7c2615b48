#include "reprise/telemetry/otlp_answer.hpp"

#include "utf8.hpp"
#include "wire_write.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view retry_info_type = "type.googleapis.com/google.rpc.RetryInfo";

std::string fit(std::string_view message)
{
    return repair_utf8(cut_utf8(message, answer_text_bytes_max));
}

std::string_view count_name(otlp_request kind) noexcept
{
    switch (kind) {
    case otlp_request::logs: return "rejectedLogRecords";
    case otlp_request::traces: return "rejectedSpans";
    case otlp_request::metrics: return "rejectedDataPoints";
    }
    return "rejected";
}

}  // namespace

std::string encode_export_response(std::uint64_t rejected, std::string_view message)
{
    std::string response;
    if (rejected == 0 && message.empty())
        return response;
    std::string partial;
    if (rejected != 0)
        append_varint_field(partial, 1, rejected);
    if (!message.empty())
        append_bytes_field(partial, 2, fit(message));
    append_bytes_field(response, 1, partial);
    return response;
}

std::string encode_export_response_json(otlp_request kind, std::uint64_t rejected, std::string_view message)
{
    if (rejected == 0 && message.empty())
        return "{}";
    json::object partial;
    // 64-bit integers are text in protobuf's JSON.
    partial[count_name(kind)] = std::to_string(rejected);
    if (!message.empty())
        partial["errorMessage"] = fit(message);
    return json::serialize(json::object{{"partialSuccess", std::move(partial)}});
}

std::string encode_status(int grpc_code, std::string_view message, std::optional<std::chrono::seconds> retry_after)
{
    std::string status;
    append_varint_field(status, 1, static_cast<std::uint64_t>(grpc_code));
    append_bytes_field(status, 2, fit(message));
    if (!retry_after)
        return status;
    std::string delay;
    append_varint_field(delay, 1, static_cast<std::uint64_t>(retry_after->count()));
    std::string retry_info;
    append_bytes_field(retry_info, 1, delay);
    std::string any;
    append_bytes_field(any, 1, retry_info_type);
    append_bytes_field(any, 2, retry_info);
    append_bytes_field(status, 3, any);
    return status;
}

std::string encode_status_json(
    int grpc_code, std::string_view message, std::optional<std::chrono::seconds> retry_after
)
{
    json::object status{{"code", grpc_code}, {"message", fit(message)}};
    if (retry_after) {
        json::object retry_info{
            {"@type", retry_info_type}, {"retryDelay", std::to_string(retry_after->count()) + "s"}};
        status["details"] = json::array{std::move(retry_info)};
    }
    return json::serialize(status);
}

}  // namespace reprise::telemetry
