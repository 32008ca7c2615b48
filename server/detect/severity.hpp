#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>

// The table in detectors.hpp as functions.
namespace reprise::detect {

// `share` of the operation, `reach` of the service's traffic of that kind.
model::severity share_severity(std::uint64_t failing, double share, double reach) noexcept;
model::severity latency_severity(double observed_ns, double baseline_ns, double reach) noexcept;
model::severity slow_query_severity(double observed_ns, std::int64_t medium_ns, std::int64_t high_ns) noexcept;
model::severity n_plus_one_severity(
    double calls, double sum_ns, std::uint64_t traces, std::uint64_t traces_min
) noexcept;

}  // namespace reprise::detect
