#include "reprise/store/overview.hpp"

#include "query.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t hour_ns = 3600LL * 1'000'000'000;

constexpr std::string_view incidents_sql =
    "SELECT severity_rank, COUNT(*) FROM incidents WHERE open = 1 GROUP BY severity_rank";
constexpr std::string_view approvals_sql =
    "SELECT COUNT(*), MIN(created_ns) FROM approvals WHERE state = 'pending'";
constexpr std::string_view runs_sql = "SELECT COUNT(*) FROM runs WHERE active = 1";
constexpr std::string_view services_sql =
    "SELECT COUNT(*), COALESCE(SUM(records), 0), MAX(last_seen_ns) FROM services";
constexpr std::string_view operations_sql = "SELECT COUNT(*) FROM operations";
constexpr std::string_view signals_sql = "SELECT COUNT(*) FROM signals WHERE window_end_ns >= :since_ns";

result<void> count_incidents(const reader& from, overview_counts& counts)
{
    std::size_t rank = 0;
    std::uint64_t count = 0;
    const auto add = [&] {
        counts.incidents_open += count;
        if (rank < counts.incidents_by_severity.size())
            counts.incidents_by_severity[rank] = count;
    };
    return for_each_row(from, incidents_sql, std::tie(rank, count), add);
}

}  // namespace

result<overview_counts> load_overview(const reader& from, std::int64_t now_ns)
{
    overview_counts counts;
    const auto incidents = count_incidents(from, counts);
    if (!incidents)
        return incidents.error();
    const auto rest = {
        find_into(from, approvals_sql, std::tie(counts.approvals_pending, counts.approval_oldest_ns)),
        find_into(from, runs_sql, std::tie(counts.runs_active)),
        find_into(from, services_sql, std::tie(counts.services, counts.records_total, counts.last_record_ns)),
        find_into(from, operations_sql, std::tie(counts.operations)),
        find_into(from, signals_sql, std::tie(counts.signals_last_hour), now_ns - hour_ns),
    };
    for (const auto& one : rest) {
        if (!one)
            return one.error();
    }
    return counts;
}

}  // namespace reprise::store
