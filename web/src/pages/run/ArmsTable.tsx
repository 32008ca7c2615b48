import type { JSX } from "preact";
import type { RunResult } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { armRows } from "../../lib/armRules.ts";
import type { ArmRow, ArmVerdict } from "../../lib/armRules.ts";
import { count, measured, plural, probability } from "../../lib/format.ts";
import type { Spread } from "../../lib/runRules.ts";

type Table = Pick<RunResult, "metric" | "unit" | "gate" | "baseline" | "trials">;

const names: Record<ArmRow["name"], [string, string]> = {
  last_good: ["Last good version", "the same requests, where it still worked"],
  control: ["Control", "good requests, the same target"],
  normal: ["Normal", "as the signal had it"],
};

const words: Record<ArmVerdict, string> = { worse: "worse", better: "better", same: "the same", inconclusive: "inconclusive" };
const icons: Record<ArmVerdict, "up" | "down" | "minus" | "question"> = { worse: "up", better: "down", same: "minus", inconclusive: "question" };

function Sample(props: { spread: Spread; unit: string }): JSX.Element {
  const { spread, unit } = props;
  const range = spread.low === spread.high ? "" : `${measured(spread.low, unit)} to ${measured(spread.high, unit)}, `;
  return <><span class="strong">{measured(spread.middle, unit)}</span><div class="tiny quiet">{range}n {count(spread.n)}</div></>;
}

function delta(row: ArmRow, unit: string): string {
  const size = measured(Math.abs(row.delta), unit);
  if (row.delta === 0) return "none";
  return `${row.delta > 0 ? "+" : "\u2212"}${size}`;
}

function confidence(row: ArmRow): string {
  if (row.verdict === undefined) return "no sample of it here";
  const so = `${row.trials} of ${plural(row.of, "trial")}`;
  if (row.verdict === "same") return `not beyond chance in ${so}`;
  const said = row.verdict === "inconclusive" && row.p === undefined ? `${so} one way` : `in ${so}`;
  return row.p === undefined ? said : `${said}, ${row.decides && row.verdict !== "better" ? "weakest " : ""}${probability(row.p)}`;
}

function Verdict(props: { row: ArmRow }): JSX.Element {
  const { verdict } = props.row;
  if (verdict === undefined) return <span class="quiet">not tested</span>;
  return <span class={`line arm arm-${verdict}`}><Icon name={icons[verdict]} /><b>{words[verdict]}</b></span>;
}

/** The failing requests beside each thing they are compared with: samples, difference, verdict in a word and how sure it is. */
export function ArmsTable(props: { result: Table }): JSX.Element | null {
  const { metric, unit, gate, trials } = props.result;
  const arms = armRows(props.result);
  if (arms === undefined) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="The failing requests beside what they are compared with">
      <table class="table table-tight table-sides">
        <caption class="unseen">The failing requests beside what they are compared with</caption>
        <thead><tr><th>{metric}, middle of {plural(trials.length, "trial")}</th><th class="right">Measured</th><th class="right">Failing requests</th><th class="right">Difference</th><th>Verdict, and how sure</th></tr></thead>
        <tbody>
          {arms.rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{names[row.name][0]}{row.decides ? <span class="tiny quiet"> decides</span> : null}<div class="tiny quiet">{names[row.name][1]}</div></th>
              <td class="right nowrap">{row.other === undefined ? measured(row.normal ?? 0, unit) : <Sample spread={row.other} unit={unit} />}</td>
              <td class="right nowrap"><Sample spread={arms.captured} unit={unit} /></td>
              <td class="right nowrap">{delta(row, unit)}</td>
              <td><Verdict row={row} /><div class="tiny quiet">{confidence(row)}</div></td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><td colSpan={5} class="small quiet">A trial shows it at {measured(gate, unit)} and beyond chance (p below 0.01, one-sided).</td></tr></tfoot>
      </table>
    </div>
  );
}
