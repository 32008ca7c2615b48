#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <span>

namespace reprise::http {

constexpr std::size_t series_points_max = 240;
constexpr std::size_t series_band_points_min = 5;

// The chart of a signal's operation, window by window: the share of failing responses, the p90 of the
// response time, or calls. The band is the spread of the windows shown that nobody raised a signal on.
boost::json::object render_series(const model::signal& signal, std::span<const store::operation_window> windows);

// With the windows from well before the signal until now.
result<boost::json::object> load_series(const store::reader& from, const model::signal& signal, std::int64_t now_ns);

}  // namespace reprise::http
