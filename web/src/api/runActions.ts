import { request } from "./client.ts";
import type { Answer } from "./request.ts";
import { dispatch } from "../state/store.ts";
import type { Item, Run } from "./types.ts";

// What operators do with runs. The server answers the run, or the new one.

export type RunVerb = "cancel" | "pause" | "resume" | "priority" | "retry" | "discard";

export interface RunOrder {
  comment: string;
  priority?: number;
  /** Empty: where it stopped, or from the beginning. */
  fromStep?: string;
}

const isItem = (value: unknown): string | undefined => {
  const id = (value as { item?: { id?: unknown } } | undefined)?.item?.id;
  return typeof id === "string" ? undefined : "item.id should be text";
};

export async function orderRun(run: Run, verb: RunVerb, order: RunOrder): Promise<Answer<Item<Run>>> {
  const body: Record<string, string | number> = {};
  if (order.comment !== "") body.comment = order.comment;
  if (order.priority !== undefined) body.priority = order.priority;
  if (order.fromStep) body.from_step = order.fromStep;
  const path = `/runs/${encodeURIComponent(run.id)}`;
  const url = verb === "discard" ? `/dead-letters/${encodeURIComponent(run.id)}/discard` : `${path}/${verb}`;
  const answer = await request<Item<Run>>(url, { method: "POST", body, version: run.version, check: isItem });
  // Also after a refusal: most refusals mean that what is on screen is old.
  for (const prefix of [path, "/runs", `/incidents/${run.incident_id}`, "/approvals", "/dead-letters", "/overview"]) dispatch({ type: "marked_stale", prefix });
  return answer;
}
