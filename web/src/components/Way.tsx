import type { JSX } from "preact";
import type { Incident } from "../api/types.ts";
import type { WayStep } from "../lib/way.ts";
import { isStopped, wayPosition } from "../lib/way.ts";
import { situationText } from "../lib/words.ts";
import { Icon } from "./icons.tsx";
import { Time } from "./parts.tsx";

function Dot(props: { step: WayStep; index: number }): JSX.Element {
  const { state } = props.step;
  if (state === "done") return <span class="way-dot"><Icon name="check" small /></span>;
  if (state === "stopped") return <span class="way-dot"><Icon name="pause" small /></span>;
  return <span class="way-dot">{state === "now" ? null : props.index + 1}</span>;
}

const spoken: Record<WayStep["state"], string> = { done: "done", now: "under way", todo: "to come", stopped: "stopped here" };

export function Way(props: { steps: WayStep[] }): JSX.Element {
  return (
    <section class="card card-body" aria-label="The way so far">
      <ol class="way">
        {props.steps.map((step, i) => (
          <li class={`way-step way-${step.state}`} aria-current={step.state === "now" || step.state === "stopped" ? "step" : undefined}>
            <Dot step={step} index={i} />
            <b>{step.name}</b><span class="unseen">, {spoken[step.state]} </span>{step.at === undefined ? null : <span class="way-time"><Time at={step.at} /></span>}
            <p>{step.note}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The same five steps as small bars, with the situation in words. */
export function MiniWay(props: { incident: Incident }): JSX.Element {
  const { incident } = props;
  const position = wayPosition(incident);
  const stopped = isStopped(incident);
  return (
    <>
      <span class="mini" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((i) => <i class={i < position ? "mini-done" : i === position ? (stopped ? "mini-stop" : "mini-now") : undefined} />)}
      </span>
      <div class="small quiet">{situationText(incident.status, incident.phase, incident.reason)}</div>
    </>
  );
}
