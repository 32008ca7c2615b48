// Recorded answers of a run's targets, for the dev server.
import { exchanges, evidence } from "./data.mjs";

const types = [["content-type", "application/json"], ["date", "Fri, 21 Nov 2026 11:15:04 GMT"], ["set-cookie", "sid=<cookie:0a1b2c3d....>; Path=/"]];
const failure = (id, at) => JSON.stringify({ error: "TypeError: Cannot read properties of null (reading 'trim')", request: id, at, customer: { email: "<email:9f86d081.........>", plan: "gold" }, items: [{ sku: "toys-1", quantity: 1 }] });
const order = JSON.stringify({ order: 48211, total: 1790, customer: { email: "<email:9f86d081.........>", plan: "gold" }, items: [{ sku: "toys-1", quantity: 1, discount: 0 }] });

const counts = (status, count) => [{ status, count }];

function kept(status, latency_ms, body, more = {}) {
  return {
    answered: true, status, latency_ms, trial: 1, shows: true, trials: 5, answers: counts(status, 80), headers: types, headers_left_out: 0, body, body_bytes: body.length,
    body_left_out: false, redacted_fields: ["response.body.customer.email", "response.header.set-cookie"], ...more,
  };
}

const ignored = (path, left, right, why) => ({ path, kind: "value", left, right, ignored: true, why });
const counted = (path, left, right, kind = "value") => ({ path, kind, left, right, ignored: false });
const compared = (left, right, differences) => ({ left, right, matches: differences.every((each) => each.ignored), differences, left_out: 0, has_status: true, has_headers: true, has_body: true });
const natural = "a header that differs by its nature";

const sides = [
  { match: "same", replayed: kept(500, 41.2, failure("c1b2", "2026-11-21T11:24:10Z")), last_good: kept(201, 38.6, order) },
  { match: "changed", replayed: kept(502, 3011, "<html><h1>Bad gateway</h1></html>", { answers: [{ status: 502, count: 2 }, { status: 500, count: 78 }] }), last_good: kept(201, 39.9, order) },
  { match: "no_answer", replayed: kept(0, 10_000, "", { answered: false, failure: "timed out", shows: false, trial: 5, answers: counts(0, 80), headers: [] }), last_good: kept(201, 37, order) },
  { match: "same", replayed: kept(201, 40.1, order), last_good: undefined },
];

export function runAnswer(run, index) {
  const one = sides[index];
  const captured = exchanges[index];
  if (one === undefined || captured.statement !== "") return undefined;
  const said = { status: captured.status, latency_ms: captured.duration_ms, at: captured.start_at, headers: types, body: captured.status === 500 ? failure("a7f3", "2026-11-21T11:15:04Z") : order, redacted_fields: ["response.body.customer.email"] };
  const again = [ignored("header.date", "Fri, 21 Nov 2026 11:15:04 GMT", "Fri, 21 Nov 2026 11:24:10 GMT", natural), ignored("body/request", "a7f3", "c1b2", "differs between answers to the same request, too"), ignored("body/at", "2026-11-21T11:15:04Z", "2026-11-21T11:24:10Z", "made during the capture (datetime)")];
  const since = [counted("status", "201", "500"), counted("body/error", "", "TypeError: Cannot read properties of null (reading 'trim')", "added"), counted("body/order", "48211", "", "missing"), counted("body/total", "1790", "", "missing"), counted("body/items/0/discount", "0", "", "missing"), ...again.slice(0, 1)];
  const turned = (differences) => differences.map((each) => ({ ...each, left: each.right, right: each.left, kind: each.kind === "added" ? "missing" : each.kind === "missing" ? "added" : each.kind }));
  const changed = one.match === "changed" ? [counted("status", "500", "502"), counted("body", "json", "text", "type")] : again;
  return {
    run_id: run, evidence_id: evidence.id, exchange: index, role: captured.role, method: captured.method, path: captured.path, route: captured.path, curl: captured.curl, captured: said, replayed: one.replayed,
    ...(one.last_good === undefined ? {} : { last_good: one.last_good }), match: one.match,
    comparisons: [
      ...(one.match === "no_answer" ? [] : [compared("captured", "replayed", changed)]),
      ...(one.last_good === undefined ? [] : [compared("captured", "last_good", turned(since))]),
      ...(one.last_good === undefined || one.match === "no_answer" ? [] : [compared("last_good", "replayed", since)]),
    ],
  };
}

export function runAnswers(run) {
  return sides.map((_, index) => runAnswer(run, index)).filter((each) => each !== undefined).map(({ captured, replayed, last_good, comparisons, ...rest }) => {
    const figure = ({ answered, status, latency_ms, failure: why, trial, shows, trials, answers }) => ({ answered, status, latency_ms, ...(why === undefined ? {} : { failure: why }), trial, shows, trials, answers });
    const first = comparisons.find((each) => each.right === "replayed");
    return {
      ...rest, captured: { status: captured.status, latency_ms: captured.latency_ms }, replayed: figure(replayed), ...(last_good === undefined ? {} : { last_good: figure(last_good) }),
      differences: first?.differences.filter((each) => !each.ignored).length ?? 0, ignored: first?.differences.filter((each) => each.ignored).length ?? 0,
    };
  });
}
