import type { PathPart, TraceSpan } from "../../api/traceTypes.ts";

// From nanoseconds of a trace to places on screen, with long idle stretches drawn short. Pure.

export interface Stretch {
  start: number;
  end: number;
}

export interface ShownGap extends Stretch {
  /** Place and width on screen, 0 to 1. */
  at: number;
  width: number;
}

export interface TimeScale {
  from: number;
  to: number;
  gaps: readonly ShownGap[];
  /** 0 at `from`, 1 at `to`; not limited to that. */
  place: (ns: number) => number;
  /** The time at a place, limited to what is shown. */
  time: (place: number) => number;
}

/** A gap takes this much of the width, however long it is. */
const gapWidth = 0.03;
const gapsMax = 8;
/** Shorter ones are not worth a break. */
const gapShareMin = 0.1;

const idle: ReadonlySet<string> = new Set(["waiting_human", "waiting_queue", "waiting_backoff", "untracked"]);

const waits: Record<string, string> = {
  human: "human", user: "human", approval: "human", queue: "queue", lock: "queue", slot: "queue", rate_limit: "backoff", backoff: "backoff", retry: "backoff", tool: "tool", dependency: "tool",
};

/** What a span says that it waits for, if it says so: human, queue, backoff or tool. */
export function waitOf(span: TraceSpan): string {
  const said = (key: string): string | undefined => span.attributes?.find((each) => each.key === key)?.value;
  const word = said("ati.wait.kind") ?? said("ati.wait.on") ?? "";
  return Object.hasOwn(waits, word) ? waits[word]! : "";
}

export function isWaiting(span: TraceSpan): boolean {
  return span.role === "human" || ["human", "queue", "backoff"].includes(waitOf(span));
}

/** The parts of `whole` that none of `taken` covers. */
export function without(whole: readonly Stretch[], taken: readonly Stretch[]): Stretch[] {
  const busy = taken.slice().sort((a, b) => a.start - b.start);
  const left: Stretch[] = [];
  for (const part of whole) {
    let at = part.start;
    for (const one of busy) {
      if (one.end <= at) continue;
      if (one.start >= part.end) break;
      if (one.start > at) left.push({ start: at, end: one.start });
      at = Math.max(at, one.end);
    }
    if (at < part.end) left.push({ start: at, end: part.end });
  }
  return left;
}

function merged(parts: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const part of parts) {
    const last = out[out.length - 1];
    if (last !== undefined && part.start <= last.end) last.end = Math.max(last.end, part.end);
    else out.push({ ...part });
  }
  return out;
}

/** Where nothing works: the critical path waits for a person, a queue or a backoff, or nobody knows for what, and no
 *  other call runs either. Without the whole path: where no call runs at all. */
export function idleGaps(spans: readonly TraceSpan[], hasChildren: (span: number) => boolean, path: readonly PathPart[], isPathWhole: boolean, wall: number): Stretch[] {
  const running = spans.filter((span, i) => !hasChildren(i) && !isWaiting(span)).map((span) => ({ start: span.start_ns, end: span.start_ns + span.duration_ns }));
  const busy = merged(running.sort((a, b) => a.start - b.start));
  const resting = path.filter((part) => idle.has(part.spent)).map((part) => ({ start: part.start_ns, end: part.end_ns }));
  const whole = isPathWhole ? merged(resting) : [{ start: 0, end: wall }];
  return without(whole, busy)
    .filter((gap) => gap.end - gap.start >= wall * gapShareMin)
    .sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, gapsMax).sort((a, b) => a.start - b.start);
}

interface Piece {
  from: number;
  to: number;
  at: number;
  width: number;
  isGap: boolean;
}

function piecesOf(from: number, to: number, gaps: readonly Stretch[]): Piece[] {
  const inside = gaps.map((gap) => ({ start: Math.max(from, gap.start), end: Math.min(to, gap.end) })).filter((gap) => gap.end > gap.start);
  const closed = inside.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const open = to - from - closed;
  // A view that is nothing but a gap is shown as it is.
  if (inside.length === 0 || open <= 0) return [{ from, to, at: 0, width: 1, isGap: false }];
  const perNs = (1 - gapWidth * inside.length) / open;
  const pieces: Piece[] = [];
  let time = from;
  let at = 0;
  const add = (until: number, width: number, isGap: boolean): void => {
    if (until > time) pieces.push({ from: time, to: until, at, width, isGap });
    at += width;
    time = until;
  };
  for (const gap of inside) {
    add(gap.start, (gap.start - time) * perNs, false);
    add(gap.end, gapWidth, true);
  }
  add(to, (to - time) * perNs, false);
  return pieces;
}

export function makeScale(from: number, to: number, gaps: readonly Stretch[] = []): TimeScale {
  const end = to > from ? to : from + 1;
  const pieces = piecesOf(from, end, gaps);
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  const place = (ns: number): number => {
    if (ns <= from) return first.at + ((ns - first.from) / (first.to - first.from)) * first.width;
    for (const piece of pieces) if (ns <= piece.to) return piece.at + ((ns - piece.from) / (piece.to - piece.from)) * piece.width;
    return 1 + ((ns - last.to) / (last.to - last.from)) * last.width;
  };
  const time = (at: number): number => {
    if (at <= 0) return from;
    for (const piece of pieces) {
      if (at <= piece.at + piece.width) return piece.from + ((at - piece.at) / piece.width) * (piece.to - piece.from);
    }
    return end;
  };
  const shown = pieces.filter((piece) => piece.isGap).map((piece) => ({ start: piece.from, end: piece.to, at: piece.at, width: piece.width }));
  return { from, to: end, gaps: shown, place, time };
}

/** 1, 2 or 5 times a power of ten, at least `size`. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, size)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= size) ?? size;
}

export interface Tick {
  ns: number;
  at: number;
}

/** Round times, never closer than a label is wide. */
export function ticksOf(scale: TimeScale, most = 5): Tick[] {
  const closed = scale.gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const step = roundStep((scale.to - scale.from - closed) / most);
  const ticks: Tick[] = [];
  const count = Math.floor((scale.to - scale.from) / step);
  // A long gap would ask for thousands of labels that all stand in it.
  for (let k = 0, n = Math.ceil(scale.from / step); k <= Math.min(count, 2000); k++, n++) {
    const ns = n * step;
    const at = scale.place(ns);
    const isInGap = scale.gaps.some((gap) => ns > gap.start && ns < gap.end);
    const last = ticks[ticks.length - 1];
    if (ns <= scale.to && at <= 0.96 && !isInGap && (last === undefined || at - last.at >= 0.8 / most / 2)) ticks.push({ ns, at });
  }
  return ticks;
}

/** `by` > 1 comes closer, around the middle of what is shown; never beyond the whole. */
export function zoomed(from: number, to: number, by: number, wall: number): Stretch {
  const half = Math.min(wall, Math.max((to - from) / by, Math.min(wall, 1000))) / 2;
  const middle = (from + to) / 2;
  const start = Math.max(0, Math.min(wall - 2 * half, middle - half));
  return { start, end: start + 2 * half };
}

/** Moves by a share of what is shown. */
export function panned(from: number, to: number, share: number, wall: number): Stretch {
  const size = to - from;
  const start = Math.max(0, Math.min(wall - size, from + size * share));
  return { start, end: start + size };
}
