#include "reprise/store/snoozes.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr std::string_view save_sql =
    "INSERT INTO approval_snoozes (person_id, approval_id, until_ns, created_ns)"
    " VALUES (:person_id, :approval_id, :until_ns, :created_ns)"
    " ON CONFLICT (person_id, approval_id) DO UPDATE SET until_ns = excluded.until_ns,"
    " created_ns = excluded.created_ns";
constexpr std::string_view delete_sql =
    "DELETE FROM approval_snoozes WHERE person_id = :person_id AND approval_id = :approval_id";
constexpr std::string_view list_sql =
    "SELECT approval_id, until_ns, created_ns FROM approval_snoozes"
    " WHERE person_id = :person_id AND until_ns > :now_ns ORDER BY until_ns, approval_id LIMIT :limit";
constexpr std::string_view find_sql =
    "SELECT until_ns FROM approval_snoozes"
    " WHERE person_id = :person_id AND approval_id = :approval_id AND until_ns > :now_ns";
constexpr std::string_view prune_sql =
    "DELETE FROM approval_snoozes WHERE (person_id, approval_id) IN (SELECT person_id, approval_id"
    " FROM approval_snoozes WHERE until_ns <= :now_ns ORDER BY until_ns LIMIT :delete_max)";
constexpr std::string_view version_sql = "SELECT version FROM approvals WHERE id = :id";

struct snooze_row {
    using value_type = approval_snooze;
    static auto columns(auto& row) { return std::tie(row.approval_id, row.until_ns, row.created_ns); }
};

// The approval itself did not change: the same revision is read again.
result<void> announce(transaction& tx, std::string_view approval_id, std::int64_t now_ns)
{
    std::int64_t version = 0;
    const auto found = find_into(tx, version_sql, std::tie(version), approval_id);
    if (!found)
        return found.error();
    if (!*found)
        return reprise::errc::not_found;
    const auto seq = append_event(tx, "approvals", "approval", approval_id, version, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

}  // namespace

result<void> save_approval_snooze(transaction& tx, std::string_view person_id, const approval_snooze& snooze)
{
    if (auto told = announce(tx, snooze.approval_id, snooze.created_ns); !told)
        return told;
    return without_count(
        execute(tx, save_sql, person_id, snooze.approval_id, snooze.until_ns, snooze.created_ns)
    );
}

result<void> delete_approval_snooze(
    transaction& tx, std::string_view person_id, std::string_view approval_id, std::int64_t now_ns
)
{
    const auto gone = changed_or(execute(tx, delete_sql, person_id, approval_id), reprise::errc::not_found);
    return gone ? announce(tx, approval_id, now_ns) : gone;
}

result<std::vector<approval_snooze>> list_approval_snoozes(
    const reader& from, std::string_view person_id, std::int64_t now_ns, std::size_t limit
)
{
    return list_all<snooze_row>(from, list_sql, person_id, now_ns, capped(limit, snoozes_listed_max));
}

result<std::optional<std::int64_t>> find_snoozed_until(
    const reader& from, std::string_view person_id, std::string_view approval_id, std::int64_t now_ns
)
{
    std::int64_t until_ns = 0;
    const auto found = find_into(from, find_sql, std::tie(until_ns), person_id, approval_id, now_ns);
    if (!found)
        return found.error();
    return *found ? std::optional(until_ns) : std::nullopt;
}

result<std::uint64_t> prune_approval_snoozes(transaction& tx, std::int64_t now_ns, std::uint64_t delete_max)
{
    return execute(tx, prune_sql, now_ns, static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
