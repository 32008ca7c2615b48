#include "reprise/store/detection_settings.hpp"

#include "query.hpp"

#include "reprise/store/services.hpp"

namespace reprise::store {
namespace {

constexpr auto names = sql_text(
    "service, latency_ratio_min, latency_rise_min_ms, error_rise_min, errors_min, slow_query_low_ms,"
    " n_plus_one_calls_min, burst_ratio_min, requests_min, windows_min, occurrences_min, kinds_off, updated_ns, version"
);

constexpr auto find_sql = "SELECT " + names + " FROM detection_settings WHERE service = :service";
constexpr auto list_sql = "SELECT " + names + " FROM detection_settings ORDER BY service LIMIT :limit";
constexpr auto save_sql = "INSERT OR REPLACE INTO detection_settings (" + names + ") VALUES (" +
                          placeholders<count_columns(names)>() + ")";
constexpr std::string_view count_others_sql = "SELECT COUNT(*) FROM detection_settings WHERE service <> :service";

// As it is kept: kinds by their names.
struct stored_detection {
    service_detection what;
    std::vector<std::string> kinds_off;
};

struct detection_row {
    using value_type = stored_detection;
    static auto columns(auto& row)
    {
        auto& set = row.what.settings;
        return std::tie(
            row.what.service, set.latency_ratio_min, set.latency_rise_min_ms, set.error_rise_min, set.errors_min,
            set.slow_query_low_ms, set.n_plus_one_calls_min, set.burst_ratio_min, set.requests_min, set.windows_min,
            set.occurrences_min, row.kinds_off, row.what.updated_ns, row.what.version
        );
    }
};

result<service_detection> read_row(stored_detection row)
{
    for (const std::string& name : row.kinds_off) {
        const auto kind = model::find_signal_kind(name);
        if (!kind)
            return reprise::errc::corrupt;
        row.what.settings.kinds_off.push_back(*kind);
    }
    return std::move(row.what);
}

}  // namespace

result<service_detection> load_service_detection(const reader& from, std::string_view service)
{
    auto row = find_one<detection_row>(from, find_sql, service);
    if (!row)
        return row.error();
    if (*row)
        return read_row(std::move(**row));
    service_detection nothing_set;
    nothing_set.service = service;
    return nothing_set;
}

result<std::vector<service_detection>> list_service_detections(const reader& from, std::size_t limit)
{
    auto rows = list_all<detection_row>(from, list_sql, capped(limit, service_detections_max));
    if (!rows)
        return rows.error();
    std::vector<service_detection> list;
    for (stored_detection& row : *rows) {
        auto one = read_row(std::move(row));
        if (!one)
            return one.error();
        list.push_back(std::move(*one));
    }
    return list;
}

result<void> save_service_detection(
    transaction& tx, service_detection& what, std::int64_t expected_version, std::int64_t now_ns
)
{
    const auto known = load_service_detection(tx, what.service);
    if (!known)
        return known.error();
    if (known->version != expected_version)
        return reprise::errc::stale;
    const auto others = find_value<std::uint64_t>(tx, count_others_sql, what.service);
    if (!others)
        return others.error();
    if (*others >= service_detections_max)
        return reprise::errc::too_large;
    what.version = expected_version + 1;
    what.updated_ns = now_ns;
    stored_detection row;
    row.what = what;
    for (const model::signal_kind kind : what.settings.kinds_off)
        row.kinds_off.emplace_back(model::to_text(kind));
    if (auto saved = execute(tx, save_sql, detection_row::columns(row)); !saved)
        return saved.error();
    return announce_service(tx, what.service, now_ns);
}

}  // namespace reprise::store
