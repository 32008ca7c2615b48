import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppEvent } from "../src/state/events.ts";
import { initialState, reduce } from "../src/state/reduce.ts";
import type { State } from "../src/state/reduce.ts";
import { emptyRows, freshMax, linesMax, resourcesMax } from "../src/state/resources.ts";
import type { ResourceData, ResourceKind, Rows } from "../src/state/resources.ts";
import type { Incident, IncidentDetail, LiveEvent, Overview, RunEvent } from "../src/api/types.ts";
import { approval, approvalDetail, event, incident, incidentDetail, overview, run, signal } from "./examples.ts";

function after(events: AppEvent[], from: State = initialState): State {
  return events.reduce(reduce, from);
}

function loaded<K extends ResourceKind>(kind: K, path: string, data: ResourceData[K], asOfSeq = 10): AppEvent {
  return { type: "loaded", kind, path, data, asOfSeq, at: 1000 };
}

function rows<T>(items: T[]): Rows<T> {
  return { ...emptyRows<T>(), items };
}

const batch = (...events: LiveEvent[]): AppEvent => ({ type: "live_batch", events });
const list = "/incidents?open=true";

test("a known incident changes in its place and a new one waits behind the chip", () => {
  const start = after([loaded("incidents", list, rows([incident({ id: "I1" }), incident({ id: "I2" })]))]);

  const state = after([batch(event(11, "incident", incident({ id: "I2", version: 2, title: "worse" })), event(12, "incident", incident({ id: "I3" })))], start);

  const data = state.resources[list]?.data as Rows<Incident>;
  assert.deepEqual(data.items.map((each) => [each.id, each.title]), [["I1", "GET /a fails"], ["I2", "worse"]]);
  assert.deepEqual(data.fresh.map((each) => each.id), ["I3"]);
});

test("in an empty list the first row shows at once, the next one waits", () => {
  const start = after([loaded("incidents", list, rows<Incident>([]))]);

  const state = after([batch(event(11, "incident", incident({ id: "I1" })), event(12, "incident", incident({ id: "I2" })))], start);

  const data = state.resources[list]?.data as Rows<Incident>;
  assert.deepEqual(data.items.map((each) => each.id), ["I1"]);
  assert.deepEqual(data.fresh.map((each) => each.id), ["I2"]);
});

test("an event that the answer already contains changes nothing", () => {
  const start = after([loaded("incidents", list, rows([incident({ version: 5 })]), 20)]);

  const state = after([batch(event(20, "incident", incident({ version: 6, title: "old news" })))], start);

  assert.equal(state, start);
});

test("an older version of a row never replaces a newer one", () => {
  const start = after([loaded("incidents", list, rows([incident({ version: 5, title: "five" })]))]);

  const state = after([batch(event(11, "incident", incident({ version: 4, title: "four" })))], start);

  assert.equal((state.resources[list]?.data as Rows<Incident>).items[0]?.title, "five");
});

test("a row that a filter excludes does not wait behind the chip", () => {
  const path = "/incidents?open=true&severity=critical&service=shop";
  const start = after([loaded("incidents", path, rows([incident({ id: "known", severity: "critical" })]))]);

  const state = after([batch(
    event(11, "incident", incident({ id: "low", severity: "low" })),
    event(12, "incident", incident({ id: "other", severity: "critical", service: "bank" })),
    event(13, "incident", incident({ id: "closed", severity: "critical", status: "resolved" })),
    event(14, "incident", incident({ id: "fits", severity: "critical" })),
  )], start);

  assert.deepEqual((state.resources[path]?.data as Rows<Incident>).fresh.map((each) => each.id), ["fits"]);
});

test("more new rows than fit are counted and showing them loads the list again", () => {
  const start = after([loaded("signals", "/signals", rows([signal({ id: "S0" })]))]);
  const flood = Array.from({ length: freshMax + 7 }, (_, i) => event(11 + i, "signal", signal({ id: `S${i + 1}` })));

  const full = after([batch(...flood)], start);
  const held = full.resources["/signals"]?.data as Rows<{ id: string }>;
  const shown = after([{ type: "fresh_shown", path: "/signals" }], full).resources["/signals"];

  assert.equal(held.fresh.length, freshMax);
  assert.equal(held.freshMore, 7);
  assert.equal(shown?.stale, true);
  assert.equal((shown?.data as Rows<{ id: string }>).items[0]?.id, `S${freshMax + 7}`);
});

