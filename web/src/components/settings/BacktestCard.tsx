import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { runBacktest } from "../../api/detectionActions.ts";
import type { Backtest, DetectionSettings, Finding } from "../../api/detectionTypes.ts";
import { aborted } from "../../api/problem.ts";
import type { Problem } from "../../api/types.ts";
import { nowMs } from "../../lib/clock.ts";
import { count, plural } from "../../lib/format.ts";
import { backtestSentence, historyChoices, historyFrom } from "../../lib/settings/detection.ts";
import { named, visible } from "../../lib/visible.ts";
import { kindText } from "../../lib/words.ts";
import { query, setQuery } from "../../router/router.ts";
import { Filter } from "../ListParts.tsx";
import { Severity } from "../marks.tsx";
import { Card, Empty, ProblemLine, Tabs, Time, Took } from "../parts.tsx";

export type Trial = { kind: "none" } | { kind: "running"; since: string; stop: () => void } | { kind: "failed"; problem: Problem } | { kind: "done"; result: Backtest; tried: string };

export interface Trying {
  trial: Trial;
  /** Tries settings over the stored history; a run that is under way ends unheard. */
  start: (settings: DetectionSettings) => void;
}

/** What tells whether a result is of what stands in the form. */
export function settingsKey(settings: DetectionSettings): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => a.localeCompare(b)));
}

export function useTrying(service: string): Trying {
  const [trial, setTrial] = useState<Trial>({ kind: "none" });
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = (settings: DetectionSettings): void => {
    running.current?.abort();
    const ended = new AbortController();
    running.current = ended;
    const from = historyFrom(query.peek().get("days") ?? "", nowMs.peek());
    setTrial({ kind: "running", since: new Date().toISOString(), stop: () => ended.abort() });
    void runBacktest({ service, settings, ...(from === undefined ? {} : { from }) }, ended.signal).then((answer) => {
      if (running.current !== ended) return;
      if (answer.ok) setTrial({ kind: "done", result: answer.value.item, tried: settingsKey(settings) });
      else setTrial(answer.problem.code === aborted ? { kind: "none" } : { kind: "failed", problem: answer.problem });
    });
  };
  return { trial, start };
}

function FindingTable(props: { findings: Finding[] }): JSX.Element {
  return (
    <table class="table table-fold">
      <thead><tr><th>When</th><th>Severity</th><th>What</th><th class="right">Windows</th></tr></thead>
      <tbody>
        {props.findings.map((each) => (
          <tr key={`${each.kind} ${each.operation_id} ${each.from}`}>
            <td class="nowrap quiet"><Span from={each.from} to={each.to} /></td>
            <td class="nowrap"><Severity severity={each.severity} /></td>
            <td class="full">{named(each.sentence)}<div class="small quiet"><b class="ink">{named(each.operation)}</b> {"\u00b7"} {kindText(each.kind)}</div></td>
            <td class="right">{count(each.windows)}<span class="narrow-only quiet"> {each.windows === 1 ? "window" : "windows"}</span></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Span(props: { from: string; to: string }): JSX.Element {
  return <><Time at={props.from} /><div class="tiny">for <Took from={props.from} to={props.to} /></div></>;
}

function Result(props: { result: Backtest }): JSX.Element {
  const { result } = props;
  const gone = query.value.get("list") === "removed" || (query.value.get("list") !== "added" && result.added.length === 0 && result.removed.length > 0);
  const findings = gone ? result.removed : result.added;
  return (
    <>
      <div class="card-body stack-tight" role="status">
        <p><b>{backtestSentence(result)}</b></p>
        <p class="small quiet">{plural(result.windows, "window")} of {plural(result.operations, "operation")}, <Time at={result.from} /> to <Time at={result.to} />; {plural(result.present.signals, "signal")} with what counts now, {count(result.proposed.signals)} with what is typed. One alarm is one row of windows in a row.</p>
        {result.cut ? <p class="small">Not all of it: the history or the list was longer than one try may be. Try a shorter time.</p> : null}
        {result.not_rerun.length === 0 ? null : <details class="small"><summary>{plural(result.not_rerun.length, "kind")} could not be tried over what is stored</summary><ul class="plain-list">{result.not_rerun.map((each) => <li><b>{kindText(each.kind)}</b>: {visible(each.why)}</li>)}</ul></details>}
      </div>
      {result.added.length + result.removed.length === 0 ? null : (
        <>
          <Tabs label="What is different" active={gone ? "removed" : "added"} onPick={(tab) => setQuery("list", tab, true)} tabs={[{ id: "added", text: `New ${count(result.added.length)}` }, { id: "removed", text: `Gone ${count(result.removed.length)}` }]} />
          {findings.length === 0 ? <Empty title={gone ? "Nothing would be missing." : "Nothing would come on top."} /> : <FindingTable findings={findings} />}
        </>
      )}
    </>
  );
}

/** What the typed settings would have raised over what is stored, beside what was. */
export function BacktestCard(props: { trying: Trying; tried: string; dirty: boolean; wrong: boolean }): JSX.Element {
  const { trial } = props.trying;
  const old = trial.kind === "done" && trial.tried !== props.tried;
  return (
    <Card title="Try it first" note="changes nothing" headWrap head={(
      <>
        <Filter name="days" label="History" options={historyChoices} />
        {trial.kind === "running" ? <button type="button" class="button button-small" onClick={trial.stop}>Stop</button> : null}
        <button type="submit" name="try" class="button button-on button-small" disabled={trial.kind === "running" || props.wrong || !props.dirty}>{trial.kind === "running" ? "Trying\u2026" : trial.kind === "done" ? "Try again" : "Try"}</button>
      </>
    )}>
      {trial.kind === "none" ? <p class="card-body small quiet">{props.dirty ? "Try reads the stored windows again, with what counts now and with what you typed, and shows which alarms would be new and which would be gone." : "Change something above; here you see what it would have raised."}</p>
        : trial.kind === "running" ? <div class="card-body stack-tight" role="status"><progress class="trying" aria-label="Trying" /><p class="small quiet">Reading the stored windows with both settings, for <Took from={trial.since} to={undefined} />. You may go on typing.</p></div>
          : trial.kind === "failed" ? <div class="card-body"><ProblemLine problem={trial.problem} /></div>
            : <>{old ? <p class="card-body small" role="status"><b>This is of other settings than those in the form now.</b> Try again to see theirs.</p> : null}<Result result={trial.result} /></>}
    </Card>
  );
}
