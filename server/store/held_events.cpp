#include "alarm_row.hpp"
#include "query.hpp"

#include "reprise/store/alarms.hpp"
#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr auto insert_sql = "INSERT INTO held_events (" + held_event_row::names + ") VALUES (" +
                            placeholders<count_columns(held_event_row::names)>() + ")";
constexpr auto save_sql = "UPDATE held_events SET (" + held_event_row::changing_names + ") = (" +
                          placeholders<count_columns(held_event_row::changing_names)>() +
                          "), version = version + 1 WHERE id = :id AND version = :expected";
constexpr std::string_view version_sql = "SELECT version FROM held_events WHERE id = :id";
constexpr std::string_view count_pending_sql = "SELECT COUNT(*) FROM held_events WHERE state = 'pending'";
constexpr std::string_view prune_sql =
    "DELETE FROM held_events WHERE number <= (SELECT MAX(number) FROM held_events) - :kept AND state <> 'pending'";

constexpr auto select_sql = "SELECT " + held_event_row::names + " FROM held_events";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto find_pending_sql = select_sql + " WHERE signature = :signature AND state = 'pending'";
constexpr auto oldest_pending_sql = select_sql + " WHERE state = 'pending' ORDER BY id LIMIT :limit";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";

constexpr auto insert_dismissal_sql = "INSERT INTO event_dismissals (" + dismissal_row::names + ") VALUES (" +
                                      placeholders<count_columns(dismissal_row::names)>() + ")";
constexpr std::string_view count_dismissals_sql = "SELECT COUNT(*) FROM event_dismissals";
constexpr std::string_view drop_sql =
    "UPDATE event_dismissals SET dropped = dropped + 1 WHERE signature = :signature";
constexpr std::string_view delete_dismissal_sql = "DELETE FROM event_dismissals WHERE id = :id";
constexpr auto select_dismissal_sql = "SELECT " + dismissal_row::names + " FROM event_dismissals";
constexpr auto find_dismissal_sql = select_dismissal_sql + " WHERE id = :id";

result<void> announce(transaction& tx, const held_event& event)
{
    const auto seq = append_event(tx, "alarms", "held_event", event.id, event.version, event.last_seen_ns);
    if (!seq)
        return seq.error();
    return {};
}

result<void> check_room(const reader& from, std::string_view count_sql, std::size_t max)
{
    const auto count = find_value<std::uint64_t>(from, count_sql);
    if (!count)
        return count.error();
    return *count < max ? result<void>() : result<void>(reprise::errc::unavailable);
}

}  // namespace

result<void> insert_held_event(transaction& tx, const held_event& event)
{
    if (auto room = check_room(tx, count_pending_sql, held_events_max); !room)
        return room;
    if (auto inserted = execute(tx, insert_sql, held_event_row::columns(event)); !inserted)
        return inserted.error();
    if (auto pruned = execute(tx, prune_sql, held_events_kept_max); !pruned)
        return pruned.error();
    return announce(tx, event);
}

result<void> save_held_event(transaction& tx, held_event& event, std::int64_t expected_version)
{
    const auto saved = execute(tx, save_sql, held_event_row::changing(event), event.id, expected_version);
    if (!saved)
        return saved.error();
    if (*saved == 0)
        return stale_or_missing(tx, version_sql, event.id);
    event.version = expected_version + 1;
    return announce(tx, event);
}

result<std::optional<held_event>> find_held_event(const reader& from, std::string_view id)
{
    return find_one<held_event_row>(from, find_sql, id);
}

result<std::optional<held_event>> find_pending_event(const reader& from, std::string_view signature)
{
    return find_one<held_event_row>(from, find_pending_sql, signature);
}

result<std::vector<held_event>> list_held_events(
    const reader& from, std::optional<event_state> state, std::string_view after, std::size_t limit
)
{
    conditions where;
    if (state)
        where.add("state = :state", to_text(*state));
    if (!after.empty())
        where.add("id < :after", after);
    return list_all<held_event_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(limit, held_events_listed_max)
    );
}

result<std::vector<held_event>> list_oldest_pending(const reader& from, std::size_t limit)
{
    return list_all<held_event_row>(from, oldest_pending_sql, capped(limit, held_events_listed_max));
}

result<void> insert_dismissal(transaction& tx, const event_dismissal& dismissal)
{
    if (auto room = check_room(tx, count_dismissals_sql, event_dismissals_max); !room)
        return room;
    return without_count(execute(tx, insert_dismissal_sql, dismissal_row::columns(dismissal)));
}

result<bool> count_dismissed(transaction& tx, std::string_view signature)
{
    const auto dropped = execute(tx, drop_sql, signature);
    if (!dropped)
        return no_answer(dropped.error());
    return *dropped > 0;
}

result<std::optional<event_dismissal>> find_dismissal(const reader& from, std::string_view id)
{
    return find_one<dismissal_row>(from, find_dismissal_sql, id);
}

result<std::vector<event_dismissal>> list_dismissals(const reader& from, std::string_view after, std::size_t limit)
{
    conditions where;
    if (!after.empty())
        where.add("id < :after", after);
    return list_all<dismissal_row>(
        from, where.statement(select_dismissal_sql, newest_sql), where.values(), capped(limit, held_events_listed_max)
    );
}

result<void> delete_dismissal(transaction& tx, std::string_view id)
{
    return changed_or(execute(tx, delete_dismissal_sql, id), reprise::errc::not_found);
}

}  // namespace reprise::store
