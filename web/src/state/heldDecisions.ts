import { computed, effect, signal } from "@preact/signals";
import { beforeSignOut, sendDecision } from "../api/actions.ts";
import type { Decision } from "../api/actions.ts";
import { newKey } from "../api/client.ts";
import { paths } from "../api/endpoints.ts";
import type { Approval, DecisionRequest } from "../api/types.ts";
import { announce } from "../components/toasts.tsx";
import { nothingHeld, step } from "../lib/held.ts";
import type { HeldEffect, HeldEvent, HeldItem, HeldState } from "../lib/held.ts";
import { dispatch, resourceSignal, session } from "./store.ts";

// Owns the machine of lib/held.ts in this page: its clock, its requests, and what else happens meanwhile.

const tickMs = 200;

const state = signal<HeldState>(nothingHeld);
/** Moves while something waits; counts down on screen. */
export const heldNowMs = signal(0);
export const heldState = computed(() => state.value);

let ticking: ReturnType<typeof setInterval> | undefined;

function now(): number {
  // Not the wall clock: somebody setting it sends nothing early.
  return performance.now();
}

function tick(): void {
  heldNowMs.value = now();
  feed({ type: "ticked", nowMs: heldNowMs.peek() });
}

function keepTime(): void {
  const waits = state.peek().held.some((each) => each.phase === "held");
  if (waits && ticking === undefined) {
    heldNowMs.value = now();
    ticking = setInterval(tick, tickMs);
  } else if (!waits && ticking !== undefined) {
    clearInterval(ticking);
    ticking = undefined;
  }
}

const underWay = new Set<Promise<void>>();

async function send(effect: Extract<HeldEffect, { type: "send" }>, item: HeldItem): Promise<void> {
  const outcome = await sendDecision(item, effect.decision, effect.outlives);
  feed({ type: "answered", id: effect.id, approvalId: item.approvalId, outcome: outcome.ok ? { ok: true } : { ok: false, problem: outcome.problem } });
}

function carryOut(work: HeldEffect): void {
  if (work.type === "say") return announce(work.text);
  for (const item of work.items) {
    const sending = send(work, item);
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
  }
}

export function feed(event: HeldEvent): void {
  const next = step(state.peek(), event);
  state.value = next.state;
  keepTime();
  next.effects.forEach(carryOut);
}

export interface Decided {
  approval: Approval;
  body: DecisionRequest;
}

/** The person has decided; from here on it can be taken back for a few seconds. */
export function hold(decision: Decision, decided: Decided[]): void {
  const items = decided.map(({ approval, body }): HeldItem => ({
    approvalId: approval.id, incidentId: approval.incident_id, runId: approval.run_id, summary: approval.summary, body, key: newKey(),
  }));
  feed({ type: "decided", decision, items, nowMs: now() });
}

/** Sends what waits and comes back when all of it is answered. */
async function flush(): Promise<void> {
  feed({ type: "sent_now" });
  await Promise.all(underWay);
}

function watchApprovals(): void {
  const waiting = state.value.held.filter((each) => each.phase === "held").flatMap((each) => each.items);
  for (const item of waiting) {
    const seen = resourceSignal<"approval">(paths.approval(item.approvalId)).value?.data;
    if (seen === undefined || (seen.state === "pending" && seen.content_hash === item.body.content_hash)) continue;
    // Not inside the effect that reads the state.
    queueMicrotask(() => feed({ type: "moved", approvalId: seen.id, state: seen.state, contentHash: seen.content_hash, why: seen.void_reason ?? "" }));
  }
}

let wired = false;

/** Once, with the first screen where something can be decided. */
export function wireHeldDecisions(): void {
  if (wired) return;
  wired = true;
  window.addEventListener("pagehide", () => feed({ type: "left" }));
  // A page that comes back from the browser's memory has to look what its last requests did.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) dispatch({ type: "marked_stale", prefix: "/approvals" });
  });
  beforeSignOut(flush);
  effect(watchApprovals);
  let signedIn = false;
  effect(() => {
    const isIn = session.value.kind === "in";
    if (signedIn && !isIn) queueMicrotask(() => feed({ type: "signed_out" }));
    signedIn = isIn;
  });
}
