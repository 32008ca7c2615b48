// The shapes of /api/v1 as the server sends them. One place: the http room and the OpenAPI document
// say the same, tests compare them. Times are RFC 3339 text, durations carry their unit in the name,
// ids are ULIDs. Every list answer is a Page; every single answer an Item.

import type { Alarm, IncidentHint } from "./alarmTypes.ts";
import type { Approval } from "./decisionTypes.ts";
import type { BusyService, OverviewIntegration, OverviewWarning, RunPause, RunQueue, Storage, WindowLag } from "./overviewTypes.ts";

export type * from "./alarmTypes.ts";
export type * from "./decisionTypes.ts";
export type * from "./deliveryTypes.ts";

export interface Page<T> {
  items: T[];
  /** Pass as ?after= for the next page; absent on the last one. */
  next?: string;
  /** Events up to this sequence number are contained in the answer. */
  as_of_seq: number;
}

export interface Item<T> {
  item: T;
  as_of_seq: number;
}

/** application/problem+json */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable, for programs: "not_found", "illegal_transition", "comment_required", ... */
  code: string;
  request_id: string;
}

export type Severity = "low" | "medium" | "high" | "critical";
export type Risk = Severity;
export type SignalKind = "error_rate" | "latency" | "slow_query" | "n_plus_one" | "rate_limit_burst"
  | "fanout_straggler" | "blocking_chain" | "retry_storm" | "agent_loop" | "payload_latency" | "stream_stall";
export type IncidentStatus =
  | "detected" | "reproducing" | "reproduced" | "diagnosing" | "diagnosed" | "fixing" | "submitted"
  | "resolved" | "needs_human" | "wontfix" | "noise" | "duplicate" | "rejected";
export type RunKind = "reproduce" | "publish" | "fix";
export type RunState =
  | "queued" | "leased" | "failed" | "waiting_approval" | "paused" | "paused_budget"
  | "dead_letter" | "succeeded" | "cancelled" | "timed_out" | "discarded";
export type Verdict = "reproduced" | "not_reproduced" | "flaky" | "inconclusive";
export type ApprovalState =
  | "pending" | "approved" | "rejected" | "changes_requested" | "stopped" | "expired" | "voided"
  | "executed" | "lapsed";
export type Role = "viewer" | "operator" | "approver" | "admin";

export interface Operation {
  /** 16 hex digits. */
  id: string;
  source: "rrpair" | "span" | "metric";
  kind: "server" | "client" | "db" | "messaging" | "internal";
  service: string;
  protocol: string;
  method: string;
  route: string;
  /** "POST /orders": for people. */
  name: string;
}

/** GET /me */
export interface Me {
  id: string;
  name: string;
  roles: Role[];
  /** Send as X-CSRF-Token with every POST, PUT and DELETE. */
  csrf: string;
  server_version: string;
}

/** GET /auth/ways: how one may sign in here. `oidc` is what the button says, absent without a provider. */
export interface AuthWays {
  password: boolean;
  oidc?: string;
}

/** GET /overview */
export interface Overview {
  incidents_open: number;
  incidents_by_severity: Record<Severity, number>;
  approvals_pending: number;
  approval_oldest_at?: string;
  runs_active: number;
  services: number;
  operations: number;
  signals_last_hour: number;
  records_total: number;
  records_refused: number;
  records_last_minute: number;
  records_late: number;
  incidents_snoozed: number;
  queue: RunQueue;
  dead_letters: number;
  lag?: WindowLag;
  storage?: Storage;
  busy: BusyService[];
  integrations: OverviewIntegration[];
  last_record_at?: string;
  /** Where to send OTLP, as this server listens. */
  otlp_grpc: string;
  otlp_http: string;
  window_s: number;
  /** One entry per closed window of the last hour, oldest first. */
  traffic: { at: string; records: number; failing: number }[];
  worst_incidents: Incident[];
  waiting_approvals: Approval[];
  active_runs: Run[];
  warnings: OverviewWarning[];
  run_pause: RunPause;
}

