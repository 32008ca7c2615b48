#include "reprise/store/approvals.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/notices.hpp"

namespace reprise::store {
namespace {

constexpr auto fixed_names = sql_text(
    "id, run_id, incident_id, action, requested_by, created_ns, generation, severity, evidence_sha256"
);
constexpr auto changing_names = sql_text(
    "summary, content, content_hash, risk, risk_reasons, approvals_needed, edited_by, state, expires_ns, decided_ns,"
    " reminded, void_reason"
);
constexpr auto approval_names = fixed_names + ", " + changing_names + ", version";

constexpr auto insert_sql = "INSERT INTO approvals (" + approval_names + ") VALUES (" +
                            placeholders<count_columns(approval_names)>() + ")";
constexpr auto save_sql = "UPDATE approvals SET (" + changing_names + ") = (" +
                          placeholders<count_columns(changing_names)>() +
                          "), version = version + 1 WHERE id = :id AND version = :expected";

constexpr auto select_sql = "SELECT " + approval_names + " FROM approvals";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto find_by_run_sql = select_sql + " WHERE run_id = :run_id ORDER BY id DESC LIMIT 1";
constexpr auto find_by_action_sql =
    select_sql + " WHERE run_id = :run_id AND action = :action ORDER BY id DESC LIMIT 1";
constexpr auto find_by_incident_sql = select_sql + " WHERE incident_id = :incident_id ORDER BY id DESC LIMIT 1";
constexpr auto expired_sql =
    select_sql + " WHERE state = 'pending' AND expires_ns <= :now_ns ORDER BY expires_ns LIMIT :limit";
constexpr auto lapsed_sql =
    select_sql + " WHERE state = 'approved' AND decided_ns < :before_ns ORDER BY decided_ns LIMIT :limit";
constexpr auto reminders_sql =
    select_sql +
    " WHERE state = 'pending' AND ((reminded < 50 AND created_ns + (expires_ns - created_ns) / 100 * 50 <= :half_ns)"
    " OR (reminded < 90 AND created_ns + (expires_ns - created_ns) / 100 * 90 <= :late_ns))"
    " ORDER BY id LIMIT :limit";
// What is asked on is compared here, so that a sweep reads nothing while nothing has moved.
constexpr auto moved_sql =
    select_sql +
    " WHERE id IN (SELECT a.id FROM approvals a JOIN incidents i ON i.id = a.incident_id"
    " JOIN runs r ON r.id = a.run_id LEFT JOIN evidence e ON e.id = r.evidence_id"
    " WHERE a.state = 'pending' AND (i.generation <> a.generation AND a.generation <> 0"
    " OR i.severity_rank > CASE a.severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END"
    " OR a.evidence_sha256 <> '' AND a.evidence_sha256 <> COALESCE(e.sha256, ''))"
    " ORDER BY a.id LIMIT :limit)";
// Waiting runs are few, old requests for changes are many: from the runs.
constexpr auto abandoned_sql =
    select_sql +
    " WHERE id IN (SELECT a.id FROM runs r CROSS JOIN approvals a ON a.run_id = r.id"
    " WHERE r.state = 'waiting_approval' AND a.state = 'changes_requested' AND a.expires_ns <= :now_ns"
    " AND NOT EXISTS (SELECT 1 FROM approvals n WHERE n.run_id = a.run_id AND n.id > a.id)"
    " ORDER BY a.id LIMIT :limit)";
constexpr std::string_view count_states_sql = "SELECT state, COUNT(*) FROM approvals GROUP BY state";
constexpr std::string_view oldest_pending_sql =
    "SELECT COALESCE(MIN(created_ns), 0) FROM approvals WHERE state = 'pending'";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";
constexpr std::string_view version_sql = "SELECT version FROM approvals WHERE id = :id";

constexpr auto decision_names = sql_text("approval_id, person, kind, comment, content_hash, at_ns");
constexpr auto add_decision_sql = "INSERT INTO decisions (" + decision_names + ") VALUES (" +
                                  placeholders<count_columns(decision_names)>() + ")";
constexpr std::string_view grow_version_sql =
    "UPDATE approvals SET version = version + 1 WHERE id = :id RETURNING version";
constexpr auto list_decisions_sql = "SELECT " + decision_names +
                                    " FROM decisions WHERE approval_id = :approval_id ORDER BY at_ns, person"
                                    " LIMIT :limit";
constexpr std::string_view count_given_sql =
    "SELECT COUNT(*) FROM decisions WHERE approval_id = :approval_id AND kind = 'approve'";

constexpr auto preference_names =
    sql_text("id, incident_id, run_id, approval_id, rejected, chosen, created_ns, completed_ns");
constexpr auto insert_preference_sql = "INSERT INTO preferences (" + preference_names + ") VALUES (" +
                                       placeholders<count_columns(preference_names)>() + ")";
constexpr std::string_view complete_preferences_sql =
    "UPDATE preferences SET chosen = :chosen, completed_ns = :now_ns"
    " WHERE incident_id = :incident_id AND completed_ns IS NULL";
constexpr auto list_preferences_sql =
    "SELECT " + preference_names +
    " FROM preferences WHERE id > :after AND created_ns >= :since_ns ORDER BY id LIMIT :limit";

auto changing_columns(auto& row)
{
    return std::tie(
        row.summary, row.content, row.content_hash, row.risk, row.risk_reasons, row.approvals_needed, row.edited_by,
        row.state, row.expires_ns, row.decided_ns, row.reminded, row.void_reason
    );
}

struct approval_row {
    using value_type = model::approval;
    static auto columns(auto& row)
    {
        return std::tuple_cat(
            std::tie(
                row.id, row.run_id, row.incident_id, row.action, row.requested_by, row.created_ns, row.generation,
                row.severity, row.evidence_sha256
            ),
            changing_columns(row), std::tie(row.version)
        );
    }
};

struct state_count_row {
    using value_type = approval_count;
    static auto columns(auto& row) { return std::tie(row.state, row.count); }
};

struct decision_row {
    using value_type = model::decision;
    static auto columns(auto& row)
    {
        return std::tie(row.approval_id, row.user, row.kind, row.comment, row.content_hash, row.at_ns);
    }
};

struct preference_row {
    using value_type = preference;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.incident_id, row.run_id, row.approval_id, row.rejected, row.chosen, row.created_ns,
            row.completed_ns
        );
    }
};

