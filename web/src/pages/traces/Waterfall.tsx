import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { Icon } from "../../components/icons.tsx";
import { Card, Key } from "../../components/parts.tsx";
import { useKeys } from "../../keys/useKeys.ts";
import { count, plural } from "../../lib/format.ts";
import { makeScale, panned, ticksOf, zoomed } from "../../lib/trace/timeScale.ts";
import type { Stretch, TimeScale } from "../../lib/trace/timeScale.ts";
import { rowsOf } from "../../lib/trace/tree.ts";
import type { TreeRow } from "../../lib/trace/tree.ts";
import { findSpans } from "../../lib/trace/view.ts";
import type { TraceView } from "../../lib/trace/view.ts";
import { isFolded, nextStop, parentsToOpen, windowOf } from "../../lib/trace/waterfall.ts";
import { ns } from "../../lib/trace/words.ts";
import { query, setQuery } from "../../router/router.ts";
import { Minimap } from "./Minimap.tsx";
import { readView, setView } from "./traceQuery.ts";
import type { ViewState } from "./traceQuery.ts";
import { WaterfallRow } from "./WaterfallRow.tsx";

/** Until the box is measured: enough rows for its usual height. */
const heightGuessPx = 560;
const rowGuessPx = 24;
const searchWaitMs = 150;

interface Shown {
  rows: TreeRow[];
  found: Set<number> | undefined;
  scale: TimeScale;
  range: Stretch;
}

function useShown(view: TraceView, state: ViewState): Shown {
  const found = useMemo(() => findSpans(view.spans, state.find), [view, state.find]);
  const rows = useMemo(() => rowsOf(view.tree, (span) => isFolded(view, state, span), found), [view, found, state.fold, state.toggled]);
  const range = useMemo(() => ({ start: Math.max(0, state.from), end: Math.min(view.wall, state.to) }), [view, state.from, state.to]);
  const scale = useMemo(() => makeScale(range.start, range.end, state.isIdleShort ? view.gaps : []), [range, view, state.isIdleShort]);
  return { rows, found, scale, range };
}

/** Commands of the screen, by button and by key. */
function useMoves(view: TraceView, state: ViewState, shown: Shown, active: number, go: (span: number) => void): Record<string, () => void> {
  const show = (range: Stretch): void => setView({ range: range.start <= 0 && range.end >= view.wall ? undefined : range });
  const step = (by: 1 | -1) => (): void => {
    const next = nextStop(view, shown.found, active, by);
    if (next !== undefined) go(next);
  };
  const { start, end } = shown.range;
  return {
    c: () => setQuery("path", state.isPathShown ? "off" : "", true),
    t: () => setQuery("idle", state.isIdleShort ? "whole" : "", true),
    n: step(1), "shift+n": step(-1),
    "+": () => show(zoomed(start, end, 2, view.wall)), "-": () => show(zoomed(start, end, 0.5, view.wall)), "0": () => show({ start: 0, end: view.wall }),
    "[": () => show(panned(start, end, -0.25, view.wall)), "]": () => show(panned(start, end, 0.25, view.wall)),
    "/": () => document.getElementById("span-find")?.focus(),
  };
}

function Find(props: { state: ViewState; found: Set<number> | undefined; onNext: () => void }): JSX.Element {
  const [typed, setTyped] = useState(props.state.find);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setTyped(props.state.find), [props.state.find]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (text: string): void => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery("find", text.trim(), true), searchWaitMs);
  };
  return (
    <span class="line">
      <label class="unseen" for="span-find">Find spans by name, service, agent, status or attribute</label>
      <input id="span-find" class="field wf-find" type="search" placeholder="Find spans" autocomplete="off" spellcheck={false} value={typed} onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === "Enter") props.onNext(); }} />
      <span class="small quiet nowrap" role="status">{props.found === undefined ? <Key>/</Key> : `${count(props.found.size)} found`}</span>
    </span>
  );
}

