#include "reprise/store/polling.hpp"

#include "query.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * 1'000'000'000;
constexpr std::int64_t pruned_at_once = 10'000;

constexpr auto source_names =
    sql_text("name, position_ns, asked_ns, succeeded_ns, failures, error, events, ignored");
constexpr auto save_source_sql = "INSERT INTO poll_sources (" + source_names + ") VALUES (" +
                                 placeholders<count_columns(source_names)>() +
                                 ") ON CONFLICT (name) DO UPDATE SET position_ns = excluded.position_ns,"
                                 " asked_ns = excluded.asked_ns, succeeded_ns = excluded.succeeded_ns,"
                                 " failures = excluded.failures, error = excluded.error, events = excluded.events,"
                                 " ignored = excluded.ignored";
constexpr auto select_source_sql = "SELECT " + source_names + " FROM poll_sources";
constexpr auto find_source_sql = select_source_sql + " WHERE name = :name";
constexpr auto list_sources_sql = select_source_sql + " ORDER BY name LIMIT :limit";

constexpr std::string_view note_sql =
    "INSERT INTO poll_events (source, event_id, at_ns) VALUES (:source, :event_id, :at_ns)"
    " ON CONFLICT (source, event_id) DO NOTHING";
constexpr std::string_view prune_events_sql =
    "DELETE FROM poll_events WHERE (source, event_id) IN (SELECT source, event_id FROM poll_events"
    " WHERE source = :source AND at_ns < :before_ns ORDER BY at_ns LIMIT :delete_max)";

constexpr std::string_view prune_counts_sql = "DELETE FROM poll_counts WHERE seen_ns < :before_ns";
constexpr std::string_view count_signatures_sql = "SELECT COUNT(*) FROM poll_counts";
constexpr std::string_view count_sql =
    "INSERT INTO poll_counts (signature, count, seen_ns) VALUES (:signature, :by, :now_ns)"
    " ON CONFLICT (signature) DO UPDATE SET count = count + excluded.count, seen_ns = excluded.seen_ns"
    " RETURNING count";
constexpr std::string_view known_count_sql = "SELECT count FROM poll_counts WHERE signature = :signature";

constexpr auto polling_names = sql_text(
    "service, enabled, error_classes, min_occurrences, repository, branch, interval_ms, updated_ns"
);
constexpr auto save_polling_sql =
    "INSERT INTO service_polling (" + polling_names + ") VALUES (" + placeholders<count_columns(polling_names)>() +
    ") ON CONFLICT (service) DO UPDATE SET enabled = excluded.enabled, error_classes = excluded.error_classes,"
    " min_occurrences = excluded.min_occurrences, repository = excluded.repository, branch = excluded.branch,"
    " interval_ms = excluded.interval_ms, updated_ns = excluded.updated_ns";
constexpr auto select_polling_sql = "SELECT " + polling_names + " FROM service_polling";
constexpr auto find_polling_sql = select_polling_sql + " WHERE service = :service";
constexpr auto list_polling_sql = select_polling_sql + " ORDER BY service LIMIT :limit";
constexpr std::string_view count_polling_sql = "SELECT COUNT(*) FROM service_polling WHERE service <> :service";

struct source_row {
    using value_type = poll_source;
    static auto columns(auto& row)
    {
        return std::tie(
            row.name, row.position_ns, row.asked_ns, row.succeeded_ns, row.failures, row.error, row.events,
            row.ignored
        );
    }
};

struct polling_row {
    using value_type = service_polling;
    static auto columns(auto& row)
    {
        return std::tie(
            row.service, row.enabled, row.error_classes, row.min_occurrences, row.repository, row.branch,
            row.interval_ms, row.updated_ns
        );
    }
};

}  // namespace

result<void> save_poll_source(transaction& tx, const poll_source& source)
{
    return without_count(execute(tx, save_source_sql, source_row::columns(source)));
}

result<std::optional<poll_source>> find_poll_source(const reader& from, std::string_view name)
{
    return find_one<source_row>(from, find_source_sql, name);
}

result<std::vector<poll_source>> list_poll_sources(const reader& from)
{
    return list_all<source_row>(from, list_sources_sql, capped(poll_sources_max, poll_sources_max));
}

result<bool> note_poll_event(
    transaction& tx, std::string_view source, std::string_view event_id, std::int64_t at_ns
)
{
    const auto noted = execute(tx, note_sql, source, event_id, at_ns);
    if (!noted)
        return no_answer(noted.error());
    return *noted == 1;
}

result<void> prune_poll_events(transaction& tx, std::string_view source, std::int64_t before_ns)
{
    return without_count(execute(tx, prune_events_sql, source, before_ns, pruned_at_once));
}

result<std::uint64_t> add_poll_count(
    transaction& tx, std::string_view signature, std::uint64_t by, std::int64_t now_ns
)
{
    if (auto pruned = execute(tx, prune_counts_sql, now_ns - day_ns); !pruned)
        return pruned.error();
    std::uint64_t known = 0;
    const auto found = find_into(tx, known_count_sql, std::tie(known), signature);
    if (!found)
        return found.error();
    const auto signatures = find_value<std::uint64_t>(tx, count_signatures_sql);
    if (!signatures)
        return signatures.error();
    if (!*found && *signatures >= poll_counts_max)
        return by;
    return find_value<std::uint64_t>(tx, count_sql, signature, by, now_ns);
}

result<void> save_service_polling(transaction& tx, const service_polling& settings)
{
    const auto others = find_value<std::uint64_t>(tx, count_polling_sql, settings.service);
    if (!others)
        return others.error();
    if (*others >= service_polling_max)
        return reprise::errc::too_large;
    return without_count(execute(tx, save_polling_sql, polling_row::columns(settings)));
}

result<std::optional<service_polling>> find_service_polling(const reader& from, std::string_view service)
{
    return find_one<polling_row>(from, find_polling_sql, service);
}

result<std::vector<service_polling>> list_service_polling(const reader& from)
{
    return list_all<polling_row>(from, list_polling_sql, capped(service_polling_max, service_polling_max));
}

}  // namespace reprise::store
