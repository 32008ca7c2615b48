#include "reprise/telemetry/otlp_request.hpp"

#include "reprise/telemetry/metrics_decode.hpp"

#include <utility>

namespace reprise::telemetry {

std::string_view to_text(otlp_request kind) noexcept
{
    switch (kind) {
    case otlp_request::logs: return "logs";
    case otlp_request::traces: return "traces";
    case otlp_request::metrics: return "metrics";
    }
    return "unknown";
}

decode_result<model::observation_batch> decode_request(
    otlp_request kind, std::shared_ptr<const std::string> bytes, const decode_limits& limits
)
{
    switch (kind) {
    case otlp_request::logs: return decode_logs(std::move(bytes), limits);
    case otlp_request::traces: return decode_spans(std::move(bytes), limits);
    case otlp_request::metrics: return decode_metrics(std::move(bytes), limits);
    }
    return decode_error{0, "no such kind of request"};
}

}  // namespace reprise::telemetry
