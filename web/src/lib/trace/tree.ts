import type { TraceSpan } from "../../api/traceTypes.ts";

// The spans of one trace as a tree. Pure; linear in the spans but for sorting siblings; no recursion, because a
// trace may be as deep as it has spans.

export interface SpanTree {
  /** By span; -1 at the top. */
  parent: Int32Array;
  depth: Int32Array;
  /** How many spans are below it. */
  below: Int32Array;
  children: readonly (readonly number[])[];
  /** Depth first, siblings by start: the order of reading. */
  order: readonly number[];
  /** 1 where the parent a span names is not among the spans. */
  orphan: Uint8Array;
}

function linkParents(spans: readonly TraceSpan[], top: number, orphan: Uint8Array): Int32Array {
  // Of a very large trace the last spans are not kept.
  const root = top < spans.length ? top : -1;
  const known = new Map<string, number>();
  spans.forEach((span, i) => {
    if (!known.has(span.id)) known.set(span.id, i);
  });
  const parent = new Int32Array(spans.length).fill(-1);
  spans.forEach((span, i) => {
    if (span.parent === undefined || span.parent === "" || /^0+$/.test(span.parent)) return;
    const found = known.get(span.parent);
    if (found === undefined) orphan[i] = 1;
    if (found !== undefined && found !== i) parent[i] = found;
    // What belongs nowhere hangs below the root, where the report has it, too.
    else if (root >= 0 && root !== i) parent[i] = root;
  });
  return parent;
}

/** Spans that are their own ancestors are cut loose at the first of them. */
function cutCycles(parent: Int32Array): void {
  const seen = new Int32Array(parent.length).fill(-1);
  for (let i = 0; i < parent.length; i++) {
    let at = i;
    while (at >= 0 && seen[at] === -1) {
      seen[at] = i;
      const up: number = parent[at] ?? -1;
      if (up >= 0 && seen[up] === i) parent[at] = -1;
      at = parent[at] ?? -1;
    }
  }
}

export function makeTree(spans: readonly TraceSpan[], root = -1): SpanTree {
  const orphan = new Uint8Array(spans.length);
  const parent = linkParents(spans, root, orphan);
  cutCycles(parent);
  const children: number[][] = spans.map(() => []);
  const tops: number[] = [];
  parent.forEach((up, i) => (up >= 0 ? children[up]! : tops).push(i));
  const earlier = (a: number, b: number): number => spans[a]!.start_ns - spans[b]!.start_ns || a - b;
  tops.sort(earlier);
  const depth = new Int32Array(spans.length);
  const order: number[] = [];
  const open = tops.slice().reverse();
  while (open.length > 0) {
    const at = open.pop()!;
    order.push(at);
    const own = children[at]!;
    if (own.length > 1) own.sort(earlier);
    for (let k = own.length - 1; k >= 0; k--) {
      depth[own[k]!] = depth[at]! + 1;
      open.push(own[k]!);
    }
  }
  const below = new Int32Array(spans.length);
  for (let k = order.length - 1; k >= 0; k--) {
    const up = parent[order[k]!]!;
    if (up >= 0) below[up]! += below[order[k]!]! + 1;
  }
  return { parent, depth, below, children, order, orphan };
}

/** 1 for these spans and everything above them. */
export function markUpwards(tree: SpanTree, from: Iterable<number>): Uint8Array {
  const marked = new Uint8Array(tree.parent.length);
  for (const start of from) {
    for (let at = start; at >= 0 && marked[at] === 0; at = tree.parent[at] ?? -1) marked[at] = 1;
  }
  return marked;
}

export interface TreeRow {
  span: number;
  depth: number;
  below: number;
  open: boolean;
  /** Stands there only because what is found is below it. */
  faint: boolean;
}

/** The rows that are seen: what is below a closed span is left out, and with `found` all that does not lead to one of them. */
export function rowsOf(tree: SpanTree, isClosed: (span: number) => boolean, found?: ReadonlySet<number>): TreeRow[] {
  const rows: TreeRow[] = [];
  const kept = found === undefined ? undefined : markUpwards(tree, found);
  for (let k = 0; k < tree.order.length; k++) {
    const span = tree.order[k]!;
    const below = tree.below[span]!;
    if (kept !== undefined) {
      if (kept[span] === 1) rows.push({ span, depth: tree.depth[span]!, below, open: true, faint: !found!.has(span) });
      else k += below;
      continue;
    }
    const open = below === 0 || !isClosed(span);
    rows.push({ span, depth: tree.depth[span]!, below, open, faint: false });
    if (!open) k += below;
  }
  return rows;
}
