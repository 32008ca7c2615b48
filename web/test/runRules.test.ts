import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent, RunState, Trial } from "../src/api/types.ts";
import { findLines, marked, nextFound } from "../src/lib/logFind.ts";
import { continued, runProgress } from "../src/lib/runProgress.ts";
import { retrySteps, spreadOf, verbsOf } from "../src/lib/runRules.ts";
import { scrollTo, visibleRows } from "../src/lib/visibleRows.ts";
import { filesOf } from "../src/components/ChangedFiles.tsx";

const event = (sequence: number, type: RunEvent["type"], data: Record<string, unknown>): RunEvent => ({ sequence, at: "2026-11-21T03:59:35Z", type, data });
const trial = (number: number, metric: number, n: number): Trial => ({ number, shows: metric > 1, metric, control: 0, n, control_n: 0, p_value: 0.1, gate_passed: true });

test("reading on gives what reading everything gives", () => {
  const events = [
    event(1, "step_started", { step: "replay" }), event(2, "log", { text: "one" }), event(3, "progress", { done: 1, total: 2 }),
    event(4, "measurement", trial(2, 3, 10) as unknown as Record<string, unknown>), event(5, "measurement", trial(1, 2, 10) as unknown as Record<string, unknown>),
    event(6, "step_ended", { step: "replay" }), event(7, "verdict", { verdict: "flaky", reason: "some" }),
  ];
  for (let cut = 0; cut <= events.length; cut++) {
    assert.deepEqual(continued(runProgress(events.slice(0, cut)), events.slice(cut)), runProgress(events));
  }
});

test("events of a newer server are lines, missing data is nothing", () => {
  const odd = [event(1, "log", {}), event(2, "odd" as RunEvent["type"], { text: "new" }), { ...event(3, "log", {}), data: undefined as unknown as Record<string, unknown> }];
  assert.deepEqual(runProgress(odd).log.map((line) => line.text), ["", "new"]);
});

test("a log is looked through only where it grew", () => {
  const log = ["alpha", "Beta late", "gamma"].map((text, i) => ({ sequence: i + 1, at: "", type: "log" as const, text }));
  const first = findLines(log, "LATE", undefined);
  log.push({ sequence: 4, at: "", type: "log", text: "late again" });
  const second = findLines(log, "late", first);

  assert.deepEqual(first.rows, [1]);
  assert.deepEqual(second.rows, [1, 3]);
  assert.deepEqual(findLines(log, "beta", second).rows, [1]);
  assert.deepEqual(findLines(log, "", second).rows, []);
});

test("the next find goes round at the ends", () => {
  assert.equal(nextFound([2, 5, 9], 5, 1), 9);
  assert.equal(nextFound([2, 5, 9], 9, 1), 2);
  assert.equal(nextFound([2, 5, 9], 2, -1), 9);
  assert.equal(nextFound([], 0, 1), undefined);
});

test("what was found stands at the odd places of a line", () => {
  assert.deepEqual(marked("Late, late.", "late"), ["", "Late", ", ", "late", "."]);
  assert.deepEqual(marked("none", "late"), ["none"]);
});

test("of a hundred thousand rows only those that are seen are drawn", () => {
  const { from, to } = visibleRows(1_000_000, 420, 20, 100_000);
  assert.deepEqual([from, to], [49_988, 50_033]);
  assert.deepEqual(visibleRows(0, 420, 20, 0), { from: 0, to: 0 });
  assert.deepEqual(visibleRows(-50, 420, 20, 5), { from: 0, to: 5 });
  assert.equal(visibleRows(9_999_999, 420, 20, 100).to, 100);
});

test("a row that is seen is not scrolled to", () => {
  assert.equal(scrollTo(10, 100, 400, 20), undefined);
  assert.equal(scrollTo(0, 100, 400, 20), 0);
  assert.equal(scrollTo(1000, 0, 400, 20), 19_810);
});

test("a run can be acted on as its state allows", () => {
  const expected: [RunState, string][] = [
    ["queued", "pause priority cancel"], ["leased", "pause cancel"], ["waiting_approval", "cancel"], ["paused", "resume priority cancel"],
    ["dead_letter", "retry discard"], ["succeeded", "retry"], ["discarded", "retry"], ["of a newer server" as RunState, ""],
  ];
  for (const [state, verbs] of expected) assert.equal(verbsOf({ state }).join(" "), verbs);
});

test("steps can be retried from once each; trials are no steps", () => {
  const step = (name: string, attempt: number): { name: string; attempt: number; started_at: string } => ({ name, attempt, started_at: "" });
  assert.deepEqual(retrySteps({ steps: [step("prepare", 1), step("replay", 1), step("trial.1", 1), step("replay", 2)] }), ["prepare", "replay"]);
});

test("trials become one number with its sample", () => {
  assert.deepEqual(spreadOf([trial(1, 4, 10), trial(2, 2, 10), trial(3, 3, 0)], (each) => each.metric, (each) => each.n), { middle: 2, low: 2, high: 4, n: 20 });
  assert.equal(spreadOf([trial(1, 4, 10)], (each) => each.last_good, (each) => each.last_good_n), undefined);
});

test("files of a content that is none of ours are left out", () => {
  assert.deepEqual(filesOf({ files: [{ path: "a", content: "x" }, { path: "b", content: null }, { path: 1 }, null, { path: "c" }] }).map((file) => file.path), ["a", "b"]);
  assert.deepEqual(filesOf({}), []);
});
