// Part of the tests: answers in the shapes of src/api/types.ts, with times relative to now, for looking
// at the screens without a server. Nothing of this is in the product.
import { pulseOf } from "./pulse.mjs";

const now = Date.now();
const at = (secondsAgo) => new Date(now - secondsAgo * 1000).toISOString();
const id = (tail) => `01KAG7M3ZC${tail.padStart(16, "0")}`.toUpperCase();
const hash = (seed) => Array.from({ length: 64 }, (_, i) => ((seed * 31 + i * 7 + ((i * seed) % 13)) % 16).toString(16)).join("");

function operation(service, method, route, kind = "server") {
  return { id: hash(route.length + 3).slice(0, 16), source: "rrpair", kind, service, protocol: "http", method, route, name: `${method} ${route}`.trim() };
}

const orders = operation("checkout-api", "POST", "/api/orders");
const sync = operation("radar", "POST", "/sync");
const stock = operation("inventory-svc", "GET", "/api/stock/{id}");
const search = operation("search-api", "GET", "/search");

function signal(tail, kind, severity, op, secondsAgo, more) {
  return {
    id: id(tail), kind, severity, operation: op, window_start_at: at(secondsAgo + 60), window_end_at: at(secondsAgo), effect: 61,
    metric: "share of failing responses", unit: "ratio", observed: 0.117, observed_k: 19, observed_n: 161, baseline: 0.0019, baseline_k: 79,
    baseline_n: 41580, baseline_windows: 240, p_value: 3.1e-14, rule: "beta-binomial tail < 1e-5 and effect >= 1.3", numbers: [],
    sensitivity: "At 160 requests per window a rise to 3.1 % would be seen within one window.", fingerprint: hash(Number(tail.slice(-2)) || 7),
    confirm_with: "failing_share", gate: 0.0585, trace_ids: ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b74bf92f3577b34da6"],
    explanation: "19 of 161 requests to POST /api/orders failed (11.8 %); normal is 0.19 % (79 of 41,580).", ...more,
  };
}

const unsorted = [
  signal("S1", "error_rate", "high", orders, 1620, { incident_id: id("I1"), evidence_id: id("E1") }),
  signal("S2", "rate_limit_burst", "critical", sync, 900, {
    incident_id: id("I2"), evidence_id: id("E2"), metric: "max arrivals in 50 ms", unit: "count", observed: 200, observed_k: 28, observed_n: 200, baseline: 0,
    baseline_k: 0, baseline_n: 0, baseline_windows: 12, gate: 172, confirm_with: "burst", p_value: undefined, rule: "429 answers >= 5 within one burst",
    explanation: "28 of 200 calls to mail-upstream were answered 429 while 200 arrived within 50 ms.",
    numbers: [{ name: "peak_in_flight", value: 100 }, { name: "max_arrivals_50ms", value: 200 }, { name: "answers_429", value: 28 }],
  }),
  signal("S3", "n_plus_one", "medium", stock, 420, {
    incident_id: id("I3"), metric: "queries per request", unit: "count", observed: 41, baseline: 3, observed_k: 0, observed_n: 120, baseline_n: 9000, gate: 4,
    confirm_with: "calls_per_parent", explanation: "GET /api/stock/{id} runs the same query 41 times per request; normal is 3.",
  }),
  signal("S4", "latency", "low", search, 300, {
    incident_id: id("I4"), metric: "p95 latency", unit: "ns", observed: 1.42e9, baseline: 2.1e8, observed_k: 0, observed_n: 600, baseline_n: 54000, gate: 2.7e8,
    confirm_with: "latency_quantile", explanation: "p95 of GET /search is 1.4 s; normal is 210 ms.",
  }),
];

function incident(tail, lead, status, phase, reason, title, more) {
  return {
    id: id(tail), service: lead.operation.service, title, explanation: `${title}; normal is 0 % (0 of 719).`, severity: lead.severity, status, phase, reason, generation: 1, version: 7, occurrences: 552,
    signal_count: 3, recurred: false, opened_at: at(1560), updated_at: at(480), first_seen_at: at(1700), last_seen_at: at(4), assigned_to: "", kinds: [lead.kind], ...more,
  };
}

