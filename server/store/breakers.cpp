#include "reprise/store/breakers.hpp"

#include "query.hpp"

namespace reprise::store {
namespace {

constexpr std::string_view count_all_sql =
    "SELECT COUNT(*) FROM runs WHERE counted = 1 AND created_ns >= :since_ns";
constexpr std::string_view count_of_incident_sql =
    "SELECT COUNT(*) FROM runs WHERE counted = 1 AND incident_id = :incident_id AND kind = :kind"
    " AND created_ns >= :since_ns";

constexpr std::string_view note_sql =
    "INSERT INTO incident_causes (cause, incident_id, at_ns) VALUES (:cause, :incident_id, :at_ns)"
    " ON CONFLICT (cause, incident_id) DO UPDATE SET at_ns = excluded.at_ns";
constexpr std::string_view list_sql =
    "SELECT incident_id FROM incident_causes WHERE cause = :cause AND at_ns >= :since_ns"
    " ORDER BY at_ns DESC LIMIT :limit";
constexpr std::string_view prune_sql =
    "DELETE FROM incident_causes WHERE (cause, incident_id) IN (SELECT cause, incident_id FROM incident_causes"
    " WHERE at_ns < :before_ns ORDER BY at_ns LIMIT :delete_max)";

}  // namespace

result<std::uint32_t> count_automatic_runs(const reader& from, std::int64_t since_ns)
{
    return find_value<std::uint32_t>(from, count_all_sql, since_ns);
}

result<std::uint32_t> count_automatic_runs(
    const reader& from, std::string_view incident_id, model::run_kind kind, std::int64_t since_ns
)
{
    return find_value<std::uint32_t>(from, count_of_incident_sql, incident_id, kind, since_ns);
}

result<void> note_cause(transaction& tx, std::string_view cause, std::string_view incident_id, std::int64_t now_ns)
{
    return without_count(execute(tx, note_sql, cause, incident_id, now_ns));
}

result<std::vector<std::string>> list_incidents_by_cause(
    const reader& from, std::string_view cause, std::int64_t since_ns, std::size_t limit
)
{
    std::vector<std::string> ids;
    std::string id;
    const auto done = for_each_row(
        from, list_sql, std::tie(id), [&] { ids.push_back(id); }, cause, since_ns,
        capped(limit, cause_incidents_listed_max)
    );
    if (!done)
        return done.error();
    return ids;
}

result<std::uint64_t> prune_causes(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max)
{
    return execute(tx, prune_sql, before_ns, static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
