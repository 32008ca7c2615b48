import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, TraceReport, TraceSpan, TraceSummary } from "../src/api/traceTypes.ts";
import { traceDetail } from "../src/api/traceShapes.ts";
import { traceTargets } from "../src/lib/findTargets.ts";
import { durationOptions, listSentence } from "../src/lib/trace/list.ts";
import { idleGaps, makeScale, panned, ticksOf, waitOf, without, zoomed } from "../src/lib/trace/timeScale.ts";
import { makeTree, rowsOf } from "../src/lib/trace/tree.ts";
import { barsOf, findSpans, loadProfile, makeView } from "../src/lib/trace/view.ts";
import { isFolded, nextStop, parentsToOpen, windowOf } from "../src/lib/trace/waterfall.ts";
import { classShares, completenessSentences, traceSentence } from "../src/lib/trace/words.ts";
import { parseRoute, urls } from "../src/router/route.ts";

const ms = 1e6;
const noTimes = { waiting_human: 0, waiting_queue: 0, waiting_backoff: 0, waiting_tool: 0, io: 0, compute: 0, untracked: 0 };
const figures = {
  members: 0, peak: 0, median_ns: 0, longest_ns: 0, queue_longest_ns: 0, straggler_delay_ns: 0, chain_depth: 0, chain_share: 0, calls: 0, tasks: 0, exhausted: 0, backoff_ns: 0, steps: 0,
  think_ns: 0, tool_ns: 0, waited_human_ns: 0,
};

function span(id: string, parent: string, start: number, took: number, more: Partial<TraceSpan> = {}): TraceSpan {
  return { id, ...(parent === "" ? {} : { parent }), name: id, service: "s", start_ns: start * ms, duration_ns: took * ms, ...more };
}

function report(change: Partial<TraceReport> = {}): TraceReport {
  return { trace_id: "t", started_at: "2026-11-20T03:00:00Z", wall_ns: 100 * ms, pattern: "none", span_count: 4, failed_count: 0, root: 0, times: { ...noTimes, compute: 100 * ms }, path_count: 0, path: [], fanouts: [], findings: [], ...change };
}

function summary(change: Partial<TraceSummary> = {}): TraceSummary {
  const operation = { id: "1", source: "span", kind: "internal", service: "s", protocol: "", method: "", route: "work", name: "work" } as const;
  return { trace_id: "t", service: "s", operation, started_at: "2026-11-20T03:00:00Z", wall_ns: 100 * ms, pattern: "none", span_count: 4, failed_count: 0, service_count: 1, is_complete: true, has_spans: true, times: { ...noTimes, compute: 100 * ms }, findings: [], figures, ...change };
}

const family = [span("root", "", 0, 100), span("late", "root", 50, 50), span("early", "root", 10, 20), span("leaf", "early", 12, 5)];

test("rows are read depth first with siblings by start", () => {
  const tree = makeTree(family);

  assert.deepEqual(rowsOf(tree, () => false).map((row) => [row.span, row.depth]), [[0, 0], [2, 1], [3, 2], [1, 1]]);
  assert.deepEqual([...tree.below], [3, 0, 1, 0]);
});

test("what is below a folded span is left out and counted", () => {
  const rows = rowsOf(makeTree(family), (at) => at === 2);

  assert.deepEqual(rows.map((row) => row.span), [0, 2, 1]);
  assert.deepEqual(rows.filter((row) => !row.open).map((row) => row.below), [1]);
});

test("a span whose parent did not come hangs below the root and says so", () => {
  const tree = makeTree([...family, span("lost", "nobody", 20, 1)], 0);

  assert.equal(tree.parent[4], 0);
  assert.equal(tree.orphan[4], 1);
  assert.equal(rowsOf(tree, () => false).length, 5);
});

test("spans in a circle, twice the same id and their own parents are all drawn once", () => {
  const spans = [span("a", "b", 0, 1), span("b", "c", 0, 1), span("c", "a", 0, 1), span("a", "a", 2, 1), span("d", "d", 3, 1)];
  const rows = rowsOf(makeTree(spans), () => false);

  assert.deepEqual(rows.map((row) => row.span).sort(), [0, 1, 2, 3, 4]);
});

