#include "reprise/store/events.hpp"

#include "query.hpp"

#include <cassert>

namespace reprise::store {
namespace {

constexpr std::string_view append_sql =
    "INSERT INTO live_events (at_ns, topic, type, entity_id, rev)"
    " VALUES (:at_ns, :topic, :type, :entity_id, :rev) RETURNING seq";

constexpr std::string_view list_sql =
    "SELECT seq, at_ns, topic, type, entity_id, rev FROM live_events WHERE seq > :after ORDER BY seq LIMIT :limit";

// The newest row is never pruned, so the greatest number in the table is the last one given.
constexpr std::string_view last_sql = "SELECT COALESCE(MAX(seq), 0) FROM live_events";
constexpr std::string_view first_sql = "SELECT COALESCE(MIN(seq), 1) FROM live_events";

constexpr std::string_view prune_sql =
    "DELETE FROM live_events WHERE seq IN"
    " (SELECT seq FROM live_events WHERE seq <= :last_to_go ORDER BY seq LIMIT :delete_max)";

struct event_row {
    using value_type = live_event;
    static auto columns(auto& row)
    {
        return std::tie(row.seq, row.at_ns, row.topic, row.type, row.entity_id, row.rev);
    }
};

}  // namespace

result<std::int64_t> append_event(
    transaction& tx, std::string_view topic, std::string_view type, std::string_view entity_id, std::int64_t rev,
    std::int64_t now_ns
)
{
    const auto seq = find_value<std::int64_t>(tx, append_sql, now_ns, topic, type, entity_id, rev);
    if (seq)
        tx.note_appended(*seq);
    return seq;
}

result<std::vector<live_event>> list_events(const reader& from, std::int64_t after, std::size_t limit)
{
    return list_all<event_row>(from, list_sql, after, capped(limit, events_listed_max));
}

result<std::int64_t> last_seq(const reader& from)
{
    return find_value<std::int64_t>(from, last_sql);
}

result<std::int64_t> first_seq(const reader& from)
{
    return find_value<std::int64_t>(from, first_sql);
}

result<std::uint64_t> prune_events(transaction& tx, std::uint64_t keep, std::uint64_t delete_max)
{
    assert(keep >= 1);
    const auto last = last_seq(tx);
    if (!last)
        return last.error();
    return execute(tx, prune_sql, *last - static_cast<std::int64_t>(keep), static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
