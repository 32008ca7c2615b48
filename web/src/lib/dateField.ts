import type { Zone } from "./preferences.ts";

// A point in time as a field for date and time has it, in the zone that times are shown in. Pure.

/** "2026-11-27T09:30" of a field as RFC 3339; undefined when it is none. */
export function timeOfField(typed: string, zone: Zone): string | undefined {
  const at = Date.parse(zone === "utc" ? `${typed}Z` : typed);
  return typed === "" || Number.isNaN(at) ? undefined : new Date(at).toISOString().replace(".000Z", "Z");
}

/** Empty for what is no time. */
export function fieldOfTime(time: string, zone: Zone): string {
  const at = Date.parse(time);
  if (time === "" || Number.isNaN(at)) return "";
  const shift = zone === "utc" ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - shift).toISOString().slice(0, 16);
}