const [s1, s2, s3, s4] = unsorted;
export const signals = [...unsorted].reverse();
export const incidents = [
  incident("I2", s2, "reproduced", "awaiting_approval", "", "radar sends 200 mail reads within 50 ms and drops what is answered 429", { occurrences: 28 }),
  incident("I1", s1, "reproduced", "awaiting_approval", "", "11.8 % of POST /api/orders fail with 500 since 02:44: discount_code is null", {}),
  incident("I3", s3, "reproducing", "running", "", "GET /api/stock/{id} runs 41 queries per request instead of 3", { occurrences: 120 }),
  incident("I4", s4, "needs_human", "", "no_target", "p95 of GET /search rose from 210 ms to 1.4 s", { occurrences: 9, recurred: true }),
];

function trials(k, shows, metric, control, n) {
  return Array.from({ length: k }, (_, i) => ({
    number: i + 1, shows, metric: metric + (i % 3) * metric * 0.01, control, n, control_n: n, k: Math.round(metric * n), control_k: 0,
    p_value: shows ? 2.2e-16 : 0.41, gate_passed: shows,
  }));
}

function result(more) {
  return {
    verdict: "reproduced", reason: "The captured traffic fails again in 5 of 5 trials and not once in the control.", confirm_with: "failing_share",
    metric: "share of failing responses", unit: "ratio", gate: 0.0585, baseline: 0.0019, trials: trials(5, true, 0.96, 0, 48), trials_planned: 5,
    requests_planned: 480, requests_sent: 480, requests_answered: 480, target: "http://127.0.0.1:8081", methodology_hash: hash(5), numbers: [], ...more,
  };
}

function run(tail, incidentId, more) {
  return {
    id: id(tail), kind: "reproduce", incident_id: incidentId, generation: 1, state: "waiting_approval", requested_by: "pipeline", priority: 20, progress: 0, step: "gate", attempt: 1,
    attempts_max: 4, verdict: "reproduced", error: "", risk: "high", created_at: at(1500), updated_at: at(1240), version: 9, evidence_id: id("E1"), ...more,
  };
}

export const runs = [
  run("R3", id("I3"), {
    state: "leased", step: "replay", verdict: undefined, risk: "medium", created_at: at(130), updated_at: at(2), evidence_id: id("E3"),
    signal_id: id("S3"),
  }),
  run("R1", id("I1"), {
    result: result({
      last_good_target: "http://127.0.0.1:8071", requests_planned: 720, requests_sent: 720, requests_answered: 720,
      trials: trials(5, true, 0.96, 0, 48).map((trial) => ({ ...trial, last_good: 0, last_good_n: 48, last_good_k: 0 })),
    }),
  }),
  run("R2", id("I2"), {
    risk: "critical", evidence_id: id("E2"), requested_by: "user:on-call",
    result: result({
      reason: "200 arrivals within 50 ms in 5 of 5 trials; the control stays at 12.", metric: "max arrivals in 50 ms", unit: "count", gate: 172, baseline: 12, target: "http://127.0.0.1:8082",
      trials: trials(5, true, 200, 12, 200).map(({ k, control_k, ...rest }) => ({ ...rest, metric: 200 })), numbers: [{ name: "peak_in_flight", value: 100 }, { name: "max_arrivals_50ms", value: 200 }],
    }),
  }),
  run("R4", id("I4"), { state: "dead_letter", step: "replay", verdict: undefined, risk: "low", error: "target http://127.0.0.1:8084 refused the connection (4 attempts)", attempt: 4, created_at: at(4000), updated_at: at(3000) }),
  run("R5", id("I5"), { state: "succeeded", step: "publish", risk: "low", verdict: "flaky", created_at: at(90000), updated_at: at(89700), result: result({ verdict: "flaky", reason: "2 of 5 trials show it.", trials: [...trials(2, true, 0.9, 0, 48), ...trials(3, false, 0.01, 0, 48).map((t, i) => ({ ...t, number: i + 3 }))] }) }),
];

