import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trial } from "../src/api/types.ts";
import { TrialTable } from "../src/components/TrialTable.tsx";

interface Node { type: unknown; props: { children?: unknown } }

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "props" in value;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (isNode(value)) return textOf(value.props.children);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The text of each element of a kind, in the order of the page. */
function textsOf(kind: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => textsOf(kind, each));
  if (!isNode(value)) return [];
  return value.type === kind ? [textOf(value)] : textsOf(kind, value.props.children);
}

const trial: Trial = { number: 1, shows: true, metric: 1, control: 0, n: 10, control_n: 10, k: 10, control_k: 0, p_value: 0.001, gate_passed: true };

function table(...trials: Trial[]): unknown {
  return TrialTable({ result: { metric: "share", unit: "ratio", gate: 0.012, baseline: 0.002, trials, numbers: [] } });
}

test("a trial without a last-good target has no column for it", () => {
  assert.deepEqual(textsOf("th", table(trial)), ["Trial", "Captured", "Control", "Chance", "Result"]);
});

test("a trial with a last-good target shows what that did", () => {
  const shown = table({ ...trial, last_good: 0.3, last_good_n: 10, last_good_k: 3 });

  assert.deepEqual(textsOf("th", shown), ["Trial", "Captured", "Control", "Last good", "Chance", "Result"]);
  assert.equal(textsOf("td", shown)[3], "30 % 3 / 10");
});

test("without good requests the control has nothing to show", () => {
  const { control_k, ...rest } = trial;

  assert.equal(control_k, 0);
  assert.equal(textsOf("td", table({ ...rest, control_n: 0, last_good: 0, last_good_n: 10, last_good_k: 0 }))[2], "\u2013");
});
