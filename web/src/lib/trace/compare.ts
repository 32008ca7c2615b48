import type { TraceSpan } from "../../api/traceTypes.ts";
import type { SpanTree } from "./tree.ts";

// Two traces side by side: spans are the same when the names on their way from the root are, the first of a name with
// the first, the second with the second. Pure; linear.

export interface Side {
  spans: readonly TraceSpan[];
  tree: SpanTree;
}

export interface AlignedSpan {
  /** Which of those with the same path, from 1; 0 when there is only one on both sides. */
  nth: number;
  a: number;
  b: number;
  a_ns: number;
  b_ns: number;
  /** b - a. */
  difference_ns: number;
  /** b / a; undefined when a took no time. */
  ratio: number | undefined;
}

/** What only one of both has: the topmost span of it. */
export interface OnlyHere {
  side: "a" | "b";
  span: number;
  /** Spans below it, which are missing on the other side, too. */
  below: number;
  ns: number;
}

export interface Comparison {
  /** The largest absolute difference first. */
  aligned: AlignedSpan[];
  /** The longest first. */
  only: OnlyHere[];
}

/** Names with numbers that change from trace to trace would never be the same. */
function nameOf(span: TraceSpan): string {
  return span.name.replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{16,}\b/gi, "*");
}

/** Numbers of paths, the same for the same names in both traces: parent's number and own name say it all. */
class Paths {
  private readonly known = new Map<string, number>();

  number(parent: number, name: string): number {
    const key = `${parent}/${name}`;
    const held = this.known.get(key);
    if (held !== undefined) return held;
    this.known.set(key, this.known.size);
    return this.known.size - 1;
  }
}

function pathNumbers(side: Side, paths: Paths): Int32Array {
  const numbers = new Int32Array(side.spans.length);
  for (const span of side.tree.order) {
    const up = side.tree.parent[span]!;
    // The root is the same whatever it is called: two traces of one operation are compared.
    numbers[span] = paths.number(up < 0 ? -1 : numbers[up]!, up < 0 ? "" : nameOf(side.spans[span]!));
  }
  return numbers;
}

function grouped(side: Side, numbers: Int32Array): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const span of side.tree.order) {
    const group = groups.get(numbers[span]!);
    if (group === undefined) groups.set(numbers[span]!, [span]);
    else group.push(span);
  }
  // Depth first is not by time where branches interleave.
  for (const group of groups.values()) group.sort((a, b) => side.spans[a]!.start_ns - side.spans[b]!.start_ns || a - b);
  return groups;
}

/** Names from the root; the last one is its own. */
export function pathOf(side: Side, span: number): string[] {
  const names: string[] = [];
  for (let at = span; at >= 0; at = side.tree.parent[at]!) names.push(side.spans[at]!.name);
  return names.reverse();
}

/** The topmost of the spans that found no partner. */
function onlyOn(which: "a" | "b", side: Side, alone: readonly number[]): OnlyHere[] {
  const lonely = new Set(alone);
  return alone.filter((span) => !lonely.has(side.tree.parent[span]!)).map((span) => ({
    side: which, span, below: side.tree.below[span]!, ns: side.spans[span]!.duration_ns,
  }));
}

export function compareTraces(a: Side, b: Side): Comparison {
  const paths = new Paths();
  const ofA = grouped(a, pathNumbers(a, paths));
  const ofB = grouped(b, pathNumbers(b, paths));
  const aligned: AlignedSpan[] = [];
  const aloneA: number[] = [];
  const aloneB: number[] = [];
  for (const [number, inA] of ofA) {
    const inB = ofB.get(number) ?? [];
    const pairs = Math.min(inA.length, inB.length);
    for (let k = 0; k < pairs; k++) {
      const a_ns = a.spans[inA[k]!]!.duration_ns;
      const b_ns = b.spans[inB[k]!]!.duration_ns;
      aligned.push({
        nth: Math.max(inA.length, inB.length) > 1 ? k + 1 : 0, a: inA[k]!, b: inB[k]!, a_ns, b_ns,
        difference_ns: b_ns - a_ns, ratio: a_ns > 0 ? b_ns / a_ns : undefined,
      });
    }
    aloneA.push(...inA.slice(pairs));
    aloneB.push(...inB.slice(pairs));
  }
  for (const [number, inB] of ofB) if (!ofA.has(number)) aloneB.push(...inB);
  aligned.sort((x, y) => Math.abs(y.difference_ns) - Math.abs(x.difference_ns) || x.a - y.a);
  const only = [...onlyOn("a", a, aloneA), ...onlyOn("b", b, aloneB)].sort((x, y) => y.ns - x.ns || x.side.localeCompare(y.side) || x.span - y.span);
  return { aligned, only };
}
