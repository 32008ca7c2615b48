#include "reprise/store/hook_deliveries.hpp"

#include "query.hpp"

#include "reprise/base/id.hpp"

#include <algorithm>
#include <array>

namespace reprise::store {

template <> struct enum_names<hook_state> { static constexpr auto find = find_hook_state; };
template <> struct enum_names<hook_event_kind> { static constexpr auto find = find_hook_event_kind; };

namespace {

constexpr std::array<std::string_view, 3> state_texts = {"waiting", "done", "failed"};
constexpr std::array<std::string_view, 3> event_texts = {"pull_request_merged", "pull_request_closed", "deployed"};

constexpr auto hook_names = sql_text(
    "id, source, dedup_key, body_key, event, body_bytes, state, attempts, due_ns, reason, alarms, repeats,"
    " received_ns, processed_ns, version"
);
constexpr auto kept_names = hook_names + ", body";
constexpr auto event_names = sql_text("id, hook_id, source, kind, subject, detail, at_ns");

constexpr auto insert_sql = "INSERT INTO inbound_hooks (" + kept_names + ") VALUES (" +
                            placeholders<count_columns(kept_names)>() + ") ON CONFLICT DO NOTHING";
constexpr std::string_view repeat_sql =
    "UPDATE inbound_hooks SET repeats = repeats + 1 WHERE id = (SELECT id FROM inbound_hooks WHERE source = :source"
    " AND dedup_key = :dedup_key UNION ALL SELECT id FROM inbound_hooks WHERE source = :same_source"
    " AND body_key = :body_key LIMIT 1) RETURNING id";

constexpr auto claim_sql = sql_text(
    "UPDATE inbound_hooks SET attempts = attempts + 1, due_ns = :until_ns WHERE id IN (SELECT id FROM inbound_hooks"
    " WHERE state = 'waiting' AND "
);
constexpr auto claim_fresh_sql =
    claim_sql + "attempts = 0 AND due_ns <= :now_ns ORDER BY id LIMIT :limit) RETURNING " + kept_names;
constexpr auto claim_tried_sql =
    claim_sql + "attempts > 0 AND due_ns <= :now_ns ORDER BY id LIMIT 1) RETURNING " + kept_names;
constexpr std::string_view release_sql = "UPDATE inbound_hooks SET due_ns = 0 WHERE state = 'waiting' AND due_ns > 0";

constexpr std::string_view finish_sql =
    "UPDATE inbound_hooks SET state = :state, reason = :reason, alarms = :alarms, processed_ns = :now_ns,"
    " version = version + 1 WHERE id = :id AND state = 'waiting' AND attempts = :attempt";
constexpr std::string_view put_back_sql =
    "UPDATE inbound_hooks SET due_ns = :due_ns, attempts = attempts - :uncounted WHERE id = :id"
    " AND state = 'waiting' AND attempts = :attempt";

constexpr auto replay_sql =
    "UPDATE inbound_hooks SET state = 'waiting', attempts = 0, due_ns = 0, reason = '', version = version + 1"
    " WHERE id = :id AND state <> 'waiting' AND body_bytes > 0 RETURNING " +
    hook_names;

constexpr auto select_sql = "SELECT " + hook_names + " FROM inbound_hooks";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";

constexpr std::string_view count_sql = "SELECT COUNT(*) FROM inbound_hooks WHERE state = :state";
constexpr std::string_view weigh_sql =
    "SELECT COALESCE(SUM(body_bytes), 0) FROM inbound_hooks WHERE body_bytes > 0 AND state = 'done'";
constexpr std::string_view prune_sql =
    "DELETE FROM inbound_hooks WHERE id IN (SELECT id FROM inbound_hooks WHERE state = :state AND"
    " received_ns < :before_ns ORDER BY id LIMIT :delete_max)";
constexpr std::string_view oldest_bodies_sql =
    "SELECT id, body_bytes FROM inbound_hooks WHERE body_bytes > 0 AND state = 'done' ORDER BY id LIMIT :limit";
constexpr std::string_view drop_sql = "UPDATE inbound_hooks SET body = X'', body_bytes = 0 WHERE id = :id";

constexpr auto insert_event_sql = "INSERT INTO hook_events (" + event_names + ") VALUES (" +
                                  placeholders<count_columns(event_names)>() + ")";
constexpr auto list_events_sql =
    "SELECT " + event_names + " FROM hook_events WHERE subject = :subject ORDER BY id DESC LIMIT :limit";
constexpr std::string_view prune_events_sql =
    "DELETE FROM hook_events WHERE id IN (SELECT id FROM hook_events WHERE at_ns < :before_ns ORDER BY id"
    " LIMIT :delete_max)";

struct hook_row {
    using value_type = hook_delivery;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.source, row.dedup_key, row.body_key, row.event, row.body_bytes, row.state, row.attempts,
            row.due_ns, row.reason, row.alarms, row.repeats, row.received_ns, row.processed_ns, row.version
        );
    }
};

