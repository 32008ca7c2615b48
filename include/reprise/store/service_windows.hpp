#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Services window by window, for the start page: what it draws is read from here and from nowhere else. Rows go with
// delete_windows().
namespace reprise::store {

struct service_window {
    std::string service;
    std::int64_t window_start_ns = 0;
    std::int64_t window_ns = 0;
    std::uint64_t requests = 0;
    std::uint64_t failing = 0;
    std::int64_t p95_ns = 0;
    std::int64_t lag_ns = 0;  // From the window's end until it was stored.
};

struct busy_service {
    std::string service;
    std::uint64_t requests = 0;
};

constexpr std::size_t service_windows_listed_max = 2'000;
constexpr std::size_t windows_counted_max = 5'000;  // The newest so many decide which services are busy.

// A window that is written twice keeps the later row.
result<void> save_service_window(transaction& tx, const service_window& row);
// From since_ns on, oldest first; when there are more than `limit`, the newest.
result<std::vector<service_window>> list_drawn_windows(
    const reader& from, std::string_view service, std::int64_t since_ns, std::size_t limit
);
// The busiest since then first.
result<std::vector<busy_service>> list_busy_services(const reader& from, std::int64_t since_ns, std::size_t limit);
// How late the windows of all services since then were stored, in no order; of the newest `limit`.
result<std::vector<std::int64_t>> list_window_lags(const reader& from, std::int64_t since_ns, std::size_t limit);

}  // namespace reprise::store