const stepTimes = {
  [id("R1")]: [["prepare", 1495, 1490], ["replay", 1490, 1260], ["trial.1", 1400, 1400], ["verdict", 1260, 1259], ["gate", 1259, 1258]],
  [id("R2")]: [["prepare", 1495, 1490], ["replay", 1490, 1300], ["verdict", 1300, 1299], ["gate", 1299, 1298]],
  [id("R3")]: [["prepare", 128, 122], ["replay", 122, undefined]],
  [id("R4")]: [["prepare", 3990, 3980], ["replay", 3980, undefined]],
  [id("R5")]: [["prepare", 89990, 89985], ["replay", 89985, 89720], ["verdict", 89720, 89719], ["publish", 89719, 89700]],
};

export function runSteps(runId) {
  return (stepTimes[runId] ?? []).map(([name, from, to]) => ({ name, attempt: 1, started_at: at(from), ...(to === undefined ? {} : { ended_at: at(to) }) }));
}

/** A log of a hundred thousand lines, as the run R5 has it. */
const longLog = Array.from({ length: 100_000 }, (_, i) => ({ sequence: i + 1, at: at(90000 - i / 400), type: "log", data: { text: i % 1000 === 999 ? `request ${i + 1}: late by 51 ms, port was still closing` : `request ${i + 1} answered 200 after ${12 + (i % 37)} ms` } }));

export function runEvents(runId) {
  if (runId === id("R5")) return longLog;
  const events = [];
  const push = (secondsAgo, type, data) => events.push({ sequence: events.length + 1, at: at(secondsAgo), type, data });
  const found = runs.find((each) => each.id === runId);
  if (found === undefined) return [];
  const base = (now - Date.parse(found.created_at)) / 1000;
  push(base - 2, "step_started", { step: "prepare" });
  push(base - 3, "log", { text: "evidence 01KAG7M3ZC…0E1 opened: 48 failing, 48 control, 0 cut" });
  push(base - 4, "log", { text: "<img src=x onerror=alert(1)> is only text here \u202e and so is this" });
  push(base - 6, "step_ended", { step: "prepare" });
  push(base - 7, "step_started", { step: "replay" });
  const underWay = trials(3, true, 41, 3, 24).map(({ k, control_k, ...rest }) => ({ ...rest }));
  for (const trial of found.result?.trials ?? (found.state === "leased" ? underWay : [])) {
    push(base - 10 * trial.number, "log", { text: `trial ${trial.number} started, 48 requests, control interleaved` });
    push(base - 10 * trial.number - 6, "log", { text: "48 of 48 answered, 0 refused, sent within 3 ms of plan" });
    push(base - 10 * trial.number - 8, "measurement", trial);
  }
  if (found.state === "leased") {
    push(6, "log", { text: "trial 4 started, 24 requests, control interleaved" });
    push(2, "progress", { done: 31, total: 48 });
  } else if (found.verdict !== undefined) {
    push(base - 90, "step_ended", { step: "replay" });
    push(base - 91, "verdict", { verdict: found.verdict, reason: found.result?.reason ?? "" });
  }
  return events;
}

const body = [
  "11.8 % of POST /api/orders fail with 500 since 02:44 (19 of 161 in one window; normal is 0.19 %).", "",
  "Proof: the captured traffic fails again in 5 of 5 trials; the control does not.", "", "Failing request:",
  "  curl -sS -X POST \"$TARGET/api/orders\" -H 'content-type: application/json' --data '{\"lines\":[{\"sku\":\"A-1042\",\"qty\":1}],\"discount_code\":null}'",
].join("\n");

function approval(tail, runTail, incidentTail, risk, more) {
  const whole = risk === "critical" ? 4 * 3600 : 24 * 3600;
  return {
    id: id(tail), run_id: id(runTail), incident_id: id(incidentTail), action: "ticket", summary: "Write a ticket: POST /api/orders fails with 500 when discount_code is null",
    risk, risk_reasons: [`severity of the incident is ${risk}`, "action is a ticket"], content_hash: hash(Number(tail.slice(-1)) * 3 + 2), approvals_needed: risk === "critical" ? 2 : 1,
    approvals_given: 0, requested_by: "pipeline", edited_by: "", reminded: 0, state: "pending", created_at: at(480), expires_at: at(480 - whole), version: 1,
    proof: { verdict: "reproduced", trials_shown: 5, trials_planned: 5 }, ...more,
  };
}