result<void> announce(transaction& tx, std::string_view id, std::int64_t version, std::int64_t now_ns)
{
    const auto seq = append_event(tx, "approvals", "approval", id, version, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

// Of what waited for people. That it was carried out is the publication's notice.
result<void> tell_end(transaction& tx, const model::approval& approval, std::int64_t now_ns)
{
    using model::approval_state;
    const bool ended = approval.state != approval_state::pending && approval.state != approval_state::executed;
    if (!ended || approval.approvals_needed == 0)
        return {};
    const bool by_people = approval.state == approval_state::approved || approval.state == approval_state::rejected ||
                           approval.state == approval_state::changes_requested ||
                           approval.state == approval_state::stopped;
    std::string decided_by;
    if (by_people) {
        const auto decisions = list_decisions(tx, approval.id);
        if (!decisions)
            return decisions.error();
        decided_by = decisions->empty() ? std::string() : decisions->back().user;
    }
    const auto queued = enqueue_deliveries(tx, approval_decided(approval, decided_by, now_ns));
    return queued ? result<void>() : result<void>(queued.error());
}

}  // namespace

result<void> insert_approval(transaction& tx, const model::approval& approval)
{
    const auto inserted = execute(tx, insert_sql, approval_row::columns(approval));
    if (!inserted)
        return inserted.error();
    if (approval.state == model::approval_state::pending) {
        if (const auto queued = enqueue_deliveries(tx, approval_opened(approval)); !queued)
            return queued.error();
    }
    return announce(tx, approval.id, approval.version, approval.created_ns);
}

result<std::optional<model::approval>> find_approval(const reader& from, std::string_view id)
{
    return find_one<approval_row>(from, find_sql, id);
}

result<std::optional<model::approval>> find_approval_by_run(const reader& from, std::string_view run_id)
{
    return find_one<approval_row>(from, find_by_run_sql, run_id);
}

result<std::optional<model::approval>> find_run_approval(
    const reader& from, std::string_view run_id, std::string_view action
)
{
    return find_one<approval_row>(from, find_by_action_sql, run_id, action);
}

result<std::optional<model::approval>> find_approval_by_incident(const reader& from, std::string_view incident_id)
{
    return find_one<approval_row>(from, find_by_incident_sql, incident_id);
}

result<std::vector<model::approval>> list_approvals(const reader& from, const approval_filter& filter)
{
    conditions where;
    if (filter.state)
        where.add("state = :state", to_text(*filter.state));
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    return list_all<approval_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(filter.limit, approvals_listed_max)
    );
}