export interface Service {
  name: string;
  owner: string;
  /** Where its tickets go: "file:tickets", "github:owner/name", "jira:KEY". */
  tracker: string;
  /** Where its pull requests go: "github:owner/name", "gitlab:group/project"; empty: it takes none. */
  repository: string;
  replay_target: string;
  /** An instance of the last good version, which replays are compared with; empty: none. */
  replay_last_good_target: string;
  replay_unsafe_methods: boolean;
  first_seen_at: string;
  last_seen_at: string;
  records: number;
  incidents_open: number;
  version: number;
  /** The latest, newest first. */
  deployments: Deployment[];
  /** Operations beyond the service's limit, most frequent first. */
  overflow: OverflowRoute[];
}

/** A version of a service that began to run: seen in its records or told by POST /deployments. */
export interface Deployment {
  service: string;
  version: string;
  at: string;
  origin: "observed" | "reported";
}

/** An operation whose records are counted under "(overflow)"; `records` is what is certain. */
export interface OverflowRoute {
  source: "rrpair" | "span";
  kind: "server" | "client" | "db" | "messaging" | "internal";
  method: string;
  route: string;
  records: number;
  last_seen_at: string;
}

/** GET /services/{name}/operations: the last closed window beside its baseline. */
export interface OperationState {
  operation: Operation;
  last_window_at: string;
  requests: number;
  failing: number;
  p50_ms: number;
  p95_ms: number;
  baseline_requests: number;
  baseline_failing: number;
  baseline_p50_ms: number;
  baseline_p95_ms: number;
  baseline_windows: number;
  /** "learning" until relative detectors may speak. */
  baseline_state: "learning" | "ready";
}

export interface Signal {
  id: string;
  kind: SignalKind;
  severity: Severity;
  operation: Operation;
  window_start_at: string;
  window_end_at: string;
  metric: string;
  unit: "ratio" | "ns" | "count";
  observed: number;
  observed_k: number;
  observed_n: number;
  baseline: number;
  baseline_k: number;
  baseline_n: number;
  baseline_windows: number;
  effect: number;
  p_value?: number;
  rule: string;
  explanation: string;
  sensitivity: string;
  numbers: { name: string; value: number }[];
  fingerprint: string;
  confirm_with: "failing_share" | "latency_quantile" | "calls_per_parent" | "burst" | "trace_figure";
  gate: number;
  trace_ids: string[];
  evidence_id?: string;
  incident_id?: string;
  /** The suppression that kept it from opening an incident. */
  suppressed_by?: string;
}

export interface Incident {
  id: string;
  service: string;
  title: string;
  explanation: string;
  severity: Severity;
  status: IncidentStatus;
  phase: string;
  reason: string;
  generation: number;
  version: number;
  occurrences: number;
  signal_count: number;
  recurred: boolean;
  opened_at: string;
  updated_at: string;
  first_seen_at: string;
  last_seen_at: string;
  resolved_at?: string;
  assigned_to: string;
  /** Out of the lists until then; absent when it is not. */
  snoozed_until?: string;
  snooze_reason?: string;
  snoozed_by?: string;
  kinds: SignalKind[];
}

/** GET /incidents/{id} */
export interface IncidentDetail extends Incident {
  signals: Signal[];
  runs: Run[];
  evidence: Evidence[];
  approval?: Approval;
  publications: Publication[];
  /** Chart of the leading signal's metric: window by window, oldest first. */
  series: {
    metric: string;
    unit: "ratio" | "ns" | "count";
    operation: Operation;
    points: { at: string; value: number; n: number; anomalous: boolean }[];
    baseline?: { low: number; high: number; middle: number };
  };
  /** Names of whom it can be handed to. */
  assignable: string[];
  /** What alarms told of it, newest first. */
  alarms: Alarm[];
  /** What it looked like when an alarm opened it. */
  hints: IncidentHint[];
  /** What a person may do next, as the state machine allows it. */
  actions: ("retry" | "skip" | "resolve" | "reproduce" | "publish")[];
}

/** GET /incidents/{id}/timeline, newest last. */
export interface IncidentEvent {
  sequence: number;
  at: string;
  actor: string;
  from: string;
  to: string;
  why: string;
}

