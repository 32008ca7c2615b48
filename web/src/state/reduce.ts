import type { Me, Problem } from "../api/types.ts";
import { applyLive } from "./applyLive.ts";
import type { AppEvent, LiveState } from "./events.ts";
import { emptyRows, resourcesMax, tracesMax } from "./resources.ts";
import type { Resource, ResourceKind, Rows } from "./resources.ts";
import { addFresh, appendPage, appendSequence, showFresh } from "./rows.ts";

export interface State {
  session: { kind: "unknown" } | { kind: "out"; problem: Problem | undefined } | { kind: "in"; me: Me };
  resources: Readonly<Record<string, Resource>>;
  live: LiveState;
}

export const initialState: State = {
  session: { kind: "unknown" },
  resources: {},
  live: { phase: "off", at: 0, newVersion: false },
};

function put(state: State, resource: Resource): State {
  return { ...state, resources: bounded({ ...state.resources, [resource.path]: resource }, resource.path) };
}

function dropOldest(resources: Record<string, Resource>, keep: string, among: Resource[], most: number): void {
  if (among.length <= most) return;
  let oldest: Resource | undefined;
  for (const resource of among) {
    const candidate = resource.path !== keep && resource.path !== "/overview" && resource.phase !== "loading";
    if (candidate && (oldest === undefined || resource.loadedAt < oldest.loadedAt)) oldest = resource;
  }
  if (oldest !== undefined) delete resources[oldest.path];
}

function bounded(resources: Record<string, Resource>, keep: string): Record<string, Resource> {
  const all = Object.values(resources);
  dropOldest(resources, keep, all, resourcesMax);
  dropOldest(resources, keep, all.filter((resource) => resource.kind === "trace"), tracesMax);
  return resources;
}

function fresh(kind: ResourceKind, path: string): Resource {
  return { kind, path, phase: "loading", asOfSeq: 0, touchedSeq: 0, stale: false, loads: 0, loadedAt: 0 };
}

function change(state: State, path: string, by: (resource: Resource) => Resource): State {
  const held = state.resources[path];
  if (held === undefined) return state;
  const changed = by(held);
  return changed === held ? state : put(state, changed);
}

function changeAll(state: State, by: (resource: Resource) => Resource): State {
  let resources: Record<string, Resource> | undefined;
  for (const [path, held] of Object.entries(state.resources)) {
    const changed = by(held);
    if (changed === held) continue;
    resources ??= { ...state.resources };
    resources[path] = changed;
  }
  return resources === undefined ? state : { ...state, resources };
}

type Loaded = Extract<AppEvent, { type: "loaded" }>;

function onLoaded(state: State, event: Loaded): State {
  const held = state.resources[event.path] ?? fresh(event.kind, event.path);
  const { problem: _gone, ...rest } = held;
  const outrun = held.outrun === true;
  return put(state, {
    ...rest, phase: "ready", data: event.data, asOfSeq: outrun ? 0 : event.asOfSeq, stale: outrun || held.touchedSeq > event.asOfSeq, outrun: false,
    loads: held.loads + 1, loadedAt: event.at,
  });
}

type SequenceLoaded = Extract<AppEvent, { type: "sequence_loaded" }>;

function onSequence(state: State, event: SequenceLoaded): State {
  const held = state.resources[event.path] ?? fresh("run_events", event.path);
  const rows = (held.data as Rows<{ sequence: number }> | undefined) ?? emptyRows();
  const data = appendSequence(rows, event.items as { sequence: number }[]) as Resource["data"];
  const { problem: _gone, ...rest } = held;
  return put(state, {
    ...rest, phase: "ready", data: data!, asOfSeq: event.asOfSeq, stale: held.outrun === true, outrun: false,
    loads: held.loads + 1, loadedAt: event.at,
  });
}

function keyOf(row: unknown): string {
  const { id, trace_id, sequence, index, exchange, seq } = row as { id?: string; trace_id?: string; sequence?: number; index?: number; exchange?: number; seq?: number };
  const place = sequence ?? index ?? exchange ?? seq;
  return id ?? (place === undefined ? trace_id ?? "" : String(place));
}

function onBatch(state: State, event: Extract<AppEvent, { type: "live_batch" }>): State {
  return changeAll(state, (resource) => {
    let changed = resource;
    for (const each of event.events) {
      const next = applyLive(changed, each);
      const waits = changed.data === undefined && each.seq > changed.touchedSeq;
      changed = next !== changed || waits ? { ...next, touchedSeq: Math.max(next.touchedSeq, each.seq) } : changed;
    }
    return changed;
  });
}

const stale = (resource: Resource): Resource => (resource.stale ? resource : { ...resource, stale: true });

/** The whole state of the dashboard as a function of what happened. Pure. */
export function reduce(state: State, event: AppEvent): State {
  switch (event.type) {
    case "signed_in":
      return { ...state, session: { kind: "in", me: event.me } };
    case "signed_out":
      return { ...initialState, session: { kind: "out", problem: event.problem } };
    case "load_started": {
      const held = state.resources[event.path];
      // Not stale from here on: what changes while the answer is under way marks it again.
      return put(state, held === undefined ? fresh(event.kind, event.path) : { ...held, phase: "loading", stale: false, outrun: false });
    }
    case "loaded":
      return onLoaded(state, event);
    case "peeked":
      return change(state, event.path, (held) => {
        const rows = held.data as Rows<unknown> | undefined;
        if (rows === undefined) return held;
        return { ...held, peekedSeq: event.seq, data: addFresh(rows, event.items, event.more, keyOf) as Resource["data"] & object };
      });
    case "page_loaded":
      return change(state, event.path, (held) => {
        const rows = held.data as Rows<unknown> | undefined;
        if (rows === undefined) return held;
        return { ...held, data: appendPage(rows, event.items, event.next, keyOf) as Resource["data"] & object };
      });
    case "sequence_loaded":
      return onSequence(state, event);
    case "load_failed": {
      const held = state.resources[event.path] ?? fresh(event.kind, event.path);
      return put(state, { ...held, phase: "failed", problem: event.problem, loads: held.loads + 1 });
    }
    case "live_batch":
      return onBatch(state, event);
    case "live_changed":
      return { ...state, live: event.live };
    case "live_started":
      return changeAll(state, (resource) => {
        if (resource.phase !== "loading" && resource.asOfSeq >= event.seq) return resource;
        return { ...resource, touchedSeq: Math.max(resource.touchedSeq, event.seq), stale: resource.data !== undefined };
      });
    case "live_gap":
      // A new epoch may count from the beginning again, so the old numbers mean nothing.
      return changeAll(state, (resource) => ({ ...resource, asOfSeq: 0, touchedSeq: 0, stale: true, outrun: resource.phase === "loading" }));
    case "marked_stale":
      return changeAll(state, (resource) => (resource.path.startsWith(event.prefix) ? stale(resource) : resource));
    case "fresh_shown":
      return change(state, event.path, (held) => {
        const rows = held.data as Rows<unknown> | undefined;
        if (rows === undefined || rows.fresh.length === 0) return held;
        const shown = { ...held, data: showFresh(rows) as Resource["data"] & object };
        return rows.freshMore > 0 ? { ...shown, stale: true } : shown;
      });
  }
}
