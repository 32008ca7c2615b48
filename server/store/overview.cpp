#include "reprise/store/overview.hpp"

#include "query.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t hour_ns = 3600LL * 1'000'000'000;

constexpr std::string_view incidents_sql =
    "SELECT severity_rank, COUNT(*) FROM incidents WHERE open = 1 GROUP BY severity_rank";
constexpr std::string_view approvals_sql =
    "SELECT COUNT(*), MIN(created_ns) FROM approvals WHERE state = 'pending'";
constexpr std::string_view runs_sql = "SELECT state, COUNT(*) FROM runs WHERE active = 1 GROUP BY state";
constexpr std::string_view oldest_run_sql = "SELECT created_ns FROM runs WHERE active = 1 ORDER BY id LIMIT 1";
constexpr std::string_view dead_letters_sql = "SELECT COUNT(*) FROM runs WHERE state = 'dead_letter'";
constexpr std::string_view snoozed_sql = "SELECT COUNT(*) FROM incidents WHERE snoozed_until_ns > :now_ns";
constexpr std::string_view fixes_sql =
    "SELECT p.incident_id, p.title, p.published_ns FROM publications p WHERE p.incident_id IN"
    " (SELECT id FROM incidents WHERE service = :service ORDER BY id DESC LIMIT :looked_at)"
    " AND p.kind = 'pull_request' AND p.state = 'published' AND p.published_ns >= :since_ns"
    " ORDER BY p.published_ns DESC LIMIT :limit";
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

result<void> count_runs(const reader& from, overview_counts& counts)
{
    std::string state;
    std::uint64_t count = 0;
    const auto add = [&] {
        counts.runs_active += count;
        if (state == "queued" || state == "failed")
            counts.runs_queued += count;
        else if (state == "leased")
            counts.runs_running += count;
        else if (state == "waiting_approval")
            counts.runs_waiting += count;
        else
            counts.runs_paused += count;
    };
    if (auto counted = for_each_row(from, runs_sql, std::tie(state, count), add); !counted)
        return counted;
    std::int64_t oldest_ns = 0;
    const auto found = find_into(from, oldest_run_sql, std::tie(oldest_ns));
    if (!found)
        return found.error();
    if (*found)
        counts.run_oldest_ns = oldest_ns;
    return {};
}

struct fix_row {
    using value_type = published_fix;
    static auto columns(auto& row) { return std::tie(row.incident_id, row.title, row.at_ns); }
};

}  // namespace

result<overview_counts> load_overview(const reader& from, std::int64_t now_ns)
{
    overview_counts counts;
    const auto incidents = count_incidents(from, counts);
    if (!incidents)
        return incidents.error();
    if (const auto runs = count_runs(from, counts); !runs)
        return runs.error();
    const auto rest = {
        find_into(from, approvals_sql, std::tie(counts.approvals_pending, counts.approval_oldest_ns)),
        find_into(from, dead_letters_sql, std::tie(counts.dead_letters)),
        find_into(from, snoozed_sql, std::tie(counts.incidents_snoozed), now_ns),
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

result<std::vector<published_fix>> list_published_fixes(
    const reader& from, std::string_view service, std::int64_t since_ns, std::size_t limit
)
{
    return list_all<fix_row>(
        from, fixes_sql, service, std::int64_t{fixed_incidents_looked_at}, since_ns, capped(limit, 50)
    );
}

}  // namespace reprise::store
