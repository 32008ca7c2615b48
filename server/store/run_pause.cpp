#include "reprise/store/run_pause.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr std::string_view find_sql = "SELECT reason, paused_by, since_ns FROM run_pause WHERE one = 1 LIMIT 1";
constexpr std::string_view insert_sql =
    "INSERT INTO run_pause (one, reason, paused_by, since_ns) VALUES (1, :reason, :paused_by, :since_ns)"
    " ON CONFLICT (one) DO NOTHING";
constexpr std::string_view delete_sql = "DELETE FROM run_pause WHERE one = 1";

result<void> announce(transaction& tx, std::int64_t now_ns)
{
    const auto seq = append_event(tx, "overview", "run_pause", "all", now_ns, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

}  // namespace

result<std::optional<run_pause>> find_run_pause(const reader& from)
{
    run_pause pause;
    const auto found = find_into(from, find_sql, std::tie(pause.reason, pause.paused_by, pause.since_ns));
    if (!found)
        return found.error();
    return *found ? std::optional(std::move(pause)) : std::nullopt;
}

result<void> insert_run_pause(transaction& tx, const run_pause& pause)
{
    const auto inserted = execute(tx, insert_sql, pause.reason, pause.paused_by, pause.since_ns);
    if (auto set = changed_or(inserted, reprise::errc::conflict); !set)
        return set;
    return announce(tx, pause.since_ns);
}

result<void> delete_run_pause(transaction& tx, std::int64_t now_ns)
{
    if (auto ended = changed_or(execute(tx, delete_sql), reprise::errc::not_found); !ended)
        return ended;
    tx.notice().work_due = true;
    return announce(tx, now_ns);
}

}  // namespace reprise::store
