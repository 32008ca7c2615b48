#include "fuzz_target.hpp"
#include "require.hpp"

#include "../telemetry/random_metrics.hpp"
#include "../telemetry/record_builder.hpp"

#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/otlp_request.hpp"

#include <memory>

// What is taken becomes a valid message of the generated types and is read as one.
namespace reprise::fuzz {
namespace {

using telemetry::otlp_request;

bool is_valid(otlp_request kind, const std::string& bytes)
{
    switch (kind) {
    case otlp_request::logs: return telemetry::logs_request().ParseFromString(bytes);
    case otlp_request::traces: return telemetry::traces_request().ParseFromString(bytes);
    case otlp_request::metrics: break;
    }
    return telemetry::metrics_request().ParseFromString(bytes);
}

void check(const telemetry::otlp_message& message)
{
    const auto bytes = std::make_shared<const std::string>(message.bytes);
    require(is_valid(message.kind, *bytes), "the generated types refuse what became of it");
    const auto batch = telemetry::decode_request(message.kind, bytes);
    require(batch || !batch.error().reason.empty(), "a refusal without a reason");
}

}  // namespace

void otlp_json(std::string_view input)
{
    const auto line = telemetry::encode_otlp_json_line(input);
    if (line)
        check(*line);
    else
        require(!line.error().reason.empty() && line.error().offset <= input.size(), "a refusal without its place");
    for (const auto kind : {otlp_request::logs, otlp_request::traces, otlp_request::metrics}) {
        const auto request = telemetry::encode_otlp_json(kind, input);
        if (request)
            check({kind, *request});
        if (line && line->kind == kind)
            require(request && *request == line->bytes, "a line and a request differ");
    }
}

}  // namespace reprise::fuzz
