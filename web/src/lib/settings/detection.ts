import type { Backtest, Detection, DetectionSettings, ValueRange } from "../../api/detectionTypes.ts";
import { count, plural } from "../format.ts";
import { kindText } from "../words.ts";

// Thresholds of detection as people set them: what each means, how it is typed, what changes. Pure.

export type NumberName = Exclude<keyof DetectionSettings, "kinds_off">;

export interface Threshold {
  name: NumberName;
  label: string;
  /** What it means, in one sentence. */
  help: string;
  unit: string;
  /** So many of the unit are one as the API counts. */
  scale: number;
  whole: boolean;
}

export interface ThresholdGroup {
  title: string;
  thresholds: Threshold[];
}

const times = { unit: "\u00d7", scale: 1, whole: false };
const ms = { unit: "ms", scale: 1, whole: true };
const counted = (unit: string): Pick<Threshold, "unit" | "scale" | "whole"> => ({ unit, scale: 1, whole: true });

export const thresholdGroups: ThresholdGroup[] = [
  { title: "Latency", thresholds: [
    { name: "latency_ratio_min", label: "Slower by a factor of", help: "The median or the 90th percentile must be this many times the normal.", ...times },
    { name: "latency_rise_min_ms", label: "Slower by a time of", help: "It must be this much longer than normal as well, so that 2 ms instead of 1 ms is nothing.", ...ms },
    { name: "slow_query_low_ms", label: "A query is slow from", help: "A database call that takes this long or longer counts as slow.", ...ms },
  ] },
  { title: "Errors", thresholds: [
    { name: "error_rise_min", label: "Share of failures up by", help: "The share of failing requests must surely be this far above the normal.", unit: "points of %", scale: 100, whole: false },
    { name: "errors_min", label: "Failures at least", help: "This many requests must have failed, however large their share.", ...counted("requests") },
  ] },
  { title: "Repeated and crowded calls", thresholds: [
    { name: "n_plus_one_calls_min", label: "The same query again from", help: "This many like queries under one request are too many.", ...counted("calls") },
    { name: "burst_ratio_min", label: "Burst by a factor of", help: "This many times the largest burst of normal windows must arrive at once.", ...times },
  ] },
  { title: "When it may speak", thresholds: [
    { name: "windows_min", label: "Learns for", help: "Before this many windows of an operation are known it has no normal, and only the plainest errors count.", ...counted("windows") },
    { name: "requests_min", label: "Learns from", help: "Before this many of its requests are known it has none either.", ...counted("requests") },
    { name: "occurrences_min", label: "Opens an incident when seen in", help: "The same must be seen in this many windows before an incident opens.", ...counted("windows") },
  ] },
];

const thresholds = thresholdGroups.flatMap((group) => group.thresholds);

/** Those that this server knows. */
export function knownGroups(detection: Detection): ThresholdGroup[] {
  return thresholdGroups
    .map((group) => ({ ...group, thresholds: group.thresholds.filter((each) => detection.inherited[each.name] !== undefined) }))
    .filter((group) => group.thresholds.length > 0);
}

/** What stands in the form: texts as typed, empty for the server's own value; kinds that are off in one. */
export type DetectionDraft = Readonly<Record<NumberName | "kinds_off", string>>;

/** As it is typed: 0.05 of an API's share are 5 points of %. */
export function shownValue(threshold: Threshold, value: number): string {
  return String(Number((value * threshold.scale).toPrecision(12)));
}

export function withUnit(threshold: Threshold, value: number): string {
  return `${shownValue(threshold, value)} ${threshold.unit}`;
}

/** A comma is taken as a point; undefined when it is no number. */
export function typedValue(threshold: Threshold, typed: string): number | undefined {
  const text = typed.trim().replace(",", ".");
  if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  return Number((Number(text) / threshold.scale).toPrecision(12));
}

export function kindsOf(draft: DetectionDraft): string[] {
  return draft.kinds_off === "" ? [] : draft.kinds_off.split(",");
}

function kindsText(kinds: readonly string[]): string {
  return [...new Set(kinds)].sort().join(",");
}

export function withKind(draft: DetectionDraft, kind: string, raised: boolean): DetectionDraft {
  const others = kindsOf(draft).filter((each) => each !== kind);
  return { ...draft, kinds_off: kindsText(raised ? others : [...others, kind]) };
}

export function draftOf(settings: DetectionSettings): DetectionDraft {
  const numbers = thresholds.map((each) => {
    const value = settings[each.name];
    return [each.name, value === undefined ? "" : shownValue(each, value)];
  });
  return { ...Object.fromEntries(numbers), kinds_off: kindsText(settings.kinds_off ?? []) } as DetectionDraft;
}

/** What a newer server knows and this form does not stays as it was. */
export function settingsOf(draft: DetectionDraft, stored: DetectionSettings): DetectionSettings {
  const mine = new Set<string>([...thresholds.map((each) => each.name), "kinds_off"]);
  const rest = Object.entries(stored).filter(([name]) => !mine.has(name));
  const numbers = thresholds.map((each) => [each.name, typedValue(each, draft[each.name])] as const).filter(([, value]) => value !== undefined);
  const off = kindsOf(draft);
  return { ...Object.fromEntries([...rest, ...numbers]), ...(off.length === 0 ? {} : { kinds_off: off }) };
}

