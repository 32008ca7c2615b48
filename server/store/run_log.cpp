#include "query.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/runs.hpp"

namespace reprise::store {
namespace {

constexpr auto step_names = sql_text("run_id, name, attempt, output, started_ns, ended_ns");
constexpr auto event_names = sql_text("run_id, sequence, at_ns, type, data");

constexpr std::string_view lease_sql =
    "SELECT version FROM runs WHERE id = :id AND state = 'leased' AND lease_epoch = :epoch";

constexpr auto save_step_sql = "INSERT INTO run_steps (" + step_names + ") VALUES (" +
                               placeholders<count_columns(step_names)>() +
                               ") ON CONFLICT (run_id, name) DO UPDATE SET attempt = excluded.attempt,"
                               " output = excluded.output, started_ns = excluded.started_ns,"
                               " ended_ns = excluded.ended_ns";

constexpr std::string_view delete_step_sql = "DELETE FROM run_steps WHERE run_id = :run_id AND name = :name";

constexpr auto list_steps_sql =
    "SELECT " + step_names + " FROM run_steps WHERE run_id = :run_id ORDER BY started_ns, rowid LIMIT 100";

constexpr std::string_view last_event_sql =
    "SELECT COALESCE(MAX(sequence), 0) FROM run_events WHERE run_id = :run_id";
constexpr auto append_event_sql = "INSERT INTO run_events (" + event_names + ") VALUES (" +
                                  placeholders<count_columns(event_names)>() + ")";
constexpr auto list_events_sql =
    "SELECT " + event_names + " FROM run_events WHERE run_id = :run_id AND sequence > :after ORDER BY sequence"
    " LIMIT :limit";

struct step_row {
    using value_type = model::run_step;
    static auto columns(auto& row)
    {
        return std::tie(row.run_id, row.name, row.attempt, row.output, row.started_ns, row.ended_ns);
    }
};

struct run_event_row {
    using value_type = model::run_event;
    static auto columns(auto& row) { return std::tie(row.run_id, row.sequence, row.at_ns, row.type, row.data); }
};

// errc::stale unless the run is leased under this epoch.
result<void> check_lease(const reader& from, std::string_view run_id, std::int64_t epoch)
{
    std::int64_t version = 0;
    const auto held = find_into(from, lease_sql, std::tie(version), run_id, epoch);
    if (!held)
        return held.error();
    if (!*held)
        return reprise::errc::stale;
    return {};
}

}  // namespace

result<void> save_step(transaction& tx, const model::run_step& step, std::int64_t epoch)
{
    const auto held = check_lease(tx, step.run_id, epoch);
    if (!held)
        return held.error();
    return save_step(tx, step);
}

result<void> save_step(transaction& tx, const model::run_step& step)
{
    if (step.output.size() > run_output_bytes_max)
        return reprise::errc::too_large;
    return without_count(execute(tx, save_step_sql, step_row::columns(step)));
}

result<void> delete_step(transaction& tx, std::string_view run_id, std::string_view name)
{
    return without_count(execute(tx, delete_step_sql, run_id, name));
}

result<std::vector<model::run_step>> list_steps(const reader& from, std::string_view run_id)
{
    return list_all<step_row>(from, list_steps_sql, run_id);
}

result<void> append_run_event(transaction& tx, model::run_event& event)
{
    if (event.data.size() > run_output_bytes_max)
        return reprise::errc::too_large;
    const auto last = find_value<std::int64_t>(tx, last_event_sql, event.run_id);
    if (!last)
        return last.error();
    if (*last >= run_events_max)
        return reprise::errc::too_large;
    event.sequence = *last + 1;
    const auto appended = execute(tx, append_event_sql, run_event_row::columns(event));
    if (!appended)
        return appended.error();
    const auto seq = append_event(tx, "runs/" + event.run_id, "run_event", event.run_id, event.sequence, event.at_ns);
    if (!seq)
        return seq.error();
    return {};
}

result<void> append_run_event(transaction& tx, model::run_event& event, std::int64_t epoch)
{
    const auto held = check_lease(tx, event.run_id, epoch);
    if (!held)
        return held.error();
    return append_run_event(tx, event);
}

result<std::vector<model::run_event>> list_run_events(
    const reader& from, std::string_view run_id, std::int64_t after, std::size_t limit
)
{
    return list_all<run_event_row>(from, list_events_sql, run_id, after, capped(limit, run_events_listed_max));
}

}  // namespace reprise::store
