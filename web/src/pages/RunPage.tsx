import "../common.ts";
import { useEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { RunDetail, RunEvent } from "../api/types.ts";
import { Icon } from "../components/icons.tsx";
import { Pips, pipsOf, RiskMark, Stamp } from "../components/marks.tsx";
import { Card, Empty, Loaded, Time, Took } from "../components/parts.tsx";
import { TrialTable } from "../components/TrialTable.tsx";
import { useTitle } from "../components/useTitle.ts";
import { continued, runProgress } from "../lib/runProgress.ts";
import type { RunProgress } from "../lib/runProgress.ts";
import { finishedStates } from "../lib/runRules.ts";
import { named, visible } from "../lib/visible.ts";
import { actorText, runStateText } from "../lib/words.ts";
import { watchedRun } from "../live/liveWiring.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { PublicationRow } from "./incident/Cards.tsx";
import { AnswersCard } from "./run/AnswersCard.tsx";
import { ArmsTable } from "./run/ArmsTable.tsx";
import { ChangeCard } from "./run/ChangeCard.tsx";
import { LogCard } from "./run/LogCard.tsx";
import { RunActions } from "./run/RunActions.tsx";
import { StepsCard } from "./run/StepsCard.tsx";

const kindVerbs: Record<string, string> = { reproduce: "Reproduce", publish: "Publish", fix: "Fix" };

function headline(run: RunDetail): string {
  return `${kindVerbs[run.kind] ?? run.kind}: ${run.incident_title}`;
}

function Head(props: { run: RunDetail }): JSX.Element {
  const { run } = props;
  const done = finishedStates.includes(run.state);
  return (
    <div class="sticky-head">
      <div class="sticky-inner stack-tight">
        <div class="line wrap"><h1 class="grow">{named(headline(run))}</h1>{run.verdict === undefined ? null : <Stamp verdict={run.verdict} />}<RunActions run={run} /></div>
        <p class="facts">
          <span class={done ? "" : "state-now"}>{done ? null : <span class="dot-now" />}<b>{runStateText(run.state)}{run.step === "" || done ? "" : `, step ${run.step}`}</b></span>
          <RiskMark risk={run.risk} />
          <span>attempt <b>{run.attempt} of {run.attempts_max}</b></span>
          <span>{done ? "took" : "for"} <b><Took from={run.created_at} to={done ? run.updated_at : undefined} /></b></span>
          {run.state === "leased" ? <span>last sign of life <b><Time at={run.updated_at} relative /></b></span> : null}
          {run.lease_until_at === undefined ? null : <span>lease until <b><Time at={run.lease_until_at} /></b></span>}
          {done || run.priority === undefined ? null : <span>priority <b>{run.priority}</b></span>}
          <span>asked by <b>{actorText(run.requested_by)}</b></span>
          <a class="link" href={urls.incident(run.incident_id)}>Incident</a>
          {run.evidence_id === undefined ? null : <a class="link" href={urls.evidence(run.evidence_id)}>Evidence</a>}
        </p>
      </div>
    </div>
  );
}

function Measurements(props: { run: RunDetail; progress: RunProgress }): JSX.Element | null {
  const { run, progress } = props;
  const result = run.result;
  // Until the verdict is stored, the signal says what is measured.
  const signal = useResource("signal", result === undefined && run.signal_id !== undefined ? paths.signal(run.signal_id) : "")?.data;
  if (run.kind !== "reproduce") return null;
  const trials = result !== undefined && result.trials.length >= progress.trials.length ? result.trials : progress.trials;
  const running = run.state === "leased" && run.verdict === undefined;
  const planned = Math.max(result?.trials_planned ?? 0, trials.length + (running && result === undefined ? 1 : 0));
  const shown = trials.filter((trial) => trial.shows).length;
  const pips = pipsOf(trials, planned, running);
  const soFar = result === undefined ? `${shown} of ${trials.length} so far show it` : `${shown} of ${planned} show it`;
  const table = result ?? (signal === undefined ? undefined : { metric: signal.metric, unit: signal.unit, gate: signal.gate, baseline: signal.baseline, numbers: [] });
  return (
    <Card title="Measurements" note={result === undefined ? undefined : `target ${result.target}${result.last_good_target === undefined ? "" : `, last good ${result.last_good_target}`}`} head={planned === 0 ? undefined : <span class="chip chip-accent">{soFar} <Pips pips={pips} label={soFar} /></span>}>
      {result?.reason ? <p class="card-body">{result.reason}</p> : null}
      {trials.length === 0 || table === undefined
        ? <Empty title={trials.length > 0 ? soFar : running ? "Nothing measured yet." : "Nothing was measured."}>{running ? <p>Each trial appears here when it ends, beside its control.</p> : null}</Empty>
        : <><ArmsTable result={{ ...table, trials }} /><TrialTable result={{ ...table, trials }} /></>}
    </Card>
  );
}

function Gate(props: { run: RunDetail }): JSX.Element | null {
  const { run } = props;
  const approval = run.approval;
  if (approval === undefined && run.publications.length === 0) return null;
  return (
    <Card title="Release">
      <ul class="rows">
        {approval === undefined ? null : (
          <li><a class="strong" href={urls.approval(approval.id)}>{approval.summary}</a><p class="small quiet">{approval.state === "pending" ? <>waits for release, {approval.approvals_given} of {approval.approvals_needed} approved, expires <Time at={approval.expires_at} /></> : approval.state.replace(/_/g, " ")}</p></li>
        )}
        {run.publications.map((publication) => <PublicationRow key={publication.id} publication={publication} />)}
      </ul>
    </Card>
  );
}

const nothing: RunEvent[] = [];

/** Only what came since is read; a log that lost its beginning is read anew. */
function useProgress(events: RunEvent[]): RunProgress {
  const kept = useRef({ events: nothing, progress: runProgress(nothing) });
  const { events: before, progress } = kept.current;
  if (events === before) return progress;
  const goesOn = before.length > 0 && events.length >= before.length && events[0] === before[0];
  kept.current = { events, progress: goesOn ? continued(progress, events.slice(before.length)) : runProgress(events) };
  return kept.current.progress;
}

function Held(props: { run: RunDetail }): JSX.Element | null {
  const { run } = props;
  if (run.hold === undefined) return null;
  return <p class="problem"><Icon name="pause" /><span class="grow">{run.hold === "person" ? "Paused by a person" : "Held by a limit"}{run.hold_why ? `: ${visible(run.hold_why)}` : "."} Resuming lets it go on.</span></p>;
}

export function RunPage(props: { id: string }): JSX.Element {
  const resource = useResource("run", paths.run(props.id));
  const events = useResource("run_events", paths.runEvents(props.id));
  const rows = events?.data;
  const progress = useProgress(rows?.items ?? nothing);
  useEffect(() => {
    watchedRun.value = props.id;
    return () => {
      if (watchedRun.peek() === props.id) watchedRun.value = "";
    };
  }, [props.id]);
  useTitle(resource?.data === undefined ? undefined : headline(resource.data));
  return (
    <Loaded resource={resource} lines={12} missing={<div class="page"><div class="card"><Empty title="There is no such run." action={<a class="button" href={urls.runs}>All runs</a>}><h1 class="unseen">Not found</h1></Empty></div></div>}>
      {(run) => (
        <>
          <Head run={run} />
          <div class="page">
            {run.error === "" && run.hold === undefined ? null : <div class="stack run-notes"><Held run={run} />{run.error === "" ? null : <p class="problem"><Icon name="warning" /><span class="grow">{visible(run.error)}</span></p>}</div>}
            <div class="run-panes">
              <div class="stack"><StepsCard run={run} progress={progress} /><Gate run={run} /></div>
              <div class="stack"><Measurements run={run} progress={progress} /><AnswersCard run={run} trials={Math.max(run.result?.trials.length ?? 0, progress.trials.length)} />{run.approval?.action === "pull_request" ? <ChangeCard approval={run.approval} /> : null}<LogCard runId={run.id} events={events} log={progress.log} ended={finishedStates.includes(run.state)} /></div>
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}