struct kept_row {
    using value_type = kept_hook;
    static auto columns(auto& row)
    {
        return std::tuple_cat(hook_row::columns(row.delivery), std::make_tuple(blob{row.body}));
    }
};

struct event_row {
    using value_type = hook_event;
    static auto columns(auto& row)
    {
        return std::tie(row.id, row.hook_id, row.source, row.kind, row.subject, row.detail, row.at_ns);
    }
};

struct weighed_row {
    struct value_type {
        std::string id;
        std::uint64_t bytes = 0;
    };
    static auto columns(auto& row) { return std::tie(row.id, row.bytes); }
};

std::string cut_reason(std::string_view reason)
{
    std::size_t end = std::min(reason.size(), hook_reason_bytes_max);
    // Not in the middle of a character.
    while (end < reason.size() && end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0U) == 0x80U)
        --end;
    return std::string(reason.substr(0, end));
}

}  // namespace

std::string_view to_text(hook_state value) noexcept
{
    return state_texts[static_cast<std::size_t>(value)];
}

std::string_view to_text(hook_event_kind value) noexcept
{
    return event_texts[static_cast<std::size_t>(value)];
}

std::optional<hook_state> find_hook_state(std::string_view text) noexcept
{
    const auto* const at = std::find(state_texts.begin(), state_texts.end(), text);
    if (at == state_texts.end())
        return std::nullopt;
    return static_cast<hook_state>(at - state_texts.begin());
}

std::optional<hook_event_kind> find_hook_event_kind(std::string_view text) noexcept
{
    const auto* const at = std::find(event_texts.begin(), event_texts.end(), text);
    if (at == event_texts.end())
        return std::nullopt;
    return static_cast<hook_event_kind>(at - event_texts.begin());
}

result<hook_receipt> insert_hook(transaction& tx, const kept_hook& hook)
{
    const auto inserted = execute(tx, insert_sql, kept_row::columns(hook));
    if (!inserted)
        return inserted.error();
    if (*inserted > 0)
        return hook_receipt{hook.delivery.id, true};
    const hook_delivery& one = hook.delivery;
    hook_receipt first;
    const auto found = find_into(
        tx, repeat_sql, std::tie(first.id), one.source, one.dedup_key, one.source, one.body_key
    );
    if (!found)
        return found.error();
    if (!*found)
        return reprise::errc::conflict;
    return first;
}

result<std::vector<kept_hook>> claim_hooks(
    transaction& tx, std::int64_t now_ns, std::int64_t until_ns, std::size_t limit
)
{
    auto claimed = list_all<kept_row>(tx, claim_fresh_sql, until_ns, now_ns, capped(limit, hooks_claimed_max));
    if (claimed && claimed->empty())
        claimed = list_all<kept_row>(tx, claim_tried_sql, until_ns, now_ns);
    if (claimed) {
        const auto is_older = [](const kept_hook& a, const kept_hook& b) { return a.delivery.id < b.delivery.id; };
        std::sort(claimed->begin(), claimed->end(), is_older);
    }
    return claimed;
}