function readValue(threshold: Threshold, value: number): string {
  const shown = Number(shownValue(threshold, value));
  return shown >= 1000 ? count(shown) : String(shown);
}

/** "From 1.05 to 20 \u00d7": what is allowed. */
export function rangeText(threshold: Threshold, range: ValueRange): string {
  return `From ${readValue(threshold, range.min)} to ${readValue(threshold, range.max)} ${threshold.unit}`;
}

/** What is wrong with what was typed; empty is the server's own and right. */
export function valueProblem(threshold: Threshold, typed: string, range: ValueRange | undefined): string | undefined {
  if (typed.trim() === "") return undefined;
  const value = typedValue(threshold, typed);
  const allowed = range === undefined ? "A number" : rangeText(threshold, range);
  if (value === undefined) return `${allowed}, as a number.`;
  if (threshold.whole && !Number.isInteger(value)) return `${allowed}, whole.`;
  if (range !== undefined && (value < range.min || value > range.max)) return `${allowed}.`;
  return undefined;
}

export function draftProblem(draft: DetectionDraft, detection: Detection): boolean {
  return thresholds.some((each) => valueProblem(each, draft[each.name], detection.ranges[each.name]) !== undefined);
}

/** As one reads it beside another: "the server's own, 1.3 \u00d7". */
export function readDraft(draft: DetectionDraft, detection: Detection): Record<keyof DetectionDraft, string> {
  const numbers = thresholds.map((each) => {
    const typed = draft[each.name].trim();
    const own = detection.inherited[each.name];
    return [each.name, typed !== "" ? `${typed} ${each.unit}` : own === undefined ? "the server\u2019s own" : `the server\u2019s own, ${withUnit(each, own)}`];
  });
  const off = kindsOf(draft).map(kindText).join(", ");
  return { ...Object.fromEntries(numbers), kinds_off: off === "" ? "none" : off } as Record<keyof DetectionDraft, string>;
}

export const draftFields: { name: keyof DetectionDraft; label: string }[] = [
  ...thresholds.map(({ name, label }) => ({ name, label })), { name: "kinds_off", label: "Not raised" },
];

export interface DraftChange {
  label: string;
  before: string;
  after: string;
}

export function draftChanges(before: DetectionDraft, after: DetectionDraft, detection: Detection): DraftChange[] {
  const [was, is] = [readDraft(before, detection), readDraft(after, detection)];
  return draftFields.filter(({ name }) => was[name] !== is[name]).map(({ name, label }) => ({ label, before: was[name], after: is[name] }));
}

/** What differs from what is stored, for an address; a value that is taken back to the server's own is "own". */
export function proposalQuery(before: DetectionDraft, after: DetectionDraft): Record<string, string> {
  return Object.fromEntries(draftFields.map(({ name }) => [name, before[name].trim() === after[name].trim() ? "" : after[name].trim() || "own"]));
}

/** What an address proposes on top of what is stored. */
export function proposalFrom(query: URLSearchParams, stored: DetectionDraft): DetectionDraft {
  const proposed = draftFields.map(({ name }) => [name, query.get(name)] as const).filter((each): each is [keyof DetectionDraft, string] => each[1] !== null && each[1] !== "");
  return { ...stored, ...Object.fromEntries(proposed.map(([name, text]) => [name, text === "own" ? "" : text])) };
}

export const historyChoices = [{ value: "", text: "7 days", days: 7 }, { value: "3", text: "3 days", days: 3 }, { value: "1", text: "1 day", days: 1 }];

/** Where the history begins that is tried; undefined: as far back as the server goes by itself. */
export function historyFrom(choice: string, nowMs: number): string | undefined {
  const days = historyChoices.find((each) => each.value === choice && choice !== "")?.days;
  return days === undefined ? undefined : new Date(Math.floor((nowMs - days * 86_400_000) / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** "5 alarms in place of 12: 1 new, 8 gone, 4 as before." */
export function backtestSentence(result: Backtest): string {
  if (result.windows === 0) return "No window of this service is stored in that time, so nothing could be tried.";
  const { present, proposed, added, removed, kept, cut } = result;
  if (added.length === 0 && removed.length === 0) return `No difference: ${plural(kept, "alarm")} with either.`;
  const listed = cut ? " or more" : "";
  return `${plural(proposed.alarms, "alarm")} in place of ${count(present.alarms)}: ${count(added.length)}${listed} new, ${count(removed.length)}${listed} gone, ${count(kept)} as before.`;
}

export function ownSentence(service: string, settings: DetectionSettings): string {
  const off = settings.kinds_off?.length ?? 0;
  const set = Object.keys(settings).filter((name) => name !== "kinds_off").length;
  if (set === 0 && off === 0) return `${service} is watched with the server\u2019s own thresholds.`;
  const parts = [...(set === 0 ? [] : [`${plural(set, "threshold")} of its own`]), ...(off === 0 ? [] : [`${plural(off, "kind")} of signals switched off`])];
  return `${service} has ${parts.join(" and ")}.`;
}
