import assert from "node:assert/strict";
import { test } from "node:test";
import type { PatternReport, TraceFigures, TraceSpan } from "../src/api/traceTypes.ts";
import { edgePath, graphNodesMax, layoutGraph, makeGraph, nodeHeight } from "../src/lib/trace/agentGraph.ts";
import { compareTraces, pathOf } from "../src/lib/trace/compare.ts";
import { patternFacts, patternSentence } from "../src/lib/trace/patternFacts.ts";
import { plotPayload } from "../src/lib/trace/payloadPlot.ts";
import { makeTree } from "../src/lib/trace/tree.ts";

const ms = 1e6;

/** [name, parent, start ms, duration ms, more] */
type Row = [string, number, number, number, Partial<TraceSpan>?];

function side(...rows: Row[]): { spans: TraceSpan[]; tree: ReturnType<typeof makeTree> } {
  const spans = rows.map(([name, parent, start, took, more], i) => ({ id: `s${i}`, ...(parent < 0 ? {} : { parent: `s${parent}` }), name, service: "s", start_ns: start * ms, duration_ns: took * ms, ...more }));
  return { spans, tree: makeTree(spans) };
}

test("spans are aligned by the names above them, the largest difference first", () => {
  const a = side(["run", -1, 0, 100], ["get", 0, 0, 10], ["get", 0, 20, 10], ["put", 0, 40, 5]);
  const b = side(["run", -1, 0, 130], ["put", 0, 40, 5], ["get", 0, 20, 40], ["get", 0, 0, 10]);
  const found = compareTraces(a, b);

  assert.deepEqual(found.aligned.map((row) => [row.a, row.b, row.difference_ns / ms, row.nth]), [[0, 0, 30, 0], [2, 2, 30, 2], [1, 3, 0, 1], [3, 1, 0, 0]]);
  assert.equal(found.aligned[1]?.ratio, 4);
  assert.deepEqual(found.only, []);
  assert.deepEqual(pathOf(a, 2), ["run", "get"]);
});

test("what came and what went is named once, at its top", () => {
  const a = side(["run", -1, 0, 100], ["old", 0, 0, 10], ["inner", 1, 0, 5]);
  const b = side(["run", -1, 0, 100], ["new", 0, 0, 20], ["inner", 1, 0, 5], ["deeper", 2, 0, 1]);
  const found = compareTraces(a, b);

  assert.deepEqual(found.only.map((each) => [each.side, each.span, each.below]), [["b", 1, 2], ["a", 1, 1]]);
});

test("ids in names do not keep spans apart, and roots are the same", () => {
  const a = side(["run 1", -1, 0, 10], ["job 5b8e1f0c4d7a49b2a1c3e5f70912c41d", 0, 0, 1]);
  const b = side(["run 2", -1, 0, 10], ["job 0000000000000000aaaaaaaaaaaaaaaa", 0, 0, 2]);

  assert.equal(compareTraces(a, b).aligned.length, 2);
});

test("a span without duration has no ratio", () => {
  assert.equal(compareTraces(side(["run", -1, 0, 0]), side(["run", -1, 0, 4])).aligned[0]?.ratio, undefined);
});

const agents = side(
  ["task", -1, 0, 100, { role: "workflow" }], ["plan", 0, 0, 10, { role: "planner", agent: "planner" }], ["think", 1, 0, 5, { role: "step" }], ["call", 2, 1, 3, { role: "tool", tool: "search", failed: true }],
  ["worker:1", 0, 10, 20, { role: "worker" }], ["worker:2", 0, 10, 30, { role: "worker" }], ["call", 5, 12, 9, { role: "tool", tool: "search" }], ["inner", 6, 12, 1],
);

test("agents, tools and workers are added up, thoughts belong to their agent", () => {
  const graph = makeGraph(agents.spans, agents.tree);

  assert.deepEqual(graph.nodes.map((node) => [node.kind, node.name, node.calls, node.failed, node.ns / ms]), [["agent", "task", 1, 0, 100], ["agent", "planner", 1, 0, 10], ["tool", "search", 2, 1, 12], ["agent", "worker:*", 2, 0, 50]]);
  assert.deepEqual(graph.edges, [{ from: 0, to: 1, calls: 1, failed: 0 }, { from: 1, to: 2, calls: 1, failed: 1 }, { from: 0, to: 3, calls: 2, failed: 0 }, { from: 3, to: 2, calls: 1, failed: 0 }]);
});

test("without roles services call each other", () => {
  const plain = side(["GET /", -1, 0, 10, { service: "web" }], ["handle", 0, 0, 9, { service: "web" }], ["GET /stock", 1, 1, 5, { service: "stock" }]);
  const graph = makeGraph(plain.spans, plain.tree);

  assert.deepEqual(graph.nodes.map((node) => [node.name, node.calls]), [["web", 1], ["stock", 1]]);
  assert.equal(graph.edges.length, 1);
});

