#pragma once

#include "reprise/telemetry/otlp_decode.hpp"

// Metrics become calls counted by the dozen: histograms of durations whose names have a meaning by the semantic
// conventions (http.server.request.duration, db.client.operation.duration, ...) feed the operations of source
// `metric`; every other point is counted in observation_batch::unused and has no effect.
namespace reprise::telemetry {

// An ExportMetricsServiceRequest. Pure, any thread; about 1 us per histogram point. What is malformed as
// protobuf refuses the request; a point that contradicts itself (bounds that do not rise, counts that do not
// add up, NaN) is counted in observation_batch::rejected with the first reason. Cumulative points are handed
// on as they are: what they grew by only the receiver of all of them can say.
decode_result<model::observation_batch> decode_metrics(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits = {}
);

}  // namespace reprise::telemetry
