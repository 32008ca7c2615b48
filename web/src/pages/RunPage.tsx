import { useEffect, useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { actOnRun } from "../api/actions.ts";
import { paths } from "../api/endpoints.ts";
import type { RunDetail } from "../api/types.ts";
import { ActionDialog } from "../components/ActionDialog.tsx";
import { announce } from "../components/toasts.tsx";
import { Icon } from "../components/icons.tsx";
import { Pips, pipsOf, RiskMark, Stamp } from "../components/marks.tsx";
import { Card, Empty, Loaded, Time, Took } from "../components/parts.tsx";
import { TrialTable } from "../components/TrialTable.tsx";
import { useTitle } from "../components/useTitle.ts";
import { runProgress } from "../lib/runProgress.ts";
import type { RunProgress } from "../lib/runProgress.ts";
import { visible } from "../lib/visible.ts";
import { actorText, mayOperate, runStateText } from "../lib/words.ts";
import { watchedRun } from "../live/liveWiring.ts";
import { urls } from "../router/route.ts";
import { me } from "../state/store.ts";
import { useResource } from "../state/useResource.ts";
import { PublicationRow } from "./incident/Cards.tsx";
import { LogCard } from "./run/LogCard.tsx";
import { StepsCard } from "./run/StepsCard.tsx";

const finished = ["succeeded", "cancelled", "timed_out", "discarded", "dead_letter"];

function RunActions(props: { run: RunDetail }): JSX.Element | null {
  const [asked, setAsked] = useState<"cancel" | "retry">();
  const { run } = props;
  if (!mayOperate(me.value?.roles ?? [])) return null;
  const mayCancel = !finished.includes(run.state) || run.state === "dead_letter";
  return (
    <span class="line wrap">
      {run.state === "dead_letter" ? <button type="button" class="button button-small" onClick={() => setAsked("retry")}>Retry run</button> : null}
      {mayCancel && run.state !== "dead_letter" ? <button type="button" class="button button-small button-danger-text" onClick={() => setAsked("cancel")}>Cancel run</button> : null}
      {asked === undefined ? null : (
        <ActionDialog title={asked === "cancel" ? "Cancel this run" : "Put this run back into the queue"} danger={asked === "cancel"}
          explain={asked === "cancel" ? "Nothing more is replayed or published by it. What it measured so far stays." : "It starts again after its last finished step."}
          verb={asked === "cancel" ? "Cancel run" : "Retry run"} comment="optional" act={(comment) => actOnRun(run, asked, comment)}
          onDone={() => { setAsked(undefined); announce(asked === "cancel" ? "Run cancelled." : "Run queued again."); }} onClose={() => setAsked(undefined)} />
      )}
    </span>
  );
}

function headline(run: RunDetail): string {
  const verb = run.kind === "reproduce" ? "Reproduce" : "Publish";
  return `${verb}: ${run.incident_title}`;
}

function Head(props: { run: RunDetail }): JSX.Element {
  const { run } = props;
  const done = finished.includes(run.state);
  return (
    <div class="sticky-head">
      <div class="sticky-inner stack-tight">
        <div class="line wrap"><h1 class="grow">{visible(headline(run))}</h1>{run.verdict === undefined ? null : <Stamp verdict={run.verdict} />}<RunActions run={run} /></div>
        <p class="facts">
          <span class={done ? "" : "state-now"}>{done ? null : <span class="dot-now" />}<b>{runStateText(run.state)}{run.step === "" || done ? "" : `, step ${run.step}`}</b></span>
          <RiskMark risk={run.risk} />
          <span>attempt <b>{run.attempt} of {run.attempts_max}</b></span>
          <span>{done ? "took" : "for"} <b><Took from={run.created_at} to={done ? run.updated_at : undefined} /></b></span>
          {run.state === "leased" ? <span>last sign of life <b><Time at={run.updated_at} relative /></b></span> : null}
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
        : <TrialTable result={{ ...table, trials }} />}
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

export function RunPage(props: { id: string }): JSX.Element {
  const resource = useResource("run", paths.run(props.id));
  const events = useResource("run_events", paths.runEvents(props.id));
  const rows = events?.data;
  const progress = useMemo(() => runProgress(rows?.items ?? []), [rows]);
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
            {run.error === "" ? null : <p class="problem"><Icon name="warning" /><span class="grow">{run.error}</span></p>}
            <div class="run-panes">
              <div class="stack"><StepsCard run={run} progress={progress} /><Gate run={run} /></div>
              <div class="stack"><Measurements run={run} progress={progress} /><LogCard runId={run.id} events={events} log={progress.log} ended={finished.includes(run.state)} /></div>
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}
