#include "fuzz_target.hpp"
#include "require.hpp"

#include "../telemetry/record_builder.hpp"

#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/otlp_json.hpp"

#include <memory>

// What is taken becomes a valid message of the generated types and is read as one.
namespace reprise::fuzz {
namespace {

void check(const telemetry::otlp_message& message)
{
    const auto bytes = std::make_shared<const std::string>(message.bytes);
    const bool logs = message.kind == telemetry::otlp_request::logs;
    const bool valid = logs ? telemetry::logs_request().ParseFromString(*bytes)
                            : telemetry::traces_request().ParseFromString(*bytes);
    require(valid, "the generated types refuse what became of it");
    const auto batch = logs ? telemetry::decode_logs(bytes) : telemetry::decode_spans(bytes);
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
    for (const auto kind : {telemetry::otlp_request::logs, telemetry::otlp_request::traces}) {
        const auto request = telemetry::encode_otlp_json(kind, input);
        if (request)
            check({kind, *request});
        if (line && line->kind == kind)
            require(request && *request == line->bytes, "a line and a request differ");
    }
}

}  // namespace reprise::fuzz
