#include "query.hpp"
#include "run_row.hpp"

#include "reprise/store/runs.hpp"
#include "reprise/store/run_pause.hpp"

#include <algorithm>

namespace reprise::store {
namespace {

// Each row once for each time that it waits, so that a claim looks at what is ready only.
constexpr std::string_view end_backoffs_sql =
    "UPDATE runs SET ready = 1 WHERE state = 'queued' AND ready = 0 AND not_before_ns <= :now_ns";
constexpr std::string_view end_leases_sql =
    "UPDATE runs SET ready = 1 WHERE state = 'leased' AND ready = 0 AND lease_until_ns <= :now_ns";

// An index step per kind. A service is fixed by one run at a time.
constexpr auto ready_sql = sql_text("SELECT id, priority FROM runs WHERE ready = 1 AND kind = :kind");
constexpr auto in_order_sql = sql_text(" ORDER BY priority DESC, id LIMIT 1");
// The services are a JSON list.
constexpr auto of_sql = sql_text(" AND (:any = 1 OR service IN (SELECT value FROM json_each(:services)))");
constexpr auto next_sql = ready_sql + of_sql + in_order_sql;
constexpr auto next_replay_sql = ready_sql + of_sql + " AND step IN ('', 'prepare', 'replay')" + in_order_sql;
constexpr auto next_unstarted_sql = ready_sql + of_sql + " AND step <> 'replay'" + in_order_sql;
constexpr auto next_fix_sql = ready_sql + of_sql +
    " AND NOT EXISTS (SELECT 1 FROM runs AS other WHERE other.kind = 'fix' AND other.state = 'leased'"
    " AND other.service = runs.service AND other.id <> runs.id)" + in_order_sql;

constexpr auto take_sql =
    "UPDATE runs SET state = 'leased', ready = 0, lease_owner = :owner, lease_until_ns = :until_ns,"
    " lease_epoch = lease_epoch + 1, attempt = attempt + 1, updated_ns = :now_ns, version = version + 1"
    " WHERE id = :id RETURNING " + run_row::names;

constexpr std::string_view next_due_sql =
    "SELECT MIN(due_ns) FROM (SELECT MIN(not_before_ns) AS due_ns FROM runs WHERE state = 'queued' AND ready = 0"
    " UNION ALL SELECT MIN(lease_until_ns) FROM runs WHERE state = 'leased' AND ready = 0"
    " UNION ALL SELECT not_before_ns FROM (SELECT not_before_ns FROM runs WHERE ready = 1 LIMIT 1))"
    " WHERE NOT EXISTS (SELECT 1 FROM run_pause)";

constexpr std::string_view heartbeat_sql =
    "UPDATE runs SET lease_until_ns = :until_ns, ready = 0"
    " WHERE id = :id AND state = 'leased' AND lease_epoch = :epoch";
constexpr auto progress_sql =
    "UPDATE runs SET progress = :progress, updated_ns = :now_ns, version = version + 1"
    " WHERE id = :id AND progress <> :same RETURNING " + run_row::names;

constexpr std::string_view figures_sql =
    "SELECT kind, state, COUNT(*) FROM runs WHERE active = 1 GROUP BY state, kind";
constexpr std::string_view dead_letters_sql =
    "SELECT kind, state, COUNT(*) FROM runs WHERE state = 'dead_letter' GROUP BY state, kind";
constexpr std::string_view holds_sql = "SELECT hold, COUNT(*) FROM runs WHERE state = 'paused' GROUP BY hold";
constexpr std::string_view ready_since_sql = "SELECT MIN(not_before_ns) FROM runs WHERE ready = 1 AND state = 'queued'";

struct candidate {
    std::string id;
    std::int64_t priority = 0;
};

result<void> end_waits(transaction& tx, std::int64_t now_ns)
{
    if (const auto ended = execute(tx, end_backoffs_sql, now_ns); !ended)
        return ended.error();
    return without_count(execute(tx, end_leases_sql, now_ns));
}

std::string_view next_sql_of(model::run_kind kind, claim_filter::replays replays)
{
    if (kind == model::run_kind::fix)
        return next_fix_sql;
    if (kind != model::run_kind::reproduce || replays == claim_filter::replays::any)
        return next_sql;
    return replays == claim_filter::replays::only ? std::string_view(next_replay_sql)
                                                  : std::string_view(next_unstarted_sql);
}

result<std::optional<candidate>> find_next(
    const reader& from, model::run_kind kind, const claim_filter& filter, std::string_view services
)
{
    candidate next;
    const auto into = std::tie(next.id, next.priority);
    const auto found =
        find_into(from, next_sql_of(kind, filter.of_replays), into, kind, !filter.services.has_value(), services);
    if (!found)
        return found.error();
    return *found ? std::optional(std::move(next)) : std::nullopt;
}

// Higher first, then older.
bool goes_before(const candidate& a, const candidate& b)
{
    return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
}

result<std::optional<candidate>> find_first(const reader& from, const claim_filter& filter)
{
    const std::string services = filter.services ? list_to_json(*filter.services) : "[]";
    std::optional<candidate> first;
    for (const model::run_kind kind : filter.kinds) {
        auto next = find_next(from, kind, filter, services);
        if (!next)
            return next.error();
        if (*next && (!first || goes_before(**next, *first)))
            first = std::move(**next);
    }
    return first;
}

result<void> add_figures(const reader& from, std::string_view sql, std::vector<run_figure>& figures)
{
    run_figure one;
    return for_each_row(
        from, sql, std::tie(one.kind, one.state, one.count), [&] { figures.push_back(one); }
    );
}

}  // namespace

result<std::optional<model::run>> claim_run(
    transaction& tx, std::string_view owner, std::int64_t now_ns, std::int64_t lease_ns,
    const claim_filter& filter
)
{
    if (auto ended = end_waits(tx, now_ns); !ended)
        return ended.error();
    const auto pause = find_run_pause(tx);
    if (!pause)
        return pause.error();
    if (*pause)
        return std::optional<model::run>();
    const auto first = find_first(tx, filter);
    if (!first)
        return first.error();
    if (!*first)
        return std::optional<model::run>();
    auto claimed = find_one<run_row>(tx, take_sql, owner, now_ns + lease_ns, now_ns, (*first)->id);
    if (!claimed || !*claimed)
        return claimed;
    if (auto told = announce_run(tx, **claimed); !told)
        return told.error();
    return claimed;
}

result<std::optional<std::int64_t>> find_next_due_ns(const reader& from)
{
    return find_value<std::optional<std::int64_t>>(from, next_due_sql);
}

result<void> heartbeat_run(
    transaction& tx, std::string_view run_id, std::int64_t epoch, std::int64_t now_ns, std::int64_t lease_ns,
    std::optional<double> progress
)
{
    const auto kept = execute(tx, heartbeat_sql, now_ns + lease_ns, run_id, epoch);
    if (auto held = changed_or(kept, reprise::errc::stale); !held || !progress)
        return held;
    const auto moved = find_one<run_row>(tx, progress_sql, *progress, now_ns, run_id, *progress);
    if (!moved)
        return moved.error();
    return *moved ? announce_run(tx, **moved) : result<void>();
}

result<std::vector<run_figure>> list_run_figures(const reader& from)
{
    std::vector<run_figure> figures;
    if (auto active = add_figures(from, figures_sql, figures); !active)
        return active.error();
    if (auto dead = add_figures(from, dead_letters_sql, figures); !dead)
        return dead.error();
    return figures;
}

result<std::vector<hold_figure>> list_hold_figures(const reader& from)
{
    std::vector<hold_figure> figures;
    hold_figure one;
    const auto done =
        for_each_row(from, holds_sql, std::tie(one.hold, one.count), [&] { figures.push_back(one); });
    if (!done)
        return done.error();
    return figures;
}

result<std::optional<std::int64_t>> find_ready_since_ns(const reader& from)
{
    return find_value<std::optional<std::int64_t>>(from, ready_since_sql);
}

}  // namespace reprise::store
