#include "reprise/store/deployments.hpp"

#include "query.hpp"

#include "reprise/store/services.hpp"

namespace reprise::store {
namespace {

using model::deployment_origin;

constexpr auto deployment_names = sql_text("service, at_ns, version, origin");

constexpr std::string_view count_version_sql =
    "SELECT COUNT(*) FROM deployments WHERE service = :service AND version = :version";
constexpr std::string_view count_seen_sql =
    "SELECT COUNT(*) FROM deployments WHERE service = :service AND origin <> 'reported'";

constexpr auto insert_sql = "INSERT INTO deployments (created_ns, " + deployment_names + ") VALUES (:created_ns, " +
                            placeholders<4>() + ") ON CONFLICT DO NOTHING";

constexpr std::string_view prune_sql =
    "DELETE FROM deployments WHERE service = :service AND (service, at_ns, version) NOT IN (SELECT service, at_ns,"
    " version FROM deployments WHERE service = :same_service ORDER BY at_ns DESC, version DESC LIMIT :kept)";

constexpr auto list_sql = "SELECT " + deployment_names +
                          " FROM deployments WHERE service = :service AND origin <> 'first'"
                          " ORDER BY at_ns DESC, version DESC LIMIT :limit";

constexpr std::string_view add_route_sql =
    "INSERT INTO overflow_routes (service, source, kind, method, route, records, last_seen_ns)"
    " VALUES (:service, :source, :kind, :method, :route, :records, :last_seen_ns)"
    " ON CONFLICT (service, source, kind, method, route) DO UPDATE SET records = overflow_routes.records +"
    " excluded.records, last_seen_ns = CASE WHEN excluded.last_seen_ns > overflow_routes.last_seen_ns"
    " THEN excluded.last_seen_ns ELSE overflow_routes.last_seen_ns END";

constexpr std::string_view prune_routes_sql =
    "DELETE FROM overflow_routes WHERE service = :service AND (service, source, kind, method, route) NOT IN"
    " (SELECT service, source, kind, method, route FROM overflow_routes WHERE service = :same_service"
    " ORDER BY records DESC LIMIT :kept)";

constexpr std::string_view list_routes_sql =
    "SELECT source, kind, method, route, records, last_seen_ns FROM overflow_routes WHERE service = :service"
    " ORDER BY records DESC LIMIT :limit";

struct deployment_row {
    using value_type = model::deployment;
    static auto columns(auto& row) { return std::tie(row.service, row.at_ns, row.version, row.origin); }
};

struct route_row {
    using value_type = overflow_route;
    static auto columns(auto& row)
    {
        return std::tie(row.source, row.kind, row.method, row.route, row.records, row.last_seen_ns);
    }
};

result<std::uint64_t> insert(transaction& tx, const model::deployment& one, std::int64_t now_ns)
{
    const auto added = execute(tx, insert_sql, now_ns, deployment_row::columns(one));
    if (!added || *added == 0)
        return added;
    const auto pruned = execute(tx, prune_sql, one.service, one.service, std::int64_t{deployments_kept_max});
    if (!pruned)
        return pruned.error();
    return added;
}

}  // namespace

result<std::vector<model::deployment>> note_versions(
    transaction& tx, std::string_view service, std::span<const version_sight> seen, std::int64_t now_ns
)
{
    std::vector<model::deployment> fresh;
    for (const version_sight& one : seen) {
        const auto known = find_value<std::uint64_t>(tx, count_version_sql, service, one.version);
        if (!known)
            return known.error();
        if (*known > 0)
            continue;
        const auto earlier = find_value<std::uint64_t>(tx, count_seen_sql, service);
        if (!earlier)
            return earlier.error();
        const auto origin = *earlier == 0 ? deployment_origin::first : deployment_origin::observed;
        const model::deployment made{std::string(service), one.version, one.first_start_ns, origin};
        if (const auto added = insert(tx, made, now_ns); !added)
            return added.error();
        if (origin == deployment_origin::observed)
            fresh.push_back(made);
    }
    return fresh;
}

result<void> report_deployment(transaction& tx, const model::deployment& reported, std::int64_t now_ns)
{
    if (auto told = announce_service(tx, reported.service, now_ns); !told)
        return told;
    return changed_or(insert(tx, reported, now_ns), reprise::errc::conflict);
}

result<std::vector<model::deployment>> list_deployments(
    const reader& from, std::string_view service, std::size_t limit
)
{
    return list_all<deployment_row>(from, list_sql, service, capped(limit, deployments_kept_max));
}

result<void> add_overflow_routes(transaction& tx, std::string_view service, std::span<const overflow_route> seen)
{
    if (seen.empty())
        return {};
    repeated_change add(tx, add_route_sql);
    for (const overflow_route& one : seen) {
        if (auto added = add.run(service, route_row::columns(one)); !added)
            return added;
    }
    return without_count(
        execute(tx, prune_routes_sql, service, service, std::int64_t{overflow_routes_kept_max})
    );
}

result<std::vector<overflow_route>> list_overflow_routes(
    const reader& from, std::string_view service, std::size_t limit
)
{
    return list_all<route_row>(from, list_routes_sql, service, capped(limit, overflow_routes_kept_max));
}

}  // namespace reprise::store