function Tools(props: { view: TraceView; state: ViewState; found: Set<number> | undefined; moves: Record<string, () => void> }): JSX.Element {
  const { view, state, moves } = props;
  return (
    <>
      <button type="button" class={state.isPathShown ? "button button-small button-on" : "button button-small"} aria-pressed={state.isPathShown} onClick={moves.c}>Critical path <Key>C</Key></button>
      <button type="button" class="button button-small" aria-label={props.found === undefined ? "Previous part of the critical path" : "Previous found span"} onClick={moves["shift+n"]}><Icon name="left" /></button>
      <button type="button" class="button button-small" aria-label={props.found === undefined ? "Next part of the critical path" : "Next found span"} onClick={moves.n}><Icon name="right" /></button>
      {view.gaps.length === 0 ? null : <button type="button" class={state.isIdleShort ? "button button-small button-on" : "button button-small"} aria-pressed={state.isIdleShort} onClick={moves.t}>Short idle time <Key>T</Key></button>}
      <button type="button" class="button button-small" aria-pressed={state.fold === "off"} onClick={() => setView({ fold: state.fold === "off" ? "none" : "off" })}>{state.fold === "off" ? "Unfold all" : "Fold the rest"}</button>
      <Find state={state} found={props.found} onNext={moves.n!} />
    </>
  );
}

function Zoom(props: { view: TraceView; shown: Shown; moves: Record<string, () => void> }): JSX.Element {
  const { view, shown, moves } = props;
  const whole = shown.range.start <= 0 && shown.range.end >= view.wall;
  return (
    <div class="wf-zoom">
      <Minimap view={view} range={shown.range} onPick={(range) => setView({ range })} />
      <span class="line">
        <button type="button" class="icon-button" aria-label="Earlier" disabled={whole} onClick={moves["["]}><Icon name="left" /></button>
        <button type="button" class="icon-button" aria-label="Later" disabled={whole} onClick={moves["]"]}><Icon name="right" /></button>
        <button type="button" class="icon-button" aria-label="Closer" onClick={moves["+"]}><Icon name="plus" /></button>
        <button type="button" class="icon-button" aria-label="Wider" disabled={whole} onClick={moves["-"]}><Icon name="minus" /></button>
        <button type="button" class="text-button small" disabled={whole} onClick={moves["0"]}>Whole</button>
        <span class="small quiet nowrap">{whole ? `0 to ${ns(view.wall)}` : `${ns(shown.range.start)} to ${ns(shown.range.end)}`}</span>
      </span>
    </div>
  );
}

function useBox(box: { current: HTMLDivElement | null }): { heightPx: number; rowPx: number } {
  const [size, setSize] = useState({ heightPx: heightGuessPx, rowPx: rowGuessPx });
  useLayoutEffect(() => {
    const measure = (): void => {
      const row = box.current?.querySelector<HTMLElement>(".wf-row");
      const next = { heightPx: box.current?.clientHeight ?? heightGuessPx, rowPx: row?.offsetHeight || rowGuessPx };
      setSize((held) => (held.heightPx === next.heightPx && held.rowPx === next.rowPx ? held : next));
    };
    measure();
    const watch = new ResizeObserver(measure);
    if (box.current !== null) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return size;
}

/** Says when the first rows could be seen: read by whoever measures, and by the browser's own tools. */
function usePaintMark(): void {
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTimeout(() => performance.mark("waterfall-painted"), 0));
    return () => cancelAnimationFrame(frame);
  }, []);
}

function onRowKey(event: KeyboardEvent, shown: Shown, view: TraceView, active: number, pageRows: number, act: { go: (span: number) => void; toggle: (span: number) => void; open: (span: number) => void }): void {
  const at = shown.rows.findIndex((row) => row.span === active);
  const row = shown.rows[at];
  const to = (place: number): void => {
    const next = shown.rows[Math.max(0, Math.min(shown.rows.length - 1, place))];
    if (next !== undefined) act.go(next.span);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => to(at + 1), ArrowUp: () => to(at < 0 ? 0 : at - 1), Home: () => to(0), End: () => to(shown.rows.length - 1),
    PageDown: () => to(at + pageRows), PageUp: () => to(at - pageRows),
    ArrowRight: () => (row !== undefined && row.below > 0 && !row.open ? act.toggle(row.span) : to(at + 1)),
    ArrowLeft: () => {
      if (row === undefined) return to(0);
      if (row.below > 0 && row.open && shown.found === undefined) return act.toggle(row.span);
      const up = view.tree.parent[row.span]!;
      if (up >= 0) act.go(up);
    },
    Enter: () => row !== undefined && act.open(row.span), " ": () => row !== undefined && row.below > 0 && act.toggle(row.span),
  };
  const key = Object.hasOwn(keys, event.key) && !event.ctrlKey && !event.metaKey && !event.altKey ? keys[event.key] : undefined;
  if (key === undefined || (event.target instanceof Element && event.target.closest("input"))) return;
  event.preventDefault();
  key();
}