test("a chain of ten thousand spans is no deeper than memory", () => {
  const spans = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? "" : `s${i - 1}`, i, 10_000 - i));
  const rows = rowsOf(makeTree(spans), () => false);

  assert.equal(rows.length, 10_000);
  assert.equal(rows[9_999]?.depth, 9_999);
});

test("a search keeps what is found and the way to it, the way faint", () => {
  const found = findSpans(family, "LEAF");
  const rows = rowsOf(makeTree(family), () => true, found);

  assert.deepEqual(rows.map((row) => [row.span, row.faint]), [[0, true], [2, true], [3, false]]);
  assert.equal(findSpans(family, "  "), undefined);
});

test("every typed word must occur, attributes and errors count", () => {
  const spans = [span("get", "", 0, 1, { status: 429, attributes: [{ key: "url.full", value: "https://Mail.example/7", bytes: 22 }] }), span("get", "", 0, 1, { error_message: "mail is away" })];

  assert.deepEqual([...findSpans(spans, "mail get") ?? []], [0, 1]);
  assert.deepEqual([...findSpans(spans, "429 mail.example") ?? []], [0]);
});

test("idle time is where the path waits and nothing else runs", () => {
  const spans = [span("root", "", 0, 1000), span("ask", "root", 50, 750, { role: "human" }), span("beside", "root", 50, 250)];
  const tree = makeTree(spans);
  const path = [{ span: 0, start_ns: 0, end_ns: 50 * ms, spent: "compute" as const }, { span: 1, start_ns: 50 * ms, end_ns: 800 * ms, spent: "waiting_human" as const }, { span: 0, start_ns: 800 * ms, end_ns: 1000 * ms, spent: "compute" as const }];
  const hasChildren = (at: number): boolean => tree.children[at]!.length > 0;

  assert.deepEqual(idleGaps(spans, hasChildren, path, true, 1000 * ms), [{ start: 300 * ms, end: 800 * ms }]);
  assert.deepEqual(idleGaps(spans, hasChildren, path.slice(0, 1), false, 1000 * ms), [{ start: 300 * ms, end: 1000 * ms }]);
  assert.deepEqual(idleGaps(spans, hasChildren, [path[0]!], true, 1000 * ms), []);
});

test("a span says by its words what it waits for", () => {
  const says = (key: string, value: string): TraceSpan => span("s", "", 0, 1, { attributes: [{ key, value, bytes: value.length }] });

  assert.deepEqual(["approval", "lock", "rate_limit", "dependency", "weather"].map((word) => waitOf(says("ati.wait.kind", word))), ["human", "queue", "backoff", "tool", ""]);
  assert.equal(waitOf(says("ati.wait.on", "user")), "human");
  assert.equal(waitOf(span("s", "", 0, 1)), "");
});

test("of spans whose root is not kept none is lost", () => {
  assert.equal(rowsOf(makeTree(family, 99), () => false).length, 4);
});

test("what is taken is cut out of a stretch, on both sides and inside", () => {
  assert.deepEqual(without([{ start: 0, end: 10 }], [{ start: 8, end: 20 }, { start: -5, end: 1 }, { start: 3, end: 4 }]), [{ start: 1, end: 3 }, { start: 4, end: 8 }]);
  assert.deepEqual(without([{ start: 0, end: 10 }], [{ start: 0, end: 10 }]), []);
});

test("a gap takes little room, order stays, and places lead back to their time", () => {
  const scale = makeScale(0, 1000, [{ start: 100, end: 900 }]);

  assert.equal(scale.place(0), 0);
  assert(Math.abs(scale.place(1000) - 1) < 1e-9);
  assert.equal(scale.gaps.length, 1);
  assert(scale.gaps[0]!.width < 0.05);
  for (let ns = 0; ns < 1000; ns += 50) {
    assert(scale.place(ns) < scale.place(ns + 50));
    assert(Math.abs(scale.time(scale.place(ns)) - ns) < 1e-6);
  }
});

test("a view inside a gap is drawn as it is", () => {
  const scale = makeScale(200, 300, [{ start: 100, end: 900 }]);

  assert.deepEqual(scale.gaps, []);
  assert.equal(scale.place(250), 0.5);
});

