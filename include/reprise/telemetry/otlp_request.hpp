#pragma once

#include "reprise/telemetry/otlp_decode.hpp"

namespace reprise::telemetry {

// The three signals that are taken. Pure, any thread.
enum class otlp_request : unsigned char { logs, traces, metrics };
constexpr std::size_t otlp_request_count = 3;

// "logs", "traces", "metrics".
std::string_view to_text(otlp_request kind) noexcept;

// decode_logs, decode_spans or decode_metrics.
decode_result<model::observation_batch> decode_request(
    otlp_request kind, std::shared_ptr<const std::string> bytes, const decode_limits& limits = {}
);

}  // namespace reprise::telemetry
