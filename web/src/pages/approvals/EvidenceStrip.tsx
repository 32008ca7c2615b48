import type { JSX } from "preact";
import type { ApprovalDetail } from "../../api/types.ts";
import { Pips, pipsOf, Stamp } from "../../components/marks.tsx";
import { Card, Empty } from "../../components/parts.tsx";
import { count, measured, probability } from "../../lib/format.ts";

function Fact(props: { name: string; value: JSX.Element | string; note: string }): JSX.Element {
  return <div><p class="tiny quiet">{props.name}</p><p class="evidence-value">{props.value}</p><p class="small quiet">{props.note}</p></div>;
}

/** The proof in four facts, seen before anything can be decided. */
export function EvidenceStrip(props: { approval: ApprovalDetail }): JSX.Element {
  const { run } = props.approval;
  const result = run?.result;
  const stamp = run?.verdict === undefined ? undefined : <Stamp verdict={run.verdict} />;
  if (result === undefined) {
    return <Card title="Evidence" head={stamp}><Empty title="Nothing was replayed for this."><p>It would be published without proof; its risk is one level higher for that.</p></Empty></Card>;
  }
  const shown = result.trials.filter((trial) => trial.shows).length;
  const planned = Math.max(result.trials_planned, result.trials.length);
  const first = result.trials[0];
  const weakest = result.trials.reduce((most, trial) => Math.max(most, trial.p_value), 0);
  return (
    <Card title="Evidence" head={stamp}>
      <div class="evidence">
        <Fact name="Captured traffic, replayed" value={<>{shown} of {planned} <Pips pips={pipsOf(result.trials, planned, false)} label={`${shown} of ${planned} trials show it`} /></>} note={first === undefined ? "no trial" : `${measured(first.metric, result.unit)}, gate ${measured(result.gate, result.unit)}`} />
        <Fact name="Control beside it" value={first === undefined ? "none" : measured(first.control, result.unit)} note={`normal ${measured(result.baseline, result.unit)}`} />
        <Fact name="Requests answered" value={`${count(result.requests_answered)} of ${count(result.requests_sent)}`} note={`target ${result.target}`} />
        <Fact name="Weakest trial" value={result.trials.length === 0 ? "none" : probability(weakest)} note={result.metric} />
      </div>
      {result.reason === "" ? null : <p class="card-body rule-top small">{result.reason}</p>}
    </Card>
  );
}