export const approvals = [
  approval("A2", "R2", "I2", "critical", { summary: "Write a ticket: radar sends 200 mail reads within 50 ms and drops what is answered 429", approvals_given: 1, requested_by: "user:on-call", created_at: at(10500), expires_at: at(10500 - 14400) }),
  approval("A1", "R1", "I1", "high", {}),
  approval("A3", "R5", "I5", "high", { state: "executed", summary: "Write a ticket: mail import repeats each message", decided_at: at(7200), approvals_given: 1 }),
  approval("A4", "R5", "I5", "high", { state: "voided", void_reason: "the severity of the incident is critical now", summary: "Write a ticket: search answers 502 in bursts", decided_at: at(9000) }),
];

export function approvalDetail(found, person) {
  const critical = found.risk === "critical";
  const content = { action: found.action, target: "file sink, tickets/", title: found.summary.replace("Write a ticket: ", ""), body, evidence: id("E1"), risk_reasons: found.risk_reasons };
  return {
    ...found, content, content_json: JSON.stringify(content), reauthenticate: false, run: runs.find((each) => each.id === found.run_id), incident_title: incidents.find((each) => each.id === found.incident_id)?.title ?? "mail import repeats each message", evidence_id: id("E1"),
    decisions: critical ? [{ user: "sre-lead", kind: "approve", comment: "The burst is plain to see.", at: at(3600) }] : found.state === "executed" ? [{ user: "sre-lead", kind: "approve", comment: "", at: at(7200) }] : [],
    deciders: [
      { name: person, may_decide: true, why: "", is_me: true },
      { name: "sre-lead", may_decide: !critical, why: critical ? "already approved" : "", is_me: false },
      { name: "checkout-lead", may_decide: true, why: "", is_me: false },
      { name: "checkout-dev", may_decide: false, why: "role operator", is_me: false },
    ],
  };
}

function exchange(index, role, status, more) {
  const bodyText = JSON.stringify({ lines: [{ sku: "A-1042", qty: 1 }], currency: "EUR", discount_code: role === "control" ? "WELCOME" : null, big: 1 }).replace("\"big\":1", "\"order_no\":12345678901234567890");
  return {
    index, role, reason: "", direction: "in", method: "POST", path: "/api/orders", statement: "", host: "checkout-api", status, outcome: status >= 500 ? "error" : "ok", start_at: at(1640 - index), duration_ms: 41.2,
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", request_headers: [["content-type", "application/json"], ["authorization", "[redacted jwt, 812 chars]"]],
    response_headers: [["content-type", "application/json"]], request_body: bodyText,
    response_body: status >= 500 ? "{\"error\":\"internal\",\"message\":\"Cannot read properties of null (reading 'toUpperCase')\"}" : "{\"id\":\"o-1\",\"total\":1290}",
    message: status >= 500 ? "Cannot read properties of null" : "", redacted_fields: ["header authorization"],
    curl: `curl -sS -X POST "$TARGET/api/orders" \\\n  -H 'content-type: application/json' \\\n  -H "authorization: Bearer $TOKEN" \\\n  --data '${bodyText}'`, ...more,
  };
}

export const exchanges = [
  exchange(0, "failing", 500, {}), exchange(1, "failing", 500, { response_body: "<script>alert(document.domain)</script>" }), exchange(2, "failing", 500, {}), exchange(3, "control", 201, {}),
  exchange(4, "context", 0, { method: "", path: "", statement: "SELECT code, percent FROM discounts WHERE code = ?", host: "pricing-db", outcome: "ok", curl: "", request_headers: [], response_headers: [], request_body: "", response_body: "", redacted_fields: [] }),
];

export const evidence = { id: id("E1"), signal_id: id("S1"), service: "checkout-api", fingerprint: hash(9), window_start_at: at(1680), created_at: at(1555), bytes: 48211, sha256: hash(11), failing: 3, control: 1, cut: 12 };

