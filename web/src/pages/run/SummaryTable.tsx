import type { JSX } from "preact";
import type { RunResult } from "../../api/types.ts";
import { count, measured } from "../../lib/format.ts";
import { spreadOf, trialsSentence } from "../../lib/runRules.ts";
import type { Spread } from "../../lib/runRules.ts";

type Table = Pick<RunResult, "metric" | "unit" | "gate" | "baseline" | "trials">;

function Cell(props: { spread: Spread | undefined; unit: string; strong?: boolean }): JSX.Element {
  const { spread, unit } = props;
  if (spread === undefined) return <td class="right quiet">{"\u2013"}</td>;
  const range = spread.low === spread.high ? "" : `${measured(spread.low, unit)} to ${measured(spread.high, unit)}, `;
  return <td class="right nowrap"><span class={props.strong ? "strong" : ""}>{measured(spread.middle, unit)}</span><div class="tiny quiet">{range}n {count(spread.n)}</div></td>;
}

/** All trials in one row: what the captured traffic measured beside what it is compared with, with the size of each sample. */
export function SummaryTable(props: { result: Table; planned: number }): JSX.Element {
  const { metric, unit, gate, baseline, trials } = props.result;
  const captured = spreadOf(trials, (trial) => trial.metric, (trial) => trial.n);
  const control = spreadOf(trials, (trial) => trial.control, (trial) => trial.control_n);
  const before = spreadOf(trials, (trial) => trial.last_good, (trial) => trial.last_good_n);
  const shown = trials.filter((trial) => trial.shows).length;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Captured traffic beside what it is compared with">
      <table class="table table-tight">
        <caption class="unseen">Captured traffic beside what it is compared with</caption>
        <thead><tr><th>Metric, middle of {trials.length} {trials.length === 1 ? "trial" : "trials"}</th><th class="right">Normal</th>{before === undefined ? null : <th class="right">Last good</th>}<th class="right">Control</th><th class="right">Captured</th><th class="right">Gate</th><th>So far</th></tr></thead>
        <tbody><tr>
          <td class="strong">{metric}</td><td class="right nowrap">{measured(baseline, unit)}</td>
          {before === undefined ? null : <Cell spread={before} unit={unit} />}
          <Cell spread={control} unit={unit} /><Cell spread={captured} unit={unit} strong />
          <td class="right nowrap quiet">{measured(gate, unit)}</td>
          <td class="nowrap">{shown} of {Math.max(props.planned, trials.length)}: {trialsSentence(shown, trials.length)}</td>
        </tr></tbody>
      </table>
    </div>
  );
}