result<std::uint64_t> release_hooks(transaction& tx)
{
    return execute(tx, release_sql);
}

result<void> finish_hook(transaction& tx, const hook_delivery& claimed, const hook_end& end, std::int64_t now_ns)
{
    const std::string reason = cut_reason(end.reason);
    return changed_or(
        execute(tx, finish_sql, end.state, reason, end.alarms, now_ns, claimed.id, claimed.attempts),
        reprise::errc::stale
    );
}

result<void> put_back_hook(transaction& tx, const hook_delivery& claimed, std::int64_t due_ns, bool counts)
{
    const std::int64_t uncounted = counts ? 0 : 1;
    return changed_or(
        execute(tx, put_back_sql, due_ns, uncounted, claimed.id, claimed.attempts), reprise::errc::stale
    );
}

result<hook_delivery> replay_hook(transaction& tx, std::string_view id)
{
    auto replayed = find_one<hook_row>(tx, replay_sql, id);
    if (!replayed)
        return replayed.error();
    if (*replayed)
        return std::move(**replayed);
    const auto there = find_hook(tx, id);
    if (!there)
        return there.error();
    return *there ? reprise::errc::conflict : reprise::errc::not_found;
}

result<std::optional<hook_delivery>> find_hook(const reader& from, std::string_view id)
{
    return find_one<hook_row>(from, find_sql, id);
}

result<std::vector<hook_delivery>> list_hooks(
    const reader& from, const hook_filter& filter, std::string_view after, std::size_t limit
)
{
    conditions where;
    if (filter.state)
        where.add("state = :state", to_text(*filter.state));
    if (!filter.source.empty())
        where.add("source = :source", filter.source);
    if (!after.empty())
        where.add("id < :after", after);
    const std::string sql = where.statement(select_sql, newest_sql);
    return list_all<hook_row>(from, sql, where.values(), capped(limit, hooks_listed_max));
}

result<hook_totals> sum_hooks(const reader& from)
{
    const auto waiting = find_value<std::uint64_t>(from, count_sql, hook_state::waiting);
    if (!waiting)
        return waiting.error();
    const auto failed = find_value<std::uint64_t>(from, count_sql, hook_state::failed);
    if (!failed)
        return failed.error();
    const auto bytes = find_value<std::uint64_t>(from, weigh_sql);
    if (!bytes)
        return bytes.error();
    return hook_totals{*waiting, *failed, *bytes};
}

result<std::uint64_t> prune_hooks(
    transaction& tx, hook_state state, std::int64_t before_ns, std::uint64_t delete_max
)
{
    return execute(tx, prune_sql, state, before_ns, static_cast<std::int64_t>(delete_max));
}

result<std::uint64_t> drop_hook_bodies(transaction& tx, std::uint64_t bytes, std::uint64_t rows_max)
{
    if (bytes == 0)
        return std::uint64_t{0};
    const auto oldest = list_all<weighed_row>(tx, oldest_bodies_sql, static_cast<std::int64_t>(rows_max));
    if (!oldest)
        return oldest.error();
    repeated_change drop(tx, drop_sql);
    std::uint64_t dropped = 0;
    std::uint64_t given_back = 0;
    for (const auto& one : *oldest) {
        if (given_back >= bytes)
            break;
        if (const auto done = drop.run(one.id); !done)
            return done.error();
        given_back += one.bytes;
        ++dropped;
    }
    return dropped;
}

result<void> insert_hook_event(transaction& tx, const hook_event& event)
{
    return without_count(execute(tx, insert_event_sql, event_row::columns(event)));
}

result<std::vector<hook_event>> list_hook_events(const reader& from, std::string_view subject, std::size_t limit)
{
    return list_all<event_row>(from, list_events_sql, subject, capped(limit, hooks_listed_max));
}

result<std::uint64_t> prune_hook_events(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max)
{
    return execute(tx, prune_events_sql, before_ns, static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
