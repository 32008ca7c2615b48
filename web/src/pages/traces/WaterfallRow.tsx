import type { JSX } from "preact";
import { Icon } from "../../components/icons.tsx";
import { visible } from "../../lib/visible.ts";
import type { Tick, TimeScale } from "../../lib/trace/timeScale.ts";
import type { TreeRow } from "../../lib/trace/tree.ts";
import { barsOf, classOf } from "../../lib/trace/view.ts";
import type { Bar, TraceView } from "../../lib/trace/view.ts";
import { classText, ns, placeText } from "../../lib/trace/words.ts";
import { query } from "../../router/router.ts";
import { TimeRect } from "./TimeBar.tsx";
import { spanUrl } from "./traceQuery.ts";

const indentPx = 14;
const indentsMax = 12;

const x = (place: number): string => `${Math.round(place * 1e5) / 1e3}%`;
const at = (bar: Bar): { x: string; width: string } => ({ x: x(bar.at), width: x(bar.width) });

/** One shape for each kind of work, as in the legend of services: what runs here, a call, a store, a person. */
function Mark(props: { view: TraceView; span: number }): JSX.Element {
  const spent = classOf(props.view.spans[props.span]!);
  const shape = spent === "waiting_human" ? "wf-mark wf-mark-human" : spent === "waiting_tool" ? "wf-mark wf-mark-tool" : spent === "io" ? "wf-mark wf-mark-io" : "wf-mark wf-mark-own";
  return <i class={shape} />;
}

function Name(props: { view: TraceView; row: TreeRow; onToggle: (span: number) => void }): JSX.Element {
  const { view, row } = props;
  const span = view.spans[row.span]!;
  const canFold = row.below > 0 && !row.faint;
  return (
    <span role="gridcell" class="wf-name">
      {row.depth === 0 ? null : <svg class="wf-indent" width={Math.min(row.depth, indentsMax) * indentPx} height="1" aria-hidden="true" focusable="false" />}
      {canFold ? (
        <button type="button" class="icon-button" tabIndex={-1} aria-label={`${row.open ? "Fold" : "Unfold"} ${span.name}`} onClick={(event) => { event.stopPropagation(); props.onToggle(row.span); }}><Icon name={row.open ? "down" : "right"} small /></button>
      ) : <span class="wf-no-fold" />}
      <Mark view={view} span={row.span} />
      <a class="cut" href={spanUrl(span.id, query.value)} tabIndex={-1}>{visible(span.name)}</a>
      {span.agent && span.agent !== span.name ? <span class="tiny quiet cut">{visible(span.agent)}</span> : null}
      {span.failed ? <b class="wf-failed">{span.status && span.status > 0 ? span.status : "failed"}</b> : null}
      {view.findings.has(row.span) ? <span class="wf-finding" title="A finding is here"><Icon name="warning" small /><span class="unseen">finding</span></span> : null}
      {view.tree.orphan[row.span] === 1 ? <span class="tiny quiet nowrap" title="Its parent did not come">no parent</span> : null}
      {row.open || row.below === 0 ? null : <span class="wf-below" title={`${row.below} spans folded`}>+{row.below}</span>}
    </span>
  );
}

function Bars(props: { view: TraceView; row: TreeRow; scale: TimeScale; ticks: readonly Tick[] }): JSX.Element {
  const { view, row, scale } = props;
  const span = view.spans[row.span]!;
  const bars = barsOf(view, row.span, scale);
  const slack = view.branches.get(row.span)?.slack_ns ?? 0;
  const said = `${span.name}: starts at ${placeText(span.start_ns)}, takes ${ns(span.duration_ns)}, ${classText(classOf(span))}${view.path.has(row.span) ? ", on the critical path" : ""}${slack > 0 ? `, slack ${ns(slack)}` : ""}`;
  return (
    <svg class="wf-bars" width="100%" height="24" role="img" aria-label={said} focusable="false">
      {props.ticks.map((tick) => <line class="wf-grid" x1={x(tick.at)} x2={x(tick.at)} y1="0" y2="24" />)}
      {scale.gaps.map((gap) => <rect class="wf-gap" x={x(gap.at)} width={x(gap.width)} y="0" height="24" />)}
      {bars.line === undefined ? null : <rect class="wf-line" {...at(bars.line)} y="9" height="3" />}
      {bars.queue === undefined ? null : <TimeRect spent="waiting_queue" {...at(bars.queue)} y={5} height={10} />}
      {bars.parts.map((part) => <TimeRect spent={part.spent} {...at(part)} y={5} height={10} />)}
      {bars.slack === undefined ? null : <line class="wf-slack" x1={x(bars.slack.at)} x2={x(bars.slack.at + bars.slack.width)} y1="10" y2="10" />}
      {bars.path.map((part) => <rect class="wf-on-path" {...at(part)} y="18" height="2" />)}
    </svg>
  );
}

interface RowProps {
  view: TraceView;
  row: TreeRow;
  /** aria-rowindex: the head is 1. */
  place: number;
  scale: TimeScale;
  ticks: readonly Tick[];
  active: boolean;
  selected: boolean;
  onToggle: (span: number) => void;
  onPick: (span: number) => void;
}

export function WaterfallRow(props: RowProps): JSX.Element {
  const { view, row } = props;
  const span = view.spans[row.span]!;
  const classes = ["wf-row", view.onPath[row.span] === 1 ? "wf-on" : "wf-off", props.active ? "wf-active" : "", row.faint ? "wf-faint" : ""];
  return (
    <div id={`span-row-${row.span}`} class={classes.join(" ").trim()} role="row" aria-rowindex={props.place} aria-level={row.depth + 1} aria-expanded={row.below > 0 ? row.open : undefined} aria-selected={props.selected}
      onClick={() => props.onPick(row.span)}>
      <Name view={view} row={row} onToggle={props.onToggle} />
      <span role="gridcell" class="wf-cell"><Bars view={view} row={row} scale={props.scale} ticks={props.ticks} /></span>
      <span role="gridcell" class="wf-took">{ns(span.duration_ns)}</span>
    </div>
  );
}
