import type { Approval, ApprovalDetail, Incident, IncidentDetail, LiveEvent, Overview, Run, Signal } from "../src/api/types.ts";

// Small whole things to start a test from.

const operation = { id: "0011223344556677", source: "rrpair", kind: "server", service: "shop", protocol: "http", method: "GET", route: "/a", name: "GET /a" } as const;

export function signal(change: Partial<Signal> = {}): Signal {
  return {
    id: "S1", kind: "error_rate", severity: "high", operation, window_start_at: "2026-11-20T03:00:00Z", window_end_at: "2026-11-20T03:01:00Z", metric: "share", unit: "ratio",
    observed: 0.1, observed_k: 10, observed_n: 100, baseline: 0, baseline_k: 0, baseline_n: 100, baseline_windows: 9, effect: 2, rule: "r", explanation: "e", sensitivity: "s",
    numbers: [], fingerprint: "f", confirm_with: "failing_share", gate: 0.05, trace_ids: [], ...change,
  };
}

export function incident(change: Partial<Incident> = {}): Incident {
  return {
    id: "I1", service: "shop", title: "GET /a fails", explanation: "GET /a failed 3 of 9 requests.", severity: "high", status: "detected", phase: "queued", reason: "", generation: 1, version: 1, occurrences: 1, signal_count: 1,
    recurred: false, opened_at: "2026-11-20T03:01:00Z", updated_at: "2026-11-20T03:01:00Z", first_seen_at: "2026-11-20T03:00:00Z", last_seen_at: "2026-11-20T03:01:00Z",
    assigned_to: "", kinds: ["error_rate"], ...change,
  };
}

export function incidentDetail(change: Partial<IncidentDetail> = {}): IncidentDetail {
  return {
    ...incident(), signals: [signal()], runs: [], evidence: [], publications: [], actions: ["resolve", "skip"],
    series: { metric: "share", unit: "ratio", operation, points: [] }, alarms: [], hints: [], assignable: [], ...change,
  };
}

export function run(change: Partial<Run> = {}): Run {
  return {
    id: "R1", kind: "reproduce", incident_id: "I1", generation: 1, state: "leased", requested_by: "pipeline", priority: 20, step: "replay", progress: 0.4, attempt: 1, attempts_max: 4, error: "", risk: "high",
    created_at: "2026-11-20T03:02:00Z", updated_at: "2026-11-20T03:02:00Z", version: 1, ...change,
  };
}

export function approval(change: Partial<Approval> = {}): Approval {
  return {
    id: "A1", run_id: "R1", incident_id: "I1", action: "ticket", summary: "Write a ticket", risk: "high", risk_reasons: [], content_hash: "9f2c41d7".repeat(8), approvals_needed: 1,
    approvals_given: 0, requested_by: "pipeline", edited_by: "", reminded: 0, state: "pending", created_at: "2026-11-20T03:04:00Z", expires_at: "2026-11-21T03:04:00Z", version: 1, ...change,
  };
}

export function approvalDetail(change: Partial<ApprovalDetail> = {}): ApprovalDetail {
  return {
    ...approval(), content: { action: "ticket", target: "file", title: "t", body: "b" }, content_json: "{}", decisions: [], incident_title: "GET /a fails", reauthenticate: false,
    deciders: [{ name: "anna", may_decide: true, why: "", is_me: true }], ...change,
  };
}

export function overview(change: Partial<Overview> = {}): Overview {
  return {
    incidents_open: 0, incidents_by_severity: { low: 0, medium: 0, high: 0, critical: 0 }, approvals_pending: 0, runs_active: 0, services: 2, operations: 5, signals_last_hour: 0,
    records_total: 10, records_refused: 0, records_last_minute: 1, otlp_grpc: "127.0.0.1:4317", otlp_http: "127.0.0.1:4318", window_s: 60, traffic: [], worst_incidents: [],
    waiting_approvals: [], active_runs: [], warnings: [], run_pause: { paused: false }, records_late: 0, incidents_snoozed: 0, dead_letters: 0, busy: [], integrations: [],
    queue: { queued: 0, running: 0, waiting_approval: 0, paused: 0 }, ...change,
  };
}

export function event(seq: number, type: LiveEvent["type"], data: unknown, topic = `${type}s`): LiveEvent {
  return { epoch: "e1", seq, topic, type, at: "2026-11-20T03:05:00Z", data };
}
