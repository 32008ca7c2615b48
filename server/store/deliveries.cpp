#include "reprise/store/deliveries.hpp"

#include "query.hpp"

#include <array>

namespace reprise::store {

template <> struct enum_names<delivery_state> { static constexpr auto find = find_delivery_state; };

namespace {

constexpr std::array<std::string_view, 4> state_texts = {"pending", "delivered", "failed", "dropped"};
constexpr std::int64_t due_endpoints_max = 200;

constexpr auto delivery_names = sql_text(
    "id, endpoint_id, message_id, notice_key, type, subject, data, at_ns, state, attempts, attempts_known, rung,"
    " due_ns, status, error, snippet, created_ns, ended_ns, version"
);
constexpr auto select_sql = "SELECT " + delivery_names + " FROM deliveries";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";

// One seek for each endpoint, not a walk over all that waits.
constexpr std::string_view due_endpoints_sql =
    "SELECT e.id FROM notice_endpoints e WHERE e.enabled = 1 AND EXISTS (SELECT 1 FROM deliveries d"
    " WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.due_ns <= :now_ns) ORDER BY e.id LIMIT :limit";
constexpr auto claim_sql =
    "UPDATE deliveries SET attempts = attempts + 1, rung = rung + 1, due_ns = :until_ns, version = version + 1"
    " WHERE id IN (SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'pending'"
    " AND due_ns <= :now_ns ORDER BY due_ns LIMIT :limit) RETURNING " +
    delivery_names;
constexpr std::string_view end_sql =
    "UPDATE deliveries SET state = :state, due_ns = :due_ns, attempts_known = CASE WHEN :known = 1 THEN attempts"
    " ELSE attempts_known END, rung = rung - :not_used, status = :status, error = :error, snippet = :snippet,"
    " ended_ns = :ended_ns, version = version + 1 WHERE id = :id AND state = 'pending' AND attempts = :attempt";
constexpr auto replay_sql =
    "UPDATE deliveries SET state = 'pending', rung = 0, due_ns = :now_ns, ended_ns = NULL, version = version + 1"
    " WHERE id = :id AND state <> 'pending' RETURNING " +
    delivery_names;
constexpr std::string_view queue_sql = "SELECT COUNT(*), MIN(at_ns) FROM deliveries WHERE state = 'pending'";
constexpr std::string_view prune_sql =
    "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE state <> 'pending'"
    " AND ended_ns < :before_ns ORDER BY ended_ns LIMIT :delete_max)";

struct delivery_row {
    using value_type = delivery;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.endpoint_id, row.message_id, row.notice_key, row.type, row.subject, row.data, row.at_ns,
            row.state, row.attempts, row.attempts_known, row.rung, row.due_ns, row.status, row.error, row.snippet,
            row.created_ns, row.ended_ns, row.version
        );
    }
};

struct id_row {
    using value_type = std::string;
    static auto columns(auto& row) { return std::tie(row); }
};

}  // namespace

std::string_view to_text(delivery_state value) noexcept
{
    return state_texts[static_cast<std::size_t>(value)];
}

std::optional<delivery_state> find_delivery_state(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < state_texts.size(); ++i) {
        if (state_texts[i] == text)
            return static_cast<delivery_state>(i);
    }
    return std::nullopt;
}

result<std::vector<delivery>> list_deliveries(const reader& from, const delivery_filter& filter)
{
    conditions where;
    if (!filter.endpoint_id.empty())
        where.add("endpoint_id = :endpoint_id", filter.endpoint_id);
    if (filter.state)
        where.add("state = :state", to_text(*filter.state));
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    return list_all<delivery_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(filter.limit, deliveries_listed_max)
    );
}

result<std::optional<delivery>> find_delivery(const reader& from, std::string_view id)
{
    return find_one<delivery_row>(from, find_sql, id);
}

result<std::vector<std::string>> list_due_endpoints(const reader& from, std::int64_t now_ns)
{
    return list_all<id_row>(from, due_endpoints_sql, now_ns, due_endpoints_max);
}

result<std::vector<delivery>> claim_deliveries(
    transaction& tx, std::string_view endpoint_id, std::int64_t now_ns, std::int64_t lease_ns, std::size_t limit
)
{
    return list_all<delivery_row>(
        tx, claim_sql, now_ns + lease_ns, endpoint_id, now_ns, capped(limit, deliveries_listed_max)
    );
}

result<void> end_attempt(
    transaction& tx, std::string_view id, std::uint32_t attempt, const delivery_end& end, std::int64_t now_ns
)
{
    const bool waits = end.state == delivery_state::pending;
    const auto ended_ns = waits ? std::optional<std::int64_t>() : std::optional(now_ns);
    const std::string_view error = std::string_view(end.error).substr(0, delivery_text_bytes_max);
    const std::string_view snippet = std::string_view(end.snippet).substr(0, delivery_text_bytes_max);
    const auto changed = execute(
        tx, end_sql, end.state, waits ? end.due_ns : now_ns, end.known, std::uint32_t{end.uses_rung ? 0U : 1U},
        end.status, error, snippet, ended_ns, id, attempt
    );
    return changed_or(changed, reprise::errc::stale);
}

result<delivery> replay_delivery(transaction& tx, std::string_view id, std::int64_t now_ns)
{
    auto replayed = find_one<delivery_row>(tx, replay_sql, now_ns, id);
    if (!replayed)
        return replayed.error();
    if (*replayed)
        return std::move(**replayed);
    const auto found = find_delivery(tx, id);
    if (!found)
        return found.error();
    return *found ? reprise::errc::conflict : reprise::errc::not_found;
}

result<delivery_queue> look_at_deliveries(const reader& from)
{
    delivery_queue queue;
    const auto found = find_into(from, queue_sql, std::tie(queue.waiting, queue.oldest_ns));
    if (!found)
        return found.error();
    return queue;
}

result<std::uint64_t> prune_deliveries(transaction& tx, std::int64_t now_ns, std::uint64_t delete_max)
{
    return execute(tx, prune_sql, now_ns - deliveries_kept_ns, static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