export const manifest = {
  format: 1, producer: "reprise 0.1.0", evidence: { id: evidence.id, service: evidence.service }, selection: "Failing exchanges of the window first, then good ones of the same operation nearest in time, then what else belongs to their traces.",
  redaction: { version: "3", fields: [{ field: "header authorization", exchanges: 4 }, { field: "body $.customer.email", exchanges: 3 }] },
  counts: { failing: 3, trigger: 0, control: 1, setup: 0, context: 1, exchanges: 5, cut: 12 }, cut: [{ role: "failing", cap: "failing_max", exchanges: 12 }], cut_before: 0,
  signal: { path: "signal.json", bytes: 1204, sha256: hash(13) },
  exchanges: exchanges.map((each) => ({ path: `checkout-api/20261121T111504Z_${each.index}.json`, bytes: 1800 + each.index, sha256: hash(each.index + 20), role: each.role, source: "rrpair", kind: each.statement === "" ? "server" : "db", protocol: each.statement === "" ? "http" : "sql", method: each.method, route: each.path, complete: each.curl !== "", redacted_fields: each.redacted_fields })),
};

export function operationSeries(operation, since, until) {
  const from = since === null ? 0 : Date.parse(since);
  const to = until === null ? Infinity : Date.parse(until);
  const points = Array.from({ length: 240 }, (_, i) => {
    const wave = Math.sin(i * 1.7) * 0.5 + Math.sin(i * 0.31) * 0.5;
    const anomalous = i > 212;
    return { at: at((240 - i) * 60), length_s: 60, requests: 160 + Math.round(wave * 20), failing: anomalous ? 19 + (i % 4) : i % 29 === 0 ? 1 : 0, p50_ms: 36 + wave * 3, p95_ms: 201 + wave * 16, anomalous };
  }).filter((point) => Date.parse(point.at) >= from && Date.parse(point.at) < to);
  const found = operations.find((each) => each.operation.id === operation) ?? operations[0];
  return { operation: found.operation, points, failing_share: { low: 0, high: 0.006, middle: 0 }, p95_ms: { low: 186, high: 216, middle: 201 }, requests: { low: 141, high: 179, middle: 160 }, more: since === null };
}

export const timeline = [
  { sequence: 1, at: at(1560), actor: "pipeline", from: "", to: "detected/queued", why: "error_rate, 19 of 161 in one window" },
  { sequence: 2, at: at(1500), actor: "run:01K", from: "detected/queued", to: "reproducing/running", why: "" },
  { sequence: 3, at: at(1259), actor: "run:01K", from: "reproducing/running", to: "reproduced/queued", why: "5 of 5 trials show it, control 0 of 5" },
  { sequence: 4, at: at(480), actor: "run:01K", from: "reproduced/queued", to: "reproduced/awaiting_approval", why: "risk HIGH" },
];

export function incidentDetail(found) {
  const own = signals.filter((each) => each.incident_id === found.id);
  const lead = own[0] ?? s1;
  const bad = lead.observed;
  const points = Array.from({ length: 68 }, (_, i) => {
    const anomalous = i > 40;
    const wave = Math.sin(i * 1.7) * 0.5 + Math.sin(i * 0.6) * 0.5;
    return { at: at((68 - i) * 60), value: anomalous ? bad * (1 + wave * 0.12) : lead.baseline * (1 + wave * 0.6), n: 160 + (i % 9), anomalous };
  });
  return {
    ...found, signals: own, runs: runs.filter((each) => each.incident_id === found.id),
    evidence: found.id === id("I4") ? [] : [{ id: id("E1"), signal_id: lead.id, service: found.service, fingerprint: lead.fingerprint, window_start_at: lead.window_start_at, created_at: at(1555), bytes: 48211, sha256: hash(9), failing: 48, control: 48, cut: 0 }],
    approval: approvals.find((each) => each.incident_id === found.id), publications: [],
    alarms: [], hints: [], assignable: ["ada", "grace"],
    series: { metric: lead.metric, unit: lead.unit, operation: lead.operation, points, baseline: found.id === id("I4") ? undefined : { low: lead.baseline * 0.4, high: lead.baseline * 1.7 + 0.0001, middle: lead.baseline } },
    actions: found.status === "needs_human" ? ["reproduce", "publish", "retry", "resolve", "skip"] : ["resolve", "skip"],
  };
}

