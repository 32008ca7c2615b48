import type { JSX } from "preact";
import type { RunResult, Trial } from "../api/types.ts";
import { count, measured, plural, probability } from "../lib/format.ts";

type Table = Pick<RunResult, "metric" | "unit" | "gate" | "baseline" | "trials" | "numbers">;

function counted(value: number, k: number | undefined, n: number, unit: string): JSX.Element {
  return <>{measured(value, unit)} <span class="tiny quiet">{k === undefined ? `n ${count(n)}` : `${count(k)} / ${count(n)}`}</span></>;
}

function result(trial: Trial): JSX.Element {
  if (trial.shows) return <b>shows it</b>;
  return <span class="quiet">{trial.gate_passed ? "not beyond chance" : "below the gate"}</span>;
}

function lastGood(trial: Trial, unit: string): JSX.Element | string {
  return trial.last_good === undefined ? "\u2013" : counted(trial.last_good, trial.last_good_k, trial.last_good_n ?? 0, unit);
}

/** What else was measured: folded, for the sentence above says what it comes to. */
function MoreMeasured(props: { numbers: Table["numbers"] }): JSX.Element | null {
  if (props.numbers.length === 0) return null;
  return (
    <details class="measures small">
      <summary class="link">{plural(props.numbers.length, "more measured value")}</summary>
      <dl>{props.numbers.map(({ name, value }) => <div><dt class="quiet">{name.replace(/_/g, " ")}</dt><dd>{measured(value, isShare(name) ? "ratio" : "count")}</dd></div>)}</dl>
    </details>
  );
}

/** Bounds of a share come as "..._low" and "..._high". */
function isShare(name: string): boolean {
  return /_(low|high|share)$/.test(name);
}

/** Trial by trial: what the captured traffic measured, what its control and the last-good target did, whether that shows the signal. */
export function TrialTable(props: { result: Table }): JSX.Element {
  const { unit, metric, gate, baseline, trials, numbers } = props.result;
  const compared = trials.some((trial) => trial.last_good !== undefined);
  const columns = compared ? 6 : 5;
  return (
    <div class="scroll rule-top" tabIndex={0} role="region" aria-label="Measured by replay">
      <table class="table table-tight">
        <caption class="unseen">Measured by replay</caption>
        <thead><tr><th>Trial</th><th class="right">Captured</th><th class="right">Control</th>{compared ? <th class="right">Last good</th> : null}<th class="right">Chance</th><th>Result</th></tr></thead>
        <tbody>
          {trials.map((trial) => (
            <tr key={trial.number}>
              <td>{trial.number}</td>
              <td class="right nowrap strong">{counted(trial.metric, trial.k, trial.n, unit)}</td>
              <td class="right nowrap">{trial.control_n === 0 ? "\u2013" : counted(trial.control, trial.control_k, trial.control_n, unit)}</td>
              {compared ? <td class="right nowrap">{lastGood(trial, unit)}</td> : null}
              <td class="right nowrap quiet">{probability(trial.p_value)}</td>
              <td class="nowrap">{result(trial)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><td colSpan={columns} class="small quiet">{metric}: gate {measured(gate, unit)}, normal {measured(baseline, unit)}</td></tr></tfoot>
      </table>
      <MoreMeasured numbers={numbers} />
    </div>
  );
}