result<void> save_approval(
    transaction& tx, model::approval& approval, std::int64_t expected_version, std::int64_t now_ns
)
{
    const auto saved = execute(tx, save_sql, changing_columns(approval), approval.id, expected_version);
    if (!saved)
        return saved.error();
    if (*saved == 0)
        return stale_or_missing(tx, version_sql, approval.id);
    approval.version = expected_version + 1;
    if (const auto told = tell_end(tx, approval, now_ns); !told)
        return told;
    return announce(tx, approval.id, approval.version, now_ns);
}

result<std::int64_t> add_decision(transaction& tx, const model::decision& decision)
{
    const auto added = execute(tx, add_decision_sql, decision_row::columns(decision));
    if (!added)
        return added.error();
    const auto version = find_value<std::int64_t>(tx, grow_version_sql, decision.approval_id);
    if (!version)
        return version.error();
    const auto told = announce(tx, decision.approval_id, *version, decision.at_ns);
    if (!told)
        return told.error();
    return version;
}

result<std::vector<model::decision>> list_decisions(const reader& from, std::string_view approval_id)
{
    return list_all<decision_row>(from, list_decisions_sql, approval_id, std::int64_t{decisions_listed_max});
}

result<std::uint32_t> count_approvals_given(const reader& from, std::string_view approval_id)
{
    return find_value<std::uint32_t>(from, count_given_sql, approval_id);
}

result<std::vector<model::approval>> list_expired_approvals(const reader& from, std::int64_t now_ns, std::size_t limit)
{
    return list_all<approval_row>(from, expired_sql, now_ns, capped(limit, approvals_listed_max));
}

result<std::vector<model::approval>> list_lapsed_approvals(
    const reader& from, std::int64_t decided_before_ns, std::size_t limit
)
{
    return list_all<approval_row>(from, lapsed_sql, decided_before_ns, capped(limit, approvals_listed_max));
}

result<std::vector<model::approval>> list_reminders_due(
    const reader& from, std::int64_t now_ns, std::size_t limit
)
{
    return list_all<approval_row>(from, reminders_sql, now_ns, now_ns, capped(limit, approvals_listed_max));
}

result<std::vector<model::approval>> list_moved_approvals(const reader& from, std::size_t limit)
{
    return list_all<approval_row>(from, moved_sql, capped(limit, approvals_listed_max));
}

result<std::vector<model::approval>> list_abandoned_changes(
    const reader& from, std::int64_t now_ns, std::size_t limit
)
{
    return list_all<approval_row>(from, abandoned_sql, now_ns, capped(limit, approvals_listed_max));
}

result<std::vector<approval_count>> count_approvals(const reader& from)
{
    return list_all<state_count_row>(from, count_states_sql);
}

result<std::int64_t> find_oldest_pending_ns(const reader& from)
{
    return find_value<std::int64_t>(from, oldest_pending_sql);
}

result<void> insert_preference(transaction& tx, const preference& record)
{
    return without_count(execute(tx, insert_preference_sql, preference_row::columns(record)));
}

result<std::uint64_t> complete_preferences(
    transaction& tx, std::string_view incident_id, std::string_view chosen, std::int64_t now_ns
)
{
    return execute(tx, complete_preferences_sql, chosen, now_ns, incident_id);
}

result<std::vector<preference>> list_preferences(
    const reader& from, std::string_view after, std::size_t limit, std::int64_t since_ns
)
{
    return list_all<preference_row>(
        from, list_preferences_sql, after, since_ns, capped(limit, preferences_listed_max)
    );
}

}  // namespace reprise::store
