import type { JSX } from "preact";
import type { RunDetail, RunStep } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { Meter } from "../../components/marks.tsx";
import { Card, Took } from "../../components/parts.tsx";
import { nowMs } from "../../lib/clock.ts";
import { duration } from "../../lib/format.ts";
import { barOf } from "../../lib/runProgress.ts";
import type { RunProgress } from "../../lib/runProgress.ts";

const planned: Record<string, string[]> = {
  reproduce: ["prepare", "replay", "verdict", "gate", "publish"],
  publish: ["gate", "publish"],
  fix: ["gate", "publish"],
};

function merged(run: RunDetail, progress: RunProgress): RunStep[] {
  // The stored steps know their ends, the events know what began since.
  const seen = new Set(run.steps.map((step) => `${step.name} ${step.attempt}`));
  const extra = progress.steps.filter((step) => !seen.has(`${step.name} ${step.attempt}`));
  // Each trial is stored as a step of its own; they are shown as measurements.
  const own = [...run.steps, ...extra].filter((step) => !step.name.startsWith("trial."));
  return own.sort((a, b) => a.started_at.localeCompare(b.started_at));
}

function StepLine(props: { step: RunStep; run: RunDetail; startMs: number; endMs: number; under: boolean; progress: RunProgress }): JSX.Element {
  const { step, under } = props;
  const bar = barOf(step, props.startMs, props.endMs, nowMs.value);
  const failed = step.ended_at === undefined && !under;
  const meter = under ? props.progress.progress ?? (props.run.progress > 0 ? { done: Math.round(props.run.progress * 100), total: 100 } : undefined) : undefined;
  return (
    <li class={under ? "step step-now" : "step"} aria-current={under ? "step" : undefined}>
      <span class={failed ? "bad" : "quiet"}>{under ? <span class="dot-now" /> : <Icon name={failed ? "cross" : "check"} />}</span>
      <span class="cut">{step.name}{step.attempt > 1 ? `, attempt ${step.attempt}` : ""}<span class="unseen">{under ? ", under way" : failed ? ", not finished" : ", done"}</span></span>
      <svg class="step-bar" width="100%" height="10" aria-hidden="true" focusable="false">
        <rect class="step-track" width="100%" height="10" rx="2" />
        <rect class={under ? "step-fill-now" : failed ? "step-fill-bad" : "step-fill"} x={`${bar.from * 100}%`} width={`${bar.width * 100}%`} height="10" rx="2" />
      </svg>
      <span class="right small quiet nowrap">{failed ? "" : <Took from={step.started_at} to={step.ended_at} />}</span>
      {meter === undefined ? null : <span class="step-note">{meter.done} of {meter.total}<Meter share={meter.done / Math.max(1, meter.total)} label={`${meter.done} of ${meter.total} done`} /></span>}
    </li>
  );
}

export function StepsCard(props: { run: RunDetail; progress: RunProgress }): JSX.Element {
  const { run, progress } = props;
  const steps = merged(run, progress);
  const known = new Set(steps.map((step) => step.name));
  const active = ["leased", "waiting_approval"].includes(run.state);
  const later = (planned[run.kind] ?? []).filter((name) => !known.has(name));
  const startMs = Date.parse(run.created_at);
  const endMs = active || run.state === "queued" ? Math.max(nowMs.value, startMs + 1000) : Date.parse(run.updated_at);
  const done = steps.filter((step) => step.ended_at !== undefined).length;
  return (
    <Card title="Steps" note={`${done} of ${Math.max(done, known.size + later.length)}`} head={<span class="tiny quiet">0 to {duration(endMs - startMs)}</span>}>
      <ol>
        {steps.map((step, i) => <StepLine step={step} run={run} startMs={startMs} endMs={endMs} progress={progress} under={active && step.ended_at === undefined && i === steps.length - 1} />)}
        {later.map((name) => (
          <li class="step step-todo"><span class="dot-todo" /><span class="cut">{name}<span class="unseen">, to come</span></span><span class="step-rest small quiet">{laterText(name, run)}</span></li>
        ))}
      </ol>
    </Card>
  );
}

function laterText(name: string, run: RunDetail): string {
  if (["cancelled", "timed_out", "discarded", "dead_letter"].includes(run.state)) return "not reached";
  if (run.state === "succeeded") return "not needed";
  if (name === "publish" && run.state === "waiting_approval") return "after the release";
  if (name === "gate") return run.risk === "high" || run.risk === "critical" ? `will wait: risk ${run.risk.toUpperCase()}` : "passes by itself at this risk";
  return "";
}
