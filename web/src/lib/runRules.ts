import type { RunVerb } from "../api/runActions.ts";
import type { Run, RunDetail, RunState, Trial } from "../api/types.ts";

// What may be done with a run, and its trials as one row. Pure; the server decides anyway.

export const finishedStates: readonly RunState[] = ["succeeded", "cancelled", "timed_out", "discarded", "dead_letter"];

/** In the order the buttons stand. */
export function verbsOf(run: Pick<Run, "state">): RunVerb[] {
  switch (run.state) {
    case "queued": return ["pause", "priority", "cancel"];
    case "leased":
    case "failed": return ["pause", "cancel"];
    case "waiting_approval": return ["cancel"];
    case "paused":
    case "paused_budget": return ["resume", "priority", "cancel"];
    case "dead_letter": return ["retry", "discard"];
    case "succeeded":
    case "cancelled":
    case "timed_out":
    case "discarded": return ["retry"];
    default: return [];
  }
}

/** Steps it may be retried from: what it went through, each once. */
export function retrySteps(run: Pick<RunDetail, "steps">): string[] {
  const names = run.steps.map((step) => step.name).filter((name) => !name.startsWith("trial."));
  return [...new Set(names)];
}

export interface Spread {
  middle: number;
  low: number;
  high: number;
  n: number;
}

/** The middle and the ends of what trials measured; undefined without any. */
export function spreadOf(trials: readonly Trial[], value: (trial: Trial) => number | undefined, size: (trial: Trial) => number | undefined): Spread | undefined {
  const known = trials.filter((trial) => value(trial) !== undefined && (size(trial) ?? 0) > 0);
  const values = known.map((trial) => value(trial)!).sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const n = known.reduce((sum, trial) => sum + (size(trial) ?? 0), 0);
  return { middle: values[Math.floor((values.length - 1) / 2)]!, low: values[0]!, high: values[values.length - 1]!, n };
}
