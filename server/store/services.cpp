#include "reprise/store/services.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr auto service_names = sql_text(
    "name, replay_target, replay_last_good_target, replay_unsafe_methods, owner, tracker, repository, first_seen_ns,"
    " last_seen_ns, records, version"
);

constexpr std::string_view touch_sql =
    "INSERT INTO services (name, replay_target, replay_unsafe_methods, owner, first_seen_ns, last_seen_ns,"
    " records, version, rev, closed_through_ns) VALUES (:name, '', 0, '', :first_ns, :last_ns, :records, 1, 1,"
    " :closed_ns) ON CONFLICT (name) DO UPDATE SET records = services.records + excluded.records,"
    " rev = services.rev + 1,"
    " last_seen_ns = CASE WHEN excluded.last_seen_ns > services.last_seen_ns THEN excluded.last_seen_ns"
    " ELSE services.last_seen_ns END, closed_through_ns = CASE WHEN services.closed_through_ns IS NULL"
    " OR excluded.closed_through_ns > services.closed_through_ns THEN excluded.closed_through_ns"
    " ELSE services.closed_through_ns END RETURNING rev";

constexpr std::string_view list_closed_sql =
    "SELECT name, closed_through_ns FROM services WHERE closed_through_ns IS NOT NULL ORDER BY name LIMIT :limit";

constexpr auto find_sql = "SELECT " + service_names + " FROM services WHERE name = :name";
constexpr auto list_sql = "SELECT " + service_names + " FROM services WHERE name > :after ORDER BY name LIMIT :limit";
constexpr std::string_view exists_sql = "SELECT version FROM services WHERE name = :name";

constexpr std::string_view save_sql =
    "UPDATE services SET replay_target = :target, replay_last_good_target = :last_good,"
    " replay_unsafe_methods = :unsafe, owner = :owner, tracker = :tracker, repository = :repository,"
    " version = version + 1, rev = rev + 1"
    " WHERE name = :name AND version = :expected RETURNING rev";

constexpr std::string_view announce_sql = "UPDATE services SET rev = rev + 1 WHERE name = :name RETURNING rev";

constexpr std::string_view count_open_sql = "SELECT COUNT(*) FROM incidents WHERE open = 1 AND service = :service";

struct service_row {
    using value_type = model::service;
    static auto columns(auto& row)
    {
        return std::tie(
            row.name, row.replay_target, row.replay_last_good_target, row.replay_unsafe_methods, row.owner,
            row.tracker, row.repository, row.first_seen_ns, row.last_seen_ns, row.records, row.version
        );
    }
};

struct closed_row {
    using value_type = closed_service;
    static auto columns(auto& row) { return std::tie(row.name, row.through_ns); }
};

result<void> announce(transaction& tx, std::string_view name, std::int64_t rev, std::int64_t now_ns)
{
    const auto seq = append_event(tx, "services", "service", name, rev, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

}  // namespace

result<void> touch_services(transaction& tx, std::span<const service_sight> seen, std::int64_t now_ns)
{
    for (const service_sight& one : seen) {
        const auto rev = find_value<std::int64_t>(
            tx, touch_sql, one.name, one.last_seen_ns, one.last_seen_ns, one.records, one.closed_through_ns
        );
        if (!rev)
            return rev.error();
        const auto told = announce(tx, one.name, *rev, now_ns);
        if (!told)
            return told.error();
    }
    return {};
}

result<std::vector<closed_service>> list_closed_services(const reader& from, std::size_t limit)
{
    return list_all<closed_row>(from, list_closed_sql, static_cast<std::int64_t>(limit));
}

result<std::optional<model::service>> find_service(const reader& from, std::string_view name)
{
    return find_one<service_row>(from, find_sql, name);
}

result<std::vector<model::service>> list_services(const reader& from, std::string_view after, std::size_t limit)
{
    return list_all<service_row>(from, list_sql, after, capped(limit, services_listed_max));
}

result<void> save_service_settings(
    transaction& tx, model::service& service, std::int64_t expected_version, std::int64_t now_ns
)
{
    std::int64_t rev = 0;
    const auto saved = find_into(
        tx, save_sql, std::tie(rev), service.replay_target, service.replay_last_good_target,
        service.replay_unsafe_methods, service.owner, service.tracker, service.repository, service.name,
        expected_version
    );
    if (!saved)
        return saved.error();
    if (!*saved)
        return stale_or_missing(tx, exists_sql, service.name);
    service.version = expected_version + 1;
    return announce(tx, service.name, rev, now_ns);
}

result<void> announce_service(transaction& tx, std::string_view name, std::int64_t now_ns)
{
    std::int64_t rev = 0;
    const auto found = find_into(tx, announce_sql, std::tie(rev), name);
    if (!found)
        return found.error();
    if (!*found)
        return reprise::errc::not_found;
    return announce(tx, name, rev, now_ns);
}

result<std::uint64_t> count_open_incidents(const reader& from, std::string_view service)
{
    return find_value<std::uint64_t>(from, count_open_sql, service);
}

}  // namespace reprise::store
