import type { RunEvent, RunStep, Trial, Verdict } from "../api/types.ts";

// What a run's events say so far: the same for the stored log and the live view. Pure.

export interface LogLine {
  sequence: number;
  at: string;
  type: RunEvent["type"];
  text: string;
}

export interface RunProgress {
  steps: RunStep[];
  trials: Trial[];
  /** Of the step under way. */
  progress: { done: number; total: number } | undefined;
  verdict: { verdict: Verdict; reason: string } | undefined;
  log: LogLine[];
}

function isTrial(data: Record<string, unknown>): boolean {
  return ["number", "metric", "control", "n", "control_n", "p_value"].every((name) => typeof data[name] === "number")
    && typeof data.shows === "boolean";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function lineOf(event: RunEvent): string {
  const { data } = event;
  switch (event.type) {
    case "log": return textOf(data.text);
    case "step_started": return `${textOf(data.step)} started`;
    case "step_ended": return `${textOf(data.step)} ended`;
    case "progress": return `${String(data.done)} of ${String(data.total)}`;
    case "measurement": return isTrial(data) ? `trial ${String(data.number)} ${data.shows === true ? "shows it" : "does not show it"}` : "measurement";
    case "verdict": return [textOf(data.verdict), textOf(data.reason)].filter((part) => part !== "").join(": ");
    default: return textOf((data as Record<string, unknown>).text) || event.type;
  }
}

function onStep(steps: RunStep[], event: RunEvent): void {
  const name = textOf(event.data.step);
  if (name === "") return;
  if (event.type === "step_started") {
    const attempt = typeof event.data.attempt === "number" ? event.data.attempt : steps.filter((step) => step.name === name).length + 1;
    steps.push({ name, attempt, started_at: event.at });
    return;
  }
  const open = steps.findLast((step) => step.name === name && step.ended_at === undefined);
  if (open !== undefined) open.ended_at = event.at;
}

function nothingYet(): RunProgress {
  return { steps: [], trials: [], progress: undefined, verdict: undefined, log: [] };
}

function take(found: RunProgress, event: RunEvent): void {
  const { data } = event;
  if (typeof data !== "object" || data === null) return;
  if (event.type === "step_started" || event.type === "step_ended") {
    onStep(found.steps, event);
    found.progress = undefined;
  } else if (event.type === "progress" && typeof data.done === "number" && typeof data.total === "number") {
    found.progress = { done: data.done, total: data.total };
  } else if (event.type === "measurement" && isTrial(data)) {
    const trial = data as unknown as Trial;
    found.trials = [...found.trials.filter((each) => each.number !== trial.number), trial].sort((a, b) => a.number - b.number);
  } else if (event.type === "verdict" && typeof data.verdict === "string") {
    found.verdict = { verdict: data.verdict as Verdict, reason: textOf(data.reason) };
  }
  if (event.type !== "progress") found.log.push({ sequence: event.sequence, at: event.at, type: event.type, text: lineOf(event) });
}

/** What is known after further events. The log is one list that grows: a hundred thousand lines are not copied for one more. */
export function continued(before: RunProgress, more: readonly RunEvent[]): RunProgress {
  const found: RunProgress = { ...before, steps: before.steps.map((step) => ({ ...step })) };
  for (const event of more) take(found, event);
  return found;
}

export function runProgress(events: readonly RunEvent[]): RunProgress {
  return continued(nothingYet(), events);
}

/** Where a step stands on the run's time axis, as shares of the whole. */
export function barOf(step: RunStep, startMs: number, endMs: number, nowMs: number): { from: number; width: number } {
  const whole = Math.max(1, endMs - startMs);
  const from = Date.parse(step.started_at) - startMs;
  const to = (step.ended_at === undefined ? nowMs : Date.parse(step.ended_at)) - startMs;
  const clamp = (share: number): number => Math.max(0, Math.min(1, share));
  const left = clamp(from / whole);
  return { from: left, width: Math.max(0.006, clamp(to / whole) - left) };
}
