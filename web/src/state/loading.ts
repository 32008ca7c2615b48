import { request } from "../api/client.ts";
import { endpoints } from "../api/endpoints.ts";
import { aborted, unreachable } from "../api/problem.ts";
import type { Page } from "../api/types.ts";
import { dispatch, peekState } from "./store.ts";
import type { ResourceKind, Rows } from "./resources.ts";
import { onUnreachable, onAnswer } from "../live/reach.ts";

// Brings answers into the store. One request per path at a time; whoever asks meanwhile gets that one.

const underWay = new Set<string>();

function pathFor(kind: ResourceKind, path: string): string {
  if (kind !== "run_events") return path;
  const rows = peekState().resources[path]?.data as Rows<{ sequence: number }> | undefined;
  const last = rows?.items[rows.items.length - 1]?.sequence;
  return last === undefined ? path : `${path}?after=${last}`;
}

export async function load(kind: ResourceKind, path: string): Promise<void> {
  if (underWay.has(path)) return;
  underWay.add(path);
  dispatch({ type: "load_started", kind, path });
  const endpoint = endpoints[kind];
  const answer = await request<unknown>(pathFor(kind, path), { check: endpoint.check });
  underWay.delete(path);
  if (!answer.ok) {
    if (answer.problem.code === aborted) return;
    if (answer.problem.code === unreachable) onUnreachable();
    dispatch({ type: "load_failed", kind, path, problem: answer.problem });
    return;
  }
  onAnswer();
  const { data, asOfSeq } = endpoint.take(answer.value);
  const at = Date.now();
  if (kind === "run_events") {
    const items = (data as Rows<unknown>).items;
    dispatch({ type: "sequence_loaded", path, items, asOfSeq, at });
    if ((data as Rows<unknown>).next !== undefined && items.length > 0) await load(kind, path);
    return;
  }
  dispatch({ type: "loaded", kind, path, data, asOfSeq, at });
}

/** Looks at the newest page without showing it. A failure is no matter: the next event asks again. */
export async function peekNew(kind: ResourceKind, path: string): Promise<void> {
  const seq = peekState().resources[path]?.newsSeq;
  if (seq === undefined || underWay.has(path)) return;
  underWay.add(path);
  const answer = await request<Page<unknown>>(path, { check: endpoints[kind].check });
  underWay.delete(path);
  if (answer.ok) dispatch({ type: "peeked", path, items: answer.value.items, more: (answer.value.next ?? "") !== "", seq });
}

/** Adds the next page of a list that is already there. Answers whether it worked. */
export async function loadMore(kind: ResourceKind, path: string): Promise<boolean> {
  const rows = peekState().resources[path]?.data as Rows<unknown> | undefined;
  if (rows?.next === undefined || underWay.has(path)) return false;
  underWay.add(path);
  const url = `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(rows.next)}`;
  const answer = await request<Page<unknown>>(url, { check: endpoints[kind].check });
  underWay.delete(path);
  if (!answer.ok) return false;
  dispatch({ type: "page_loaded", path, items: answer.value.items, next: answer.value.next || undefined });
  return true;
}
