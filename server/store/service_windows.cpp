#include "reprise/store/service_windows.hpp"

#include "query.hpp"

#include <algorithm>

namespace reprise::store {
namespace {

constexpr auto names = sql_text("service, window_start_ns, window_ns, requests, failing, p95_ns, lag_ns");
constexpr auto save_sql =
    "INSERT OR REPLACE INTO service_windows (" + names + ") VALUES (" + placeholders<count_columns(names)>() + ")";
constexpr auto list_sql = "SELECT " + names +
                          " FROM service_windows WHERE service = :service AND window_start_ns >= :since_ns"
                          " ORDER BY window_start_ns DESC LIMIT :limit";
constexpr std::string_view busy_sql =
    "SELECT service, SUM(requests) AS requests FROM (SELECT service, requests FROM service_windows"
    " WHERE window_start_ns >= :since_ns ORDER BY window_start_ns DESC LIMIT :counted_max)"
    " GROUP BY service ORDER BY requests DESC, service LIMIT :limit";
constexpr std::string_view lags_sql =
    "SELECT lag_ns FROM service_windows WHERE window_start_ns >= :since_ns"
    " ORDER BY window_start_ns DESC LIMIT :limit";

struct window_row {
    using value_type = service_window;
    static auto columns(auto& row)
    {
        return std::tie(
            row.service, row.window_start_ns, row.window_ns, row.requests, row.failing, row.p95_ns, row.lag_ns
        );
    }
};

struct busy_row {
    using value_type = busy_service;
    static auto columns(auto& row) { return std::tie(row.service, row.requests); }
};

}  // namespace

result<void> save_service_window(transaction& tx, const service_window& row)
{
    return without_count(execute(tx, save_sql, window_row::columns(row)));
}

result<std::vector<service_window>> list_drawn_windows(
    const reader& from, std::string_view service, std::int64_t since_ns, std::size_t limit
)
{
    auto rows =
        list_all<window_row>(from, list_sql, service, since_ns, capped(limit, service_windows_listed_max));
    if (rows)
        std::reverse(rows->begin(), rows->end());
    return rows;
}

result<std::vector<busy_service>> list_busy_services(const reader& from, std::int64_t since_ns, std::size_t limit)
{
    return list_all<busy_row>(
        from, busy_sql, since_ns, std::int64_t{windows_counted_max}, capped(limit, service_windows_listed_max)
    );
}

result<std::vector<std::int64_t>> list_window_lags(const reader& from, std::int64_t since_ns, std::size_t limit)
{
    std::vector<std::int64_t> lags;
    std::int64_t lag_ns = 0;
    const auto done = for_each_row(
        from, lags_sql, std::tie(lag_ns), [&] { lags.push_back(lag_ns); }, since_ns,
        capped(limit, service_windows_listed_max)
    );
    if (!done)
        return done.error();
    return lags;
}

}  // namespace reprise::store
