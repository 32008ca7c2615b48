import type { AnswerComparison, AnswerFigure, AnswerMatch, AnswerSide, RunAnswer, StatusCount } from "../api/answerTypes.ts";
import { count, duration } from "./format.ts";

// What targets answered, in words. Pure.

export const sideText: Record<AnswerSide, string> = { captured: "captured", replayed: "replayed", last_good: "last good" };

export const matchText: Record<AnswerMatch, string> = { same: "as captured", changed: "differs", no_answer: "no answer" };

export function statusWord(status: number): string {
  return status === 0 ? "no answer" : String(status);
}

function total(counts: readonly StatusCount[]): number {
  return counts.reduce((sum, each) => sum + each.count, 0);
}

/** The most frequent first; of equal ones the smaller status. */
function byCount(counts: readonly StatusCount[]): StatusCount[] {
  return [...counts].sort((a, b) => b.count - a.count || a.status - b.status);
}

/** "500 in 50 of 50", "500 in 48, no answer in 2 of 50". */
export function countsText(counts: readonly StatusCount[]): string {
  const all = total(counts);
  return `${byCount(counts).map((each) => `${statusWord(each.status)} in ${count(each.count)}`).join(", ")} of ${count(all)}`;
}

/** "+11 ms", "-3 ms"; empty when both took the same, to the millisecond. */
export function latencyDelta(fromMs: number, toMs: number): string {
  const apart = toMs - fromMs;
  return Math.abs(apart) < 1 ? "" : `${apart > 0 ? "+" : "\u2212"}${duration(Math.abs(apart))}`;
}

function isFailing(row: RunAnswer): boolean {
  return row.role === "failing" || row.role === "trigger";
}

function joined(figures: readonly AnswerFigure[]): StatusCount[] {
  const sums = new Map<number, number>();
  for (const figure of figures) for (const each of figure.answers) sums.set(each.status, (sums.get(each.status) ?? 0) + each.count);
  return [...sums].map(([status, n]) => ({ status, count: n }));
}

export interface ProofLine {
  text: string;
  /** The exchange it is best seen at. */
  exchange: number;
}

/** "captured 500, replayed 500 in 50 of 50, last good 200 in 50 of 50"; undefined when no failing request was sent. */
export function proofLine(rows: readonly RunAnswer[]): ProofLine | undefined {
  const failing = rows.filter(isFailing);
  const first = failing.find((row) => row.replayed.shows && row.match !== "no_answer") ?? failing[0];
  if (first === undefined) return undefined;
  const captured = byCount(joined(failing.map((row) => ({ ...row.replayed, answers: [{ status: row.captured.status, count: 1 }] }))));
  const before = failing.flatMap((row) => (row.last_good === undefined ? [] : [row.last_good]));
  const parts = [
    `captured ${captured.map((each) => statusWord(each.status)).join(" or ")}`,
    `replayed ${countsText(joined(failing.map((row) => row.replayed)))}`,
    ...(before.length === 0 ? [] : [`last good ${countsText(joined(before))}`]),
  ];
  return { text: parts.join(", "), exchange: first.exchange };
}

/** "2 fields differ, 3 more do not count", "The same." */
export function comparisonSentence(compared: AnswerComparison): string {
  const counting = compared.differences.filter((each) => !each.ignored).length + compared.left_out;
  const ignored = compared.differences.length + compared.left_out - counting;
  const more = ignored === 0 ? "" : `, ${count(ignored)} ${counting === 0 ? (ignored === 1 ? "differs but does" : "differ but do") : `more ${ignored === 1 ? "does" : "do"}`} not count`;
  if (counting === 0) return `The same answer${more}.`;
  return `${count(counting)} ${counting === 1 ? "field differs" : "fields differ"}${more}.`;
}

/** Redaction's tokens stand at the odd places: "<email:9f86d081....>", "<binary:0a1b2c3d:2048>". */
export function byTokens(text: string): string[] {
  return text.split(/(<[a-z][a-z0-9_-]{0,31}:[0-9a-f]{8}(?:\.*|:\d+)>)/);
}

/** What a token stands for, in words; the same value has the same token. */
export function tokenText(token: string): string {
  const [, type = "", hash = "", size] = /^<([^:]+):([0-9a-f]{8})\.*(?::(\d+))?>$/.exec(token) ?? [];
  const what = type.replace(/[_-]/g, " ");
  return size === undefined ? `redacted ${what}; the same value always has the same token (${hash})` : `${what}, ${count(Number(size))} bytes, not shown; digest ${hash}`;
}

/** As the server takes them. */
export const rulesMax = 20;

/** "body/items/*\/id,header.x-build" of an address. */
export function rulesOf(text: string | null): string[] {
  return [...new Set((text ?? "").split(",").filter((each) => each !== ""))].slice(0, rulesMax);
}

/** A field whose name a rule cannot say. */
export function canBeRule(field: string): boolean {
  return !field.includes(",") && field.length <= 500;
}
