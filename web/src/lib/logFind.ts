import type { LogLine } from "./runProgress.ts";

// Finding in a log that grows. Pure.

export interface Found {
  wanted: string;
  /** Places in the log, rising. */
  rows: number[];
  /** So many lines were looked through. */
  looked: number;
}

/** Looks only through what came since, unless another text is wanted. */
export function findLines(log: readonly LogLine[], wanted: string, before: Found | undefined): Found {
  const text = wanted.trim().toLowerCase();
  if (text === "") return { wanted: "", rows: [], looked: log.length };
  const goesOn = before !== undefined && before.wanted === text && before.looked <= log.length;
  const rows = goesOn ? before.rows.slice() : [];
  for (let row = goesOn ? before.looked : 0; row < log.length; row++) {
    const line = log[row]!;
    if (line.text.toLowerCase().includes(text) || line.type.includes(text)) rows.push(row);
  }
  return { wanted: text, rows, looked: log.length };
}

/** The next place after `from` in either direction, going round at the ends. */
export function nextFound(rows: readonly number[], from: number, step: 1 | -1): number | undefined {
  if (rows.length === 0) return undefined;
  if (step > 0) return rows.find((row) => row > from) ?? rows[0];
  for (let i = rows.length - 1; i >= 0; i--) if (rows[i]! < from) return rows[i];
  return rows[rows.length - 1];
}

/** A line's text in pieces: what was looked for stands at the odd places. */
export function marked(text: string, wanted: string): string[] {
  if (wanted === "") return [text];
  const low = text.toLowerCase();
  const pieces: string[] = [];
  let at = 0;
  for (let found = low.indexOf(wanted); found >= 0 && low.length === text.length; found = low.indexOf(wanted, at)) {
    pieces.push(text.slice(at, found), text.slice(found, found + wanted.length));
    at = found + wanted.length;
  }
  return [...pieces, text.slice(at)];
}
