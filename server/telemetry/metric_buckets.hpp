#pragma once

#include "metric_point.hpp"

#include "reprise/model/observation.hpp"

#include <vector>

namespace reprise::telemetry {

// Durations beyond this are kept as this: a hundred years.
constexpr std::int64_t bucket_ns_max = 100LL * 366 * 24 * 3600 * 1'000'000'000;

// Appends the buckets of a checked histogram of durations that hold calls, in rising order; a value of 1 is
// `unit_ns` long. The open end of the last explicit bucket is its lower bound. Nothing for a point that only
// counts. False when a call took less than no time.
bool append_buckets(
    const metric_head& metric, const metric_point& point, double unit_ns, std::vector<model::duration_bucket>& into
);

}  // namespace reprise::telemetry