test("an incident's page takes the new fields at once and loads the rest again", () => {
  const start = after([loaded("incident", "/incidents/I1", incidentDetail())]);

  const state = after([batch(event(11, "incident", incident({ version: 2, status: "reproducing" })))], start);

  const held = state.resources["/incidents/I1"];
  assert.equal((held?.data as IncidentDetail).status, "reproducing");
  assert.equal((held?.data as IncidentDetail).signals.length, 1);
  assert.equal(held?.stale, true);
});

test("what happens to another incident leaves this one alone", () => {
  const start = after([loaded("incident", "/incidents/I1", incidentDetail())]);

  const state = after([batch(event(11, "run", run({ incident_id: "I9" })), event(12, "incident", incident({ id: "I9" })))], start);

  assert.equal(state.resources["/incidents/I1"], start.resources["/incidents/I1"]);
});

test("an approval on screen stays bound to the hash it was read with until it is loaded again", () => {
  const start = after([loaded("approval", "/approvals/A1", approvalDetail())]);

  const state = after([batch(event(11, "approval", approval({ version: 2, content_hash: "0".repeat(64), state: "voided" })))], start);

  const held = state.resources["/approvals/A1"];
  assert.equal((held?.data as { content_hash: string }).content_hash, approval().content_hash);
  assert.equal((held?.data as { state: string }).state, "voided");
  assert.equal(held?.stale, true);
});

test("the log grows only with higher numbers and only on its own run", () => {
  const path = "/runs/R1/events";
  const line = (sequence: number): RunEvent => ({ sequence, at: "2026-11-20T03:05:00Z", type: "log", data: { text: `${sequence}` } });
  const start = after([{ type: "sequence_loaded", path, items: [line(1), line(2)], asOfSeq: 10, at: 1 }]);

  const state = after([batch(
    event(11, "run_event", line(2), "runs/R1"), event(12, "run_event", line(3), "runs/R1"), event(13, "run_event", line(4), "runs/R2"),
  )], start);

  assert.deepEqual((state.resources[path]?.data as Rows<RunEvent>).items.map((each) => each.sequence), [1, 2, 3]);
});

test("the log keeps its newest lines at the limit", () => {
  const path = "/runs/R1/events";
  const items = Array.from({ length: linesMax + 5 }, (_, i) => ({ sequence: i + 1, at: "", type: "log", data: {} }));

  const state = after([{ type: "sequence_loaded", path, items, asOfSeq: 1, at: 1 }]);

  const held = (state.resources[path]?.data as Rows<RunEvent>).items;
  assert.equal(held.length, linesMax);
  assert.equal(held[held.length - 1]?.sequence, linesMax + 5);
});

test("a change while the answer is under way makes the screen load once more", () => {
  const start = after([loaded("overview", "/overview", overview())]);

  const state = after([
    { type: "load_started", kind: "overview", path: "/overview" }, batch(event(30, "incident", incident())), loaded("overview", "/overview", overview(), 29),
  ], start);
  const calm = after([{ type: "load_started", kind: "overview", path: "/overview" }, loaded("overview", "/overview", overview(), 30)], state);

  assert.equal(state.resources["/overview"]?.stale, true);
  assert.equal(calm.resources["/overview"]?.stale, false);
});

test("an event during the very first load is not lost", () => {
  const state = after([
    { type: "load_started", kind: "incidents", path: list }, batch(event(30, "incident", incident())), loaded("incidents", list, rows<Incident>([]), 29),
  ]);

  assert.equal(state.resources[list]?.stale, true);
});

test("answers older than the first greeting are loaded again and newer ones are not", () => {
  const start = after([loaded("overview", "/overview", overview(), 5), loaded("incidents", list, rows<Incident>([]), 9)]);

  const state = after([{ type: "live_started", seq: 8 }], start);

  assert.equal(state.resources["/overview"]?.stale, true);
  assert.equal(state.resources[list]?.stale, false);
});