export const publications = [{ id: id("P1"), run_id: id("R5"), incident_id: id("I5"), kind: "ticket", target: "file", title: "Mail import repeats each message", url: "data/tickets/2026-11-21-mail-import.md", state: "published", error: "", created_at: at(7100), published_at: at(7099) }];

function service(name, target, open, records) {
  return { name, owner: name === "checkout-api" ? "checkout team" : "", tracker: "file:tickets", repository: name === "checkout-api" ? "github:acme/checkout" : "", replay_target: target, replay_last_good_target: name === "checkout-api" ? "http://127.0.0.1:8071" : "", replay_unsafe_methods: name === "checkout-api", first_seen_at: at(864000), last_seen_at: at(3), records, incidents_open: open, version: 3, deployments: name === "checkout-api" ? [{ service: name, version: "2.4.1", at: at(5400), origin: "observed" }] : [], overflow: name === "search-api" ? [{ source: "span", kind: "server", method: "GET", route: "/find/8f3a-red-shoes", records: 1204, last_seen_at: at(60) }] : [] };
}

export const services = [
  service("checkout-api", "http://127.0.0.1:8081", 1, 1893221), service("inventory-svc", "http://127.0.0.1:8083", 1, 402118),
  service("radar", "http://127.0.0.1:8082", 1, 20911), service("search-api", "", 1, 118233),
];

export const operations = [
  { operation: orders, last_window_at: at(30), requests: 161, failing: 19, p50_ms: 38, p95_ms: 208, baseline_requests: 41580, baseline_failing: 79, baseline_p50_ms: 36, baseline_p95_ms: 201, baseline_windows: 240, baseline_state: "ready" },
  { operation: operation("checkout-api", "GET", "/api/orders/{id}"), last_window_at: at(30), requests: 410, failing: 0, p50_ms: 6, p95_ms: 14.2, baseline_requests: 900, baseline_failing: 0, baseline_p50_ms: 6, baseline_p95_ms: 15, baseline_windows: 3, baseline_state: "learning" },
];

export const me = { id: id("U1"), name: "on-call", roles: ["operator", "approver", "admin"], csrf: "dev", server_version: "0.1.0" };

export function overview(empty) {
  const traffic = Array.from({ length: 60 }, (_, i) => ({ at: at((60 - i) * 60), records: 900 + Math.round(Math.sin(i / 5) * 180 + (i % 7) * 21), failing: i > 32 ? 60 + (i % 5) * 9 : i % 3 }));
  const base = { run_pause: { paused: false }, otlp_grpc: "127.0.0.1:4317", otlp_http: "127.0.0.1:4318", window_s: 60, incidents_by_severity: { low: 0, medium: 0, high: 0, critical: 0 } };
  if (empty) {
    return { ...base, incidents_open: 0, approvals_pending: 0, runs_active: 0, services: 0, operations: 0, signals_last_hour: 0, records_total: 0, records_refused: 0, records_last_minute: 0, traffic: [], worst_incidents: [], waiting_approvals: [], active_runs: [], warnings: [] };
  }
  const pending = approvals.filter((each) => each.state === "pending");
  return {
    ...base, incidents_open: 4, incidents_by_severity: { low: 1, medium: 1, high: 1, critical: 1 }, approvals_pending: pending.length, approval_oldest_at: at(10500), runs_active: 3, services: 4, operations: 31,
    ...pulseOf(at, id, "checkout-api", "radar"), signals_last_hour: 12, records_total: 2434483, records_refused: 12, records_last_minute: 1842, last_record_at: at(1), traffic, worst_incidents: incidents, waiting_approvals: pending,
    active_runs: runs.filter((each) => ["leased", "waiting_approval"].includes(each.state)), warnings: [{ about: "approvers", text: "No second person may approve CRITICAL: 2 approvers are needed, 1 exists." }],
  };
}
