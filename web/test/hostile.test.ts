import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyShownMax, bodyText } from "../src/lib/bodyText.ts";
import { visible } from "../src/lib/visible.ts";

test("characters that hide or reorder are named, tabs and line ends stay", () => {
  assert.equal(visible("pay \u202egpj.exe"), "pay \u27e8U+202E\u27e9gpj.exe");
  assert.equal(visible("a\u200bb\u2066c\ufeff\u0000\u001b[31m"), "a\u27e8U+200B\u27e9b\u27e8U+2066\u27e9c\u27e8U+FEFF\u27e9\u27e8U+0000\u27e9\u27e8U+001B\u27e9[31m");
  assert.equal(visible("a\tb\r\nc\nd"), "a\tb\nc\nd");
  assert.equal(visible("Gr\u00fc\u00dfe \u65e5\u672c \ud83d\ude00"), "Gr\u00fc\u00dfe \u65e5\u672c \ud83d\ude00");
});

test("marks heaped upon a letter are cut, what scripts write stays", () => {
  assert.equal(visible(`Z${"\u0335\u0321".repeat(60)}algo`), "Z\u0335\u0321\u0335\u0321\u2026algo");
  assert.equal(visible(visible(`Z${"\u0335".repeat(60)}`)), "Z\u0335\u0335\u0335\u0335\u2026");
  assert.equal(visible("Vi\u0323\u0302t \u05e9\u05c1\u05b8"), "Vi\u0323\u0302t \u05e9\u05c1\u05b8");
});

test("JSON is laid out without touching a digit", () => {
  assert.equal(bodyText("{\"n\":12345678901234567890,\"f\":1.10,\"e\":[],\"o\":{ },\"s\":\"a,{\\\"b\\\":1}\"}"),
    "{\n  \"n\": 12345678901234567890,\n  \"f\": 1.10,\n  \"e\": [],\n  \"o\": {},\n  \"s\": \"a,{\\\"b\\\":1}\"\n}");
  assert.equal(bodyText("[1,[2,3]]"), "[\n  1,\n  [\n    2,\n    3\n  ]\n]");
});

test("what only looks like JSON stays as it came", () => {
  for (const body of ["{", "{'a':1}", "[1,]", "<script>alert(1)</script>", "", "{\"a\":1}}"]) assert.equal(bodyText(body), body);
});

test("a very long body is cut with a word on it", () => {
  const shown = bodyText("x".repeat(bodyShownMax + 1234));

  assert.match(shown.slice(bodyShownMax), /1234 more characters/);
  assert(shown.length < bodyShownMax + 100);
});

test("deep nesting is laid out without recursion", () => {
  const depth = 5000;
  const body = "[".repeat(depth) + "1" + "]".repeat(depth);

  assert(bodyText(body).length > 0);
});