test("labels are round times that do not touch", () => {
  const ticks = ticksOf(makeScale(0, 4812 * ms));

  assert.deepEqual(ticks.map((tick) => tick.ns / ms), [0, 1000, 2000, 3000, 4000]);
  const folded = ticksOf(makeScale(0, 3_600_000 * ms, [{ start: 10 * ms, end: 3_599_990 * ms }]));
  assert(folded.length <= 6);
  for (let k = 1; k < folded.length; k++) assert(folded[k]!.at - folded[k - 1]!.at >= 0.08);
});

test("zooming and moving stay within the trace", () => {
  assert.deepEqual(zoomed(0, 100 * ms, 2, 100 * ms), { start: 25 * ms, end: 75 * ms });
  assert.deepEqual(zoomed(25 * ms, 75 * ms, 0.5, 100 * ms), { start: 0, end: 100 * ms });
  assert.deepEqual(zoomed(0, 10 * ms, 0.1, 100 * ms), { start: 0, end: 100 * ms });
  assert.deepEqual(panned(0, 50 * ms, -1, 100 * ms), { start: 0, end: 50 * ms });
  assert.deepEqual(panned(0, 50 * ms, 2, 100 * ms), { start: 50 * ms, end: 100 * ms });
});

const path = [{ span: 0, start_ns: 0, end_ns: 50 * ms, spent: "waiting_queue" as const }, { span: 1, start_ns: 50 * ms, end_ns: 100 * ms, spent: "waiting_tool" as const }];
const branches = [{ span: 2, queue_ns: 5 * ms, service_ns: 20 * ms, slack_ns: 70 * ms }];
const fanout = { members: 2, peak: 2, waves: 1, median_ns: 0, longest_ns: 0, queue_ns: 0, queue_longest_ns: 0, join_ns: 0, branches };

test("bars show class, critical path, queue and slack where they are", () => {
  const view = makeView(family, 100 * ms, report({ path, path_count: 2, fanouts: [fanout] }));
  const scale = makeScale(0, 100 * ms);
  const root = barsOf(view, 0, scale);
  const branch = barsOf(view, 2, scale);

  assert.deepEqual(root.line, { at: 0, width: 1 });
  assert.deepEqual(root.parts, [{ at: 0, width: 0.5, spent: "waiting_queue" }]);
  assert.equal(branch.path.length, 0);
  assert(Math.abs(branch.queue!.at - 0.05) < 1e-9);
  assert(Math.abs(branch.slack!.at - 0.3) < 1e-9 && Math.abs(branch.slack!.width - 0.7) < 1e-9);
  assert.deepEqual(barsOf(view, 3, makeScale(50 * ms, 100 * ms)).parts, []);
});

test("a report that names spans which are not there is drawn without them", () => {
  const view = makeView(family, 100 * ms, report({ path: [{ span: 77, start_ns: 0, end_ns: 1, spent: "io" }, { start_ns: 1, end_ns: 2, spent: "untracked" }], path_count: 2 }));

  assert.deepEqual(view.pathOrder, []);
  assert.equal(makeView(family, 100 * ms, undefined).gaps.length > 0, true);
});

test("what is off the path is folded by rule, and a toggled span is the other way round", () => {
  const view = makeView(family, 100 * ms, report({ path, path_count: 2 }));

  assert.equal(isFolded(view, { fold: "off", toggled: new Set() }, 2), true);
  assert.equal(isFolded(view, { fold: "off", toggled: new Set([2]) }, 2), false);
  assert.equal(isFolded(view, { fold: "none", toggled: new Set([2]) }, 2), true);
  assert.equal(isFolded(view, { fold: "off", toggled: new Set() }, 0), false);
  assert.deepEqual(parentsToOpen(view, { fold: "off", toggled: new Set() }, 3), [2]);
});

