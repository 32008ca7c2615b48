import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { Icon } from "../../components/icons.tsx";
import { Card, CopyButton, Empty, Loaded } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { VirtualList } from "../../components/VirtualList.tsx";
import type { RowAsked } from "../../components/VirtualList.tsx";
import { useKeys } from "../../keys/useKeys.ts";
import { clockText, count, cutText } from "../../lib/format.ts";
import { findLines, marked, nextFound } from "../../lib/logFind.ts";
import type { Found } from "../../lib/logFind.ts";
import type { LogLine } from "../../lib/runProgress.ts";
import { visible } from "../../lib/visible.ts";
import { query, setQuery } from "../../router/router.ts";
import type { Resource } from "../../state/resources.ts";

const rowHeightPx = 20;
/** Shown of one line; the chosen line is shown whole below the log. */
const lineShownMax = 1000;

const kindText: Record<LogLine["type"], string> = {
  step_started: "step", step_ended: "step", log: "log", progress: "progress", measurement: "measure", verdict: "verdict",
};

function Line(props: { line: LogLine; row: number; count: number; here: boolean; found: boolean; wanted: string }): JSX.Element {
  const { line } = props;
  const kind = `log-line${props.here ? " log-here" : ""}${props.found ? " log-found" : ""}`;
  const text = cutText(visible(line.text).replace(/\n/g, " \u23ce "), lineShownMax);
  return (
    <li class={kind} aria-setsize={props.count} aria-posinset={props.row + 1} onClick={() => setQuery("line", String(line.sequence), true)}>
      <span>{line.sequence}</span><time dateTime={line.at} title={line.at}>{clockText(Date.parse(line.at))}</time><span>{kindText[line.type] ?? line.type}</span>
      <span>{props.found ? marked(text, props.wanted).map((piece, i) => (i % 2 === 1 ? <mark>{piece}</mark> : piece)) : text}</span>
    </li>
  );
}

function save(runId: string, log: readonly LogLine[]): void {
  const text = log.map((line) => `${line.sequence}\t${line.at}\t${line.type}\t${line.text}`).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  link.download = `run-${runId}.log`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Where a sequence number stands; numbers rise, a log that lost its beginning starts later. */
function placeOf(log: readonly LogLine[], sequence: number): number {
  let low = 0;
  let high = log.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const here = log[middle]!.sequence;
    if (here === sequence) return middle;
    if (here < sequence) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function Chosen(props: { line: LogLine; runId: string }): JSX.Element {
  const { line } = props;
  return (
    <div class="log-chosen">
      <p class="line small quiet"><span class="grow">Line {line.sequence}, {kindText[line.type] ?? line.type}</span><CopyButton class="button button-small" text={`${location.origin}/runs/${encodeURIComponent(props.runId)}?line=${line.sequence}`} what="Link to the line">Link</CopyButton><CopyButton class="button button-small" text={line.text} what="Line">Copy</CopyButton><button type="button" class="icon-button" aria-label="Close the line" onClick={() => setQuery("line", "", true)}><Icon name="cross" /></button></p>
      <pre class="code code-wrap" tabIndex={0} aria-label={`Line ${line.sequence}`}>{visible(line.text)}</pre>
    </div>
  );
}

/** The log is one list that grows: `lines` says that it did. */
function Lines(props: { log: readonly LogLine[]; lines: number; runId: string; follow: boolean; onFollow: (follow: boolean) => void }): JSX.Element {
  const { log, follow } = props;
  const wanted = query.value.get("find") ?? "";
  const before = useRef<Found | undefined>(undefined);
  const found = useMemo(() => (before.current = findLines(log, wanted, before.current)), [log, props.lines, wanted]);
  const hits = useMemo(() => new Set(found.rows), [found]);
  const line = Number(query.value.get("line") ?? "0");
  const at = line > 0 ? placeOf(log, line) : -1;
  const [asked, setAsked] = useState<RowAsked>();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (at < 0) return;
    props.onFollow(false);
    setAsked({ row: at });
  }, [at >= 0, line]);
  const step = (direction: 1 | -1): void => {
    const next = nextFound(found.rows, at, direction);
    if (next === undefined) return announce("Nothing of the log has this text.");
    setQuery("line", String(log[next]!.sequence), true);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && wanted !== "") setQuery("find", "", true);
    else return;
    event.preventDefault();
  };
  useKeys({ "/": () => field.current?.focus() });
  const place = at < 0 ? 0 : found.rows.indexOf(at) + 1;
  return (
    <>
      <div class="log-find line wrap" role="search">
        <input ref={field} class="field" type="search" placeholder="Find in the log" aria-label="Find in the log" maxLength={200} value={wanted} onKeyDown={onKey} onInput={(event) => setQuery("find", event.currentTarget.value, true)} />
        <span class="small quiet nowrap" role="status">{found.wanted === "" ? "" : found.rows.length === 0 ? "nothing found" : place > 0 ? `${count(place)} of ${count(found.rows.length)}` : `${count(found.rows.length)} found`}</span>
        <button type="button" class="icon-button" aria-label="Find the one before" disabled={found.rows.length === 0} onClick={() => step(-1)}><Icon name="left" /></button>
        <button type="button" class="icon-button" aria-label="Find the next" disabled={found.rows.length === 0} onClick={() => step(1)}><Icon name="right" /></button>
      </div>
      <VirtualList class="virtual-log" count={log.length} rowHeight={rowHeightPx} label={`Log, ${count(log.length)} lines`} follow={follow} asked={asked} onEnd={props.onFollow}
        draw={(row) => <Line key={log[row]!.sequence} line={log[row]!} row={row} count={log.length} here={row === at} found={hits.has(row)} wanted={found.wanted} />} />
      {at < 0 ? null : <Chosen line={log[at]!} runId={props.runId} />}
    </>
  );
}

/** All lines of a run. It follows the end until the reader scrolls away, and again when they come back to it. */
export function LogCard(props: { runId: string; events: Resource<"run_events"> | undefined; log: LogLine[]; ended: boolean }): JSX.Element {
  const { log } = props;
  const [follow, setFollow] = useState(!props.ended);
  const lines = log.length;
  const kept = useRef(lines);
  useEffect(() => {
    if (follow) kept.current = lines;
  }, [follow, lines]);
  const fresh = follow ? 0 : Math.max(0, lines - kept.current);
  return (
    <Card title="Log" note={`${count(lines)} ${lines === 1 ? "line" : "lines"}`} head={(
      <>
        {fresh > 0 && !props.ended ? <span class="small quiet nowrap">{count(fresh)} new below</span> : null}
        <button type="button" class="button button-small" onClick={() => save(props.runId, log)} disabled={lines === 0}>Download</button>
        <button type="button" class={follow ? "button button-small button-on" : "button button-small"} aria-pressed={follow} onClick={() => setFollow(!follow)}><Icon name="follow" />Follow</button>
      </>
    )}>
      <Loaded resource={props.events}>
        {() => (lines === 0 ? <Empty title="No line yet." /> : <Lines log={log} lines={lines} runId={props.runId} follow={follow} onFollow={setFollow} />)}
      </Loaded>
    </Card>
  );
}
