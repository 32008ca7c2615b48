#include "incident_row.hpp"
#include "query.hpp"

#include "reprise/store/incidents.hpp"

namespace reprise::store {
namespace {

constexpr auto find_active_sql = "SELECT " + incident_row::names +
                                 " FROM incidents WHERE id = (SELECT incident_id FROM incident_fingerprints"
                                 " WHERE fingerprint = :fingerprint AND active = 1)";

constexpr auto find_latest_sql = "SELECT " + incident_row::names +
                                 " FROM incidents WHERE id = (SELECT MAX(incident_id) FROM incident_fingerprints"
                                 " WHERE fingerprint = :fingerprint)";

constexpr std::string_view attach_sql =
    "INSERT INTO incident_fingerprints (fingerprint, incident_id, active, attached_ns)"
    " VALUES (:fingerprint, :incident_id, 1, :now_ns) ON CONFLICT (fingerprint, incident_id) DO UPDATE SET active = 1";

constexpr std::string_view release_sql =
    "UPDATE incident_fingerprints SET active = 0 WHERE fingerprint = :fingerprint AND active = 1";

constexpr std::string_view list_sql =
    "SELECT fingerprint FROM incident_fingerprints WHERE incident_id = :incident_id AND active = 1"
    " ORDER BY fingerprint LIMIT :limit";

constexpr std::string_view record_sql =
    "INSERT INTO occurrences (event_key, incident_id, counted_ns) VALUES (:event_key, :incident_id, :now_ns)"
    " ON CONFLICT (event_key) DO NOTHING";

constexpr std::string_view prune_sql =
    "DELETE FROM occurrences WHERE event_key IN (SELECT event_key FROM occurrences WHERE counted_ns < :before_ns"
    " ORDER BY counted_ns LIMIT :delete_max)";

constexpr std::size_t fingerprints_listed_max = 1000;

}  // namespace

result<std::optional<model::incident>> find_incident_by_fingerprint(const reader& from, std::string_view fingerprint)
{
    return find_one<incident_row>(from, find_active_sql, fingerprint);
}

result<std::optional<model::incident>> find_latest_by_fingerprint(const reader& from, std::string_view fingerprint)
{
    return find_one<incident_row>(from, find_latest_sql, fingerprint);
}

result<void> attach_fingerprint(
    transaction& tx, std::string_view fingerprint, std::string_view incident_id, std::int64_t now_ns
)
{
    return without_count(execute(tx, attach_sql, fingerprint, incident_id, now_ns));
}

result<void> release_fingerprint(transaction& tx, std::string_view fingerprint)
{
    return without_count(execute(tx, release_sql, fingerprint));
}

result<std::vector<std::string>> list_fingerprints(const reader& from, std::string_view incident_id, std::size_t limit)
{
    std::vector<std::string> list;
    std::string fingerprint;
    const auto done = for_each_row(
        from, list_sql, std::tie(fingerprint), [&] { list.push_back(fingerprint); }, incident_id,
        capped(limit, fingerprints_listed_max)
    );
    if (!done)
        return done.error();
    return list;
}

result<bool> record_occurrence(
    transaction& tx, std::string_view event_key, std::string_view incident_id, std::int64_t now_ns
)
{
    const auto added = execute(tx, record_sql, event_key, incident_id, now_ns);
    if (!added)
        return no_answer(added.error());
    return *added == 1;
}

result<std::uint64_t> prune_occurrences(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max)
{
    return execute(tx, prune_sql, before_ns, static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
