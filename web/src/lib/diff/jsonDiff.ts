import { diffTexts } from "./lineDiff.ts";
import { canonical } from "./jsonTree.ts";
import type { JsonNode } from "./jsonTree.ts";
import { isUsualValue } from "./usual.ts";

// Two JSON trees as the lines of one: what stays, goes and comes. The order of members means nothing;
// lists are compared by their items. Pure.

export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
  /** A difference such calls always have. */
  usual: boolean;
}

/** Whether a difference at a path ("items/0/id") does not count; both texts are given where both are plain values. */
export type Unimportant = (path: string, left?: string, right?: string) => boolean;

const usualValues: Unimportant = (_path, left, right) => left !== undefined && right !== undefined && isUsualValue(left, right);

function bareName(name: string): string {
  try {
    return JSON.parse(name) as string;
  } catch {
    return name;
  }
}

class Writer {
  readonly lines: DiffLine[] = [];

  constructor(private readonly unimportant: Unimportant) {}

  put(kind: DiffLine["kind"], depth: number, text: string, usual = false): void {
    this.lines.push({ kind, text: "  ".repeat(depth) + text, usual });
  }

  whole(kind: DiffLine["kind"], depth: number, name: string, node: JsonNode, comma: string, usual = false): void {
    const label = name === "" ? "" : `${name}: `;
    if (node.kind === "scalar") return this.put(kind, depth, label + node.text + comma, usual);
    const [open, close] = node.kind === "list" ? ["[", "]"] : ["{", "}"];
    const inner: [string, JsonNode][] = node.kind === "list" ? node.items.map((item) => ["", item]) : node.members;
    if (inner.length === 0) return this.put(kind, depth, label + open + close + comma, usual);
    this.put(kind, depth, label + open, usual);
    inner.forEach(([own, value], i) => this.whole(kind, depth + 1, own, value, i < inner.length - 1 ? "," : "", usual));
    this.put(kind, depth, close + comma, usual);
  }

  pair(depth: number, name: string, left: JsonNode, right: JsonNode, comma: string, path: string): void {
    if (canonical(left) === canonical(right)) return this.whole("same", depth, name, left, comma);
    const label = name === "" ? "" : `${name}: `;
    if (left.kind === "object" && right.kind === "object") {
      this.put("same", depth, `${label}{`);
      this.members(depth + 1, left.members, right.members, path);
      return this.put("same", depth, `}${comma}`);
    }
    if (left.kind === "list" && right.kind === "list") {
      this.put("same", depth, `${label}[`);
      this.items(depth + 1, left.items, right.items, path);
      return this.put("same", depth, `]${comma}`);
    }
    const usual = left.kind === "scalar" && right.kind === "scalar" ? this.unimportant(path, left.text, right.text) : this.unimportant(path);
    this.whole("removed", depth, name, left, comma, usual);
    this.whole("added", depth, name, right, comma, usual);
  }

  private members(depth: number, left: [string, JsonNode][], right: [string, JsonNode][], path: string): void {
    const there = new Map(right);
    const known = new Set(left.map(([name]) => name));
    const more = right.filter(([name]) => !known.has(name));
    left.forEach(([name, value], i) => {
      const other = there.get(name);
      const comma = i < left.length - 1 || more.length > 0 ? "," : "";
      const at = `${path}/${bareName(name)}`;
      if (other === undefined) this.whole("removed", depth, name, value, comma, this.unimportant(at));
      else this.pair(depth, name, value, other, comma, at);
    });
    more.forEach(([name, value], i) => this.whole("added", depth, name, value, i < more.length - 1 ? "," : "", this.unimportant(`${path}/${bareName(name)}`)));
  }

  /** Items that went and came at one place are the same item, changed. */
  private items(depth: number, left: JsonNode[], right: JsonNode[], path: string): void {
    const edits = diffTexts(left.map(canonical), right.map(canonical));
    for (let i = 0; i < edits.length;) {
      const edit = edits[i]!;
      if (edit.kind === "same") {
        this.whole("same", depth, "", left[edit.left]!, ",");
        i += 1;
        continue;
      }
      const gone: JsonNode[] = [];
      const came: JsonNode[] = [];
      for (let each = edits[i]; each !== undefined && each.kind !== "same"; each = edits[++i]) {
        if (each.kind === "removed") gone.push(left[each.left]!);
        else came.push(right[each.right]!);
      }
      const both = Math.min(gone.length, came.length);
      for (let at = 0; at < both; at++) this.pair(depth, "", gone[at]!, came[at]!, ",", `${path}/*`);
      for (const node of gone.slice(both)) this.whole("removed", depth, "", node, ",", this.unimportant(`${path}/*`));
      for (const node of came.slice(both)) this.whole("added", depth, "", node, ",", this.unimportant(`${path}/*`));
    }
  }
}

export function diffTrees(left: JsonNode, right: JsonNode, unimportant = usualValues): DiffLine[] {
  const writer = new Writer(unimportant);
  writer.pair(0, "", left, right, "", "");
  return writer.lines;
}

/** Any other text, line by line. */
export function diffLines(left: string, right: string): DiffLine[] {
  const [a, b] = [left, right].map((text) => (text === "" ? [] : text.split("\n"))) as [string[], string[]];
  return diffTexts(a, b).map((edit) => (edit.kind === "added"
    ? { kind: "added", text: b[edit.right]!, usual: false } : { kind: edit.kind, text: a[edit.left]!, usual: false }));
}
