#include "schemas.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::array table = {
    schema{"Problem", "", "type string, title string, status integer, detail string, code string, request_id string"},
    schema{"Operation", "",
           "id string, source rrpair|span|metric, kind server|client|db|messaging|internal, service string, "
           "protocol string, method string, route string, name string"},
    schema{"Me", "",
           "id string, name string, roles viewer|operator|approver|admin[], csrf string, server_version string"},
    schema{"LinkToken", "", "token string"},
    schema{"AuthWays", "", "password boolean, oidc? string"},
    schema{"Login", "", "name string, password string"},
    schema{"Reauthentication", "", "password string"},
    schema{"NewPassword", "", "password string, current? string"},
    schema{"Session", "",
           "id string, person_id string, person string, auth link|password|oidc, created_at time, used_at time, "
           "authenticated_at time, is_mine boolean"},
    schema{"Token", "",
           "id string, person_id string, person string, name string, scopes string[], networks string[], "
           "created_by string, created_at time, expires_at time, used_at? time, revoked_at? time"},
    schema{"NewToken", "", "name string, scopes string[], days integer, networks? string[], person_id? string"},
    schema{"IssuedToken", "", "item Token, token string, as_of_seq integer"},
    schema{"Comment", "", "comment? string"},
    schema{"BySeverity", "", "low integer, medium integer, high integer, critical integer"},
    schema{"TrafficPoint", "", "at time, records integer, failing integer"},
    schema{"RunQueue", "",
           "queued integer, running integer, waiting_approval integer, paused integer, oldest_at? time"},
    schema{"WindowLag", "", "p50_ms number, p95_ms number, windows integer"},
    schema{"Storage", "",
           "database_bytes integer, wal_bytes integer, evidence_bytes integer, free_bytes integer"},
    schema{"ServicePoint", "", "at time, length_s number, requests integer, failing integer, p95_ms number"},
    schema{"OverviewWarning", "", "about approvers|slack|webhooks|replay_targets, text string"},
    schema{"ServiceMark", "", "kind deployment|fix, at time, text string, incident_id? string"},
    schema{"BusyService", "", "service string, requests integer, points ServicePoint[], marks ServiceMark[]"},
    schema{"OverviewIntegration", "",
           "kind webhook|slack|tracker|hook|log_store, name string, failing boolean, error string, last_ok_at? time"},
    schema{"Overview", "",
           "incidents_open integer, incidents_by_severity BySeverity, approvals_pending integer, "
           "approval_oldest_at? time, runs_active integer, services integer, operations integer, "
           "signals_last_hour integer, records_total integer, records_refused integer, records_last_minute integer, "
           "records_late integer, incidents_snoozed integer, queue RunQueue, dead_letters integer, lag? WindowLag, "
           "storage? Storage, busy BusyService[], integrations OverviewIntegration[], "
           "last_record_at? time, otlp_grpc string, otlp_http string, window_s number, traffic TrafficPoint[], "
           "worst_incidents Incident[], waiting_approvals Approval[], active_runs Run[], warnings OverviewWarning[], "
           "run_pause RunPause"},
    schema{"Service", "",
           "name string, owner string, tracker string, repository string, replay_target string, "
           "replay_last_good_target string, replay_unsafe_methods boolean, first_seen_at time, "
           "last_seen_at time, records integer, "
           "incidents_open integer, version integer, deployments Deployment[], "
           "overflow OverflowRoute[]"},
    schema{"Deployment", "", "service string, version string, at time, origin observed|reported"},
    schema{"NewDeployment", "", "service string, version string, time? time"},
    schema{"OverflowRoute", "",
           "source rrpair|span, kind server|client|db|messaging|internal, method string, route string, "
           "records integer, last_seen_at time"},
    schema{"ServiceChange", "",
           "replay_target? string, replay_last_good_target? string, replay_unsafe_methods? boolean, owner? string, "
           "tracker? string, repository? string"},
    schema{"OperationState", "",
           "operation Operation, last_window_at time, requests integer, failing integer, p50_ms number, "
           "p95_ms number, baseline_requests number, baseline_failing number, baseline_p50_ms number, "
           "baseline_p95_ms number, baseline_windows integer, baseline_state learning|ready"},
    schema{"OperationPoint", "",
           "at time, length_s number, requests integer, failing integer, p50_ms number, p95_ms number, "
           "anomalous boolean"},
    schema{"OperationSeries", "",
           "operation Operation, points OperationPoint[], failing_share? SeriesBand, p95_ms? SeriesBand, "
           "requests? SeriesBand, more boolean"},
    schema{"NamedNumber", "", "name string, value number"},
    schema{"Signal", "",
           "id string, kind error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall, "
           "severity low|medium|high|critical, operation Operation, window_start_at time, window_end_at time, "
           "metric string, unit ratio|ns|count, observed number, observed_k integer, observed_n integer, "
           "baseline number, baseline_k integer, baseline_n integer, baseline_windows integer, effect number, "
           "p_value? number, rule string, explanation string, sensitivity string, numbers NamedNumber[], "
           "fingerprint string, confirm_with failing_share|latency_quantile|calls_per_parent|burst|"
           "trace_figure, gate number, "
           "trace_ids string[], evidence_id? string, incident_id? string, suppressed_by? string"},
    schema{"DetectionSettings", "",
           "latency_ratio_min? number, latency_rise_min_ms? integer, error_rise_min? number, errors_min? integer, "
           "slow_query_low_ms? integer, n_plus_one_calls_min? integer, burst_ratio_min? number, "
           "requests_min? integer, windows_min? integer, occurrences_min? integer, "
           "kinds_off? error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall[]"},
    schema{"Detection", "",
           "service string, version integer, settings DetectionSettings, inherited DetectionSettings, ranges object, "
           "kinds error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall[]"},
    schema{"DetectionChange", "", "settings DetectionSettings"},
    schema{"BacktestRequest", "", "service string, settings DetectionSettings, from? time, to? time"},
    schema{"BacktestSide", "", "signals integer, alarms integer"},
    schema{"BacktestFinding", "",
           "kind error_rate|latency|slow_query|n_plus_one|rate_limit_burst, severity low|medium|high|critical, "
           "operation_id string, operation string, from time, to time, windows integer, sentence string"},
    schema{"NotRerun", "",
           "kind error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall, why string"},
    schema{"Backtest", "",
           "service string, from time, to time, windows integer, operations integer, present BacktestSide, "
           "proposed BacktestSide, added BacktestFinding[], removed BacktestFinding[], kept integer, "
           "not_rerun NotRerun[], cut boolean"},
    schema{"Suppression", "",
           "id string, service string, operation_id? string, operation? string, "
           "kind? error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall, "
           "fingerprint? string, reason string, until? time, created_at time, created_by string, hits integer, "
           "last_hit_at? time, state active|expired|lifted, lifted_at? time, lifted_by? string"},
    schema{"NewSuppression", "",
           "service string, operation_id? string, "
           "kind? error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall, "
           "fingerprint? string, reason string, until? time"},
    schema{"TraceTimes", "",
           "waiting_human number, waiting_queue number, waiting_backoff number, waiting_tool number, io number, "
           "compute number, untracked number"},
    schema{"TraceFigures", "",
           "members integer, peak integer, limit? integer, median_ns integer, longest_ns integer, "
           "queue_longest_ns integer, straggler_delay_ns integer, straggler? string, chain_depth integer, "
           "chain_share number, calls integer, tasks integer, exhausted integer, backoff_ns integer, steps integer, "
           "think_ns integer, tool_ns integer, waited_human_ns integer, payload_kb? number, generation_ns? integer, "
           "first_token_ns? integer, tokens? integer, largest_gap_ns? integer, rate_during? number, "
           "rate_after? number, tail_ns? integer"},
    schema{"TraceSummary", "",
           "trace_id string, service string, operation Operation, agent? string, started_at time, wall_ns integer, "
           "pattern none|fanout|chain|retry|dag|react|human|rag|stream, span_count integer, failed_count integer, "
           "service_count integer, is_complete boolean, has_spans boolean, times TraceTimes, "
           "findings fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall[], "
           "figures TraceFigures"},
    schema{"TraceDetail", "", "summary TraceSummary, report? object, spans? object[]"},
    schema{"StragglerCount", "", "name string, traces integer"},
    schema{"FittedLine", "", "slope number, intercept number, r number, points integer"},
    schema{"StepVariance", "", "total_ns2 number, by_steps_ns2 number, by_time_ns2 number"},
    schema{"PatternReport", "",
           "pattern none|fanout|chain|retry|dag|react|human|rag|stream, traces integer, failed integer, "
           "incomplete integer, first_at? time, last_at? time, wall_mean_ns number, wall_p50_ns integer, "
           "wall_p90_ns integer, wall_p99_ns integer, wall_max_ns integer, time_shares TraceTimes, "
           "typical TraceFigures, stragglers StragglerCount[], amplification? number, exhausted_traces integer, "
           "payload_line? FittedLine, steps? StepVariance"},
    schema{"TracePattern", "",
           "service string, agent string, pattern none|fanout|chain|retry|dag|react|human|rag|stream, "
           "report PatternReport"},
    schema{"Incident", "",
           "id string, service string, title string, explanation string, severity low|medium|high|critical, "
           "status detected|reproducing|reproduced|diagnosing|diagnosed|fixing|submitted|resolved|needs_human|"
           "wontfix|noise|duplicate|rejected, phase string, reason string, generation integer, version integer, "
           "occurrences integer, signal_count integer, recurred boolean, opened_at time, updated_at time, "
           "first_seen_at time, last_seen_at time, resolved_at? time, assigned_to string, "
           "snoozed_until? time, snooze_reason? string, snoozed_by? string, "
           "kinds error_rate|latency|slow_query|n_plus_one|rate_limit_burst|"
           "fanout_straggler|blocking_chain|retry_storm|agent_loop|payload_latency|stream_stall[]"},
    schema{"SeriesPoint", "", "at time, value number, n integer, anomalous boolean"},
    schema{"SeriesBand", "", "low number, high number, middle number"},
    schema{"Series", "",
           "metric string, unit ratio|ns|count, operation Operation, points SeriesPoint[], baseline? SeriesBand"},
    schema{"IncidentDetail", "Incident",
           "signals Signal[], runs Run[], evidence Evidence[], approval? Approval, publications Publication[], "
           "series Series, alarms Alarm[], hints IncidentHint[], actions retry|skip|resolve|reproduce|publish[], "
           "assignable string[]"},
    schema{"IncidentSnooze", "", "until time, reason string"},
    schema{"Assignment", "", "user string"},

    schema{"AlarmLabel", "", "name string, value string"},
    schema{"Alarm", "",
           "id string, source string, state opened|counted|held|ignored_non_alarm|stale|dismissed_signature, "
           "says firing|resolved|unknown, service string, error_type string, title string, description string, "
           "route string, frames string[], status_code? integer, severity? low|medium|high|critical, "
           "resource string, link? string, labels AlarmLabel[], occurred_at? time, received_at time, "
           "fingerprint string, signature string, handling caught|uncaught|unknown, handling_text string, "
           "layer none|fingerprint|exact|lexical|correlated, incident_id? string, event_id? string"},
    schema{"AlarmOutcome", "",
           "status opened|counted|held|ignored_non_alarm|stale|dismissed_signature|duplicate_event, alarm_id string, "
           "incident_id? string, event_id? string, is_new boolean, occurrences integer, "
           "handling caught|uncaught|unknown, layer none|fingerprint|exact|lexical|correlated"},
    schema{"NewEvent", "",
           "error_type? string, title? string, description? string, service? string, source? string, "
           "log_group? string, metadata? object, route? string, status_code? integer, "
           "severity? low|medium|high|critical, frames? string[], resource? string, link? string, key? string, "
           "occurred_at? time"},
    schema{"HeldEvent", "",
           "id string, state pending|approved|dismissed, service string, error_type string, title string, "
           "source string, signature string, handling caught|uncaught|unknown, handling_text string, "
           "occurrences integer, first_seen_at time, last_seen_at time, incident_id? string, decided_by string, "
           "decided_at? time, version integer"},
    schema{"EventsApproved", "", "approved integer, more boolean"},
    schema{"EventDismissal", "",
           "id string, signature string, service string, error_type string, title string, dismissed_by string, "
           "dismissed_at time, dropped integer"},
    schema{"DedupRule", "",
           "rule sql_dedup|regression|lexical|hard_block|correlated|cold_start, count integer, share number"},
    schema{"AlarmStates", "",
           "opened integer, counted integer, held integer, ignored_non_alarm integer, stale integer, "
           "dismissed_signature integer, duplicate_event integer"},
    schema{"DedupReport", "",
           "days integer, since time, received integer, placed integer, states AlarmStates, rules DedupRule[]"},
    schema{"Integration", "",
           "kind tracker|log_store|hook_source, name string, can_ask boolean, state good|failing|quiet, "
           "succeeded_at? time, failed_at? time, error? string"},
    schema{"TrackerCheck", "", "name string, works boolean, text string, asked_at time"},
    schema{"PollSource", "",
           "name string, state reading|failing, read_through? time, asked_at time, succeeded_at? time, "
           "failures integer, error string, events integer, ignored integer"},
    schema{"ServicePolling", "",
           "service string, enabled boolean, error_classes client_4xx|server_5xx|unhandled_exception[], "
           "min_occurrences integer"},
    schema{"ServicePollingChange", "",
           "enabled? boolean, error_classes? client_4xx|server_5xx|unhandled_exception[], min_occurrences? integer"},
    schema{"IncidentHint", "", "kind regression|similar, incident_id string, score number, text string, at time"},

    schema{"IncidentEvent", "", "sequence integer, at time, actor string, from string, to string, why string"},
    schema{"Evidence", "",
           "id string, signal_id string, service string, fingerprint string, window_start_at time, created_at time, "
           "bytes integer, sha256 string, failing integer, control integer, cut integer, expired_at? time"},
    schema{"RedactedField", "", "field string, exchanges integer"},
    schema{"Redaction", "", "version string, fields RedactedField[]"},
    schema{"EvidenceCounts", "",
           "failing integer, trigger integer, control integer, setup integer, context integer, exchanges integer, "
           "cut integer"},
    schema{"EvidenceCut", "", "role failing|trigger|control|setup|context, cap string, exchanges integer"},
    schema{"ManifestFile", "", "path string, bytes integer, sha256 string"},
    schema{"ManifestExchange", "ManifestFile",
           "role failing|trigger|control|setup|context, source string, kind string, protocol string, method string, "
           "route string, complete boolean, reason? string, redacted_fields string[], redacted_fields_cut? integer, "
           "status? integer, outcome? string"},
    schema{"EvidenceManifest", "",
           "format integer, producer string, evidence object, selection string, minimised? object, "
           "redaction Redaction, counts EvidenceCounts, cut EvidenceCut[], cut_before integer, signal ManifestFile, "
           "exchanges ManifestExchange[]"},
    schema{"Exchange", "",
           "index integer, role failing|trigger|control|setup|context, reason string, direction in|out, method string, "
           "path string, "
           "statement string, host string, status integer, outcome string, start_at time, duration_ms number, "
           "trace_id string, request_headers string[][], response_headers string[][], request_body string, "
           "response_body string, message string, redacted_fields string[], curl string"},
    schema{"Trial", "",
           "number integer, shows boolean, metric number, control number, n integer, control_n integer, k? integer, "
           "control_k? integer, k_class? integer, k_fingerprint? integer, p_value number, gate_passed boolean, "
           "shows_in_part? boolean, last_good? number, last_good_n? integer, last_good_k? integer"},
    schema{"RunResult", "",
           "verdict reproduced|not_reproduced|flaky|inconclusive, reason string, reason_code? string, "
           "confirm_with failing_share|latency_quantile|calls_per_parent|burst|trace_figure, "
           "metric string, unit ratio|ns|count, "
           "gate number, baseline number, matched_by? fingerprint|class, peak_gate? number, "
           "trials Trial[], trials_planned integer, requests_planned integer, "
           "requests_sent integer, requests_answered integer, target string, last_good_target? string, "
           "methodology_hash string, "
           "numbers NamedNumber[]"},
    schema{"Run", "",
           "id string, kind reproduce|publish|fix, incident_id string, generation integer, evidence_id? string, "
           "signal_id? string, state queued|leased|failed|waiting_approval|paused|paused_budget|dead_letter|"
           "succeeded|cancelled|timed_out|discarded, requested_by string, priority integer, "
           "hold? person|incident_limit|hour_limit|storm|budget, hold_why? string, step string, progress number, "
           "attempt integer, attempts_max integer, verdict? reproduced|not_reproduced|flaky|inconclusive, "
           "result? RunResult, error string, risk low|medium|high|critical, created_at time, updated_at time, "
           "lease_until_at? time, "
           "version integer"},
    schema{"StatusCount", "", "status integer, count integer"},
    schema{"CapturedFigure", "", "status integer, latency_ms number"},
    schema{"AnswerFigure", "",
           "answered boolean, status integer, latency_ms number, failure? string, trial integer, shows boolean, "
           "trials integer, answers StatusCount[]"},
    schema{"RunAnswer", "",
           "exchange integer, role failing|trigger|control|setup|context, method string, path string, route string, "
           "captured CapturedFigure, replayed AnswerFigure, last_good? AnswerFigure, match same|changed|no_answer, "
           "differences integer, ignored integer"},
    schema{"CapturedAnswer", "CapturedFigure",
           "at time, headers string[][], body string, redacted_fields string[]"},
    schema{"KeptAnswer", "AnswerFigure",
           "headers string[][], headers_left_out integer, body string, body_bytes integer, body_left_out boolean, "
           "redacted_fields string[]"},
    schema{"AnswerDifference", "",
           "path string, kind missing|added|type|value|order, left string, right string, cause? string, "
           "ignored boolean, why? string"},
    schema{"AnswerComparison", "",
           "left captured|last_good, right replayed|last_good, matches boolean, differences AnswerDifference[], "
           "left_out integer, has_status boolean, has_headers boolean, has_body boolean"},
    schema{"RunAnswerDetail", "",
           "run_id string, evidence_id string, exchange integer, role failing|trigger|control|setup|context, "
           "method string, path string, route string, curl string, captured CapturedAnswer, replayed KeptAnswer, "
           "last_good? KeptAnswer, match same|changed|no_answer, comparisons AnswerComparison[]"},
    schema{"NewRun", "", "kind reproduce, incident string, comment? string, priority? integer"},
    schema{"RunPriority", "", "priority integer, comment? string"},
    schema{"RunRetry", "", "from_step? string, comment? string"},
    schema{"RunPause", "", "paused boolean, reason? string, paused_by? string, since? time"},
    schema{"NewRunPause", "", "reason string"},
    schema{"DeadLetter", "Run", "input string, incident_title? string, incident_status? string"},
    schema{"RunStep", "", "name string, attempt integer, started_at time, ended_at? time"},
    schema{"RunDetail", "Run",
           "steps RunStep[], incident_title string, approval? Approval, publications Publication[]"},
    schema{"RunEvent", "",
           "sequence integer, at time, type step_started|step_ended|log|progress|measurement|verdict, data object"},
    schema{"Decider", "", "name string, may_decide boolean, why string, is_me boolean"},
    schema{"Decision", "", "user string, kind approve|request_changes|reject|stop, comment string, at time"},
    schema{"Approval", "",
           "id string, run_id string, incident_id string, action ticket|pull_request|unsafe_replay, "
           "summary string, "
           "risk low|medium|high|critical, risk_reasons string[], content_hash string, approvals_needed integer, "
           "approvals_given integer, requested_by string, edited_by string, reminded integer, "
           "state pending|approved|rejected|changes_requested|stopped|"
           "expired|voided|executed|lapsed, created_at time, expires_at time, decided_at? time, version integer, "
           "void_reason? string, proof? ApprovalProof, may_decide? boolean, why_not? string, snoozed_until? time"},
    schema{"ApprovalProof", "",
           "verdict reproduced|not_reproduced|flaky|inconclusive, trials_shown integer, trials_planned integer"},
    schema{"Snooze", "", "until time"},
    schema{"ApprovalSnooze", "", "approval_id string, until time, created_at time"},
    schema{"ApprovalSnoozed", "ApprovalSnooze", "expires_first boolean"},
    schema{"ApprovalDetail", "Approval",
           "content object, content_json string, decisions Decision[], deciders Decider[], run? Run, "
           "incident_title string, evidence_id? string, replaced_by? string, reauthenticate boolean"},
    schema{"DecisionRequest", "",
           "content_hash string, comment? string, confirm? string, harness_failure_layer? task_specification|"
           "context_provision|execution_environment|verification_feedback|state_management|model_capability"},
    schema{"LinkDecision", "DecisionRequest", "decision approve|reject|request-changes|stop"},
    schema{"ContentEdit", "", "title string, body string, comment? string"},
    schema{"NewApprovalLink", "", "user string"},
    schema{"ApprovalLink", "",
           "approval_id string, state open|used|expired|closed, expires_at time, page string"},
    schema{"MadeApprovalLink", "ApprovalLink", "user string, link string, token string"},
    schema{"ChangedFile", "", "path string, content string"},
    schema{"NewFix", "",
           "title string, body? string, base_branch? string, files ChangedFile[], comment? string"},
    schema{"Publication", "",
           "id string, run_id string, incident_id string, kind ticket|pull_request|comment, "
           "target string, title string, url string, "
           "state pending|published|failed|outcome_unknown, error string, created_at time, published_at? time"},
    schema{"Hook", "",
           "id string, source string, event string, state waiting|done|failed, reason string, attempts integer, "
           "alarms integer, repeats integer, body_bytes integer, received_at time, processed_at? time, "
           "version integer"},
    schema{"User", "",
           "id string, name string, kind person|service, roles viewer|operator|approver|admin[], disabled boolean, "
           "created_at time"},
    schema{"NewUser", "", "name string, roles viewer|operator|approver|admin[], kind? person|service"},
    schema{"UserChange", "", "roles viewer|operator|approver|admin[], disabled? boolean"},
    schema{"UserLink", "", "item User, link? string, expires_at? time, as_of_seq integer"},
    schema{"Webhook", "",
           "id string, url string, description string, types string[], severity_from low|medium|high|critical, "
           "enabled boolean, disabled_reason string, failing_since? time, last_error string, dropped integer, "
           "previous_secret_until? time, created_at time, updated_at time, version integer"},
    schema{"NewWebhook", "",
           "url string, description? string, types? string[], severity_from? low|medium|high|critical"},
    schema{"WebhookChange", "",
           "url? string, description? string, types? string[], severity_from? low|medium|high|critical, "
           "enabled? boolean"},
    schema{"WebhookSecret", "", "item Webhook, secret string, as_of_seq integer"},
    schema{"SecretRotation", "", "overlap_hours? integer"},
    schema{"Delivery", "",
           "id string, endpoint string, message_id string, type string, subject string, data object, at time, "
           "state pending|delivered|failed|dropped, attempts integer, due_at? time, status integer, error string, "
           "snippet string, created_at time, ended_at? time"},
    schema{"SlackPerson", "",
           "person_id string, name string, slack_user_id string, linked_by string, linked_at? time"},
    schema{"SlackLink", "", "slack_user_id string"},
    schema{"AuditRow", "",
           "seq integer, at time, actor string, actor_type string, auth string, action string, object string, "
           "detail object, request_id string, previous_hash string, hash string"},
    schema{"AuditReport", "",
           "ok boolean, rows integer, head_hash string, first_bad? integer, reason? string, checkpoints integer, "
           "checkpoint_seq? integer, checkpoint_at? time"},
};

