import type { JSX } from "preact";
import type { Trial, Verdict } from "../api/types.ts";
import { riskText, severityText, verdictText } from "../lib/words.ts";

// The three kinds of mark and the trial pips. Severity is a shape, risk is rising bars, a verdict is an
// ink stamp, a trial is a box; nothing else on a screen may look like them.

type Level = "low" | "medium" | "high" | "critical";
const levels: readonly string[] = ["low", "medium", "high", "critical"];

function levelOf(word: string): Level {
  return levels.includes(word) ? (word as Level) : "low";
}

function SeverityShape(props: { level: Level }): JSX.Element {
  const attributes = { class: "mark-shape", viewBox: "0 0 14 14", "aria-hidden": "true", focusable: "false" } as const;
  switch (props.level) {
    case "critical":
      return (
        <svg {...attributes}>
          <path class="mark-fill" d="M4.3.8h5.4l3.5 3.5v5.4l-3.5 3.5H4.3L.8 9.7V4.3z" />
          <path class="mark-hole" d="M7 3.6v4M7 10.2v.01" />
        </svg>
      );
    case "high":
      return <svg {...attributes}><path class="mark-fill" d="M7 1.2 13.3 12.6H.7z" /></svg>;
    case "medium":
      return <svg {...attributes}><path class="mark-fill" d="M7 .8 13.2 7 7 13.2.8 7z" /></svg>;
    case "low":
      return <svg {...attributes}><circle class="mark-ring" cx="7" cy="7" r="4.8" /></svg>;
  }
}

export function Severity(props: { severity: string; tag?: boolean }): JSX.Element {
  const level = levelOf(props.severity);
  return (
    <span class={`mark mark-${level}${props.tag ? " mark-tag" : ""}`}>
      <SeverityShape level={level} />{severityText(props.severity)}
    </span>
  );
}

/** Shape and number, for a strip of counts; the word is there for those who do not see the shape. */
export function SeverityCount(props: { severity: Level; count: number }): JSX.Element {
  return (
    <span class={`mark mark-${props.severity}`}>
      <SeverityShape level={props.severity} />
      {props.count}<span class="unseen"> {severityText(props.severity)}</span>
    </span>
  );
}

export function RiskBars(props: { level: string }): JSX.Element {
  const filled = levels.indexOf(levelOf(props.level)) + 1;
  return (
    <svg class="mark-shape" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
      {[0, 1, 2, 3].map((bar) => (
        <rect class={bar < filled ? "mark-fill" : "mark-rest"} x={0.5 + bar * 3.5} y={9 - bar * 2.7} width="2.5" height={4 + bar * 2.7} rx=".6" />
      ))}
    </svg>
  );
}

export function RiskMark(props: { risk: string; tag?: boolean }): JSX.Element {
  return (
    <span class={`mark mark-${levelOf(props.risk)}${props.tag ? " mark-tag" : ""}`}>
      <RiskBars level={props.risk} />{riskText(props.risk)}
    </span>
  );
}

const stampKind: Record<Verdict, string> = {
  reproduced: "stamp", flaky: "stamp stamp-open", not_reproduced: "stamp stamp-open", inconclusive: "stamp stamp-dashed",
};

export function Stamp(props: { verdict: Verdict; small?: boolean }): JSX.Element {
  const kind = Object.hasOwn(stampKind, props.verdict) ? stampKind[props.verdict] : "stamp stamp-dashed";
  return <span class={`${kind}${props.small ? " stamp-small" : ""}`}>{verdictText(props.verdict)}</span>;
}

export type Pip = "shows" | "clear" | "running" | "waiting";

/** One box per planned trial: those done, the one under way, those still to come. */
export function pipsOf(trials: readonly Pick<Trial, "shows">[], planned: number, running: boolean): Pip[] {
  const pips: Pip[] = trials.map((trial) => (trial.shows ? "shows" : "clear"));
  if (running && pips.length < planned) pips.push("running");
  while (pips.length < Math.min(planned, 50)) pips.push("waiting");
  return pips;
}

export function Pips(props: { pips: Pip[]; label: string; large?: boolean }): JSX.Element {
  return (
    <span class={props.large ? "pips pips-large" : "pips"} role="img" aria-label={props.label}>
      {props.pips.map((pip) => <i class={`pip pip-${pip}`} />)}
    </span>
  );
}

export function Meter(props: { share: number; kind?: "accent" | "quiet" | "hot"; label?: string }): JSX.Element {
  const percent = `${Math.round(Math.max(0, Math.min(1, props.share)) * 1000) / 10}%`;
  const naming = props.label === undefined ? { "aria-hidden": "true" as const } : { role: "img" as const, "aria-label": props.label };
  return (
    <svg class="meter" width="100%" height="4" {...naming} focusable="false">
      <rect class="meter-rest" width="100%" height="4" rx="2" />
      <rect class={`meter-${props.kind ?? "accent"}`} width={percent} height="4" rx="2" />
    </svg>
  );
}
