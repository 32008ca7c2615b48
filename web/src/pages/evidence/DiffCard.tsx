import { useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Exchange } from "../../api/types.ts";
import { Empty } from "../../components/parts.tsx";
import { Redactions } from "../../components/Redactions.tsx";
import { duration, plural } from "../../lib/format.ts";
import { diffExchanges, foldLines } from "../../lib/diff/exchangeDiff.ts";
import type { DiffPart } from "../../lib/diff/exchangeDiff.ts";
import type { DiffLine } from "../../lib/diff/jsonDiff.ts";
import { query, setQuery } from "../../router/router.ts";

/** Lines drawn of one part; a longer one says so. */
const drawnMax = 2000;

const signs: Record<DiffLine["kind"], string> = { same: " ", removed: "\u2212", added: "+" };
const spoken: Record<DiffLine["kind"], string> = { same: "", removed: "only in the first: ", added: "only in the second: " };

function Line(props: { line: DiffLine }): JSX.Element {
  const { line } = props;
  const kind = line.kind === "same" ? "diff-line" : line.usual ? "diff-line diff-usual" : `diff-line diff-${line.kind}`;
  return <li class={kind}><span aria-hidden="true">{signs[line.kind]}</span>{line.kind === "same" ? null : <span class="unseen">{spoken[line.kind]}</span>}<code><Redactions text={line.text} /></code></li>;
}

function Fold(props: { lines: DiffLine[] }): JSX.Element {
  const [open, setOpen] = useState(false);
  if (open) return <>{props.lines.map((line) => <Line line={line} />)}</>;
  return <li class="diff-fold"><button type="button" class="text-button" onClick={() => setOpen(true)}>{plural(props.lines.length, "line")} the same</button></li>;
}

export function Part(props: { part: DiffPart }): JSX.Element {
  const { title, lines } = props.part;
  const rows = foldLines(lines);
  const differing = lines.filter((line) => line.kind !== "same").length;
  return (
    <section>
      <h3 class="diff-title">{title} <span class="quiet">{differing === 0 ? "the same" : plural(differing, "line")}</span></h3>
      <ul class="diff" tabIndex={0} aria-label={`${title}, compared`}>
        {rows.slice(0, drawnMax).map((row) => (row.kind === "line" ? <Line line={row.line} /> : <Fold lines={row.lines} />))}
        {rows.length > drawnMax ? <li class="diff-fold quiet">{plural(rows.length - drawnMax, "more line")}; download the bundle to see all</li> : null}
      </ul>
    </section>
  );
}

/** Two exchanges as one text. Times, ids and tokens that always differ are shown quietly, or not at all. */
export function DiffView(props: { left: Exchange; right: Exchange }): JSX.Element {
  const { left, right } = props;
  const diff = useMemo(() => diffExchanges(left, right), [left, right]);
  const quiet = query.value.get("usual") === "hide";
  const parts = quiet ? diff.parts.map((part) => ({ ...part, lines: part.lines.filter((line) => !line.usual) })) : diff.parts;
  const slower = right.duration_ms - left.duration_ms;
  return (
    <>
      <div class="card-body line wrap small">
        <b>{diff.changed === 0 ? "No difference that says something." : `${plural(diff.changed, "line")} differ.`}</b>
        <span class="quiet">{duration(left.duration_ms)} and {duration(right.duration_ms)}{Math.abs(slower) < 1 ? "" : `, the second ${duration(Math.abs(slower))} ${slower > 0 ? "slower" : "faster"}`}</span>
        <span class="grow" />
        {diff.usual === 0 ? null : <label class="line"><input type="checkbox" checked={!quiet} onChange={(event) => setQuery("usual", event.currentTarget.checked ? "" : "hide", true)} /> {plural(diff.usual, "line")} of times, ids and tokens</label>}
      </div>
      {diff.parts.length === 0 ? <Empty title="Neither says anything." /> : parts.filter((part) => part.lines.length > 0).map((part) => <Part key={`${left.index} ${right.index} ${part.title}`} part={part} />)}
    </>
  );
}
