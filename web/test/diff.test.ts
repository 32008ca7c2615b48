import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../src/api/types.ts";
import { diffExchanges, foldLines } from "../src/lib/diff/exchangeDiff.ts";
import { diffLines, diffTrees } from "../src/lib/diff/jsonDiff.ts";
import type { DiffLine } from "../src/lib/diff/jsonDiff.ts";
import { parseTree } from "../src/lib/diff/jsonTree.ts";
import { diffTexts, editsMax } from "../src/lib/diff/lineDiff.ts";
import { isUsualValue } from "../src/lib/diff/usual.ts";

const signs = { same: " ", removed: "-", added: "+" };
const shown = (lines: DiffLine[]): string[] => lines.map((line) => `${signs[line.kind]}${line.usual ? "~" : ""}${line.text}`);
const trees = (left: string, right: string): string[] => shown(diffTrees(parseTree(left)!, parseTree(right)!));

/** What an edit list makes of the left side. */
function applied(left: string[], right: string[]): string[] {
  const seen: string[] = [];
  let at = 0;
  for (const edit of diffTexts(left, right)) {
    if (edit.kind === "removed") assert.equal(edit.left, at++);
    else if (edit.kind === "added") seen.push(right[edit.right]!);
    else {
      assert.equal(edit.left, at++);
      assert.equal(left[edit.left], right[edit.right]);
      seen.push(left[edit.left]!);
    }
  }
  assert.equal(at, left.length);
  return seen;
}

test("edits lead from one side to the other, whatever the sides are", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 500; round++) {
    const side = (): string[] => Array.from({ length: random(12) }, () => "abcd"[random(4)]!);
    const [left, right] = [side(), side()];
    assert.deepEqual(applied(left, right), right);
  }
});

test("the shortest edit is found", () => {
  const edits = diffTexts([..."abcabba"], [..."cbabac"]);
  assert.equal(edits.filter((edit) => edit.kind !== "same").length, 5);
});

test("texts that have nothing in common are replaced as a whole, quickly", () => {
  const side = (name: string): string[] => Array.from({ length: editsMax * 4 }, (_, i) => `${name}${i}`);
  const [left, right] = [side("a"), side("b")];
  assert.deepEqual(applied(left, right), right);
});

test("a changed member is one line out and one line in, whatever the order of members", () => {
  assert.deepEqual(trees('{"a":1,"b":"x"}', '{"b":"y","a":1}'), [" {", '   "a": 1,', '-  "b": "x"', '+  "b": "y"', " }"]);
});

test("a member that is null differs from one that is missing", () => {
  assert.deepEqual(trees('{"code":null,"n":1}', '{"n":1}'), [" {", '-  "code": null,', '   "n": 1', " }"]);
});

test("an item that was put into a list is found where it is", () => {
  assert.deepEqual(trees("[1,2,4]", "[1,2,3,4]"), [" [", "   1,", "   2,", "+  3,", "   4,", " ]"]);
});

test("a changed item is compared inside", () => {
  assert.deepEqual(trees('[{"sku":"A","qty":1}]', '[{"sku":"A","qty":2}]'), [" [", "   {", '     "sku": "A",', '-    "qty": 1', '+    "qty": 2', "   },", " ]"]);
});

test("long numbers keep every digit", () => {
  assert.deepEqual(trees('{"n":12345678901234567890}', '{"n":12345678901234567891}').filter((line) => !line.startsWith(" ")),
    ['-  "n": 12345678901234567890', '+  "n": 12345678901234567891']);
});

test("times and ids that differ are usual, other values are not", () => {
  assert.deepEqual(trees('{"at":"2026-11-21T03:59:35Z","total":1}', '{"at":"2026-11-21T04:00:01Z","total":2}'),
    [" {", '-~  "at": "2026-11-21T03:59:35Z",', '+~  "at": "2026-11-21T04:00:01Z",', '-  "total": 1', '+  "total": 2', " }"]);
  assert.equal(isUsualValue("\"4bf92f3577b34da6\"", "\"00f067aa0ba902b7\""), true);
  assert.equal(isUsualValue("\"EUR\"", "\"USD\""), false);
  assert.equal(isUsualValue("1", "2"), false);
});

test("what is no JSON is compared line by line", () => {
  assert.equal(parseTree("{broken"), undefined);
  assert.equal(parseTree("[".repeat(5000) + "]".repeat(5000)), undefined);
  assert.deepEqual(shown(diffLines("a\nb\nc", "a\nc\nd")), [" a", "-b", " c", "+d"]);
  assert.deepEqual(diffLines("", ""), []);
});

function exchange(more: Partial<Exchange>): Exchange {
  return {
    index: 0, role: "failing", reason: "", direction: "in", method: "POST", path: "/orders", statement: "", host: "shop", status: 500, outcome: "error",
    start_at: "2026-11-21T03:59:35Z", duration_ms: 4, trace_id: "", request_headers: [["Content-Type", "application/json"]], response_headers: [["Date", "Mon"]],
    request_body: '{"code":null}', response_body: "boom", message: "", redacted_fields: [], curl: "", ...more,
  };
}

test("two exchanges are compared part by part; a date is usual", () => {
  const diff = diffExchanges(exchange({}), exchange({
    status: 201, request_headers: [["content-type", "application/json"]], response_headers: [["date", "Tue"]], request_body: '{"code":"X"}', response_body: "boom",
  }));

  assert.deepEqual(diff.parts.map((part) => part.title), ["Request", "Request headers", "Request body", "Response", "Response headers", "Response body"]);
  assert.equal(diff.changed, 4);
  assert.equal(diff.usual, 2);
  assert.deepEqual(shown(diff.parts[3]!.lines), ["-HTTP 500", "+HTTP 201"]);
});

test("equal exchanges have no difference", () => {
  const diff = diffExchanges(exchange({}), exchange({}));
  assert.equal(diff.changed + diff.usual, 0);
});

test("hostile bodies are compared as text and stay what they are", () => {
  const diff = diffExchanges(exchange({ response_body: "<script>alert(1)</script>\u202e" }), exchange({ response_body: "x".repeat(1_000_000) }));
  assert.deepEqual(diff.parts.at(-1)!.lines[0], { kind: "removed", text: "<script>alert(1)</script>\u202e", usual: false });
  assert.match(diff.parts.at(-1)!.lines.at(-1)!.text, /download the bundle/);
});

test("unchanged stretches fold, with a few lines around each difference", () => {
  const line = (kind: DiffLine["kind"], text: string): DiffLine => ({ kind, text, usual: false });
  const lines = [...Array.from({ length: 10 }, (_, i) => line("same", String(i))), line("added", "new"), ...Array.from({ length: 2 }, () => line("same", "z"))];
  const rows = foldLines(lines);
  assert.deepEqual(rows.map((row) => (row.kind === "fold" ? `fold ${row.lines.length}` : row.line.text)), ["fold 7", "7", "8", "9", "new", "z", "z"]);
});
