#include "reprise/store/runs.hpp"

#include "query.hpp"
#include "run_row.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/notices.hpp"

namespace reprise::store {

result<void> announce_run(transaction& tx, const model::run& run)
{
    for (const std::string& topic : {std::string("runs"), "runs/" + run.id}) {
        const auto seq = append_event(tx, topic, "run", run.id, run.version, run.updated_ns);
        if (!seq)
            return seq.error();
    }
    return {};
}

namespace {

constexpr auto insert_sql = "INSERT INTO runs (" + run_row::names + ", active, ready, service) VALUES (" +
                            placeholders<count_columns(run_row::names) + 2>() +
                            ", COALESCE((SELECT service FROM incidents WHERE id = :of), ''))";

constexpr auto select_sql = "SELECT " + run_row::names + " FROM runs";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";
constexpr std::string_view version_sql = "SELECT version FROM runs WHERE id = :id";

// The lease's own columns are not the saver's: a heartbeat may have moved them since it loaded the run.
constexpr auto save_sql =
    "UPDATE runs SET (" + run_row::changing_names + ") = (" +
    placeholders<count_columns(run_row::changing_names)>() +
    "), version = version + 1, active = :active, ready = CASE WHEN :keep_ready = 1 THEN ready ELSE :ready END,"
    " lease_owner = CASE WHEN :keep_owner = 1 THEN lease_owner ELSE '' END,"
    " lease_until_ns = CASE WHEN :keep_until = 1 THEN lease_until_ns ELSE 0 END WHERE id = :id AND ";
constexpr auto save_fenced_sql = save_sql + "state = 'leased' AND lease_epoch = :epoch RETURNING version, lease_epoch";
constexpr auto save_by_version_sql = save_sql + "version = :expected RETURNING version, lease_epoch";

// What waits for its time becomes ready by a claim.
bool is_ready(const model::run& run) noexcept
{
    return run.state == model::run_state::queued && run.not_before_ns <= run.updated_ns;
}

// False when no row has this id and fence.
result<bool> save_where(transaction& tx, std::string_view sql, model::run& run, std::int64_t fence)
{
    if (run.result.size() > run_output_bytes_max || run.error.size() > run_output_bytes_max)
        return reprise::errc::too_large;
    const bool leased = run.state == model::run_state::leased;
    std::int64_t version = 0;
    std::int64_t epoch = 0;
    const auto saved = find_into(
        tx, sql, std::tie(version, epoch), run_row::changing(run), is_active(run.state), leased, is_ready(run), leased,
        leased, run.id, fence
    );
    if (!saved)
        return no_answer(saved.error());
    if (!*saved)
        return false;
    run.version = version;
    run.lease_epoch = epoch;
    if (!leased) {
        run.lease_owner.clear();
        run.lease_until_ns = 0;
    }
    if (run.state == model::run_state::dead_letter) {
        if (const auto queued = enqueue_deliveries(tx, run_dead_lettered(run)); !queued)
            return no_answer(queued.error());
    }
    tx.notice().work_due = tx.notice().work_due || is_ready(run);
    const auto told = announce_run(tx, run);
    if (!told)
        return no_answer(told.error());
    return true;
}

}  // namespace

bool is_active(model::run_state state) noexcept
{
    switch (state) {
    case model::run_state::dead_letter:
    case model::run_state::succeeded:
    case model::run_state::cancelled:
    case model::run_state::timed_out:
    case model::run_state::discarded: return false;
    default: return true;
    }
}

result<void> enqueue_run(transaction& tx, const model::run& run)
{
    if (run.result.size() > run_output_bytes_max)
        return reprise::errc::too_large;
    const auto inserted =
        execute(tx, insert_sql, run_row::columns(run), is_active(run.state), is_ready(run), run.incident_id);
    if (!inserted)
        return inserted.error();
    tx.notice().work_due = tx.notice().work_due || is_ready(run);
    return announce_run(tx, run);
}

result<std::optional<model::run>> find_run(const reader& from, std::string_view id)
{
    return find_one<run_row>(from, find_sql, id);
}

result<std::vector<model::run>> list_runs(const reader& from, const run_filter& filter)
{
    conditions where;
    if (filter.active)
        where.add("active = 1");
    if (filter.state)
        where.add("state = :state", to_text(*filter.state));
    if (filter.kind)
        where.add("kind = :kind", to_text(*filter.kind));
    if (!filter.incident_id.empty())
        where.add("incident_id = :incident_id", filter.incident_id);
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    return list_all<run_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(filter.limit, runs_listed_max)
    );
}

result<void> save_run(transaction& tx, model::run& run, std::int64_t epoch)
{
    const auto saved = save_where(tx, save_fenced_sql, run, epoch);
    if (!saved)
        return saved.error();
    if (!*saved)
        return reprise::errc::stale;
    return {};
}

result<void> save_run_by_version(transaction& tx, model::run& run, std::int64_t expected_version)
{
    const auto saved = save_where(tx, save_by_version_sql, run, expected_version);
    if (!saved)
        return saved.error();
    if (!*saved)
        return stale_or_missing(tx, version_sql, run.id);
    if (run.state != model::run_state::leased)
        tx.notice().ended.push_back({run.id, run.lease_epoch});
    return {};
}

}  // namespace reprise::store