export interface Evidence {
  id: string;
  signal_id: string;
  service: string;
  fingerprint: string;
  window_start_at: string;
  created_at: string;
  bytes: number;
  sha256: string;
  failing: number;
  control: number;
  cut: number;
  /** When its bundle was deleted by age or to save space. */
  expired_at?: string;
}

/** GET /evidence/{id}/exchanges */
export interface Exchange {
  index: number;
  role: "failing" | "trigger" | "control" | "setup" | "context";
  /** Of a setup: what it is needed for. */
  reason: string;
  direction: "in" | "out";
  method: string;
  path: string;
  statement: string;
  host: string;
  status: number;
  outcome: string;
  start_at: string;
  duration_ms: number;
  trace_id: string;
  request_headers: [string, string][];
  response_headers: [string, string][];
  request_body: string;
  response_body: string;
  message: string;
  redacted_fields: string[];
  /** A command that sends it again; redacted values stay redacted. Empty when it cannot be sent. */
  curl: string;
}

export interface Trial {
  /** From 1. */
  number: number;
  shows: boolean;
  metric: number;
  control: number;
  n: number;
  control_n: number;
  k?: number;
  control_k?: number;
  /** Of the failing requests: failed in any way, and with a captured error where that decides (`matched_by`). */
  k_class?: number;
  k_fingerprint?: number;
  p_value: number;
  gate_passed: boolean;
  /** Another error of the same class, or as many arrivals with fewer in flight. Older runs do not say. */
  shows_in_part?: boolean;
  /** The same requests against the last-good target, where there is one. */
  last_good?: number;
  last_good_n?: number;
  last_good_k?: number;
}

export interface RunResult {
  verdict: Verdict;
  /** Why, one sentence with the counts. */
  reason: string;
  /** The same for programs; docs/api.md lists them. */
  reason_code?: string;
  confirm_with: Signal["confirm_with"];
  metric: string;
  unit: "ratio" | "ns" | "count";
  gate: number;
  baseline: number;
  /** Of shares: what makes a response fail again. */
  matched_by?: "fingerprint" | "class";
  /** Of bursts: so many calls in flight at once as well. */
  peak_gate?: number;
  trials: Trial[];
  trials_planned: number;
  requests_planned: number;
  requests_sent: number;
  requests_answered: number;
  target: string;
  last_good_target?: string;
  /** SHA-256 of everything of the method but the targets. */
  methodology_hash: string;
  numbers: { name: string; value: number }[];
}

export interface Run {
  id: string;
  kind: RunKind;
  incident_id: string;
  generation: number;
  evidence_id?: string;
  signal_id?: string;
  state: RunState;
  requested_by: string;
  /** Higher is claimed first, 0 to 100. */
  priority: number;
  /** Why it is paused: by a person or by a breaker. */
  hold?: "person" | "incident_limit" | "hour_limit" | "storm" | "budget";
  hold_why?: string;
  step: string;
  /** Of the current step, 0 to 1. */
  progress: number;
  attempt: number;
  attempts_max: number;
  verdict?: Verdict;
  result?: RunResult;
  error: string;
  risk: Risk;
  created_at: string;
  updated_at: string;
  lease_until_at?: string;
  version: number;
}

export interface RunStep {
  name: string;
  attempt: number;
  started_at: string;
  ended_at?: string;
}

/** GET /runs/{id} */
export interface RunDetail extends Run {
  steps: RunStep[];
  incident_title: string;
  approval?: Approval;
  publications: Publication[];
}

/** GET /runs/{id}/events?after= ; also live on topic "runs/<id>". */
export interface RunEvent {
  sequence: number;
  at: string;
  type: "step_started" | "step_ended" | "log" | "progress" | "measurement" | "verdict";
  /** log: {text}; progress: {done,total}; measurement: Trial; step_*: {step}; verdict: {verdict,reason} */
  data: Record<string, unknown>;
}

