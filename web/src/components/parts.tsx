import { useState, useEffect } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../api/types.ts";
import { problemSentence } from "../api/problem.ts";
import type { Resource, ResourceKind } from "../state/resources.ts";
import { load } from "../state/loading.ts";
import { nowMs } from "../lib/clock.ts";
import { ago, duration, momentText, otherZoneText, parseTime } from "../lib/format.ts";
import { announce } from "./toasts.tsx";
import { Icon } from "./icons.tsx";

let ids = 0;

/** A label that stays the same for one component. */
export function useLabelId(prefix: string): string {
  return useState(() => `${prefix}-${++ids}`)[0];
}

export function Card(props: { title: ComponentChildren; note?: ComponentChildren; span?: string; children: ComponentChildren; head?: ComponentChildren; headWrap?: boolean }): JSX.Element {
  const id = useLabelId("card");
  return (
    <section class={`card ${props.span ?? ""}`} aria-labelledby={id}>
      <header class={props.headWrap ? "card-head card-head-wrap" : "card-head"}>
        <h2 id={id} class="grow">{props.title}{props.note === undefined ? null : <span class="quiet small"> {props.note}</span>}</h2>
        {props.head}
      </header>
      {props.children}
    </section>
  );
}

/** A point in time in the chosen zone, the other on hover; the machine reads the whole. */
export function Time(props: { at: string | undefined; relative?: boolean }): JSX.Element | null {
  const at = parseTime(props.at);
  if (at === undefined) return null;
  const text = props.relative ? ago(nowMs.value, at) : momentText(nowMs.peek(), at);
  return <time dateTime={props.at} title={props.relative ? `${momentText(nowMs.peek(), at)}, ${otherZoneText(nowMs.peek(), at)}` : otherZoneText(nowMs.peek(), at)}>{text}</time>;
}

/** From one time to another, or until now while there is no end. */
export function Took(props: { from: string; to: string | undefined }): JSX.Element {
  const from = parseTime(props.from) ?? 0;
  const to = parseTime(props.to);
  const ms = (to ?? Math.floor(nowMs.value / 1000) * 1000) - from;
  return <>{duration(ms < 1000 && to === undefined ? 0 : ms)}</>;
}

export function CopyButton(props: { text: string; what: string; children?: ComponentChildren; class?: string }): JSX.Element {
  const copy = async (): Promise<void> => {
    announce((await copyText(props.text)) ? `${props.what} copied.` : `Your browser does not let this page copy. Select the text instead.`);
  };
  return (
    <button type="button" class={props.class ?? "icon-button"} onClick={() => void copy()} aria-label={props.children ? undefined : `Copy ${props.what}`}>
      <Icon name="copy" />{props.children}
    </button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The clipboard interface exists only on https and localhost. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function ProblemLine(props: { problem: Problem; onRetry?: (() => void) | undefined }): JSX.Element {
  const { problem, onRetry } = props;
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <p class="grow">{problemSentence(problem)}{problem.request_id === "" ? null : <span class="quiet"> Request <code>{problem.request_id}</code></span>}</p>
      {onRetry === undefined ? null : <button type="button" class="button button-small" onClick={onRetry}>Retry</button>}
    </div>
  );
}

/** Says which kind of empty it is and what to do next. */
export function Empty(props: { title: string; children?: ComponentChildren; action?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="strong">{props.title}</p>
      {props.children}
      {props.action === undefined ? null : <p class="empty-action">{props.action}</p>}
    </div>
  );
}

/** Flat bars in place of lines, after 200 ms of waiting: quick answers do not flicker. */
export function Skeleton(props: { lines: number }): JSX.Element | null {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div class="skeleton" role="status">
      <span class="unseen">Loading</span>
      {Array.from({ length: props.lines }, (_, line) => <i class={`skeleton-line skeleton-${line % 3}`} />)}
    </div>
  );
}

/** What every screen does with an answer: wait, show, and when it fails keep what there is and say so. */
export function Loaded<K extends ResourceKind>(props: {
  resource: Resource<K> | undefined;
  lines?: number;
  missing?: ComponentChildren;
  children: (data: NonNullable<Resource<K>["data"]>) => ComponentChildren;
}): JSX.Element {
  const { resource } = props;
  const problem = resource?.phase === "failed" ? resource.problem : undefined;
  if (problem?.status === 404 && props.missing !== undefined) return <>{props.missing}</>;
  const data = resource?.data;
  return (
    <>
      {problem === undefined || resource === undefined ? null : <ProblemLine problem={problem} onRetry={() => void load(resource.kind, resource.path)} />}
      {data !== undefined ? props.children(data as NonNullable<Resource<K>["data"]>) : problem === undefined ? <Skeleton lines={props.lines ?? 6} /> : null}
    </>
  );
}

export function Key(props: { children: ComponentChildren }): JSX.Element {
  return <kbd class="wide-only">{props.children}</kbd>;
}

export function Tabs<T extends string>(props: { label: string; tabs: { id: T; text: ComponentChildren }[]; active: T; onPick: (tab: T) => void; after?: ComponentChildren }): JSX.Element {
  return (
    <div class="tabs" role="group" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <button type="button" class="tab" aria-pressed={tab.id === props.active} onClick={() => props.onPick(tab.id)}>{tab.text}</button>
      ))}
      {props.after}
    </div>
  );
}
