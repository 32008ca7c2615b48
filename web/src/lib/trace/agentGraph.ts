import type { TraceSpan } from "../../api/traceTypes.ts";
import type { SpanTree } from "./tree.ts";

// Who calls whom in one trace: agents, tools, models, stores and people, added up. Pure; the same trace gives the same
// picture.

export type NodeKind = "agent" | "tool" | "model" | "store" | "person" | "service";

export interface GraphNode {
  key: string;
  kind: NodeKind;
  name: string;
  calls: number;
  failed: number;
  /** Sum of durations; what runs at the same time counts for each. */
  ns: number;
  /** The longest of its spans. */
  span: number;
}

export interface GraphEdge {
  from: number;
  to: number;
  calls: number;
  failed: number;
}

export interface AgentGraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Nodes left out because there are too many; the least used ones. */
  left: number;
}

export const graphNodesMax = 40;

/** "worker:37" and "worker-4" are workers. */
function withoutNumber(name: string): string {
  return name.replace(/([:#._ -])\d+$/, "$1*");
}

const kinds: Record<string, NodeKind> = { workflow: "agent", planner: "agent", worker: "agent", tool: "tool", llm: "model", stream: "model", io: "store", human: "person" };

function nodeOf(span: TraceSpan, hasRoles: boolean): { kind: NodeKind; name: string } | undefined {
  const kind = Object.hasOwn(kinds, span.role ?? "") ? kinds[span.role!] : undefined;
  // A thought belongs to the agent above it.
  if (span.role === "step") return undefined;
  if (kind === "agent") return { kind, name: withoutNumber(span.agent || span.name) };
  if (kind === "tool") return { kind, name: span.tool || withoutNumber(span.name) };
  if (kind !== undefined) return { kind, name: withoutNumber(span.name) };
  return hasRoles ? undefined : { kind: "service", name: span.service };
}

export function makeGraph(spans: readonly TraceSpan[], tree: SpanTree): AgentGraph {
  const hasRoles = spans.some((span) => Object.hasOwn(kinds, span.role ?? ""));
  const nodes: GraphNode[] = [];
  const known = new Map<string, number>();
  const edges = new Map<string, GraphEdge>();
  const owner = new Int32Array(spans.length).fill(-1);
  for (const at of tree.order) {
    const span = spans[at]!;
    const up = tree.parent[at]! >= 0 ? owner[tree.parent[at]!]! : -1;
    const found = nodeOf(span, hasRoles);
    if (found === undefined) {
      owner[at] = up;
      continue;
    }
    const key = `${found.kind} ${found.name}`;
    let node = known.get(key);
    if (node === undefined) {
      node = nodes.length;
      known.set(key, node);
      nodes.push({ key, kind: found.kind, name: found.name, calls: 0, failed: 0, ns: 0, span: at });
    }
    owner[at] = node;
    const held = nodes[node]!;
    const ns = span.duration_ns;
    const isInside = up === node && found.kind === "service";
    if (!isInside) {
      held.calls += 1;
      held.ns += ns;
    }
    if (span.failed) held.failed += 1;
    if (ns > spans[held.span]!.duration_ns) held.span = at;
    if (up < 0 || up === node) continue;
    const edge = edges.get(`${up} ${node}`);
    if (edge === undefined) edges.set(`${up} ${node}`, { from: up, to: node, calls: 1, failed: span.failed ? 1 : 0 });
    else {
      edge.calls += 1;
      if (span.failed) edge.failed += 1;
    }
  }
  return reduced(nodes, [...edges.values()]);
}

/** Keeps the nodes that are used most, in the order they were found. */
function reduced(nodes: GraphNode[], edges: GraphEdge[]): AgentGraph {
  if (nodes.length <= graphNodesMax) return { nodes, edges, left: 0 };
  const order = nodes.map((_, i) => i).sort((a, b) => nodes[b]!.ns - nodes[a]!.ns || a - b);
  const kept = new Set(order.slice(0, graphNodesMax));
  const place = new Map<number, number>();
  nodes.forEach((_, i) => {
    if (kept.has(i)) place.set(i, place.size);
  });
  const some = edges.filter((edge) => kept.has(edge.from) && kept.has(edge.to));
  return {
    nodes: nodes.filter((_, i) => kept.has(i)), left: nodes.length - graphNodesMax,
    edges: some.map((edge) => ({ ...edge, from: place.get(edge.from)!, to: place.get(edge.to)! })),
  };
}

export interface PlacedNode {
  x: number;
  y: number;
  layer: number;
}

export interface GraphLayout {
  width: number;
  height: number;
  nodes: PlacedNode[];
}

export const nodeWidth = 176;
export const nodeHeight = 50;
const layerGap = 72;
const rowGap = 18;
const sweeps = 4;

/** The longest way from a node that nobody calls; edges that lead back to what was called before do not count. */
function layersOf(count: number, edges: readonly GraphEdge[]): number[] {
  const out: number[][] = Array.from({ length: count }, () => []);
  const into = new Array<number>(count).fill(0);
  for (const edge of edges) {
    // Nodes are numbered as they were first called: an edge to a lower number leads back.
    if (edge.from >= edge.to) continue;
    out[edge.from]!.push(edge.to);
    into[edge.to]! += 1;
  }
  const layer = new Array<number>(count).fill(0);
  for (let from = 0; from < count; from++) for (const to of out[from]!) layer[to] = Math.max(layer[to]!, layer[from]! + 1);
  return layer;
}

/** Layers from left to right; in a layer each node near the middle of those that call it. Deterministic. */
export function layoutGraph(graph: AgentGraph): GraphLayout {
  const layer = layersOf(graph.nodes.length, graph.edges);
  const layers: number[][] = [];
  layer.forEach((at, node) => (layers[at] ??= []).push(node));
  const row = new Array<number>(graph.nodes.length).fill(0);
  const number = (): void => layers.forEach((nodes) => nodes.forEach((node, k) => (row[node] = k - (nodes.length - 1) / 2)));
  number();
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (const nodes of forward ? layers : layers.slice().reverse()) {
      const middle = new Map(nodes.map((node) => {
        const near = graph.edges.filter((edge) => (forward ? edge.to : edge.from) === node).map((edge) => row[forward ? edge.from : edge.to]!);
        return [node, near.length === 0 ? row[node]! : near.reduce((sum, each) => sum + each, 0) / near.length] as const;
      }));
      nodes.sort((a, b) => middle.get(a)! - middle.get(b)! || a - b);
    }
    number();
  }
  const tallest = layers.reduce((most, nodes) => Math.max(most, nodes.length), 1);
  const height = tallest * nodeHeight + (tallest - 1) * rowGap;
  const nodes = graph.nodes.map((_, node) => ({
    x: layer[node]! * (nodeWidth + layerGap), y: height / 2 + row[node]! * (nodeHeight + rowGap) - nodeHeight / 2, layer: layer[node]!,
  }));
  return { width: Math.max(1, layers.length) * nodeWidth + Math.max(0, layers.length - 1) * layerGap, height, nodes };
}

/** From the right side of one node to the left of another; back below both for edges that lead back. */
export function edgePath(from: PlacedNode, to: PlacedNode): string {
  const x1 = from.x + nodeWidth;
  const y1 = from.y + nodeHeight / 2;
  const y2 = to.y + nodeHeight / 2;
  if (to.x > from.x) {
    const bend = (to.x - x1) / 2;
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`;
  }
  const foot = Math.max(from.y, to.y) + nodeHeight + 10;
  return `M${from.x + nodeWidth / 2} ${from.y + nodeHeight}C${from.x + nodeWidth / 2} ${foot} ${to.x + nodeWidth / 2} ${foot} ${to.x + nodeWidth / 2} ${to.y + nodeHeight}`;
}
