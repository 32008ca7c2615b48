// Part of the tests: thresholds, a try over recorded findings and suppressions, as far as the screens can tell.
import { signals } from "./data.mjs";

const inherited = {
  latency_ratio_min: 1.3, latency_rise_min_ms: 5, error_rise_min: 0.01, errors_min: 3, slow_query_low_ms: 300, n_plus_one_calls_min: 5,
  burst_ratio_min: 1.5, requests_min: 200, windows_min: 30, occurrences_min: 1, kinds_off: [],
};
const ranges = {
  latency_ratio_min: { min: 1.05, max: 100 }, latency_rise_min_ms: { min: 0, max: 60000 }, error_rise_min: { min: 0.001, max: 1 }, errors_min: { min: 1, max: 100000 },
  slow_query_low_ms: { min: 1, max: 600000 }, n_plus_one_calls_min: { min: 2, max: 1000 }, burst_ratio_min: { min: 1.05, max: 100 }, requests_min: { min: 1, max: 1000000 },
  windows_min: { min: 1, max: 10000 }, occurrences_min: { min: 1, max: 1000 },
};
const kinds = ["error_rate", "latency", "slow_query", "n_plus_one", "rate_limit_burst", "fanout_straggler", "blocking_chain", "retry_storm", "agent_loop", "payload_latency", "stream_stall"];
const held = new Map();
const tryMs = 900;

export function findDetection(service) {
  if (!held.has(service)) held.set(service, { version: 0, settings: {} });
  return { service, ...held.get(service), inherited, ranges, kinds };
}

/** The problem as [status, code, title, detail], or what is stored now. */
export function saveDetection(service, ifMatch, settings) {
  const known = findDetection(service);
  if (ifMatch !== `"${known.version}"`) return [412, "stale", "It changed since you opened it", "Load it again."];
  for (const [name, { min, max }] of Object.entries(ranges)) {
    if (settings[name] !== undefined && (settings[name] < min || settings[name] > max)) return [422, "refused", "Refused", `${name} must be ${min} to ${max}.`];
  }
  held.set(service, { version: known.version + 1, settings });
  return findDetection(service);
}

const finding = (signal, hour, windows, sentence) => {
  const from = Math.floor(Date.now() / 3_600_000 - hour) * 3_600_000;
  return {
    kind: signal.kind, severity: signal.severity, operation_id: signal.operation.id, operation: signal.operation.name, windows, sentence,
    from: new Date(from).toISOString(), to: new Date(from + windows * 60_000).toISOString(),
  };
};

export function backtest(service, settings) {
  const findings = signals.map((signal, i) => finding(signal, 9 * i + 3, i + 2, signal.explanation));
  const quieter = (settings.latency_ratio_min ?? inherited.latency_ratio_min) > inherited.latency_ratio_min;
  const removed = quieter ? findings.slice(0, 3) : [];
  const added = quieter ? [] : findings.slice(2);
  const result = {
    service, from: new Date(Date.now() - 7 * 86_400_000).toISOString(), to: new Date().toISOString(), windows: 10080, operations: 14, present: { signals: 61, alarms: 12 },
    proposed: { signals: 61 - 9 * removed.length + 4 * added.length, alarms: 12 - removed.length + added.length }, added, removed, kept: 12 - removed.length,
    not_rerun: [{ kind: "blocking_chain", why: "it is found in whole traces, of which no window keeps the numbers" }], cut: false,
  };
  return new Promise((resolve) => setTimeout(() => resolve(result), tryMs));
}

const suppressions = [];

export function listSuppressions(query) {
  const is = (name, value) => !query.get(name) || query.get(name) === value;
  return suppressions.filter((each) => is("state", each.state) && is("service", each.service));
}

export function addSuppression(wanted) {
  const like = signals.find((each) => each.operation.id === wanted.operation_id);
  const made = {
    ...wanted, ...(like === undefined ? {} : { operation: like.operation.name }), id: `01KAGSUPPRESSED${String(suppressions.length).padStart(11, "0")}`,
    created_at: new Date().toISOString(), created_by: "user:anna", hits: suppressions.length * 3, state: "active",
  };
  if (made.hits > 0) made.last_hit_at = new Date(Date.now() - 90_000).toISOString();
  suppressions.unshift(made);
  return made;
}

export function liftSuppression(id) {
  const found = suppressions.find((each) => each.id === id);
  if (found !== undefined) Object.assign(found, { state: "lifted", lifted_at: new Date().toISOString(), lifted_by: "user:anna" });
  return found;
}

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
export const integrations = [
  { kind: "tracker", name: "file", can_ask: false, state: "quiet" },
  { kind: "tracker", name: "github", can_ask: true, state: "failing", succeeded_at: ago(2000), failed_at: ago(14), error: "github answered 401: bad credentials" },
  { kind: "log_store", name: "production", can_ask: false, state: "good", succeeded_at: ago(1) },
  { kind: "hook_source", name: "alertmanager", can_ask: false, state: "good", succeeded_at: ago(30), failed_at: ago(4000), error: "the body is no JSON: expected a value at byte 0" },
  { kind: "hook_source", name: "generic/backup", can_ask: false, state: "quiet" },
];

const alarm = (n, state, more) => ({
  id: `01KAGALARM${String(n).padStart(16, "0")}`, source: "alertmanager", state, says: "firing", service: "checkout-api", error_type: "TypeError", title: "HighErrorRate", description: "5 % of POST /api/orders fail",
  route: "POST /api/orders", frames: [], resource: "", labels: [], received_at: ago(7 * n + 1), fingerprint: "f", signature: "s", handling: "unknown", handling_text: "", layer: "none", ...more,
});
export const alarms = [
  alarm(1, "counted", { incident_id: signals[0].incident_id, layer: "correlated" }), alarm(2, "held", { source: "sentry", title: "", frames: ["at apply (a.mjs:1:2)", "at order (b.mjs:9:1)"], handling: "uncaught", handling_text: "unhandled rejection" }),
  alarm(3, "stale", { source: "poll/production", service: "radar" }), alarm(4, "opened", { incident_id: signals[1].incident_id, says: "resolved" }), alarm(5, "dismissed_signature", {}),
];
const waiting = (n, state, more) => ({
  id: `01KAGEVENT${String(n).padStart(16, "0")}`, state, service: "radar", error_type: "TimeoutError", title: n === 1 ? "sync took too long" : "", source: "sentry", signature: "s", handling: "uncaught", handling_text: "unhandled rejection",
  occurrences: 12 * n, first_seen_at: ago(300), last_seen_at: ago(n), decided_by: "", version: 1, ...more,
});
export const heldEvents = [waiting(1, "pending", {}), waiting(2, "pending", {}), waiting(3, "dismissed", { decided_by: "user:anna", decided_at: ago(9) })];
export const dismissals = [{ id: "01KAGDISMISSAL", signature: "s", service: "radar", error_type: "TimeoutError", title: "", dismissed_by: "user:anna", dismissed_at: ago(9), dropped: 41 }];
