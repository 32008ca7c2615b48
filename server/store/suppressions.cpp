#include "reprise/store/suppressions.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr auto names = sql_text(
    "id, service, operation, kind, fingerprint, reason, until_ns, created_ns, created_by, lifted_ns, lifted_by, hits,"
    " last_hit_ns"
);

constexpr auto insert_sql = "INSERT INTO suppressions (rev, " + names + ") VALUES (1, " +
                            placeholders<count_columns(names)>() + ")";
constexpr auto select_sql = "SELECT " + names + " FROM suppressions";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";

constexpr std::string_view count_standing_sql =
    "SELECT COUNT(*) FROM suppressions WHERE service = :service AND lifted_ns IS NULL"
    " AND (until_ns IS NULL OR until_ns > :now_ns)";

constexpr std::string_view match_sql =
    "SELECT id FROM suppressions WHERE service = :service AND lifted_ns IS NULL"
    " AND (until_ns IS NULL OR until_ns > :now_ns) AND (operation IS NULL OR operation = :operation)"
    " AND (kind IS NULL OR kind = :kind) AND (fingerprint = '' OR fingerprint = :fingerprint) ORDER BY id LIMIT 1";

constexpr std::string_view count_sql =
    "UPDATE suppressions SET hits = hits + 1, last_hit_ns = :now_ns, rev = rev + 1 WHERE id = :id RETURNING rev";
constexpr std::string_view lift_sql =
    "UPDATE suppressions SET lifted_ns = :now_ns, lifted_by = :by, rev = rev + 1"
    " WHERE id = :id AND lifted_ns IS NULL RETURNING rev";

struct suppression_row {
    using value_type = model::suppression;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.service, row.operation_id, row.kind, row.fingerprint, row.reason, row.until_ns,
            row.created_ns, row.created_by, row.lifted_ns, row.lifted_by, row.hits, row.last_hit_ns
        );
    }
};

result<void> announce(transaction& tx, std::string_view id, std::int64_t rev, std::int64_t now_ns)
{
    const auto seq = append_event(tx, "services", "suppression", id, rev, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

void add_state(conditions& where, model::suppression_state state, std::int64_t now_ns)
{
    switch (state) {
    case model::suppression_state::active:
        where.add("lifted_ns IS NULL AND (until_ns IS NULL OR until_ns > :now_ns)", now_ns);
        break;
    case model::suppression_state::expired: where.add("lifted_ns IS NULL AND until_ns <= :now_ns", now_ns); break;
    case model::suppression_state::lifted: where.add("lifted_ns IS NOT NULL"); break;
    }
}

}  // namespace

result<void> insert_suppression(transaction& tx, const model::suppression& what, std::int64_t now_ns)
{
    const auto standing = find_value<std::uint64_t>(tx, count_standing_sql, what.service, now_ns);
    if (!standing)
        return standing.error();
    if (*standing >= suppressions_standing_max)
        return reprise::errc::too_large;
    if (auto inserted = execute(tx, insert_sql, suppression_row::columns(what)); !inserted)
        return inserted.error();
    return announce(tx, what.id, 1, now_ns);
}

result<std::optional<model::suppression>> find_suppression(const reader& from, std::string_view id)
{
    return find_one<suppression_row>(from, find_sql, id);
}

result<std::vector<model::suppression>> list_suppressions(
    const reader& from, const suppression_filter& filter, std::int64_t now_ns
)
{
    conditions where;
    if (!filter.service.empty())
        where.add("service = :service", filter.service);
    if (filter.state)
        add_state(where, *filter.state, now_ns);
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    const std::string sql = where.statement(select_sql, newest_sql);
    return list_all<suppression_row>(from, sql, where.values(), capped(filter.limit, suppressions_listed_max));
}

result<std::optional<std::string>> find_suppression_of(
    const reader& from, const model::signal& signal, std::int64_t now_ns
)
{
    std::string id;
    const auto found = find_into(
        from, match_sql, std::tie(id), signal.operation.service, now_ns, signal.operation_id,
        model::to_text(signal.kind), signal.fingerprint
    );
    if (!found)
        return found.error();
    return *found ? std::optional(std::move(id)) : std::nullopt;
}

result<void> count_suppressed(transaction& tx, std::string_view id, std::int64_t now_ns)
{
    std::int64_t rev = 0;
    const auto counted = find_into(tx, count_sql, std::tie(rev), now_ns, id);
    if (!counted)
        return counted.error();
    if (!*counted)
        return reprise::errc::not_found;
    return announce(tx, id, rev, now_ns);
}

result<void> lift_suppression(transaction& tx, std::string_view id, std::string_view by, std::int64_t now_ns)
{
    std::int64_t rev = 0;
    const auto lifted = find_into(tx, lift_sql, std::tie(rev), now_ns, by, id);
    if (!lifted)
        return lifted.error();
    if (!*lifted)
        return reprise::errc::not_found;
    return announce(tx, id, rev, now_ns);
}

}  // namespace reprise::store
