import { zone } from "./preferences.ts";
import type { Zone } from "./preferences.ts";

// Numbers and times as people read them. Pure but for the chosen time zone; every function takes the present.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const minus = "\u2212";

export function count(value: number): string {
  return grouped.format(value).replace("-", minus);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Three digits at most after rounding, no trailing zeros: 0.19, 1.5, 14.5, 208. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "\u2013";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const rounded = Number(value.toFixed(digits));
  if (rounded === 0 && value !== 0) return value > 0 ? "< 0.01" : `> ${minus}0.01`;
  return Math.abs(rounded) >= 1000 ? count(rounded) : String(rounded).replace("-", minus);
}

export function percent(ratio: number): string {
  return `${short(ratio * 100)} %`;
}

/** "11.7 %" of "552 of 4,713". */
export function ofTotal(k: number, n: number): string {
  return `${count(k)} of ${count(n)}`;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** 41 ms, 1.9 s, 52 s, 2 min 39 s, 1 h 06 min, 3 days. Never negative. */
export function duration(ms: number): string {
  const size = Math.max(0, ms);
  if (size === 0) return "0 s";
  if (size < 1) return `${short(size * 1000)} \u00b5s`;
  if (size < second) return `${short(size)} ms`;
  if (size < 10 * second) return `${short(size / second)} s`;
  if (size < minute) return `${Math.floor(size / second)} s`;
  if (size < hour) return `${Math.floor(size / minute)} min ${two(Math.floor((size % minute) / second))} s`;
  if (size < 3 * day) return `${Math.floor(size / hour)} h ${two(Math.floor((size % hour) / minute))} min`;
  return `${Math.floor(size / day)} days`;
}

/** For what is counted down or up on screen: whole units only. */
export function coarse(ms: number): string {
  const size = Math.max(0, ms);
  if (size < minute) return `${Math.floor(size / second)} s`;
  if (size < hour) return `${Math.floor(size / minute)} min`;
  if (size < 3 * day) return `${Math.floor(size / hour)} h ${two(Math.floor((size % hour) / minute))} min`;
  return `${Math.floor(size / day)} days`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

export function ago(nowMs: number, atMs: number): string {
  const size = nowMs - atMs;
  // A few seconds ahead is a clock that differs, not the future.
  if (size < second) return size > -minute ? "just now" : `in ${coarse(-size)}`;
  return `${coarse(size)} ago`;
}

export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  clock: string;
}

/** As a calendar and a clock say it, in the time zone that was chosen. */
function partsOf(atMs: number, where: Zone): Parts {
  const at = new Date(atMs);
  const clock = (...each: number[]): string => each.map(two).join(":");
  return where === "utc"
    ? { year: at.getUTCFullYear(), month: at.getUTCMonth(), day: at.getUTCDate(), clock: clock(at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()) }
    : { year: at.getFullYear(), month: at.getMonth(), day: at.getDate(), clock: clock(at.getHours(), at.getMinutes(), at.getSeconds()) };
}

export function clockText(atMs: number): string {
  return partsOf(atMs, zone.value).clock;
}

export function clockMinutes(atMs: number): string {
  return clockText(atMs).slice(0, 5);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The time of day today, with the date before that, in the time zone that was chosen. */
export function momentText(nowMs: number, atMs: number, where: Zone = zone.value): string {
  const at = partsOf(atMs, where);
  const now = partsOf(nowMs, where);
  if (at.year === now.year && at.month === now.month && at.day === now.day) return at.clock;
  return `${at.day} ${months[at.month]}${at.year === now.year ? "" : ` ${at.year}`} ${at.clock.slice(0, 5)}`;
}

/** What stands beside a time on hover: the zone that is not shown. */
export function otherZoneText(nowMs: number, atMs: number): string {
  return zone.value === "utc" ? `${momentText(nowMs, atMs, "local")} local, ${utcText(atMs)}` : utcText(atMs);
}

export function utcText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}

const nsPerMs = 1_000_000;

/** A measured value with its unit as the API names it. */
export function measured(value: number, unit: string): string {
  if (unit === "ratio") return percent(value);
  if (unit === "ns") return duration(value / nsPerMs);
  return short(value);
}

// Kinds whose ratio says how many times of what is right it was, not a share.
const multiples = new Set(["fanout_straggler", "retry_storm", "stream_stall"]);

/** A value of a signal or finding: as measured(), but "9.5\u00d7" where it is a multiple. */
export function measuredOf(kind: string, value: number, unit: string): string {
  return unit === "ratio" && multiples.has(kind) ? `${short(value)}\u00d7` : measured(value, unit);
}

/** What is normal there; that is not known until enough was seen. */
export function normalOf(signal: { kind: string; baseline: number; baseline_n: number; unit: string }): string {
  return signal.baseline === 0 && signal.baseline_n === 0 ? "unknown" : measuredOf(signal.kind, signal.baseline, signal.unit);
}

/** p = 0.61, p = 0.0042, p < 1e-12. */
export function probability(p: number | undefined): string {
  if (p === undefined) return "";
  if (p >= 0.001) return `p = ${Number(p.toPrecision(2))}`;
  if (p <= 0) return "p < 1e-300";
  return `p < 1e${minus}${Math.floor(-Math.log10(p))}`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${count(size)} B`;
  if (size < 1024 * 1024) return `${short(size / 1024)} KiB`;
  return `${short(size / 1024 / 1024)} MiB`;
}

/** The ends of an id: enough to tell two apart, the whole is in the link. */
export function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 10)}\u2026${id.slice(-4)}`;
}

/** Eight digits name a content in words and on the release button. */
export function hashHead(hash: string): string {
  return hash.slice(0, 8);
}

/** "9f2c41d7 83be05aa … e07be8b0" */
export function hashText(hash: string): string {
  return hash.length <= 24 ? hash : `${hash.slice(0, 8)} ${hash.slice(8, 16)} \u2026 ${hash.slice(-8)}`;
}

export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}\u2026`;
}
