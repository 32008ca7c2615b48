import type { Severity } from "./types.ts";

// The shapes of alarms, the events before the pipeline and the polling of logs. As in types.ts: the server's tests
// compare them with the OpenAPI document.

/** Live topic "alarms", type "alarm"; GET /alarms[/{id}] */
export interface Alarm {
  id: string;
  /** "sns", "alertmanager", "poll/<name>", "api", ... */
  source: string;
  /** What became of it. */
  state: "opened" | "counted" | "held" | "ignored_non_alarm" | "stale" | "dismissed_signature";
  /** What its source says. */
  says: "firing" | "resolved" | "unknown";
  service: string;
  error_type: string;
  title: string;
  description: string;
  route: string;
  /** Stack, top first. */
  frames: string[];
  status_code?: number;
  severity?: Severity;
  resource: string;
  link?: string;
  labels: { name: string; value: string }[];
  /** By the source's clock. */
  occurred_at?: string;
  received_at: string;
  fingerprint: string;
  /** What the gate before the pipeline collapses by. */
  signature: string;
  handling: "caught" | "uncaught" | "unknown";
  /** The line that decided the handling. */
  handling_text: string;
  /** How its incident was found. */
  layer: "none" | "fingerprint" | "exact" | "lexical" | "correlated";
  incident_id?: string;
  event_id?: string;
}

/** POST /events, POST /events/{id}/approve */
export interface AlarmOutcome {
  status: Alarm["state"] | "duplicate_event";
  alarm_id: string;
  incident_id?: string;
  event_id?: string;
  is_new: boolean;
  occurrences: number;
  handling: Alarm["handling"];
  layer: Alarm["layer"];
}

/** Alarms of one signature that wait for a person. Live topic "alarms", type "held_event"; GET /events */
export interface HeldEvent {
  id: string;
  state: "pending" | "approved" | "dismissed";
  service: string;
  error_type: string;
  title: string;
  source: string;
  signature: string;
  handling: Alarm["handling"];
  handling_text: string;
  occurrences: number;
  first_seen_at: string;
  last_seen_at: string;
  incident_id?: string;
  decided_by: string;
  decided_at?: string;
  version: number;
}

/** GET /events/dismissals */
export interface EventDismissal {
  id: string;
  signature: string;
  service: string;
  error_type: string;
  title: string;
  dismissed_by: string;
  dismissed_at: string;
  /** Events dropped since. */
  dropped: number;
}

/** GET /reports/dedup?days=7 */
export interface DedupReport {
  days: number;
  since: string;
  received: number;
  /** Opened and counted; shares are of these. */
  placed: number;
  states: {
    opened: number;
    counted: number;
    held: number;
    ignored_non_alarm: number;
    stale: number;
    dismissed_signature: number;
    duplicate_event: number;
  };
  rules: {
    rule: "sql_dedup" | "regression" | "lexical" | "hard_block" | "correlated" | "cold_start";
    count: number;
    share: number;
  }[];
}

/** GET /poll/sources */
export interface PollSource {
  name: string;
  state: "reading" | "failing";
  read_through?: string;
  asked_at: string;
  succeeded_at?: string;
  /** Rounds that failed in a row. */
  failures: number;
  error: string;
  /** Read so far, each once. */
  events: number;
  /** Of these no error, or not wanted. */
  ignored: number;
}

/** GET /poll/services */
export interface ServicePolling {
  service: string;
  enabled: boolean;
  /** Empty: all. */
  error_classes: ("client_4xx" | "server_5xx" | "unhandled_exception")[];
  min_occurrences: number;
}

/** A past incident that an alarm's incident is like. */
export interface IncidentHint {
  kind: "regression" | "similar";
  incident_id: string;
  score: number;
  text: string;
  at: string;
}
