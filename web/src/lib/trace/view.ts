import type { Branch, PathPart, TimeClass, TraceReport, TraceSpan } from "../../api/traceTypes.ts";
import { idleGaps, waitOf } from "./timeScale.ts";
import type { Stretch, TimeScale } from "./timeScale.ts";
import { makeTree, markUpwards } from "./tree.ts";
import type { SpanTree } from "./tree.ts";

// What the waterfall draws, made once from spans and report. Pure.

export interface TraceView {
  spans: readonly TraceSpan[];
  tree: SpanTree;
  wall: number;
  /** By span: its parts of the critical path. */
  path: ReadonlyMap<number, readonly PathPart[]>;
  /** Spans of the critical path in the order of time, each as often as the path comes back to it. */
  pathOrder: readonly number[];
  /** 1 for spans of the path and everything above them. */
  onPath: Uint8Array;
  branches: ReadonlyMap<number, Branch>;
  /** By span: numbers of its findings. */
  findings: ReadonlyMap<number, readonly number[]>;
  gaps: readonly Stretch[];
}

const noReport: Pick<TraceReport, "path" | "path_count" | "fanouts" | "findings"> = { path: [], path_count: 0, fanouts: [], findings: [] };

export function makeView(spans: readonly TraceSpan[], wall: number, report: TraceReport | undefined): TraceView {
  const said = report ?? noReport;
  const tree = makeTree(spans, report?.root ?? -1);
  const path = new Map<number, PathPart[]>();
  const pathOrder: number[] = [];
  for (const part of said.path) {
    if (part.span === undefined || part.span >= spans.length) continue;
    const held = path.get(part.span);
    if (held === undefined) path.set(part.span, [part]);
    else held.push(part);
    if (pathOrder[pathOrder.length - 1] !== part.span) pathOrder.push(part.span);
  }
  const branches = new Map<number, Branch>();
  for (const fanout of said.fanouts) for (const branch of fanout.branches) branches.set(branch.span, branch);
  const findings = new Map<number, number[]>();
  said.findings.forEach((finding, i) => {
    if (finding.span !== undefined) findings.set(finding.span, [...(findings.get(finding.span) ?? []), i]);
  });
  const isPathWhole = said.path.length > 0 && said.path.length >= said.path_count;
  const gaps = idleGaps(spans, (span) => tree.children[span]!.length > 0, said.path, isPathWhole, wall);
  return { spans, tree, wall, path, pathOrder, onPath: markUpwards(tree, path.keys()), branches, findings, gaps };
}

/** What a span's own time is, where the path does not say. */
export function classOf(span: TraceSpan): TimeClass {
  const wait = waitOf(span);
  if (span.role === "human" || wait === "human") return "waiting_human";
  if (wait === "queue") return "waiting_queue";
  if (wait === "backoff") return "waiting_backoff";
  if (span.role === "tool" || span.role === "llm" || span.role === "stream" || wait === "tool" || span.kind === "client") return "waiting_tool";
  if (span.role === "io" || span.kind === "db" || span.kind === "messaging") return "io";
  return "compute";
}

export interface Bar {
  at: number;
  width: number;
}

export interface ClassBar extends Bar {
  spent: TimeClass;
}

export interface SpanBars {
  /** The whole of a span that has others in it. */
  line?: Bar;
  parts: ClassBar[];
  path: Bar[];
  queue?: Bar;
  slack?: Bar;
}

/** Thin enough to be drawn, never invisible. */
const widthMin = 0.002;

function barOf(scale: TimeScale, start: number, end: number): Bar | undefined {
  const from = Math.max(0, scale.place(start));
  const to = Math.min(1, scale.place(end));
  if (to < 0 || from > 1 || to < from) return undefined;
  const width = Math.max(widthMin, to - from);
  return { at: Math.min(from, 1 - widthMin), width };
}

export function barsOf(view: TraceView, span: number, scale: TimeScale): SpanBars {
  const own = view.spans[span]!;
  const bars: SpanBars = { parts: [], path: [] };
  const end = own.start_ns + own.duration_ns;
  const whole = barOf(scale, own.start_ns, end);
  if (whole !== undefined) {
    if (view.tree.children[span]!.length > 0) bars.line = whole;
    else bars.parts.push({ ...whole, spent: classOf(own) });
  }
  for (const part of view.path.get(span) ?? []) {
    const bar = barOf(scale, part.start_ns, part.end_ns);
    if (bar === undefined) continue;
    bars.path.push(bar);
    bars.parts.push({ ...bar, spent: part.spent });
  }
  const branch = view.branches.get(span);
  if (branch !== undefined && branch.queue_ns > 0) {
    const queue = barOf(scale, own.start_ns - branch.queue_ns, own.start_ns);
    if (queue !== undefined) bars.queue = queue;
  }
  if (branch !== undefined && branch.slack_ns > 0) {
    const slack = barOf(scale, end, end + branch.slack_ns);
    if (slack !== undefined) bars.slack = slack;
  }
  return bars;
}

function textOf(span: TraceSpan): string {
  return `${span.name} ${span.service} ${span.agent ?? ""} ${span.tool ?? ""} ${span.role ?? ""} ${span.error_type ?? ""} ${span.error_message ?? ""} ${span.status ?? ""} ${span.id}`.toLowerCase();
}

function attributesText(span: TraceSpan): string {
  return (span.attributes ?? []).map(({ key, value }) => `${key}=${value}`).join(" ").toLowerCase();
}

/** Every word must occur in what a span says of itself, its attributes included; nothing typed: undefined. */
export function findSpans(spans: readonly TraceSpan[], typed: string): Set<number> | undefined {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return undefined;
  const found = new Set<number>();
  spans.forEach((span, i) => {
    const text = textOf(span);
    let attributes: string | undefined;
    if (words.every((word) => text.includes(word) || (attributes ??= attributesText(span)).includes(word))) found.add(i);
  });
  return found;
}

/** How many calls run in each of `columns` equal parts of the whole; 0 to 1. */
export function loadProfile(spans: readonly TraceSpan[], hasChildren: (span: number) => boolean, wall: number, columns: number): number[] {
  const change = new Int32Array(columns + 1);
  const column = (ns: number): number => Math.max(0, Math.min(columns - 1, Math.floor((ns / Math.max(1, wall)) * columns)));
  spans.forEach((span, i) => {
    if (hasChildren(i)) return;
    change[column(span.start_ns)]! += 1;
    change[column(span.start_ns + span.duration_ns) + 1]! -= 1;
  });
  const running: number[] = [];
  for (let k = 0, now = 0; k < columns; k++) running.push((now += change[k]!));
  const most = running.reduce((a, b) => Math.max(a, b), 1);
  return running.map((each) => each / most);
}
