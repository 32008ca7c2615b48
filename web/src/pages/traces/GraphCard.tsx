import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import { Card, Empty } from "../../components/parts.tsx";
import { count, cutText, plural } from "../../lib/format.ts";
import { edgePath, layoutGraph, makeGraph, nodeHeight, nodeWidth } from "../../lib/trace/agentGraph.ts";
import type { AgentGraph, NodeKind } from "../../lib/trace/agentGraph.ts";
import type { TraceView } from "../../lib/trace/view.ts";
import { ns } from "../../lib/trace/words.ts";
import { visible } from "../../lib/visible.ts";
import { query } from "../../router/router.ts";
import { spanUrl } from "./traceQuery.ts";

const kindWords: Record<NodeKind, string> = { agent: "agent", tool: "tool", model: "model", store: "store", person: "person", service: "service" };
const padPx = 16;
const nameMax = 24;

function Picture(props: { graph: AgentGraph }): JSX.Element {
  const { graph } = props;
  const layout = useMemo(() => layoutGraph(graph), [graph]);
  const width = layout.width + 2 * padPx;
  const height = layout.height + 2 * padPx + 14;
  const most = graph.edges.reduce((high, edge) => Math.max(high, edge.calls), 1);
  return (
    <div class="scroll card-body" tabIndex={0} role="region" aria-label="Picture of who calls whom">
      <svg width={width} height={height} viewBox={`${-padPx} ${-padPx} ${width} ${height}`} role="img" aria-label={`${plural(graph.nodes.length, "agent, tool or service", "agents, tools and services")} and who calls whom; the table below says the same`} focusable="false">
        {graph.edges.map((edge) => {
          const from = layout.nodes[edge.from]!;
          const to = layout.nodes[edge.to]!;
          return (
            <g>
              <path class={edge.failed > 0 ? "graph-edge graph-edge-bad" : "graph-edge"} d={edgePath(from, to)} stroke-width={1 + 3 * (edge.calls / most)} />
              <text class="graph-count" x={to.x > from.x ? to.x - 6 : to.x + nodeWidth / 2} y={to.x > from.x ? to.y + nodeHeight / 2 - 6 : to.y + nodeHeight + 14} text-anchor="end">{count(edge.calls)}{"\u00d7"}</text>
            </g>
          );
        })}
        {graph.nodes.map((node, i) => {
          const { x, y } = layout.nodes[i]!;
          return (
            <g>
              <rect class={`graph-node graph-${node.kind}`} x={x} y={y} width={nodeWidth} height={nodeHeight} rx={node.kind === "agent" ? 8 : 3} />
              <text class="graph-name" x={x + 10} y={y + 20}>{visible(cutText(node.name, nameMax))}</text>
              <text class="graph-note" x={x + 10} y={y + 38}>{kindWords[node.kind]}, {count(node.calls)}{"\u00d7"}, {ns(node.ns)}{node.failed > 0 ? `, ${count(node.failed)} failed` : ""}</text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function Table(props: { graph: AgentGraph; view: TraceView }): JSX.Element {
  const { graph, view } = props;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Who calls whom as a table">
      <table class="table table-tight">
        <thead><tr><th>Name</th><th>Is</th><th class="right">Calls</th><th class="right">Time</th><th class="right">Failed</th><th>Calls</th></tr></thead>
        <tbody>
          {graph.nodes.map((node, i) => (
            <tr>
              <td><a class="link" href={spanUrl(view.spans[node.span]!.id, query.value)}>{visible(node.name)}</a></td>
              <td>{kindWords[node.kind]}</td>
              <td class="right">{count(node.calls)}</td>
              <td class="right">{ns(node.ns)}</td>
              <td class="right">{node.failed === 0 ? "\u2013" : count(node.failed)}</td>
              <td class="small quiet">{graph.edges.filter((edge) => edge.from === i).map((edge) => `${graph.nodes[edge.to]!.name} ${count(edge.calls)}\u00d7`).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Agents, tools, models and stores of this trace, added up by name. */
export function GraphCard(props: { view: TraceView }): JSX.Element {
  const { view } = props;
  const graph = useMemo(() => makeGraph(view.spans, view.tree), [view]);
  return (
    <Card title="Who calls whom" note="calls and time added up by name; what runs at once counts for each">
      {graph.nodes.length === 0 ? <Empty title="No span says what it is."><p>Agents and tools are known by <code>gen_ai.*</code> or <code>ati.*</code> attributes.</p></Empty> : (
        <>
          <Picture graph={graph} />
          {graph.left === 0 ? null : <p class="card-foot small quiet">{plural(graph.left, "more name")} that took little time {graph.left === 1 ? "is" : "are"} left out.</p>}
          <Table graph={graph} view={view} />
        </>
      )}
    </Card>
  );
}
