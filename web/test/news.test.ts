import assert from "node:assert/strict";
import { test } from "node:test";
import type { Approval, Incident } from "../src/api/types.ts";
import type { TraceSummary } from "../src/api/traceTypes.ts";
import type { AppEvent } from "../src/state/events.ts";
import { initialState, reduce } from "../src/state/reduce.ts";
import type { State } from "../src/state/reduce.ts";
import { emptyRows } from "../src/state/resources.ts";
import type { ResourceData, ResourceKind, Rows } from "../src/state/resources.ts";
import { approval, event, incident } from "./examples.ts";

function after(events: AppEvent[], from: State = initialState): State {
  return events.reduce(reduce, from);
}

function loaded<K extends ResourceKind>(kind: K, path: string, items: unknown[]): AppEvent {
  return { type: "loaded", kind, path, data: { ...emptyRows(), items } as unknown as ResourceData[K], asOfSeq: 10, at: 1000 };
}

const trace = (id: string): TraceSummary => ({ trace_id: id }) as TraceSummary;
const list = "/traces?service=agents";
const told = (seq: number, service: string): AppEvent => ({ type: "live_batch", events: [event(seq, "traces", { service, at: "" }, "traces")] });

test("an event about new traces moves nothing and asks for one look", () => {
  const start = after([loaded("traces", list, [trace("a")])]);
  assert.equal(after([told(11, "shop")], start).resources[list]?.newsSeq, undefined, "another service");
  const held = after([told(11, "agents"), told(12, "agents")], start).resources[list];
  assert.equal(held?.newsSeq, 12);
  assert.equal(held?.stale, false);
});

test("what the look finds waits behind the chip; what is read stays where it is", () => {
  const start = after([loaded("traces", list, [trace("a"), trace("b")]), told(11, "agents")]);
  const state = after([{ type: "peeked", path: list, items: [trace("c"), trace("a")], more: true, seq: 11 }], start);
  const rows = state.resources[list]?.data as Rows<TraceSummary>;
  assert.deepEqual(rows.items.map((each) => each.trace_id), ["a", "b"]);
  assert.deepEqual(rows.fresh.map((each) => each.trace_id), ["c"]);
  assert.equal(rows.freshMore, 0);
  assert.equal(state.resources[list]?.peekedSeq, 11);
  const again = after([{ type: "peeked", path: list, items: [trace("c"), trace("a")], more: true, seq: 12 }], state);
  assert.deepEqual((again.resources[list]?.data as Rows<TraceSummary>).fresh.map((each) => each.trace_id), ["c"], "once");
});

test("a page of which nothing is known leaves a hole that is loaded when it is shown", () => {
  const start = after([loaded("traces", list, [trace("a")])]);
  const state = after([{ type: "peeked", path: list, items: [trace("x"), trace("y")], more: true, seq: 11 }, { type: "fresh_shown", path: list }], start);
  assert.equal(state.resources[list]?.stale, true);
});

test("nobody reads an empty list: the first ones are shown at once", () => {
  const start = after([loaded("traces", list, [])]);
  const state = after([{ type: "peeked", path: list, items: [trace("a")], more: false, seq: 11 }], start);
  assert.equal((state.resources[list]?.data as Rows<TraceSummary>).items.length, 1);
});

test("what a list says about me stays when an event changes the row", () => {
  const path = "/approvals?mine=true";
  const start = after([loaded("approvals", path, [approval({ id: "A1", may_decide: false, why_not: "already approved" })])]);
  const state = after([{ type: "live_batch", events: [event(11, "approval", approval({ id: "A1", version: 2, approvals_given: 1 })), event(12, "approval", approval({ id: "A2", state: "rejected" }))] }], start);
  const rows = state.resources[path]?.data as Rows<Approval>;
  assert.deepEqual(rows.items.map((each) => [each.approvals_given, each.why_not]), [[1, "already approved"]]);
  assert.deepEqual(rows.fresh, [], "a decided one is none of mine");
});

test("a snoozed incident enters the list of snoozed ones only, one of somebody theirs", () => {
  const shown = "/incidents?open=true&snoozed=false";
  const hidden = "/incidents?open=true&snoozed=true";
  const annas = "/incidents?open=true&assigned=anna";
  const old = [incident({ id: "I0" })];
  const start = after([loaded("incidents", shown, old), loaded("incidents", hidden, old), loaded("incidents", annas, old)]);
  const fresh = (state: State, path: string): string[] => (state.resources[path]?.data as Rows<Incident>).fresh.map((each) => each.id);
  const state = after([{ type: "live_batch", events: [event(11, "incident", incident({ id: "I1", snoozed_until: "2026-11-27T09:00:00Z" })), event(12, "incident", incident({ id: "I2", assigned_to: "anna" }))] }], start);
  assert.deepEqual(fresh(state, shown), ["I2"]);
  assert.deepEqual(fresh(state, hidden), ["I1"]);
  assert.deepEqual(fresh(state, annas), ["I2"]);
});
