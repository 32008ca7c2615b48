#pragma once

#include "reprise/model/operation.hpp"
#include "reprise/store/operations.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace reprise::http {

constexpr std::size_t operation_points_max = 720;
constexpr std::size_t operation_band_points_min = 5;

// The charts of one operation: requests, failing ones and response times window by window. Each band is the spread
// of the windows given that nobody raised a signal on; absent while there are fewer than operation_band_points_min.
// Pure.
boost::json::object render_operation_series(
    const model::operation_key& key, std::uint64_t id, std::span<const store::operation_window> windows
);

// Server errors and throttled calls, as the list of operations counts them.
std::uint64_t failing_calls(const store::operation_window& window) noexcept;

}  // namespace reprise::http
