import { anything, flag, list, number, object, optional, text } from "./check.ts";
import { addEndpoints, ofItem, ofPage } from "./endpoints.ts";

// What the answers about detection and suppressions must have. Fetched with the screens that ask for them.

const settings = object({
  latency_ratio_min: optional(number), latency_rise_min_ms: optional(number), error_rise_min: optional(number), errors_min: optional(number),
  slow_query_low_ms: optional(number), n_plus_one_calls_min: optional(number), burst_ratio_min: optional(number), requests_min: optional(number),
  windows_min: optional(number), occurrences_min: optional(number), kinds_off: optional(list(text)),
});
export const detection = object({ service: text, version: number, settings, inherited: settings, ranges: anything, kinds: list(text) });

const raised = object({ signals: number, alarms: number });
const findings = list(object({ kind: text, severity: text, operation_id: text, operation: text, from: text, to: text, windows: number, sentence: text }));
export const backtest = object({
  service: text, from: text, to: text, windows: number, operations: number, present: raised, proposed: raised, added: findings, removed: findings,
  kept: number, not_rerun: list(object({ kind: text, why: text })), cut: flag,
});

export const suppression = object({
  id: text, service: text, operation_id: optional(text), operation: optional(text), kind: optional(text), fingerprint: optional(text), reason: text,
  until: optional(text), created_at: text, created_by: text, hits: number, last_hit_at: optional(text), state: text, lifted_at: optional(text),
  lifted_by: optional(text),
});

addEndpoints({ detection: ofItem(detection), suppressions: ofPage(suppression) });
