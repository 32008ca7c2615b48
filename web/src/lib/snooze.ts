import type { Approval } from "../api/types.ts";

// Until when something is put off. Pure; the server decides by the same rules.

const hourMs = 3_600_000;
const morningHour = 9;

export type SnoozeChoice = "hour" | "tomorrow" | "time";

/** Nine in the morning of the next day, where the person is. */
export function tomorrowMorning(nowMs: number): number {
  const day = new Date(nowMs);
  day.setDate(day.getDate() + 1);
  day.setHours(morningHour, 0, 0, 0);
  return day.getTime();
}

/** Undefined while no time, or none that is one, is typed. */
export function untilOf(choice: SnoozeChoice, typed: string, nowMs: number): number | undefined {
  if (choice === "hour") return nowMs + hourMs;
  if (choice === "tomorrow") return tomorrowMorning(nowMs);
  const at = Date.parse(typed);
  return Number.isNaN(at) ? undefined : at;
}

/** What a field of date and time takes: local, to the minute. */
export function fieldTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export type SnoozePlan =
  | { kind: "until"; untilMs: number }
  /** It expires before that: back with a tenth of its time left. */
  | { kind: "sooner"; untilMs: number; expiresMs: number }
  | { kind: "refused"; why: string };

export function planOf(approval: Pick<Approval, "created_at" | "expires_at">, untilMs: number | undefined, nowMs: number): SnoozePlan {
  if (untilMs === undefined) return { kind: "refused", why: "Choose a time." };
  if (untilMs <= nowMs) return { kind: "refused", why: "That time is past." };
  const expiresMs = Date.parse(approval.expires_at);
  if (untilMs < expiresMs) return { kind: "until", untilMs };
  const lastCallMs = expiresMs - (expiresMs - Date.parse(approval.created_at)) / 10;
  if (lastCallMs <= nowMs) return { kind: "refused", why: "It expires before that, and little of its time is left: decide, or choose an earlier time." };
  return { kind: "sooner", untilMs: lastCallMs, expiresMs };
}

/** What is out of sight now, by approval. */
export function snoozedNow(rows: readonly { approval_id: string; until: string }[], nowMs: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) {
    const until = Date.parse(row.until);
    if (until > nowMs) found.set(row.approval_id, until);
  }
  return found;
}
