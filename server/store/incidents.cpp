#include "reprise/store/incidents.hpp"

#include "id_times.hpp"
#include "incident_row.hpp"
#include "query.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/notices.hpp"

namespace reprise::store {
namespace {

constexpr auto derived_names = sql_text("version, open, severity_rank");

constexpr auto insert_sql = "INSERT INTO incidents (" + incident_row::fixed_names + ", " +
                            incident_row::changing_names + ", " + derived_names + ") VALUES (" +
                            placeholders<count_columns(incident_row::fixed_names) +
                                         count_columns(incident_row::changing_names) + 3>() +
                            ")";

constexpr auto save_sql = "UPDATE incidents SET (" + incident_row::changing_names + ", " + derived_names + ") = (" +
                          placeholders<count_columns(incident_row::changing_names) + 3>() +
                          ") WHERE id = :id AND version = :expected";

constexpr auto select_sql = "SELECT " + incident_row::names + " FROM incidents";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto worst_sql =
    select_sql + " WHERE open = 1 AND COALESCE(snoozed_until_ns, 0) <= :now_ns"
                 " ORDER BY severity_rank DESC, id DESC LIMIT :limit";
constexpr auto passed_snoozes_sql =
    select_sql + " WHERE snoozed_until_ns IS NOT NULL AND snoozed_until_ns <= :now_ns"
                 " ORDER BY snoozed_until_ns LIMIT :limit";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";
constexpr std::string_view count_sql = "SELECT status, COUNT(*) FROM incidents GROUP BY status ORDER BY status";
constexpr std::string_view version_sql = "SELECT version FROM incidents WHERE id = :id";

constexpr std::string_view append_timeline_sql =
    "INSERT INTO incident_events (incident_id, sequence, at_ns, actor, from_state, to_state, why)"
    " SELECT :id, COALESCE(MAX(sequence), 0) + 1, :at_ns, :actor, :from, :to, :why FROM incident_events"
    " WHERE incident_id = :of";

constexpr std::string_view timeline_sql =
    "SELECT incident_id, sequence, at_ns, actor, from_state, to_state, why FROM incident_events"
    " WHERE incident_id = :incident_id AND sequence > :after ORDER BY sequence LIMIT :limit";

struct timeline_row {
    using value_type = model::incident_event;
    static auto columns(auto& row)
    {
        return std::tie(row.incident_id, row.sequence, row.at_ns, row.actor, row.from, row.to, row.why);
    }
};

result<void> append_timeline(transaction& tx, const std::string& id, const model::incident_event& event)
{
    return without_count(
        execute(tx, append_timeline_sql, id, event.at_ns, event.actor, event.from, event.to, event.why, id)
    );
}

result<void> announce(transaction& tx, const model::incident& incident)
{
    const auto seq = append_event(tx, "incidents", "incident", incident.id, incident.version, incident.updated_ns);
    if (!seq)
        return seq.error();
    return {};
}

std::uint32_t rank_of(model::severity severity)
{
    return static_cast<std::uint32_t>(severity);
}

}  // namespace

bool is_open(model::incident_status status) noexcept
{
    switch (status) {
    case model::incident_status::resolved:
    case model::incident_status::wontfix:
    case model::incident_status::noise:
    case model::incident_status::duplicate:
    case model::incident_status::rejected: return false;
    default: return true;
    }
}

result<void> insert_incident(transaction& tx, const model::incident& incident, model::incident_event event)
{
    const auto inserted = execute(
        tx, insert_sql, incident_row::fixed(incident), incident_row::changing(incident), incident.version,
        is_open(incident.status), rank_of(incident.severity)
    );
    if (!inserted)
        return inserted.error();
    const auto told = append_timeline(tx, incident.id, event);
    if (!told)
        return told.error();
    if (const auto queued = enqueue_deliveries(tx, incident_opened(incident)); !queued)
        return queued.error();
    return announce(tx, incident);
}

result<void> save_incident(transaction& tx, model::incident& incident, std::int64_t expected_version)
{
    const auto saved = execute(
        tx, save_sql, incident_row::changing(incident), expected_version + 1, is_open(incident.status),
        rank_of(incident.severity), incident.id, expected_version
    );
    if (!saved)
        return saved.error();
    if (*saved == 0)
        return stale_or_missing(tx, version_sql, incident.id);
    incident.version = expected_version + 1;
    return announce(tx, incident);
}

result<void> save_incident(
    transaction& tx, model::incident& incident, std::int64_t expected_version, model::incident_event event
)
{
    const auto saved = save_incident(tx, incident, expected_version);
    if (!saved)
        return saved.error();
    if (const auto moved = incident_moved(incident, event)) {
        if (const auto queued = enqueue_deliveries(tx, *moved); !queued)
            return queued.error();
    }
    return append_timeline(tx, incident.id, event);
}

result<std::optional<model::incident>> find_incident(const reader& from, std::string_view id)
{
    return find_one<incident_row>(from, find_sql, id);
}

result<std::vector<model::incident>> list_incidents(const reader& from, const incident_filter& filter)
{
    conditions where;
    if (filter.open)
        where.add("open = 1");
    if (filter.status)
        where.add("status = :status", to_text(*filter.status));
    if (filter.severity)
        where.add("severity = :severity", to_text(*filter.severity));
    if (!filter.service.empty())
        where.add("service = :service", filter.service);
    if (filter.snoozed && *filter.snoozed)
        where.add("snoozed_until_ns IS NOT NULL AND snoozed_until_ns > :now_ns", filter.now_ns);
    else if (filter.snoozed)
        where.add("COALESCE(snoozed_until_ns, 0) <= :now_ns", filter.now_ns);
    if (filter.assigned_to)
        where.add("assigned_to = :assigned_to", *filter.assigned_to);
    add_id_times(where, filter.opened_from_ns, filter.opened_to_ns);
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    return list_all<incident_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(filter.limit, incidents_listed_max)
    );
}

result<std::vector<model::incident>> list_worst_incidents(const reader& from, std::int64_t now_ns, std::size_t limit)
{
    return list_all<incident_row>(from, worst_sql, now_ns, capped(limit, incidents_listed_max));
}

result<std::vector<model::incident>> list_passed_snoozes(const reader& from, std::int64_t now_ns, std::size_t limit)
{
    return list_all<incident_row>(from, passed_snoozes_sql, now_ns, capped(limit, incidents_listed_max));
}

result<std::vector<std::pair<model::incident_status, std::uint64_t>>> count_incidents_by_status(const reader& from)
{
    std::vector<std::pair<model::incident_status, std::uint64_t>> counts;
    model::incident_status status{};
    std::uint64_t count = 0;
    const auto done =
        for_each_row(from, count_sql, std::tie(status, count), [&] { counts.emplace_back(status, count); });
    if (!done)
        return done.error();
    return counts;
}

result<std::vector<model::incident_event>> list_timeline(
    const reader& from, std::string_view incident_id, std::int64_t after, std::size_t limit
)
{
    return list_all<timeline_row>(from, timeline_sql, incident_id, after, capped(limit, timeline_listed_max));
}

}  // namespace reprise::store
