import { all, flag, list, number, object, optional, pair, text, anything } from "./check.ts";
import type { Check } from "./check.ts";

// What each answer must have for a screen to be drawn. Same names as in types.ts.

const operation = object({ id: text, service: text, name: text, kind: text, source: text });

export const authWays = object({ password: flag, oidc: optional(text) });

export const me = object({ id: text, name: text, roles: list(text), csrf: text, server_version: text });

export const signal = object({
  id: text, kind: text, severity: text, operation, window_start_at: text, window_end_at: text, metric: text, unit: text,
  observed: number, observed_k: number, observed_n: number, baseline: number, baseline_k: number, baseline_n: number,
  baseline_windows: number, effect: number, p_value: optional(number), rule: text, explanation: text, sensitivity: text,
  numbers: list(object({ name: text, value: number })), fingerprint: text, gate: number, trace_ids: list(text),
  evidence_id: optional(text), incident_id: optional(text), suppressed_by: optional(text),
});

export const incident = object({
  id: text, service: text, title: text, explanation: text, severity: text, status: text, phase: text, reason: text, version: number,
  occurrences: number, signal_count: number, opened_at: text, updated_at: text, first_seen_at: text, last_seen_at: text,
  kinds: list(text),
});

const trial = object({
  number, shows: flag, metric: number, control: number, n: number, control_n: number, k: optional(number),
  control_k: optional(number), p_value: number, gate_passed: flag, last_good: optional(number), last_good_n: optional(number),
  last_good_k: optional(number),
});

const runResult = object({
  verdict: text, reason: text, metric: text, unit: text, gate: number, baseline: number, trials: list(trial),
  trials_planned: number, requests_planned: number, requests_sent: number, requests_answered: number, target: text,
  last_good_target: optional(text),
  methodology_hash: text, numbers: list(object({ name: text, value: number })),
});

export const run = object({
  id: text, kind: text, incident_id: text, state: text, requested_by: text, step: text, attempt: number,
  attempts_max: number, verdict: optional(text), result: optional(runResult), error: text, risk: text, created_at: text,
  updated_at: text, version: number,
});

export const evidence = object({
  id: text, signal_id: text, bytes: number, sha256: text, failing: number, control: number, cut: number, created_at: text,
  expired_at: optional(text),
});

export const approval = object({
  id: text, run_id: text, incident_id: text, action: text, summary: text, risk: text, risk_reasons: list(text),
  content_hash: text, approvals_needed: number, approvals_given: number, requested_by: text, edited_by: text, reminded: number, state: text,
  created_at: text, expires_at: text, decided_at: optional(text), version: number, void_reason: optional(text),
  proof: optional(object({ verdict: text, trials_shown: number, trials_planned: number })),
});

export const snooze = object({ approval_id: text, until: text, created_at: text });
export const snoozed = object({ item: all(snooze, object({ expires_first: flag })) });

export const edited = object({ item: object({ id: text }) });

export const publication = object({ id: text, run_id: text, target: text, title: text, url: text, state: text, error: text });

const overviewMore = {
  run_pause: object({ paused: flag, reason: optional(text), paused_by: optional(text), since: optional(text) }),
  records_late: number, incidents_snoozed: number, dead_letters: number,
  queue: object({ queued: number, running: number, waiting_approval: number, paused: number, oldest_at: optional(text) }),
  lag: optional(object({ p50_ms: number, p95_ms: number, windows: number })),
  storage: optional(object({ database_bytes: number, wal_bytes: number, evidence_bytes: number, free_bytes: number })),
  busy: list(object({
    service: text, requests: number, points: list(object({ at: text, length_s: number, requests: number, failing: number, p95_ms: number })),
    marks: list(object({ kind: text, at: text, text, incident_id: optional(text) })),
  })),
  integrations: list(object({ kind: text, name: text, failing: flag, error: text, last_ok_at: optional(text) })),
};

export const overview = object({
  incidents_open: number, incidents_by_severity: object({ low: number, medium: number, high: number, critical: number }),
  approvals_pending: number, approval_oldest_at: optional(text), runs_active: number, services: number, operations: number,
  signals_last_hour: number, records_total: number, records_refused: number, records_last_minute: number,
  last_record_at: optional(text), otlp_grpc: text, otlp_http: text, window_s: number,
  traffic: list(object({ at: text, records: number, failing: number })), worst_incidents: list(incident),
  waiting_approvals: list(approval), active_runs: list(run), warnings: list(object({ about: text, text })), ...overviewMore,
});

export const incidentDetail = all(incident, object({
  signals: list(signal), runs: list(run), evidence: list(evidence), approval: optional(approval),
  publications: list(publication), actions: list(text), assignable: list(text),
  series: object({
    metric: text, unit: text, operation, points: list(object({ at: text, value: number, n: number, anomalous: flag })),
    baseline: optional(object({ low: number, high: number, middle: number })),
  }),
}));

export const incidentEvent = object({ sequence: number, at: text, actor: text, from: text, to: text, why: text });

export const exchange = object({
  index: number, role: text, reason: text, direction: text, method: text, path: text, statement: text, host: text,
  status: number, outcome: text, start_at: text, duration_ms: number, trace_id: text, request_headers: list(pair(text, text)),
  response_headers: list(pair(text, text)), request_body: text, response_body: text, message: text,
  redacted_fields: list(text), curl: text,
});

export const runDetail = all(run, object({
  steps: list(object({ name: text, attempt: number, started_at: text, ended_at: optional(text) })),
  incident_title: text, approval: optional(approval), publications: list(publication),
}));

export const runEvent = object({ sequence: number, at: text, type: text, data: anything });

export const approvalDetail = all(approval, object({
  content: object({ action: text, target: text, title: text, body: text }), content_json: text,
  decisions: list(object({ user: text, kind: text, comment: text, at: text })),
  deciders: list(object({ name: text, may_decide: flag, why: text, is_me: flag })),
  run: optional(run), incident_title: text, evidence_id: optional(text), reauthenticate: flag,
}));

export const service = object({
  name: text, owner: text, tracker: text, repository: text, replay_target: text, replay_last_good_target: text, replay_unsafe_methods: flag, first_seen_at: text, last_seen_at: text,
  records: number, incidents_open: number, version: number,
  deployments: list(object({ version: text, at: text, origin: text })),
  overflow: list(object({ kind: text, method: text, route: text, records: number, last_seen_at: text })),
});

export const operationState = object({
  operation, last_window_at: text, requests: number, failing: number, p50_ms: number, p95_ms: number,
  baseline_requests: number, baseline_failing: number, baseline_p95_ms: number, baseline_windows: number,
  baseline_state: text,
});

export const page = (of: Check): Check => object({ items: list(of), next: optional(text), as_of_seq: number });
export const item = (of: Check): Check => object({ item: of, as_of_seq: number });
