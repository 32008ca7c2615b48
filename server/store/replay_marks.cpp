#include "reprise/store/replay_marks.hpp"

#include "query.hpp"

namespace reprise::store {
namespace {

constexpr std::string_view insert_sql =
    "INSERT INTO replay_marks (mark, run_id, created_ns) VALUES (:mark, :run_id, :created_ns)"
    " ON CONFLICT (mark) DO UPDATE SET created_ns = excluded.created_ns WHERE replay_marks.run_id = excluded.run_id";

constexpr std::string_view list_sql =
    "SELECT mark, run_id, created_ns FROM replay_marks WHERE created_ns >= :since_ns"
    " ORDER BY created_ns DESC LIMIT :limit";

constexpr std::string_view prune_sql =
    "DELETE FROM replay_marks WHERE mark IN (SELECT mark FROM replay_marks WHERE created_ns < :before_ns"
    " ORDER BY created_ns LIMIT :delete_max)";

struct mark_row {
    using value_type = replay_mark;
    static auto columns(auto& row) { return std::tie(row.mark, row.run_id, row.created_ns); }
};

}  // namespace

result<void> insert_replay_mark(transaction& tx, std::uint64_t mark, std::string_view run_id, std::int64_t now_ns)
{
    return changed_or(execute(tx, insert_sql, mark, run_id, now_ns), reprise::errc::conflict);
}

result<std::vector<replay_mark>> list_replay_marks(const reader& from, std::int64_t since_ns, std::size_t limit)
{
    return list_all<mark_row>(from, list_sql, since_ns, capped(limit, replay_marks_listed_max));
}

result<std::uint64_t> prune_replay_marks(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max)
{
    return execute(tx, prune_sql, before_ns, static_cast<std::int64_t>(delete_max));
}

}  // namespace reprise::store