json::object render_word(std::string_view type)
{
    if (type == "time")
        return {{"type", "string"}, {"format", "date-time"}};
    if (type == "string" || type == "integer" || type == "number" || type == "boolean" || type == "object")
        return {{"type", type}};
    const bool is_name = type.front() >= 'A' && type.front() <= 'Z';
    if (is_name)
        return {{"$ref", "#/components/schemas/" + std::string(type)}};
    json::array choices;
    while (!type.empty()) {
        const std::string_view word = type.substr(0, type.find('|'));
        choices.emplace_back(word);
        type.remove_prefix(std::min(word.size() + 1, type.size()));
    }
    return {{"type", "string"}, {"enum", std::move(choices)}};
}

json::object render_type(std::string_view type)
{
    if (!type.ends_with("[]"))
        return render_word(type);
    return {{"type", "array"}, {"items", render_type(type.substr(0, type.size() - 2))}};
}

void add_members(std::string_view members, json::object& properties, json::array& required)
{
    while (!members.empty()) {
        const std::string_view member = members.substr(0, members.find(", "));
        members.remove_prefix(std::min(member.size() + 2, members.size()));
        const std::size_t space = member.find(' ');
        std::string_view name = member.substr(0, space);
        const bool is_optional = name.ends_with('?');
        if (is_optional)
            name.remove_suffix(1);
        properties[name] = render_type(member.substr(space + 1));
        if (!is_optional)
            required.emplace_back(name);
    }
}

json::object render_schema(const schema& one)
{
    json::object properties;
    json::array required;
    for (const schema& other : table) {
        if (!one.base.empty() && other.name == one.base)
            add_members(other.members, properties, required);
    }
    add_members(one.members, properties, required);
    return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

}  // namespace

std::span<const schema> schemas()
{
    return table;
}

json::object render_schemas()
{
    json::object out;
    for (const schema& one : table)
        out[one.name] = render_schema(one);
    return out;
}

}  // namespace reprise::http
