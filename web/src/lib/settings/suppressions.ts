import type { NewSuppression, Suppression } from "../../api/detectionTypes.ts";
import type { Signal } from "../../api/types.ts";
import type { Zone } from "../preferences.ts";
import { timeOfField } from "../dateField.ts";
import { kindText } from "../words.ts";

// What is seen and not told: which signals, and until when. Pure.

export type Reach = "same" | "operation" | "service";

type Matched = Pick<NewSuppression, "service" | "operation_id" | "kind" | "fingerprint">;

/** What of a signal others must share with it. */
export function matchOf(signal: Signal, reach: Reach): Matched {
  const { service, id } = signal.operation;
  if (reach === "same") return { service, operation_id: id, kind: signal.kind, fingerprint: signal.fingerprint };
  return reach === "operation" ? { service, operation_id: id, kind: signal.kind } : { service, kind: signal.kind };
}

function matchText(kind: string | undefined, operation: string | undefined, same: boolean, service: string): string {
  const what = kind === undefined ? "Every signal" : `${kindText(kind)} signals`;
  return `${what}${operation === undefined ? "" : ` of ${operation}`} in ${service}${same ? ", the same problem only" : operation === undefined ? ", whatever operation" : ""}`;
}

/** "Latency signals of GET /orders in shop, the same problem only". */
export function reachSentence(signal: Signal, reach: Reach): string {
  return matchText(signal.kind, reach === "service" ? undefined : signal.operation.name, reach === "same", signal.operation.service);
}

export function matchSentence(row: Suppression): string {
  const operation = row.operation ?? row.operation_id;
  return matchText(row.kind, operation, row.fingerprint !== undefined, row.service);
}

/** Characters of a reason; the server counts bytes, of which a character may have several. */
export const reasonMax = 250;

export function oneLine(reason: string): string {
  return reason.replace(/\s+/g, " ").trim();
}

export const untilChoices = [
  { value: "1h", text: "1 hour", ms: 3_600_000 }, { value: "1d", text: "1 day", ms: 86_400_000 }, { value: "7d", text: "7 days", ms: 7 * 86_400_000 },
  { value: "date", text: "a date", ms: 0 }, { value: "lifted", text: "it is lifted", ms: 0 },
];

export type Until = { kind: "open" } | { kind: "at"; at: string } | { kind: "wrong"; why: string };

function instant(atMs: number): string {
  return new Date(Math.round(atMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** `date` as a date field gives it, "2026-11-27T09:00", in the zone that times are shown in. */
export function untilOf(choice: string, date: string, nowMs: number, zone: Zone): Until {
  if (choice === "lifted") return { kind: "open" };
  const length = untilChoices.find((each) => each.value === choice)?.ms ?? 0;
  if (length > 0) return { kind: "at", at: instant(nowMs + length) };
  if (date === "") return { kind: "wrong", why: "" };
  const at = timeOfField(date, zone);
  if (at === undefined) return { kind: "wrong", why: "This is no date." };
  return Date.parse(at) <= nowMs ? { kind: "wrong", why: "This is over already." } : { kind: "at", at };
}

/** To suppress the same once more after it was lifted; its time may be over by then. */
export function againOf(row: Suppression): NewSuppression {
  const { service, operation_id, kind, fingerprint, reason, until } = row;
  const given = Object.entries({ operation_id, kind, fingerprint, until }).filter(([, value]) => value !== undefined);
  return { service, reason, ...Object.fromEntries(given) };
}

export const suppressionStates = [{ value: "", text: "Active" }, { value: "expired", text: "Run out" }, { value: "lifted", text: "Lifted" }, { value: "all", text: "All" }];

/** The API's filter of the choice in the address; empty: all. */
export function stateFilter(choice: string): string {
  return choice === "all" ? "" : choice === "" ? "active" : choice;
}
