import type { TraceView } from "./view.ts";

// Which rows of a waterfall are folded, in sight, and next. Pure.

export interface Folding {
  /** "off": what has no part of the critical path is folded; "none": nothing is. */
  fold: "off" | "none";
  /** Spans that are the other way round. */
  toggled: ReadonlySet<number>;
}

export function isFolded(view: TraceView, folding: Folding, span: number): boolean {
  const byRule = folding.fold === "off" && view.onPath[span] === 0 && view.tree.children[span]!.length > 0;
  return byRule !== folding.toggled.has(span);
}

/** The folded spans above one, the topmost first. */
export function parentsToOpen(view: TraceView, folding: Folding, span: number): number[] {
  const closed: number[] = [];
  for (let at = view.tree.parent[span] ?? -1; at >= 0; at = view.tree.parent[at]!) if (isFolded(view, folding, at)) closed.unshift(at);
  return closed;
}

const rowsBeside = 8;

/** The rows in the document: those in sight and some on both sides. */
export function windowOf(rows: number, topPx: number, heightPx: number, rowPx: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(rows, Math.floor(topPx / rowPx)) - rowsBeside);
  return { from, to: Math.min(rows, from + Math.ceil(heightPx / rowPx) + 2 * rowsBeside) };
}

/** The next (or the one before) of what is found, else of the critical path; around at the end. */
export function nextStop(view: TraceView, found: ReadonlySet<number> | undefined, active: number, by: 1 | -1): number | undefined {
  const stops = found === undefined ? view.pathOrder : view.tree.order.filter((span) => found.has(span));
  if (stops.length === 0) return undefined;
  const at = stops.indexOf(active);
  if (at < 0) return by > 0 ? stops[0] : stops[stops.length - 1];
  return stops[(at + by + stops.length) % stops.length];
}
