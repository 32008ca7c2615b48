import { useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { TraceDetail, TraceSummary } from "../../api/traceTypes.ts";
import { Card, Empty, Loaded, Time } from "../../components/parts.tsx";
import { count, plural, short, shortId } from "../../lib/format.ts";
import { compareTraces, pathOf } from "../../lib/trace/compare.ts";
import type { AlignedSpan, Comparison, OnlyHere, Side } from "../../lib/trace/compare.ts";
import type { TraceView } from "../../lib/trace/view.ts";
import { makeTree } from "../../lib/trace/tree.ts";
import { ns } from "../../lib/trace/words.ts";
import { named, visible } from "../../lib/visible.ts";
import { setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const rowsStep = 50;
const onlyMax = 30;
const othersMax = 20;

const withUrl = (id: string, other: string): string => `${urls.trace(id)}?view=compare&with=${encodeURIComponent(other)}`;

function signed(value: number): string {
  return value === 0 ? "same" : `${value > 0 ? "+" : "\u2212"}${ns(Math.abs(value))}`;
}

function Path(props: { names: string[]; nth: number }): JSX.Element {
  const { names } = props;
  const above = names.slice(0, -1);
  return (
    <>
      <b>{visible(names[names.length - 1] ?? "")}</b>{props.nth > 0 ? <span class="quiet"> no. {props.nth}</span> : null}
      {above.length === 0 ? null : <div class="tiny quiet cut" title={above.join(" \u203a ")}>{visible((above.length > 3 ? ["\u2026", ...above.slice(-3)] : above).join(" \u203a "))}</div>}
    </>
  );
}

function AlignedRow(props: { row: AlignedSpan; a: Side; b: Side; idA: string; idB: string; most: number }): JSX.Element {
  const { row, a, b, most } = props;
  const slower = row.difference_ns > 0;
  const width = `${Math.max(0.5, (Math.abs(row.difference_ns) / Math.max(1, most)) * 50)}%`;
  return (
    <tr>
      <td class="full"><Path names={pathOf(a, row.a)} nth={row.nth} /></td>
      <td class="right"><a class="link" href={`${urls.trace(props.idA)}?span=${a.spans[row.a]!.id}`}>{ns(row.a_ns)}</a></td>
      <td class="right"><a class="link" href={`${urls.trace(props.idB)}?span=${b.spans[row.b]!.id}`}>{ns(row.b_ns)}</a></td>
      <td class="right nowrap"><b>{signed(row.difference_ns)}</b><div class="tiny quiet">{row.ratio === undefined ? "\u2013" : `${short(row.ratio)}\u00d7`}</div></td>
      <td class="compare-cell wide-only">
        <svg width="120" height="14" aria-hidden="true" focusable="false">
          <line class="wf-grid" x1="50%" x2="50%" y1="0" y2="14" />
          {row.difference_ns === 0 ? null : <rect class={slower ? "compare-slower" : "compare-faster"} x={slower ? "50%" : `${50 - parseFloat(width)}%`} width={width} y="3" height="8" rx="1" />}
        </svg>
      </td>
    </tr>
  );
}

function OnlyRows(props: { only: OnlyHere[]; a: Side; b: Side }): JSX.Element | null {
  const { only } = props;
  if (only.length === 0) return <p class="card-body small quiet">Both have the same spans.</p>;
  return (
    <ul class="rows small">
      {only.slice(0, onlyMax).map((each) => {
        const names = pathOf(each.side === "a" ? props.a : props.b, each.span);
        return <li><b>{each.side === "a" ? "Only in the first" : "Only in the second"}</b>: {visible(names[names.length - 1] ?? "")}, {ns(each.ns)}{each.below === 0 ? "" : `, with ${plural(each.below, "span")} below`}{names.length < 2 ? "" : <span class="quiet"> under {visible(names[names.length - 2]!)}</span>}</li>;
      })}
      {only.length > onlyMax ? <li class="quiet">and {count(only.length - onlyMax)} more</li> : null}
    </ul>
  );
}

function compareSentence(first: TraceSummary, second: TraceSummary, found: Comparison): string {
  const difference = second.wall_ns - first.wall_ns;
  const added = found.only.filter((each) => each.side === "b").length;
  const removed = found.only.length - added;
  const structure = added + removed === 0 ? "both have the same spans" : `${plural(added, "part")} came, ${count(removed)} went`;
  return `The second takes ${difference === 0 ? "as long" : `${ns(Math.abs(difference))} ${difference > 0 ? "longer" : "less"}`} (${ns(second.wall_ns)}, ${ns(first.wall_ns)} before); ${structure}.`;
}

function Both(props: { first: TraceSummary; view: TraceView; other: TraceDetail }): JSX.Element {
  const { first, view, other } = props;
  const [drawn, setDrawn] = useState(rowsStep);
  const a: Side = view;
  const b: Side = useMemo(() => ({ spans: other.spans ?? [], tree: makeTree(other.spans ?? [], other.report?.root ?? -1) }), [other]);
  const found = useMemo(() => compareTraces(a, b), [view, b]);
  const most = Math.abs(found.aligned[0]?.difference_ns ?? 1);
  if (b.spans.length === 0) return <Empty title="The spans of the other trace are not kept."><p>Only its row is; choose one that can be opened.</p></Empty>;
  return (
    <>
      <p class="card-body">{compareSentence(first, other.summary, found)}</p>
      <OnlyRows only={found.only} a={a} b={b} />
      <table class="table table-tight table-fold rule-top">
        <thead><tr><th>Span</th><th class="right">First</th><th class="right">Second</th><th class="right">Difference</th><th class="wide-only"><span class="unseen">As a bar</span></th></tr></thead>
        <tbody>{found.aligned.slice(0, drawn).map((row) => <AlignedRow key={row.a} row={row} a={a} b={b} idA={first.trace_id} idB={other.summary.trace_id} most={most} />)}</tbody>
      </table>
      {found.aligned.length > drawn ? <p class="card-foot"><button type="button" class="button button-small" onClick={() => setDrawn(drawn + rowsStep)}>Show {plural(Math.min(rowsStep, found.aligned.length - drawn), "smaller difference")}</button></p> : null}
    </>
  );
}

/** Traces like this one to choose from; any other by its id. */
function Others(props: { summary: TraceSummary }): JSX.Element {
  const { summary } = props;
  const [typed, setTyped] = useState("");
  const others = useResource("traces", paths.traces({ service: summary.service, pattern: summary.pattern, opened: "true", limit: String(othersMax) }));
  const isId = /^[0-9a-f]{32}$/i.test(typed.trim());
  return (
    <>
      <form class="card-body line wrap" onSubmit={(event) => { event.preventDefault(); if (isId) setQuery("with", typed.trim().toLowerCase()); }}>
        <label for="compare-id">Trace id</label>
        <input id="compare-id" class="field mono compare-id" autocomplete="off" spellcheck={false} placeholder="32 hex digits" value={typed} aria-invalid={typed !== "" && !isId} onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit" class="button" disabled={!isId}>Compare</button>
      </form>
      <Loaded resource={others}>
        {(rows) => {
          const like = rows.items.filter((each) => each.trace_id !== summary.trace_id);
          return like.length === 0 ? <Empty title="No other trace like it can be opened yet." /> : (
            <table class="table table-tight rule-top">
              <thead><tr><th>Like this one</th><th class="right">Took</th><th class="right">Spans</th><th>Started</th></tr></thead>
              <tbody>{like.map((each) => <tr><td class="full"><a class="link" href={withUrl(summary.trace_id, each.trace_id)}>{named(each.operation.name)} <code>{shortId(each.trace_id)}</code></a></td><td class="right">{ns(each.wall_ns)}</td><td class="right">{count(each.span_count)}</td><td class="nowrap"><Time at={each.started_at} relative /></td></tr>)}</tbody>
            </table>
          );
        }}
      </Loaded>
    </>
  );
}

/** This trace beside another one: the largest differences first. */
export function CompareCard(props: { summary: TraceSummary; view: TraceView; other: string }): JSX.Element {
  const { summary, view, other } = props;
  const resource = useResource("trace", other === "" ? "" : paths.trace(other));
  if (other === "") return <Card title="Compare with"><Others summary={summary} /></Card>;
  return (
    <Card title="Comparison" note={<>first <code>{shortId(summary.trace_id)}</code>, second <a class="link" href={urls.trace(other)}><code>{shortId(other)}</code></a></>} headWrap
      head={<><a class="link" href={withUrl(other, summary.trace_id)}>Swap</a><button type="button" class="button button-small" onClick={() => setQuery("with", "")}>Choose another</button></>}>
      <Loaded resource={resource} missing={<Empty title={`Trace ${other} is not kept.`} action={<button type="button" class="button" onClick={() => setQuery("with", "")}>Choose another</button>} />}>
        {(detail) => <Both first={summary} view={view} other={detail} />}
      </Loaded>
    </Card>
  );
}
