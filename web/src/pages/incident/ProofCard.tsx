import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { IncidentDetail, Run } from "../../api/types.ts";
import { Pips, pipsOf, Stamp } from "../../components/marks.tsx";
import { Card, CopyButton, Empty } from "../../components/parts.tsx";
import { TrialTable } from "../../components/TrialTable.tsx";
import { proofLine } from "../../lib/answers.ts";
import { count, probability, shortId } from "../../lib/format.ts";
import { runStateText } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

function latestReproduce(runs: Run[]): Run | undefined {
  return runs.filter((run) => run.kind === "reproduce").sort((a, b) => a.created_at.localeCompare(b.created_at)).pop();
}

/** The proof in one line, of the requests themselves; nothing for a run that kept no answers. */
function SeenAgain(props: { run: Run; evidence: string }): JSX.Element | null {
  const rows = useResource("run_answers", paths.runAnswers(props.run.id))?.data;
  const line = rows === undefined ? undefined : proofLine(rows.items);
  if (line === undefined) return null;
  return <p><a class="link" href={urls.replayed(props.evidence, props.run.id, line.exchange)}>{line.text.charAt(0).toUpperCase()}{line.text.slice(1)}</a></p>;
}

function Proved(props: { run: Run & { result: NonNullable<Run["result"]> } }): JSX.Element {
  const { run } = props;
  const { result } = run;
  const planned = Math.max(result.trials_planned, result.trials.length);
  const running = run.state === "leased" && run.verdict === undefined;
  const shown = result.trials.filter((trial) => trial.shows).length;
  const controls = result.trials.map((trial) => ({ shows: trial.control >= result.gate }));
  const wrong = controls.filter((control) => control.shows).length;
  const lastGood = result.trials.map((trial) => ({ shows: (trial.last_good ?? 0) >= result.gate }));
  const wrongBefore = lastGood.filter((trial) => trial.shows).length;
  const compared = result.last_good_target !== undefined;
  const weakest = result.trials.reduce((most, trial) => Math.max(most, trial.p_value), 0);
  return (
    <>
      <div class="card-body">
        {result.reason === "" ? null : <p>{result.reason}</p>}
        {run.evidence_id === undefined || result.trials.length === 0 ? null : <SeenAgain run={run} evidence={run.evidence_id} />}
        <div class="trials">
          <span class="quiet">Captured</span><Pips large pips={pipsOf(result.trials, planned, running)} label={`${shown} of ${planned} trials show it`} /><b>{shown} of {planned} show it</b>
          <span class="quiet">Control</span><Pips large pips={pipsOf(controls, planned, running)} label={`${wrong} of ${planned} controls show it`} /><span>{wrong} of {planned} show it</span>
          {compared ? <><span class="quiet">Last good</span><Pips large pips={pipsOf(lastGood, planned, running)} label={`${wrongBefore} of ${planned} of the last-good target show it`} /><span>{wrongBefore} of {planned} show it</span></> : null}
        </div>
      </div>
      <TrialTable result={result} />
      <div class="card-body small quiet stack-tight">
        <p>{result.trials.length > 0 ? `Each trial against ${compared ? "the last-good target" : "its own control"}: weakest ${probability(weakest)}, one-sided. ` : ""}{count(result.requests_answered)} of {count(result.requests_sent)} requests answered{result.requests_sent < result.requests_planned ? `, ${count(result.requests_planned)} planned` : ""}, target <code>{result.target}</code>{compared ? <>, last good <code>{result.last_good_target}</code></> : null}.</p>
        <p class="line wrap"><a class="link" href={urls.run(run.id)}>Run {shortId(run.id)}</a>{run.evidence_id === undefined ? null : <a class="link" href={urls.evidence(run.evidence_id)}>Evidence bundle</a>}{result.methodology_hash === "" ? null : <span class="line">Method <code class="code-small">{result.methodology_hash.slice(0, 8)}</code><CopyButton text={result.methodology_hash} what="Method hash" /></span>}</p>
      </div>
    </>
  );
}

function whyNotReplayed(incident: IncidentDetail): string {
  if (incident.reason === "no_target") return "The service has no replay target.";
  if (incident.reason === "no_evidence") return "No traffic of it was captured that could be sent again.";
  if (incident.phase === "pending_event") return "Nothing was captured yet that could be sent again. It waits a few minutes for requests of this service, then for a person.";
  return "A reproduce run starts by itself when the evidence is archived.";
}

export function ProofCard(props: { incident: IncidentDetail }): JSX.Element {
  const run = latestReproduce(props.incident.runs);
  const verdict = run?.verdict;
  // What was not replayed proved nothing, however its run ended.
  const stamp = verdict === undefined || run?.result === undefined ? undefined : <Stamp verdict={verdict} />;
  return (
    <Card title="Proof" span="span-5" head={stamp}>
      {run === undefined ? (
        <Empty title="Not replayed yet."><p>{whyNotReplayed(props.incident)}</p></Empty>
      ) : run.result === undefined ? (
        <Empty title={verdict === undefined ? runStateText(run.state) : "Not replayed."} action={<a class="button" href={urls.run(run.id)}>{verdict === undefined ? "Watch the run" : "Open the run"}</a>}><p>{run.error === "" ? `Step ${run.step === "" ? "not begun" : run.step}, attempt ${run.attempt} of ${run.attempts_max}.` : run.error}</p></Empty>
      ) : <Proved run={{ ...run, result: run.result }} />}
    </Card>
  );
}
