#pragma once

#include "reprise/model/detection.hpp"
#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

// What is set for one service. Without a row nothing is set, and the version is 1.
struct service_detection {
    std::string service;
    model::detection_settings settings;
    std::int64_t updated_ns = 0;
    std::int64_t version = 1;
};

constexpr std::size_t service_detections_max = 10'000;

result<service_detection> load_service_detection(const reader& from, std::string_view service);

// Those with a row, by service, at most `limit`.
result<std::vector<service_detection>> list_service_detections(const reader& from, std::size_t limit);

// Replaces what was set; the version becomes expected_version + 1, in `what` too. errc::stale; errc::too_large beyond
// service_detections_max services. Tells live readers of the service that it changed: errc::not_found without one.
result<void> save_service_detection(
    transaction& tx, service_detection& what, std::int64_t expected_version, std::int64_t now_ns
);

}  // namespace reprise::store
