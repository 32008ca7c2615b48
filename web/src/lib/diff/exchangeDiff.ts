import type { Exchange } from "../../api/types.ts";
import { parseTree } from "./jsonTree.ts";
import { diffLines, diffTrees } from "./jsonDiff.ts";
import type { DiffLine, Unimportant } from "./jsonDiff.ts";
import { isUsualHeader, isUsualValue } from "./usual.ts";

// Two exchanges beside each other, part by part. Pure.

export interface DiffPart {
  title: string;
  lines: DiffLine[];
}

export interface ExchangeDiff {
  parts: DiffPart[];
  /** Lines that went or came, without and with the usual ones. */
  changed: number;
  usual: number;
}

/** Longer bodies are compared only up to here; the bundle has the rest. */
export const comparedMax = 400_000;

type Headers = Exchange["request_headers"];

function byName(headers: Headers): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

export function diffHeaders(left: Headers, right: Headers, unimportant?: Unimportant): DiffLine[] {
  const [a, b] = [byName(left), byName(right)];
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name): DiffLine[] => {
    const [was, is] = [a.get(name) ?? [], b.get(name) ?? []];
    const line = (kind: DiffLine["kind"], value: string, usual = false): DiffLine => ({ kind, text: `${name}: ${value}`, usual });
    if (was.length === is.length && was.every((value, i) => value === is[i])) return was.map((value) => line("same", value));
    const usual = unimportant !== undefined ? unimportant(name)
      : isUsualHeader(name) || (was.length === 1 && is.length === 1 && isUsualValue(was[0]!, is[0]!));
    return [...was.map((value) => line("removed", value, usual)), ...is.map((value) => line("added", value, usual))];
  });
}

export function diffBodies(left: string, right: string, unimportant?: Unimportant): DiffLine[] {
  const [a, b] = [left.slice(0, comparedMax), right.slice(0, comparedMax)];
  const [treeA, treeB] = [parseTree(a), parseTree(b)];
  const lines = treeA !== undefined && treeB !== undefined ? diffTrees(treeA, treeB, unimportant) : diffLines(a, b);
  if (left.length <= comparedMax && right.length <= comparedMax) return lines;
  return [...lines, { kind: "same", text: `\u2026 compared up to ${comparedMax} characters; download the bundle to see all`, usual: false }];
}

export function diffExchanges(left: Exchange, right: Exchange): ExchangeDiff {
  const first = (each: Exchange): string => (each.statement === "" ? `${each.method} ${each.path}` : each.statement);
  const outcome = (each: Exchange): string => (each.status === 0 ? each.outcome : `HTTP ${each.status}`) + (each.message === "" ? "" : `, ${each.message}`);
  const parts: DiffPart[] = [
    { title: "Request", lines: diffLines(first(left), first(right)) },
    { title: "Request headers", lines: diffHeaders(left.request_headers, right.request_headers) },
    { title: "Request body", lines: diffBodies(left.request_body, right.request_body) },
    { title: "Response", lines: diffLines(outcome(left), outcome(right)) },
    { title: "Response headers", lines: diffHeaders(left.response_headers, right.response_headers) },
    { title: "Response body", lines: diffBodies(left.response_body, right.response_body) },
  ].filter((part) => part.lines.length > 0);
  const differing = parts.flatMap((part) => part.lines).filter((line) => line.kind !== "same");
  const usual = differing.filter((line) => line.usual).length;
  return { parts, changed: differing.length - usual, usual };
}

export type Folded = { kind: "line"; line: DiffLine } | { kind: "fold"; lines: DiffLine[] };

/** Unchanged stretches fold to one row that says how many lines they have; a few stay around each difference. */
export function foldLines(lines: readonly DiffLine[], around = 3): Folded[] {
  const near = new Array<boolean>(lines.length).fill(false);
  lines.forEach((line, i) => {
    if (line.kind === "same") return;
    for (let at = Math.max(0, i - around); at <= Math.min(lines.length - 1, i + around); at++) near[at] = true;
  });
  const rows: Folded[] = [];
  for (let i = 0; i < lines.length;) {
    if (near[i]) {
      rows.push({ kind: "line", line: lines[i++]! });
      continue;
    }
    const from = i;
    while (i < lines.length && !near[i]) i += 1;
    const stretch = lines.slice(from, i);
    if (stretch.length <= around) rows.push(...stretch.map((line): Folded => ({ kind: "line", line })));
    else rows.push({ kind: "fold", lines: stretch });
  }
  return rows;
}
