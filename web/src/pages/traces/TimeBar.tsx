import type { JSX } from "preact";
import type { PathPart, TimeClass, TraceTimes } from "../../api/traceTypes.ts";
import { percent } from "../../lib/format.ts";
import { classMeanings, classShares, classText, ns, shortClass } from "../../lib/trace/words.ts";

const waiting: readonly TimeClass[] = ["waiting_human", "waiting_queue", "waiting_backoff", "waiting_tool"];
const turned: Record<string, string> = { waiting_human: "rotate(45)", waiting_queue: "rotate(-45)", waiting_backoff: "rotate(90)", waiting_tool: "rotate(0)" };

/** The hatches of waiting, each its own direction; once on each screen that draws time. */
export function TimeHatches(): JSX.Element {
  return (
    <svg class="unseen" aria-hidden="true" focusable="false">
      <defs>
        {waiting.map((spent) => (
          <pattern id={`tc-${shortClass(spent)}`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform={turned[spent]}>
            <rect class={`tc-soft-${shortClass(spent)}`} width="6" height="6" />
            <path class={`tc-line-${shortClass(spent)}`} d="M0 0v6" stroke-width={spent === "waiting_tool" ? 1.6 : 2.4} />
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

/** A stretch of one class: waiting is hatched with an outline, work is solid. */
export function TimeRect(props: { spent: TimeClass; x: string | number; width: string | number; y: number; height: number }): JSX.Element {
  const { spent, ...place } = props;
  if (!waiting.includes(spent)) return <rect class={`tc-${shortClass(spent)}`} {...place} />;
  return (
    <>
      <rect fill={`url(#tc-${shortClass(spent)})`} {...place} />
      <rect class={`tc-line-${shortClass(spent)}`} fill="none" {...place} />
    </>
  );
}

function share(value: number): string {
  return `${Math.round(Math.max(0, Math.min(1, value)) * 1e5) / 1e3}%`;
}

/** In words, for those who do not see the colours. */
export function timesSentence(times: TraceTimes, wall: number): string {
  return classShares(times, wall).map((each) => `${ns(each.ns)} ${classText(each.spent)}`).join(", ");
}

/** Sums of the classes beside each other; as wide as `of` says of the whole width. */
export function SumBar(props: { times: TraceTimes; wall: number; of?: number; height?: number; label?: string }): JSX.Element {
  const height = props.height ?? 10;
  const scale = props.of ?? 1;
  let at = 0;
  const naming = props.label === undefined ? { "aria-hidden": "true" as const } : { role: "img" as const, "aria-label": props.label };
  return (
    <svg class="time-bar" width="100%" height={height} {...naming} focusable="false">
      {classShares(props.times, props.wall).map((each) => {
        const x = at;
        at += each.share * scale;
        return <TimeRect key={each.spent} spent={each.spent} x={share(x)} width={share(Math.max(0.002, each.share * scale))} y={0} height={height} />;
      })}
    </svg>
  );
}

/** The critical path as it happened: from the start to the end, each stretch in its class. */
export function PathBar(props: { path: readonly PathPart[]; wall: number; label: string }): JSX.Element {
  const { wall } = props;
  return (
    <svg class="time-bar" width="100%" height="16" role="img" aria-label={props.label} focusable="false">
      {props.path.map((part) => <TimeRect spent={part.spent} x={share(part.start_ns / wall)} width={share(Math.max(0.0008, (part.end_ns - part.start_ns) / wall))} y={1} height={14} />)}
    </svg>
  );
}

export function TimeSwatch(props: { spent: TimeClass }): JSX.Element {
  return <svg class="time-swatch" width="14" height="12" aria-hidden="true" focusable="false"><TimeRect spent={props.spent} x={0.5} width={13} y={1} height={10} /></svg>;
}

/** What each class took, the largest first; adds up to the wall time. */
export function TimeLegend(props: { times: TraceTimes; wall: number }): JSX.Element {
  return (
    <dl class="time-legend">
      {classShares(props.times, props.wall).map((each) => (
        <div key={each.spent}>
          <dt><TimeSwatch spent={each.spent} />{classText(each.spent)}</dt>
          <dd><b>{ns(each.ns)}</b> {percent(each.share)}</dd>
        </div>
      ))}
    </dl>
  );
}

export function ClassMeanings(): JSX.Element {
  return (
    <details class="card-foot small">
      <summary class="link">What the classes mean</summary>
      <dl class="pairs">{(Object.keys(classMeanings) as TimeClass[]).map((spent) => <><dt class="line"><TimeSwatch spent={spent} />{classText(spent)}</dt><dd>{classMeanings[spent]}</dd></>)}</dl>
    </details>
  );
}