/** Every span as a row on one time axis. Only the rows in sight are in the document. */
export function Waterfall(props: { view: TraceView; selected: number }): JSX.Element {
  const { view, selected } = props;
  const params = query.value;
  const state = useMemo(() => readView(params, view.wall, view.spans.length), [params, view]);
  const shown = useShown(view, state);
  const [active, setActive] = useState(selected);
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const { heightPx, rowPx } = useBox(box);
  usePaintMark();
  const pageRows = Math.max(1, Math.floor(heightPx / rowPx) - 2);
  const reveal = (span: number): void => {
    const at = shown.rows.findIndex((row) => row.span === span);
    const element = box.current;
    if (at < 0 || element === null) return;
    const from = at * rowPx;
    if (from < element.scrollTop || from > element.scrollTop + heightPx - 3 * rowPx) element.scrollTop = Math.max(0, from - heightPx / 3);
  };
  useEffect(() => {
    if (selected >= 0) setActive(selected);
  }, [selected]);
  useEffect(() => reveal(active), [active, shown.rows]);
  const toggle = (span: number): void => setView({ toggled: [span] });
  const go = (span: number): void => {
    const closed = shown.found === undefined ? parentsToOpen(view, state, span) : [];
    if (closed.length > 0) setView({ toggled: closed });
    setActive(span);
  };
  const open = (span: number): void => setQuery("span", view.spans[span]!.id, true);
  const moves = useMoves(view, state, shown, active, (span) => { go(span); open(span); });
  useKeys(moves);
  const slice = windowOf(shown.rows.length, top, heightPx, rowPx);
  const ticks = useMemo(() => ticksOf(shown.scale), [shown.scale]);
  const folded = view.spans.length - shown.rows.length;
  const inSight = shown.rows.slice(slice.from, slice.to).some((row) => row.span === active);
  return (
    <Card title="Spans" note={folded === 0 ? count(view.spans.length) : `${count(shown.rows.length)} of ${count(view.spans.length)}, ${count(folded)} ${shown.found === undefined ? "folded" : "left out"}`} headWrap
      head={<Tools view={view} state={state} found={shown.found} moves={moves} />}>
      <Zoom view={view} shown={shown} moves={moves} />
      <div ref={box} class={state.isPathShown ? "wf wf-path" : "wf"} role="treegrid" aria-label="Spans" aria-rowcount={shown.rows.length + 1} aria-colcount={3} tabIndex={0}
        aria-activedescendant={inSight ? `span-row-${active}` : undefined} onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={(event) => onRowKey(event, shown, view, active, pageRows, { go, toggle, open })}>
        <div class="wf-head" role="row" aria-rowindex={1}>
          <span role="columnheader">Operation</span>
          <span role="columnheader" class="wf-ticks"><span class="unseen">When</span>
            <svg width="100%" height="20" aria-hidden="true" focusable="false">{ticks.map((tick) => <text class="wf-tick" x={`${tick.at * 100}%`} y="14">{ns(tick.ns)}</text>)}</svg>
          </span>
          <span role="columnheader" class="right">Took</span>
        </div>
        <svg class="wf-space" width="1" height={slice.from * rowPx} aria-hidden="true" focusable="false" />
        {shown.rows.slice(slice.from, slice.to).map((row, k) => (
          <WaterfallRow key={row.span} view={view} row={row} place={slice.from + k + 2} scale={shown.scale} ticks={ticks} active={row.span === active} selected={row.span === selected} onToggle={toggle} onPick={go} />
        ))}
        <svg class="wf-space" width="1" height={(shown.rows.length - slice.to) * rowPx} aria-hidden="true" focusable="false" />
      </div>
      <Legend view={view} isIdleShort={state.isIdleShort} />
    </Card>
  );
}

function Legend(props: { view: TraceView; isIdleShort: boolean }): JSX.Element {
  const { view } = props;
  const idle = view.gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  return (
    <p class="card-foot legend">
      <span><svg width="16" height="3" aria-hidden="true"><rect class="wf-on-path" width="16" height="2" /></svg>critical path</span>
      <span>hatched = waiting, solid = work</span>
      {view.branches.size === 0 ? null : <span><svg width="16" height="6" aria-hidden="true"><path class="wf-slack" d="M0 3h16" /></svg>slack: could take longer without delaying the whole</span>}
      {view.gaps.length === 0 ? null : <span>{plural(view.gaps.length, "idle stretch", "idle stretches")} of {ns(idle)}{props.isIdleShort ? ", drawn short" : ""}</span>}
    </p>
  );
}