test("the next stop goes round the path, or what is found", () => {
  const view = makeView(family, 100 * ms, report({ path, path_count: 2 }));

  assert.equal(nextStop(view, undefined, -1, 1), 0);
  assert.equal(nextStop(view, undefined, 0, 1), 1);
  assert.equal(nextStop(view, undefined, 1, 1), 0);
  assert.equal(nextStop(view, undefined, -1, -1), 1);
  assert.equal(nextStop(view, new Set([3, 1]), 3, 1), 1);
  assert.equal(nextStop(view, new Set(), 3, 1), undefined);
});

test("only rows in sight and some beside them are in the document", () => {
  assert.deepEqual(windowOf(10_000, 24_000, 480, 24), { from: 992, to: 1028 });
  assert.deepEqual(windowOf(3, 0, 480, 24), { from: 0, to: 3 });
  assert.deepEqual(windowOf(3, 99_999, 480, 24), { from: 0, to: 3 });
});

test("the profile counts what runs at once", () => {
  const profile = loadProfile([span("a", "", 0, 50), span("b", "", 25, 25), span("c", "", 99, 1)], () => false, 100 * ms, 4);

  assert.deepEqual(profile, [0.5, 1, 1, 0.5]);
});

test("classes add up, the largest first, and those without time are left out", () => {
  const shares = classShares({ ...noTimes, io: 30 * ms, compute: 70 * ms }, 100 * ms);

  assert.deepEqual(shares.map((each) => [each.spent, each.share]), [["compute", 0.7], ["io", 0.3]]);
});

test("the heading is the finding, else where the time went", () => {
  const finding = { kind: "agent_loop", agent: "", service: "", observed: 3, expected: 1, unit: "count", confidence: 1, explanation: "It asks three times.", advice: { title: "t", reason: "r", change: "c" } } as Finding;

  assert.equal(traceSentence(summary(), report({ findings: [finding] })), "It asks three times.");
  assert.equal(traceSentence(summary({ failed_count: 2 }), undefined), "work took 100 ms, 100 % of it computing; 2 spans failed.");
});

test("what is wrong with a trace is said in sentences, and nothing of a good one", () => {
  assert.deepEqual(completenessSentences(report({ has_root: true, skew_ns: 0 })), []);
  const said = completenessSentences(report({ truncated: true, has_root: false, parents_missing: 1, duplicates: 2, cycles: 1, negative: 2, clamped: 1, skew_ns: 3 * ms, roots_extra: 1 }));
  assert.equal(said.length, 9);
  assert.match(completenessSentences(report(), 3)[0] ?? "", /first 3 of its 4 spans/);
  assert.match(said.join("\n"), /The parent of 1 span did not come; it hangs below the root\./);
});

test("the list says how many need a look, and keeps a duration that was typed into the address", () => {
  assert.equal(listSentence([], false, false), "No trace has been analysed yet.");
  assert.equal(listSentence([], false, true), "No trace fits.");
  assert.equal(listSentence([summary({ findings: ["agent_loop"] }), summary({ failed_count: 1 })], true, false), "2 traces and more, newest first: 1 has a finding, 1 failed somewhere.");
  assert.deepEqual(durationOptions("250").map((each) => each.value), ["", "100", "250", "1000", "10000", "60000"]);
  assert.equal(durationOptions("x").length, 5);
});

test("an answer of another shape is named before it is drawn", () => {
  assert.equal(traceDetail({ summary: summary(), report: report(), spans: family }, ""), undefined);
  assert.equal(traceDetail({ summary: summary() }, ""), undefined);
  assert.match(traceDetail({ summary: summary(), spans: [{ ...family[0], duration_ns: "1" }] }, "") ?? "", /spans\[0\]\.duration_ns should be a number/);
});

test("a whole trace id leads to its trace, anything shorter nowhere", () => {
  assert.deepEqual(traceTargets(` ${"AB".repeat(16)} `), [{ text: "ab".repeat(16), kind: "trace", url: `/traces/${"ab".repeat(16)}` }]);
  assert.deepEqual(traceTargets("abcd"), []);
});

test("traces have addresses of their own", () => {
  assert.deepEqual(parseRoute("/traces"), { screen: "traces" });
  assert.deepEqual(parseRoute("/traces/patterns"), { screen: "patterns" });
  assert.deepEqual(parseRoute(urls.trace("ab")), { screen: "trace", id: "ab" });
});
