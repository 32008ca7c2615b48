import type { RunResult, Trial } from "../api/types.ts";
import { spreadOf } from "./runRules.ts";
import type { Spread } from "./runRules.ts";

// The failing requests of a run beside what they are compared with: how much worse, and how sure that is. Pure.
// Nothing is said that the trials did not measure.

export type ArmVerdict = "worse" | "better" | "same" | "inconclusive";

export interface ArmRow {
  name: "normal" | "control" | "last_good";
  /** Without a sample: what is normal, as the signal had it. */
  other: Spread | undefined;
  normal: number | undefined;
  /** Captured minus other, of the middles. */
  delta: number;
  verdict: ArmVerdict | undefined;
  /** The weakest of the trials' tests, or that as many trials go one way by chance. */
  p: number | undefined;
  /** Trials that say so, of those that compare. */
  trials: number;
  of: number;
  /** The comparison that decides the run's verdict. */
  decides: boolean;
}

type Table = Pick<RunResult, "baseline" | "trials">;

interface Compared {
  trial: Trial;
  other: number;
}

function compare(trials: readonly Trial[], other: (trial: Trial) => number | undefined, size: (trial: Trial) => number | undefined): Compared[] {
  return trials.flatMap((trial) => {
    const value = other(trial);
    return value === undefined || (size(trial) ?? 0) === 0 || trial.n === 0 ? [] : [{ trial, other: value }];
  });
}

/** That n trials all go the same way when neither is worse. */
function signTest(n: number): number {
  return 0.5 ** n;
}

const chanceMax = 0.05;

/** Beside what decides: the trials' own tests. */
function decided(compared: readonly Compared[]): Pick<ArmRow, "verdict" | "p" | "trials"> {
  const showing = compared.filter((each) => each.trial.shows);
  const weakest = (of: readonly Compared[]): number | undefined => (of.length === 0 ? undefined : Math.max(...of.map((each) => each.trial.p_value)));
  if (showing.length === compared.length) return { verdict: "worse", p: weakest(showing), trials: showing.length };
  if (showing.length > 0) return { verdict: "inconclusive", p: weakest(showing), trials: showing.length };
  const direction = undecided(compared);
  // Higher, but in no trial beyond chance: that is what "the same" means here.
  return direction.verdict === "better" ? direction : { verdict: "same", p: undefined, trials: compared.length };
}

/** Which way the trials go, without a test of their own. */
function undecided(compared: readonly Compared[]): Pick<ArmRow, "verdict" | "p" | "trials"> {
  const n = compared.length;
  const higher = compared.filter((each) => each.trial.metric > each.other).length;
  const lower = compared.filter((each) => each.trial.metric < each.other).length;
  if (higher === 0 && lower === 0) return { verdict: "same", p: undefined, trials: n };
  const p = signTest(n);
  if (p > chanceMax) return { verdict: "inconclusive", p: undefined, trials: Math.max(higher, lower) };
  if (higher === n) return { verdict: "worse", p, trials: n };
  if (lower === n) return { verdict: "better", p, trials: n };
  return { verdict: "inconclusive", p: undefined, trials: Math.max(higher, lower) };
}

function row(name: "control" | "last_good", captured: Spread, compared: Compared[], other: Spread, decides: boolean): ArmRow {
  const judged = decides ? decided(compared) : undecided(compared);
  return { name, other, normal: undefined, delta: captured.middle - other.middle, ...judged, of: compared.length, decides };
}

/** What is normal has no sample here, so nothing is tested against it. Undefined before the first trial. */
export function armRows(table: Table): { captured: Spread; rows: ArmRow[] } | undefined {
  const { trials, baseline } = table;
  const captured = spreadOf(trials, (trial) => trial.metric, (trial) => trial.n);
  if (captured === undefined) return undefined;
  const control = spreadOf(trials, (trial) => trial.control, (trial) => trial.control_n);
  const before = spreadOf(trials, (trial) => trial.last_good, (trial) => trial.last_good_n);
  const rows: ArmRow[] = [];
  if (before !== undefined) rows.push(row("last_good", captured, compare(trials, (trial) => trial.last_good, (trial) => trial.last_good_n), before, true));
  if (control !== undefined) rows.push(row("control", captured, compare(trials, (trial) => trial.control, (trial) => trial.control_n), control, before === undefined));
  rows.push({ name: "normal", other: undefined, normal: baseline, delta: captured.middle - baseline, verdict: undefined, p: undefined, trials: 0, of: trials.length, decides: false });
  return { captured, rows };
}