test("a gap makes everything stale and forgets the old numbers", () => {
  const start = after([loaded("overview", "/overview", overview(), 500), loaded("signals", "/signals", rows([signal()]), 500)]);

  const gap = after([{ type: "live_gap" }], start);
  const state = after([loaded("signals", "/signals", rows([signal()]), 3), batch(event(4, "signal", signal({ id: "S2" })))], gap);

  assert.equal(gap.resources["/overview"]?.stale, true);
  assert.equal((state.resources["/signals"]?.data as Rows<{ id: string }>).fresh.length, 1);
});

test("a failed load keeps what was there and names the problem", () => {
  const start = after([loaded("overview", "/overview", overview({ services: 7 }))]);
  const problem = { type: "about:blank", title: "busy", status: 503, detail: "", code: "store_busy", request_id: "r1" };

  const state = after([{ type: "load_failed", kind: "overview", path: "/overview", problem }], start);
  const better = after([loaded("overview", "/overview", overview())], state);

  assert.equal((state.resources["/overview"]?.data as Overview).services, 7);
  assert.equal(state.resources["/overview"]?.problem?.request_id, "r1");
  assert.equal(better.resources["/overview"]?.problem, undefined);
});

test("traffic adds its point once and the same window replaces it", () => {
  const start = after([loaded("overview", "/overview", overview({ traffic: [{ at: "t1", records: 1, failing: 0 }] }))]);

  const state = after([batch(
    event(11, "traffic", { at: "t2", records: 5, failing: 1 }, "overview"), event(12, "traffic", { at: "t2", records: 6, failing: 1 }, "overview"),
  )], start);

  assert.deepEqual((state.resources["/overview"]?.data as Overview).traffic.map((each) => each.records), [1, 6]);
});

test("the next page is added without rows that arrived live meanwhile", () => {
  const start = after([loaded("incidents", list, { ...rows([incident({ id: "I1" })]), next: "c1" }), batch(event(11, "incident", incident({ id: "I2" })))]);

  const state = after([{ type: "page_loaded", path: list, items: [incident({ id: "I2" }), incident({ id: "I0" })], next: undefined }], start);

  const data = state.resources[list]?.data as Rows<Incident>;
  assert.deepEqual(data.items.map((each) => each.id), ["I1", "I0"]);
  assert.equal(data.next, undefined);
});

test("the store holds a bounded number of answers and keeps the overview", () => {
  const many = Array.from({ length: resourcesMax * 2 }, (_, i) => ({ ...loaded("signal", `/signals/${i}`, signal()), at: i }) as AppEvent);

  const state = after([loaded("overview", "/overview", overview()), ...many]);

  assert.equal(Object.keys(state.resources).length, resourcesMax);
  assert(state.resources["/overview"] !== undefined);
  assert(state.resources[`/signals/${resourcesMax * 2 - 1}`] !== undefined);
});

test("signing out forgets every answer", () => {
  const state = after([loaded("overview", "/overview", overview()), { type: "signed_out" }]);

  assert.deepEqual(state.resources, {});
  assert.equal(state.session.kind, "out");
});

test("an answer that was under way when events were missed is loaded once more", () => {
  const start = after([loaded("overview", "/overview", overview())]);
  const state = [
    { type: "load_started", kind: "overview", path: "/overview" }, { type: "live_gap" },
    { type: "loaded", kind: "overview", path: "/overview", data: overview(), asOfSeq: 400, at: 2 },
  ].reduce((held, event) => reduce(held, event as AppEvent), start);

  assert.equal(state.resources["/overview"]?.stale, true);
  assert.equal(state.resources["/overview"]?.asOfSeq, 0);
  const again = reduce(reduce(state, { type: "load_started", kind: "overview", path: "/overview" }), { type: "loaded", kind: "overview", path: "/overview", data: overview(), asOfSeq: 5, at: 3 });
  assert.equal(again.resources["/overview"]?.stale, false);
  assert.equal(again.resources["/overview"]?.asOfSeq, 5);
});
