import { freshMax, linesMax, rowsMax } from "./resources.ts";
import type { Rows } from "./resources.ts";

// How live rows enter a list. Pure; the same array is returned when nothing changed.

interface Identified {
  id: string;
  version?: number;
}

function replaceNewer<T extends Identified>(list: T[], row: T): T[] | undefined {
  const at = list.findIndex((each) => each.id === row.id);
  if (at < 0) return undefined;
  const held = list[at];
  if (held === undefined || (held.version ?? 0) > (row.version ?? 0)) return list;
  const copy = list.slice();
  copy[at] = row;
  return copy;
}

/**
 * A known row is replaced in its place (never moved), a new one that belongs here waits behind "n new",
 * unless the list is empty: then nobody reads anything that could move away.
 */
export function mergeRow<T extends Identified>(rows: Rows<T>, row: T, belongs: boolean): Rows<T> {
  const items = replaceNewer(rows.items, row);
  if (items !== undefined) return items === rows.items ? rows : { ...rows, items };
  const fresh = replaceNewer(rows.fresh, row);
  if (fresh !== undefined) return fresh === rows.fresh ? rows : { ...rows, fresh };
  if (!belongs) return rows;
  if (rows.items.length === 0 && rows.fresh.length === 0) return { ...rows, items: [row] };
  if (rows.fresh.length >= freshMax) {
    return { ...rows, fresh: [row, ...rows.fresh.slice(0, freshMax - 1)], freshMore: rows.freshMore + 1 };
  }
  return { ...rows, fresh: [row, ...rows.fresh] };
}

/**
 * What of the newest page is not known yet waits behind "n new", or is shown at once in an empty list. A page of which
 * nothing is known leaves a hole when there are older rows behind it: then the list is loaded again when it is shown.
 */
export function addFresh<T>(rows: Rows<T>, page: T[], more: boolean, keyOf: (row: T) => string): Rows<T> {
  const known = new Set([...rows.items, ...rows.fresh].map(keyOf));
  const news = page.filter((row) => !known.has(keyOf(row)));
  if (news.length === 0) return rows;
  if (rows.items.length === 0 && rows.fresh.length === 0) return { ...rows, items: page };
  const fresh = [...news, ...rows.fresh];
  const hole = more && news.length === page.length ? 1 : 0;
  return { ...rows, fresh: fresh.slice(0, freshMax), freshMore: rows.freshMore + Math.max(0, fresh.length - freshMax) + hole };
}

/** Moves what waits to the top. When more came than fit, the list has a hole and must be loaded again. */
export function showFresh<T>(rows: Rows<T>): Rows<T> {
  if (rows.fresh.length === 0) return rows;
  const { next, items, fresh } = rows;
  const merged: Rows<T> = { items: [...fresh, ...items].slice(0, rowsMax), fresh: [], freshMore: 0 };
  if (next !== undefined) merged.next = next;
  return merged;
}

/** Adds the next page; a row that meanwhile arrived live is not shown twice. */
export function appendPage<T>(rows: Rows<T>, page: T[], next: string | undefined, keyOf: (row: T) => string): Rows<T> {
  const known = new Set([...rows.items, ...rows.fresh].map(keyOf));
  const items = [...rows.items, ...page.filter((row) => !known.has(keyOf(row)))];
  const full = items.length >= rowsMax;
  const merged: Rows<T> = { ...rows, items: items.slice(0, rowsMax) };
  if (next === undefined || full) delete merged.next;
  else merged.next = next;
  return merged;
}

/** Log lines and the like: strictly growing numbers, the oldest are dropped at the limit. */
export function appendSequence<T extends { sequence: number }>(rows: Rows<T>, more: T[]): Rows<T> {
  const last = rows.items[rows.items.length - 1]?.sequence ?? 0;
  const newer = more.filter((row) => row.sequence > last);
  if (newer.length === 0) return rows;
  const items = rows.items.concat(newer);
  return { ...rows, items: items.length > linesMax ? items.slice(-linesMax) : items };
}