export interface Publication {
  id: string;
  run_id: string;
  incident_id: string;
  kind: "ticket" | "pull_request" | "comment";
  target: string;
  title: string;
  /** Where it is: a path below the data directory for the file sink. */
  url: string;
  /** outcome_unknown: asked for, and no answer came; the next look decides. */
  state: "pending" | "published" | "failed" | "outcome_unknown";
  error: string;
  created_at: string;
  published_at?: string;
}

export interface User {
  id: string;
  name: string;
  kind: "person" | "service";
  roles: Role[];
  disabled: boolean;
  created_at: string;
}

// ---------------------------------------------------------------- live, GET /api/v1/live (WebSocket)

export interface LiveSubscribe {
  subscribe: string[];
  epoch?: string;
  after?: number;
}

export type LiveMessage =
  | { type: "hello"; epoch: string; seq: number; server_version: string; heartbeat_ms: number }
  | { type: "resync"; as_of: number }
  | LiveEvent;

/** topic: "incidents" | "signals" | "approvals" | "overview" | "services" | "alarms" | "runs" | "runs/<id>".
 *  type: "incident" | "signal" | "approval" | "run" | "run_event" | "service" | "publication" | "suppression" | "alarm" |
 *  "held_event" | "traffic" | "run_pause". `data` is the REST shape of that entity (Incident, Signal, Approval, Run, RunEvent, Service, Publication,
 *  Suppression, Alarm, HeldEvent; traffic: one point of Overview.traffic; run_pause: Overview.run_pause). */
export interface LiveEvent {
  epoch: string;
  seq: number;
  topic: string;
  type: "incident" | "signal" | "approval" | "run" | "run_event" | "service" | "publication" | "suppression" | "alarm" | "held_event" | "traffic" | "traces" | "run_pause";
  at: string;
  id?: string;
  rev?: number;
  data: unknown;
}

// Routes (all below /api/v1, cookie session):
//   GET  /me   POST /auth/link {token} -> Me (sets the cookie)   POST /auth/logout
//   GET  /auth/ways   POST /auth/login {name, password} -> Me   POST /auth/reauthenticate {password} -> Me
//   GET  /auth/oidc -> to the provider and back to /   PUT /me/password {password, current?} -> Me
//   GET  /sessions?all  DELETE /sessions/{id}   GET /tokens?all  POST /tokens  DELETE /tokens/{id}
//   GET  /overview
//   GET  /services  /services/{name}  /services/{name}/operations   PUT /services/{name} (If-Match: version)
//        body: {replay_target, replay_last_good_target, replay_unsafe_methods, owner, tracker, repository}
//   GET  /signals?service&kind&after&limit  /signals/{id}
//   GET  /incidents?status&service&severity&open=true&after&limit  /incidents/{id}  /incidents/{id}/timeline
//   POST /incidents/{id}/retry|skip|resolve|reproduce|publish   body {comment?} (If-Match: version)
//   GET  /evidence/{id}  /evidence/{id}/exchanges  /evidence/{id}/download
//   GET  /runs?state&kind&incident&after&limit  /runs/{id}  /runs/{id}/events?after   POST /runs {kind, incident}
//   POST /runs/{id}/cancel|pause|resume {comment?}  /runs/{id}/priority {priority}  /runs/{id}/retry {from_step?}
//   GET  /dead-letters   POST /dead-letters/{id}/replay {from_step?}  /dead-letters/{id}/discard {comment}
//   GET  /approvals?state&mine=true  /approvals/{id}   POST /approvals/{id}/approve|reject|request-changes|stop
//   PUT  /approvals/{id}/content   POST /approvals/{id}/links   GET|POST /approvals/link/{token}
//   POST /incidents/{id}/fix   GET /preferences.jsonl?since&after&limit
//   GET  /publications   GET /users  POST /users {name, roles, kind?} -> {item: User, link?: string}  PUT /users/{id}
//   GET  /audit?after&limit  /audit/verify -> {item: {ok, rows, head_hash, first_bad?, checkpoints, ...}}   /audit.jsonl?after&until
//   GET  /openapi.json
// The sign-in link is {public_url}/#/login?token=...; the token is used once.
