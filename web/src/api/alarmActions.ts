import { flag, number, object } from "./check.ts";
import type { Answer } from "./request.ts";
import { change } from "./settingsActions.ts";
import { item } from "./shapes.ts";
import type { Item } from "./types.ts";

// What people decide about alarms and events. As in settingsActions.ts.

const segment = encodeURIComponent;
const touched = ["/events", "/alarms", "/incidents", "/overview"];

export function acceptAlarm(id: string): Promise<Answer<unknown>> {
  return change(`/alarms/${segment(id)}/accept`, { method: "POST", body: {} }, ...touched);
}

export function approveEvent(id: string): Promise<Answer<unknown>> {
  return change(`/events/${segment(id)}/approve`, { method: "POST", body: {} }, ...touched);
}

/** A hundred at a time; `more` says that others wait. */
export function approveAllEvents(): Promise<Answer<Item<{ approved: number; more: boolean }>>> {
  return change("/events/approve-all", { method: "POST", body: {}, check: item(object({ approved: number, more: flag })) }, ...touched);
}

export function dismissEvent(id: string): Promise<Answer<unknown>> {
  return change(`/events/${segment(id)}/dismiss`, { method: "POST", body: {} }, ...touched);
}

export function liftDismissal(id: string): Promise<Answer<unknown>> {
  return change(`/events/dismissals/${segment(id)}`, { method: "DELETE" }, ...touched);
}
