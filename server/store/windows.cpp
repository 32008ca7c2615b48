#include "window_row.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/operations.hpp"

#include <algorithm>

namespace reprise::store {
namespace {

constexpr auto number_names = sql_text(
    "w.operation, w.window_start_ns, w.window_ns, w.ok, w.client_error, w.throttled, w.server_error, w.cancelled,"
    " w.p50_ns, w.p90_ns, w.p95_ns, w.max_ns, w.anomalous"
);

constexpr auto insert_sql =
    "INSERT OR REPLACE INTO operation_windows (operation, window_start_ns, window_ns, ok, client_error, throttled,"
    " server_error, cancelled, p50_ns, p90_ns, p95_ns, max_ns, anomalous, sketch, failing_traces, max_arrivals)"
    " VALUES (" + placeholders<16>() + ")";

constexpr std::string_view insert_start_sql =
    "INSERT INTO window_starts (window_start_ns) VALUES (:start_ns) ON CONFLICT (window_start_ns) DO NOTHING";

constexpr std::string_view move_latest_sql =
    "UPDATE operations SET last_window_ns = :start_ns"
    " WHERE id = :operation AND (last_window_ns IS NULL OR last_window_ns < :later_than_ns)";

constexpr auto find_sql = "SELECT " + number_names +
                          " FROM operation_windows w WHERE w.window_start_ns = :start_ns AND w.operation = :operation";

constexpr auto list_sql = "SELECT " + number_names +
                          ", w.sketch, w.failing_traces, w.max_arrivals FROM window_starts s JOIN operation_windows w"
                          " ON w.window_start_ns = s.window_start_ns AND w.operation = :operation"
                          " WHERE s.window_start_ns >= :from_ns AND s.window_start_ns < :to_ns"
                          " ORDER BY s.window_start_ns DESC LIMIT :limit";

// The order of the joins is the one written: few starts, the operations of one service, one row for each.
constexpr auto list_service_sql = "SELECT " + number_names +
                                  ", w.sketch, w.failing_traces, w.max_arrivals FROM window_starts s"
                                  " CROSS JOIN operations o CROSS JOIN operation_windows w"
                                  " WHERE s.window_start_ns >= :from_ns AND s.window_start_ns < :to_ns"
                                  " AND o.service = :service AND w.window_start_ns = s.window_start_ns"
                                  " AND w.operation = o.id ORDER BY s.window_start_ns LIMIT :limit";

constexpr std::string_view list_starts_sql =
    "SELECT window_start_ns FROM window_starts WHERE window_start_ns >= :from_ns AND window_start_ns < :to_ns"
    " ORDER BY window_start_ns LIMIT :limit";

constexpr std::string_view find_start_sql =
    "SELECT MIN(window_start_ns) FROM (SELECT window_start_ns FROM window_starts WHERE window_start_ns < :to_ns"
    " ORDER BY window_start_ns DESC LIMIT :count)";

constexpr std::string_view delete_windows_sql =
    "DELETE FROM operation_windows WHERE (window_start_ns, operation) IN (SELECT window_start_ns, operation"
    " FROM operation_windows WHERE window_start_ns < :before_ns ORDER BY window_start_ns, operation"
    " LIMIT :delete_max)";

constexpr std::string_view delete_starts_sql =
    "DELETE FROM window_starts WHERE window_start_ns < :before_ns AND NOT EXISTS"
    " (SELECT 1 FROM operation_windows w WHERE w.window_start_ns = window_starts.window_start_ns)";

constexpr std::string_view add_traffic_sql =
    "INSERT INTO traffic (window_start_ns, records, failing) VALUES (:start_ns, :records, :failing)"
    " ON CONFLICT (window_start_ns) DO UPDATE SET records = traffic.records + excluded.records,"
    " failing = traffic.failing + excluded.failing";

constexpr std::string_view list_traffic_sql =
    "SELECT window_start_ns, records, failing FROM traffic WHERE window_start_ns >= :since_ns"
    " ORDER BY window_start_ns DESC LIMIT :limit";

constexpr std::string_view delete_traffic_sql =
    "DELETE FROM traffic WHERE window_start_ns IN (SELECT window_start_ns FROM traffic"
    " WHERE window_start_ns < :before_ns ORDER BY window_start_ns LIMIT :delete_max)";

constexpr std::string_view delete_service_windows_sql =
    "DELETE FROM service_windows WHERE (service, window_start_ns) IN (SELECT service, window_start_ns"
    " FROM service_windows WHERE window_start_ns < :before_ns ORDER BY window_start_ns LIMIT :delete_max)";

auto number_columns(auto& row)
{
    auto& counts = row.counts;
    return std::tie(
        row.operation, row.window_start_ns, row.window_ns, counts[0], counts[1], counts[2], counts[3], counts[4],
        row.p50_ns, row.p90_ns, row.p95_ns, row.max_ns, row.anomalous
    );
}

struct number_row {
    using value_type = operation_window;
    static auto columns(auto& row) { return number_columns(row); }
};

struct window_row {
    using value_type = operation_window;
    static auto columns(auto& row)
    {
        return std::tuple_cat(
            number_columns(row), std::tuple(blob{row.sketch}), std::tie(row.failing_traces, row.max_arrivals)
        );
    }
};

struct traffic_row {
    using value_type = traffic_point;
    static auto columns(auto& row) { return std::tie(row.window_start_ns, row.records, row.failing); }
};

}  // namespace

result<void> insert_windows(transaction& tx, std::span<const operation_window> rows)
{
    repeated_change insert(tx, insert_sql);
    repeated_change move_latest(tx, move_latest_sql);
    std::optional<std::int64_t> start_ns;
    for (const operation_window& row : rows) {
        const auto inserted = insert.run(window_row::columns(row));
        if (!inserted)
            return inserted.error();
        const auto moved = move_latest.run(row.window_start_ns, row.operation, row.window_start_ns);
        if (!moved)
            return moved.error();
        if (start_ns == row.window_start_ns)
            continue;
        start_ns = row.window_start_ns;
        const auto started = execute(tx, insert_start_sql, row.window_start_ns);
        if (!started)
            return started.error();
    }
    return {};
}

result<std::optional<operation_window>> find_window(
    const reader& from, std::uint64_t operation, std::int64_t window_start_ns
)
{
    return find_one<number_row>(from, find_sql, window_start_ns, operation);
}

result<std::vector<operation_window>> list_windows(
    const reader& from, std::uint64_t operation, std::int64_t from_ns, std::int64_t to_ns, std::size_t limit
)
{
    auto rows = list_all<window_row>(from, list_sql, operation, from_ns, to_ns, capped(limit, windows_listed_max));
    if (rows)
        std::reverse(rows->begin(), rows->end());
    return rows;
}

result<std::vector<std::int64_t>> list_window_starts(
    const reader& from, std::int64_t from_ns, std::int64_t to_ns, std::size_t limit
)
{
    std::vector<std::int64_t> starts;
    std::int64_t start_ns = 0;
    const auto done = for_each_row(
        from, list_starts_sql, std::tie(start_ns), [&] { starts.push_back(start_ns); }, from_ns, to_ns,
        capped(limit, windows_listed_max)
    );
    if (!done)
        return done.error();
    return starts;
}

result<std::optional<std::int64_t>> find_window_start(const reader& from, std::int64_t to_ns, std::uint64_t count)
{
    return find_value<std::optional<std::int64_t>>(from, find_start_sql, to_ns, count);
}

result<std::vector<operation_window>> list_service_windows(
    const reader& from, std::string_view service, std::int64_t from_ns, std::int64_t to_ns, std::size_t limit
)
{
    return list_all<window_row>(from, list_service_sql, from_ns, to_ns, service, capped(limit, windows_listed_max));
}

result<void> add_traffic(
    transaction& tx, std::int64_t window_start_ns, std::uint64_t records, std::uint64_t failing, std::int64_t now_ns
)
{
    const auto added = execute(tx, add_traffic_sql, window_start_ns, records, failing);
    if (!added)
        return added.error();
    const auto seq =
        append_event(tx, "overview", "traffic", std::to_string(window_start_ns), window_start_ns, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

result<std::vector<traffic_point>> list_traffic(const reader& from, std::int64_t since_ns, std::size_t limit)
{
    auto points = list_all<traffic_row>(from, list_traffic_sql, since_ns, capped(limit, windows_listed_max));
    if (points)
        std::reverse(points->begin(), points->end());
    return points;
}

result<std::uint64_t> delete_windows(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max)
{
    const auto count_max = static_cast<std::int64_t>(delete_max);
    const auto windows = execute(tx, delete_windows_sql, before_ns, count_max);
    if (!windows)
        return windows.error();
    const auto starts = execute(tx, delete_starts_sql, before_ns);
    if (!starts)
        return starts.error();
    const auto points = execute(tx, delete_traffic_sql, before_ns, count_max);
    if (!points)
        return points.error();
    const auto services = execute(tx, delete_service_windows_sql, before_ns, count_max);
    if (!services)
        return services.error();
    return *windows + *points + *services;
}

}  // namespace reprise::store
