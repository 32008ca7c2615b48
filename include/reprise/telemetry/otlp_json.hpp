#pragma once

#include "reprise/telemetry/error.hpp"
#include "reprise/telemetry/otlp_request.hpp"

#include <string>
#include <string_view>

// OTLP/JSON becomes OTLP/protobuf, so that one decoder decides what telemetry means. Pure, any thread;
// the cold way in (under 10 ns per byte).
//
// As the specification maps it: lowerCamelCase keys, trace and span ids as hex, bytes as base64, 64-bit
// integers as text or number, enums as numbers only, unknown keys ignored, at most json_depth_max deep.
// The reason of a refusal names the place: "resourceSpans[0].scopeSpans[0].spans[2].traceId is not hex".
namespace reprise::telemetry {

struct otlp_message {
    otlp_request kind = otlp_request::logs;
    std::string bytes;  // For decode_logs, decode_spans or decode_metrics.
};

// A request body whose kind is known. An object without the expected list is an empty request.
decode_result<std::string> encode_otlp_json(otlp_request kind, std::string_view json);

// One line of a file: the kind is told by resourceLogs, resourceSpans or resourceMetrics.
decode_result<otlp_message> encode_otlp_json_line(std::string_view line);

}  // namespace reprise::telemetry
