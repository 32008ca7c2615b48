#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include <ostream>
#include <string>

namespace reprise::store {
namespace {

// What SQLite will do for the queries that must stay fast when tables are large.
struct plan_case {
    std::string name;
    std::string sql;
    std::string uses;
};

void PrintTo(const plan_case& one, std::ostream* out)
{
    *out << one.name;
}

class plan_test : public store_test, public testing::WithParamInterface<plan_case> {};

std::string plan_of(raw_sqlite& raw, const std::string& sql)
{
    std::string plan;
    sqlite3_stmt* query = nullptr;
    EXPECT_EQ(raw.prepare("EXPLAIN QUERY PLAN " + sql, &query), SQLITE_OK) << sql;
    while (sqlite3_step(query) == SQLITE_ROW)
        plan += std::string(reinterpret_cast<const char*>(sqlite3_column_text(query, 3))) + "\n";
    sqlite3_finalize(query);
    return plan;
}

TEST_P(plan_test, uses_its_index)
{
    raw_sqlite raw(options_in(directory).path);
    const std::string plan = plan_of(raw, GetParam().sql);
    EXPECT_NE(plan.find(GetParam().uses), std::string::npos) << plan;
    EXPECT_EQ(plan.find("FOR ORDER BY"), std::string::npos) << plan;
}

INSTANTIATE_TEST_SUITE_P(
    table, plan_test,
    testing::Values(
        plan_case{"open_incidents",
                  "SELECT title FROM incidents WHERE open = 1 AND id < ? ORDER BY id DESC LIMIT 50", "incidents_open"},
        plan_case{"worst_incidents",
                  "SELECT title FROM incidents WHERE open = 1 ORDER BY severity_rank DESC, id DESC LIMIT 5",
                  "incidents_open_worst"},
        plan_case{"worst_incidents_in_sight",
                  "SELECT title FROM incidents WHERE open = 1 AND COALESCE(snoozed_until_ns, 0) <= ?"
                  " ORDER BY severity_rank DESC, id DESC LIMIT 5",
                  "incidents_open_worst"},
        plan_case{"snoozes_that_end",
                  "SELECT title FROM incidents WHERE snoozed_until_ns IS NOT NULL AND snoozed_until_ns <= ?"
                  " ORDER BY snoozed_until_ns LIMIT 100",
                  "incidents_snoozed (snoozed_until_ns"},
        plan_case{"open_incidents_of_a_person",
                  "SELECT title FROM incidents WHERE open = 1 AND assigned_to = ? ORDER BY id DESC LIMIT 50",
                  "incidents_open_by_assignee"},
        plan_case{"drawn_windows_of_a_service",
                  "SELECT requests FROM service_windows WHERE service = ? AND window_start_ns >= ?"
                  " ORDER BY window_start_ns DESC LIMIT 60",
                  "PRIMARY KEY (service=? AND window_start_ns>?)"},
        plan_case{"the_newest_windows_of_all_services",
                  "SELECT lag_ns FROM service_windows WHERE window_start_ns >= ? ORDER BY window_start_ns DESC"
                  " LIMIT 2000",
                  "COVERING INDEX service_windows_by_time (window_start_ns>?)"},
        plan_case{"incidents_of_a_service", "SELECT title FROM incidents WHERE service = ? ORDER BY id DESC LIMIT 50",
                  "incidents_by_service"},
        plan_case{"signals_of_a_service", "SELECT rule FROM signals WHERE service = ? ORDER BY id DESC LIMIT 50",
                  "signals_by_service"},
        plan_case{"suppressions_of_a_service",
                  "SELECT reason FROM suppressions WHERE service = ? ORDER BY id DESC LIMIT 50",
                  "suppressions_by_service"},
        plan_case{"suppressions_that_stand",
                  "SELECT id FROM suppressions WHERE service = ? AND lifted_ns IS NULL AND (until_ns IS NULL OR"
                  " until_ns > ?) AND (operation IS NULL OR operation = ?) AND (kind IS NULL OR kind = ?) AND"
                  " (fingerprint = '' OR fingerprint = ?) ORDER BY id LIMIT 1",
                  "suppressions_standing"},
        plan_case{"suppressed_signals",
                  "SELECT rule FROM signals WHERE suppressed_by <> '' ORDER BY id DESC LIMIT 50",
                  "signals_suppressed"},
        plan_case{"signals_without_incident",
                  "SELECT rule FROM signals WHERE fingerprint = ? AND incident_id = '' AND suppressed_by = '' AND"
                  " window_end_ns >= ? ORDER BY window_end_ns LIMIT 500",
                  "signals_unplaced"},
        plan_case{"windows_of_a_service",
                  "SELECT w.ok FROM window_starts s CROSS JOIN operations o CROSS JOIN operation_windows w WHERE"
                  " s.window_start_ns >= ? AND s.window_start_ns < ? AND o.service = ? AND w.window_start_ns ="
                  " s.window_start_ns AND w.operation = o.id ORDER BY s.window_start_ns LIMIT 10000",
                  "operations_by_service"},
        plan_case{"signals_of_an_incident", "SELECT rule FROM signals WHERE incident_id = ? ORDER BY id DESC LIMIT 50",
                  "signals_by_incident"},
        plan_case{"kinds_of_an_incident", "SELECT DISTINCT kind FROM signals WHERE incident_id = ?",
                  "COVERING INDEX signals_by_incident"},
        plan_case{"hooks_to_work_on",
                  "SELECT id FROM inbound_hooks WHERE state = 'waiting' AND attempts = 0 AND due_ns <= ? ORDER BY id"
                  " LIMIT 32",
                  "inbound_hooks_states"},
        plan_case{"hooks_of_a_state", "SELECT source FROM inbound_hooks WHERE state = ? ORDER BY id DESC LIMIT 50",
                  "inbound_hooks_states"},
        plan_case{"hook_bodies",
                  "SELECT SUM(body_bytes) FROM inbound_hooks WHERE body_bytes > 0 AND state = 'done'",
                  "COVERING INDEX inbound_hooks_states"},
        plan_case{"uploads_due",
                  "SELECT path FROM archive_objects WHERE place = 'local' AND due_ns <= ? ORDER BY due_ns LIMIT 64",
                  "archive_objects_waiting"},
        plan_case{"objects_by_age",
                  "SELECT path FROM archive_objects WHERE kind = ? AND created_ns < ? AND place <> 'removing'"
                  " ORDER BY created_ns LIMIT 64",
                  "archive_objects_by_age"},
        plan_case{"objects_being_deleted",
                  "SELECT path FROM archive_objects WHERE place = 'removing' ORDER BY path LIMIT 64",
                  "archive_objects_removing"},
        plan_case{"answers_of_a_run",
                  "SELECT content FROM run_answers WHERE run_id = ? ORDER BY exchange, arm LIMIT 600",
                  "sqlite_autoindex_run_answers_1"},
        plan_case{"answers_of_a_bundle", "DELETE FROM run_answers WHERE evidence_id = ?", "run_answers_by_evidence"},
        plan_case{"what_all_answers_take", "SELECT COUNT(DISTINCT run_id), SUM(bytes) FROM run_answers",
                  "COVERING INDEX run_answers_sizes"},
        plan_case{"runs_of_an_incident", "SELECT step FROM runs WHERE incident_id = ? ORDER BY id DESC LIMIT 50",
                  "runs_by_incident"},
        plan_case{"active_runs", "SELECT step FROM runs WHERE active = 1 ORDER BY id DESC LIMIT 50", "runs_active"},
        plan_case{"the_next_run_of_a_kind",
                  "SELECT id, priority FROM runs WHERE ready = 1 AND kind = ? ORDER BY priority DESC, id LIMIT 1",
                  "COVERING INDEX runs_ready (ready=? AND kind=?)"},
        plan_case{"the_next_fix",
                  "SELECT id, priority FROM runs WHERE ready = 1 AND kind = 'fix' AND NOT EXISTS (SELECT 1 FROM runs"
                  " AS other WHERE other.kind = 'fix' AND other.state = 'leased' AND other.service = runs.service"
                  " AND other.id <> runs.id) ORDER BY priority DESC, id LIMIT 1",
                  "INDEX runs_ready (ready=? AND kind=?)"},
        plan_case{"whether_a_service_is_fixed",
                  "SELECT 1 FROM runs AS other WHERE other.kind = 'fix' AND other.state = 'leased'"
                  " AND other.service = ? AND other.id <> ?",
                  "runs_fixing (kind=? AND state=? AND service=?)"},
        plan_case{"backoffs_that_end",
                  "UPDATE runs SET ready = 1 WHERE state = 'queued' AND ready = 0 AND not_before_ns <= ?",
                  "runs_backing_off (state=? AND ready=? AND not_before_ns<?)"},
        plan_case{"leases_that_end",
                  "UPDATE runs SET ready = 1 WHERE state = 'leased' AND ready = 0 AND lease_until_ns <= ?",
                  "runs_leased (state=? AND ready=? AND lease_until_ns<?)"},
        plan_case{"active_runs_of_an_incident",
                  "SELECT step FROM runs WHERE active = 1 AND incident_id = ? ORDER BY id DESC LIMIT 50",
                  "runs_by_incident (incident_id=?)"},
        plan_case{"runs_by_state_and_kind",
                  "SELECT kind, state, COUNT(*) FROM runs WHERE active = 1 GROUP BY state, kind",
                  "COVERING INDEX runs_figures"},
        plan_case{"runs_that_are_ready", "SELECT MIN(not_before_ns) FROM runs WHERE ready = 1 AND state = 'queued'",
                  "runs_ready (ready=?)"},
        plan_case{"runs_of_a_kind", "SELECT step FROM runs WHERE kind = ? ORDER BY id DESC LIMIT 50", "runs_by_kind"},
        plan_case{"automatic_runs_of_an_hour", "SELECT COUNT(*) FROM runs WHERE counted = 1 AND created_ns >= ?",
                  "COVERING INDEX runs_counted (counted=? AND created_ns>?)"},
        plan_case{"automatic_runs_of_an_incident",
                  "SELECT COUNT(*) FROM runs WHERE counted = 1 AND incident_id = ? AND kind = ? AND created_ns >= ?",
                  "COVERING INDEX runs_counted_by_incident"},
        plan_case{"incidents_with_a_cause",
                  "SELECT incident_id FROM incident_causes WHERE cause = ? AND at_ns >= ? ORDER BY at_ns DESC LIMIT 9",
                  "incident_causes_recent (cause=? AND at_ns>?)"},
        plan_case{"old_causes", "SELECT cause, incident_id FROM incident_causes WHERE at_ns < ? ORDER BY at_ns LIMIT 9",
                  "incident_causes_by_time (at_ns<?)"},
        plan_case{"a_series",
                  "SELECT w.p50_ns FROM window_starts s JOIN operation_windows w"
                  " ON w.window_start_ns = s.window_start_ns AND w.operation = ? WHERE s.window_start_ns >= ?"
                  " AND s.window_start_ns < ? ORDER BY s.window_start_ns DESC LIMIT 100",
                  "SEARCH w USING PRIMARY KEY (window_start_ns=? AND operation=?)"},
        plan_case{"old_windows",
                  "SELECT window_start_ns, operation FROM operation_windows WHERE window_start_ns < ?"
                  " ORDER BY window_start_ns, operation LIMIT 100",
                  "USING PRIMARY KEY (window_start_ns<?)"},
        plan_case{"operations_of_a_service",
                  "SELECT id FROM operations WHERE service = ? ORDER BY kind, route, method LIMIT 100",
                  "operations_by_service"},
        plan_case{"signals_of_the_last_hour", "SELECT COUNT(*) FROM signals WHERE window_end_ns >= ?",
                  "COVERING INDEX signals_by_end"},
        plan_case{"the_next_effect",
                  "SELECT id FROM publications WHERE state IN ('pending', 'outcome_unknown') AND due_ns <= ?"
                  " ORDER BY due_ns, id LIMIT 1",
                  "publications_due"},
        plan_case{"expiring_approvals",
                  "SELECT id FROM approvals WHERE state = 'pending' AND expires_ns <= ? ORDER BY expires_ns LIMIT 10",
                  "approvals_expiring"},
        plan_case{"due_deliveries_of_an_endpoint",
                  "SELECT id FROM deliveries WHERE endpoint_id = ? AND state = 'pending' AND due_ns <= ?"
                  " ORDER BY due_ns LIMIT 4",
                  "deliveries_due"},
        plan_case{"waiting_deliveries_of_an_endpoint",
                  "SELECT COUNT(*) FROM deliveries WHERE endpoint_id = ? AND state = 'pending'", "deliveries_due"},
        plan_case{"deliveries_of_an_endpoint",
                  "SELECT error FROM deliveries WHERE endpoint_id = ? AND id < ? ORDER BY id DESC LIMIT 50",
                  "deliveries_of_endpoint"},
        plan_case{"failed_deliveries",
                  "SELECT error FROM deliveries WHERE state = ? AND id < ? ORDER BY id DESC LIMIT 50",
                  "deliveries_by_state"},
        plan_case{"old_deliveries",
                  "SELECT id FROM deliveries WHERE state <> 'pending' AND ended_ns < ? ORDER BY ended_ns LIMIT 100",
                  "deliveries_ended"},
        plan_case{"approvals_of_a_run_by_action",
                  "SELECT id FROM approvals WHERE run_id = ? AND action = ? ORDER BY id DESC LIMIT 1",
                  "approvals_by_run"},
        plan_case{"approvals_to_remind_of",
                  "SELECT id FROM approvals WHERE state = 'pending' AND reminded < 50 ORDER BY id LIMIT 10",
                  "approvals_by_state"},
        plan_case{"changes_nobody_made",
                  "SELECT a.id FROM runs r CROSS JOIN approvals a ON a.run_id = r.id WHERE r.state = 'waiting_approval'"
                  " AND a.state = 'changes_requested' AND a.expires_ns <= ? LIMIT 10",
                  "runs_by_state"},
        plan_case{"newest_traces",
                  "SELECT route FROM traces WHERE started_ns <= ? AND wall_ns >= ? ORDER BY started_ns DESC,"
                  " trace_id DESC LIMIT 50",
                  "traces_newest"},
        plan_case{"traces_of_a_service",
                  "SELECT route FROM traces WHERE started_ns <= ? AND wall_ns >= ? AND service = ?"
                  " ORDER BY started_ns DESC, trace_id DESC LIMIT 50",
                  "traces_by_service (service=? AND started_ns<?)"},
        plan_case{"traces_of_a_pattern",
                  "SELECT route FROM traces WHERE started_ns <= ? AND wall_ns >= ? AND pattern = ?"
                  " ORDER BY started_ns DESC, trace_id DESC LIMIT 50",
                  "traces_by_pattern (pattern=? AND started_ns<?)"},
        plan_case{"traces_with_a_finding",
                  "SELECT route FROM traces WHERE started_ns <= ? AND findings <> '[]'"
                  " AND instr(findings, ?) > 0 ORDER BY started_ns DESC, trace_id DESC LIMIT 50",
                  "traces_with_findings"},
        plan_case{"kept_spans_of_traces",
                  "SELECT trace_id, kept_bytes FROM traces WHERE kept_bytes > 0 ORDER BY started_ns DESC,"
                  " trace_id DESC",
                  "COVERING INDEX traces_opened"},
        plan_case{"oldest_traces", "SELECT trace_id FROM traces ORDER BY started_ns, trace_id LIMIT 100",
                  "COVERING INDEX traces_newest"},
        plan_case{"links_of_an_approval", "SELECT COUNT(*) FROM approval_links WHERE approval_id = ?",
                  "approval_links_by_approval"}
    ),
    [](const auto& named) { return named.param.name; }
);

TEST_F(store_test, groups_of_traces_come_out_of_an_index)
{
    raw_sqlite raw(options_in(directory).path);
    const std::string plan = plan_of(
        raw, "SELECT service, agent, pattern, COUNT(*), MAX(started_ns) AS last_ns FROM traces WHERE pattern <> 'none'"
             " AND service = ? GROUP BY service, agent, pattern ORDER BY last_ns DESC LIMIT 200"
    );
    EXPECT_NE(plan.find("COVERING INDEX traces_grouped (service=?)"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("FOR GROUP BY"), std::string::npos) << plan;
}

TEST_F(store_test, recent_signals_of_a_service_do_not_walk_its_history)
{
    raw_sqlite raw(options_in(directory).path);
    const std::string plan = plan_of(
        raw, "SELECT rule FROM signals WHERE service = ? AND window_end_ns >= ? ORDER BY +id DESC LIMIT 50"
    );
    EXPECT_NE(plan.find("signals_recent"), std::string::npos) << plan;
}

}  // namespace
}  // namespace reprise::store
