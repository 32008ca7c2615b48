import type { Alarm, HeldEvent } from "../../api/alarmTypes.ts";
import { plural } from "../format.ts";

// What other systems said and what became of it, in words. Pure.

const states: Record<Alarm["state"], string> = {
  opened: "Opened an incident", counted: "Counted", held: "Waits for a person", ignored_non_alarm: "No alarm", stale: "Too old", dismissed_signature: "Dropped, dismissed before",
};
export const alarmStateText = (state: string): string => (Object.hasOwn(states, state) ? states[state as Alarm["state"]] : state.replace(/_/g, " "));
export const alarmStateOptions = [{ value: "", text: "All" }, ...Object.entries(states).map(([value, text]) => ({ value, text }))];

const layers: Record<Alarm["layer"], string> = {
  none: "nothing like it was known", fingerprint: "the same fingerprint", exact: "the same words", lexical: "words that are alike", correlated: "signals of the same time",
};

/** How its incident was found; empty when it has none. */
export function foundBy(alarm: Pick<Alarm, "incident_id" | "layer">): string {
  return alarm.incident_id === undefined || !Object.hasOwn(layers, alarm.layer) ? "" : layers[alarm.layer];
}

/** What it is called: its title, or what else it says. */
export function alarmName(alarm: Pick<Alarm, "title" | "error_type" | "description">): string {
  return alarm.title || alarm.error_type || alarm.description || "An alarm without a word";
}

export const eventStateOptions = [{ value: "", text: "Waiting" }, { value: "approved", text: "Let in" }, { value: "dismissed", text: "Dismissed" }, { value: "all", text: "All" }];

/** The API's filter of the choice in the address; empty: all. */
export function eventStateFilter(choice: string): string {
  return choice === "all" ? "" : choice === "" ? "pending" : choice;
}

export function eventsSentence(events: readonly HeldEvent[], more: boolean, choice: string): string {
  const many = plural(events.length, "event");
  if (choice !== "") return `${many}${more ? " and more" : ""}.`;
  if (events.length === 0) return "No event waits for a person.";
  return `${many}${more ? " and more" : ""} ${events.length === 1 ? "waits" : "wait"} for a person before anything is opened.`;
}