test("the picture is the same each time, nothing overlaps and circles end", () => {
  const round = { nodes: ["a", "b", "c", "d"].map((name) => ({ key: name, kind: "agent" as const, name, calls: 1, failed: 0, ns: 1, span: 0 })), edges: [[0, 1], [1, 2], [2, 0], [0, 3]].map(([from, to]) => ({ from: from!, to: to!, calls: 1, failed: 0 })), left: 0 };
  const layout = layoutGraph(round);

  assert.deepEqual(layout, layoutGraph(round));
  assert.deepEqual(layout.nodes.map((node) => node.layer), [0, 1, 2, 1]);
  assert(Math.abs(layout.nodes[1]!.y - layout.nodes[3]!.y) >= nodeHeight);
  for (const node of layout.nodes) assert(node.y >= 0 && node.y + nodeHeight <= layout.height);
  assert.match(edgePath(layout.nodes[2]!, layout.nodes[0]!), /^M[\d. ]+C/);
});

test("of very many names those that took most are kept, with their edges", () => {
  const many = side(["root", -1, 0, 1000, { role: "planner" }], ...Array.from({ length: 60 }, (_, i): Row => [`tool ${String.fromCharCode(65 + (i % 26))}${i}x`, 0, i, i + 1, { role: "tool" }]));
  const graph = makeGraph(many.spans, many.tree);

  assert.equal(graph.nodes.length, graphNodesMax);
  assert.equal(graph.left, 61 - graphNodesMax);
  for (const edge of graph.edges) assert(edge.from < graphNodesMax && edge.to < graphNodesMax);
});

const typical: TraceFigures = {
  members: 8, peak: 4, limit: 4, median_ns: 400 * ms, longest_ns: 1500 * ms, queue_longest_ns: 300 * ms, straggler_delay_ns: 0, chain_depth: 12, chain_share: 0.9, calls: 9, tasks: 3, exhausted: 1, backoff_ns: 200 * ms,
  steps: 5, think_ns: 900 * ms, tool_ns: 100 * ms, waited_human_ns: 60_000 * ms,
};

function report(change: Partial<PatternReport>): PatternReport {
  const none = { waiting_human: 0, waiting_queue: 0, waiting_backoff: 0, waiting_tool: 0, io: 0, compute: 1, untracked: 0 };
  return { pattern: "none", traces: 40, failed: 0, incomplete: 0, wall_mean_ns: 1, wall_p50_ns: 61_000 * ms, wall_p90_ns: 1, wall_p99_ns: 1, wall_max_ns: 1, time_shares: none, typical, stragglers: [], exhausted_traces: 0, ...change };
}

test("each pattern's report says what there is to know of it", () => {
  const names = (change: Partial<PatternReport>): string[] => patternFacts(report(change)).map((fact) => `${fact.name}: ${fact.value}`);

  assert.deepEqual(names({ pattern: "fanout" }).slice(0, 2), ["At once: 4 of 8", "Longest in a queue: 300 ms"]);
  assert.deepEqual(names({ pattern: "chain" }), ["Depth: 12", "Share of the whole: 90 %"]);
  assert(names({ pattern: "retry", amplification: 3, exhausted_traces: 2 }).includes("Given up: in 2 of 40 traces"));
  assert(names({ pattern: "react", steps: { total_ns2: 4, by_steps_ns2: 3, by_time_ns2: 1 } }).includes("Why durations vary: 75 % by steps"));
  assert.deepEqual(names({ pattern: "human" }), ["Waited: 1 min 00 s", "Processing: 1 s"]);
  assert(names({ pattern: "rag", payload_line: { slope: 5 * ms, intercept: 0, r: 0.9, points: 7 } }).includes("Each KB adds: 5 ms"));
  assert.deepEqual(names({ pattern: "stream", typical: { ...typical, first_token_ns: 400 * ms, rate_during: 3 } }), ["First token: 400 ms", "During other work: 3 tokens/s"]);
  assert(names({ pattern: "dag" }).includes("Slowest branch: 1.5 s"));
  assert.deepEqual(names({}), []);
});

test("its sentence names the straggler, the limit, or that nothing is wrong", () => {
  assert.equal(patternSentence(report({ pattern: "fanout", stragglers: [{ name: "worker:5", traces: 9 }] })), "worker:5 is the slowest in 9 of 40 traces.");
  assert.match(patternSentence(report({ pattern: "fanout" })), /limit of 4 is reached/);
  assert.match(patternSentence(report({ pattern: "fanout", typical: { ...typical, peak: 2 } })), /nobody is much slower/);
  assert.match(patternSentence(report({ pattern: "rag", payload_line: { slope: 1, intercept: 0, r: 0.1, points: 9 } })), /does not follow/);
});

test("points and line of a payload plot stay in the picture", () => {
  const trace = (payload_kb: number, generation_ns: number): never => ({ figures: { ...typical, payload_kb, generation_ns } }) as never;
  const plot = plotPayload([trace(10, 100), trace(20, 300), { figures: typical } as never], { slope: 20, intercept: -100, r: 1, points: 2 });

  assert.deepEqual(plot.points, [{ x: 0.5, y: 1 / 3 }, { x: 1, y: 1 }]);
  assert.deepEqual(plot.line, { x1: 0.5, y1: 1 / 3, x2: 1, y2: 1 });
  assert.deepEqual(plotPayload([], undefined).points, []);
});
