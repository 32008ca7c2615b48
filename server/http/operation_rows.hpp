#pragma once

#include "reprise/base/error.hpp"
#include "reprise/detect/limits.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/array.hpp>

#include <string_view>

namespace reprise::http {

constexpr std::size_t operation_rows_max = 1000;

// The operations of a service with their last closed window beside their baseline.
result<boost::json::array> load_operation_rows(
    const store::reader& from, std::string_view service, const detect::detection_limits& limits
);

}  // namespace reprise::http
