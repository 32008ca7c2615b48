import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnswerComparison, AnswerFigure, KeptAnswer, RunAnswer, RunAnswerDetail } from "../src/api/answerTypes.ts";
import type { Trial } from "../src/api/types.ts";
import { endpoints } from "../src/api/endpoints.ts";
import { byTokens, canBeRule, comparisonSentence, countsText, latencyDelta, proofLine, rulesMax, rulesOf, tokenText } from "../src/lib/answers.ts";
import { armRows } from "../src/lib/armRules.ts";
import { diffSides, fieldOf } from "../src/lib/diff/answerDiff.ts";
import { applyLive } from "../src/state/applyLive.ts";
import type { Resource } from "../src/state/resources.ts";

function figure(status: number, n: number, change: Partial<AnswerFigure> = {}): AnswerFigure {
  return { answered: status !== 0, status, latency_ms: 12, trial: 1, shows: true, trials: 5, answers: [{ status, count: n }], ...change };
}

function row(change: Partial<RunAnswer> = {}): RunAnswer {
  return { exchange: 3, role: "failing", method: "POST", path: "/orders", route: "/orders", captured: { status: 500, latency_ms: 10 }, replayed: figure(500, 25), match: "same", differences: 0, ignored: 0, ...change };
}

test("the proof is one line of what was captured, replayed and last good", () => {
  const rows = [row({ last_good: figure(200, 25) }), row({ exchange: 4, last_good: figure(200, 25) }), row({ exchange: 9, role: "control", captured: { status: 200, latency_ms: 1 }, replayed: figure(200, 50) })];

  assert.deepEqual(proofLine(rows), { text: "captured 500, replayed 500 in 50 of 50, last good 200 in 50 of 50", exchange: 3 });
});

test("the proof says nothing of a last-good target that there was not, and links to a request that shows it", () => {
  const rows = [row({ replayed: figure(200, 20, { shows: false }), match: "changed" }), row({ exchange: 7, replayed: { ...figure(500, 0), answers: [{ status: 0, count: 2 }, { status: 500, count: 18 }] } })];

  assert.deepEqual(proofLine(rows), { text: "captured 500, replayed 200 in 20, 500 in 18, no answer in 2 of 40", exchange: 7 });
  assert.equal(proofLine([row({ role: "control" })]), undefined);
  assert.equal(proofLine([]), undefined);
});

test("counts name the most frequent status first, a latency its difference from a millisecond on", () => {
  assert.equal(countsText([{ status: 0, count: 1 }, { status: 500, count: 1049 }]), "500 in 1,049, no answer in 1 of 1,050");
  assert.equal(latencyDelta(10, 21), "+11 ms");
  assert.equal(latencyDelta(21, 10), "\u221211 ms");
  assert.equal(latencyDelta(10, 10.4), "");
});

test("tokens of redaction are told apart and say what they are", () => {
  const text = "mail <email:9f86d081....> and <binary:0a1b2c3d:2048>, but <b>no</b> <email:xyz>";

  assert.deepEqual(byTokens(text).filter((_, i) => i % 2 === 1), ["<email:9f86d081....>", "<binary:0a1b2c3d:2048>"]);
  assert.equal(byTokens(text).join(""), text);
  assert.equal(tokenText("<email:9f86d081....>"), "redacted email; the same value always has the same token (9f86d081)");
  assert.equal(tokenText("<binary:0a1b2c3d:2048>"), "binary, 2,048 bytes, not shown; digest 0a1b2c3d");
});

function compared(change: Partial<AnswerComparison> = {}): AnswerComparison {
  return { left: "captured", right: "replayed", matches: true, differences: [], left_out: 0, has_status: true, has_headers: true, has_body: true, ...change };
}

function difference(path: string, ignored: boolean): AnswerComparison["differences"][number] {
  return { path, kind: "value", left: "1", right: "2", ignored, ...(ignored ? { why: "noise" } : {}) };
}

test("a comparison says how many fields differ and how many of them do not count", () => {
  assert.equal(comparisonSentence(compared()), "The same answer.");
  assert.equal(comparisonSentence(compared({ differences: [difference("header.date", true)] })), "The same answer, 1 differs but does not count.");
  assert.equal(comparisonSentence(compared({ differences: [difference("status", false), difference("header.date", true), difference("header.via", true)] })), "1 field differs, 2 more do not count.");
  assert.equal(comparisonSentence(compared({ differences: [difference("status", false)], left_out: 4 })), "5 fields differ.");
});

function kept(change: Partial<KeptAnswer> = {}): KeptAnswer {
  return { ...figure(500, 25), headers: [["Content-Type", "application/json"], ["Date", "b"]], headers_left_out: 0, body: "", body_bytes: 0, body_left_out: false, redacted_fields: [], ...change };
}

function detail(change: Partial<RunAnswerDetail> = {}): RunAnswerDetail {
  return {
    run_id: "R1", evidence_id: "E1", exchange: 3, role: "failing", method: "POST", path: "/orders", route: "/orders", curl: "", match: "same",
    captured: { status: 500, latency_ms: 10, at: "2026-11-20T03:00:00Z", headers: [["content-type", "application/json"], ["date", "a"]], body: "", redacted_fields: [] },
    replayed: kept(), comparisons: [compared()], ...change,
  };
}

test("lines that the server's comparison ignores are quiet, wherever they stand", () => {
  const one = detail({
    captured: { ...detail().captured, body: '{"error":"null","items":[{"id":"a","n":1}]}' },
    replayed: kept({ body: '{"error":"null","items":[{"id":"b","n":2}]}' }),
  });
  const parts = diffSides(one, compared({ differences: [difference("body/items/0/id", true), difference("body/items/0/n", false), difference("header.date", true)] }))!;
  const lines = parts.flatMap((part) => part.lines).filter((line) => line.kind !== "same").map((line) => [line.kind, line.text.trim(), line.usual]);

  assert.deepEqual(lines, [
    ["removed", "date: a", true], ["added", "date: b", true],
    ["removed", '"id": "a",', true], ["added", '"id": "b",', true],
    ["removed", '"n": 1', false], ["added", '"n": 2', false],
  ]);
  assert.equal(fieldOf("body/items/17/id"), "body/items/*/id");
  assert.equal(fieldOf("body:12"), "body:*");
});

test("what one side does not know is not compared but named", () => {
  const parts = diffSides(detail({ replayed: kept({ body_left_out: true, body_bytes: 900_000 }) }), compared({ has_headers: false, has_body: false }))!;

  assert.deepEqual(parts.map((part) => [part.title, part.lines.map((line) => line.text).join("")]), [
    ["Status", "HTTP 500"], ["Headers", "not compared: they are not known of both"], ["Body", "not compared: one side was too large to be kept"],
  ]);
  assert.equal(diffSides(detail(), compared({ right: "last_good" })), undefined);
});

function trials(...each: Partial<Trial>[]): Trial[] {
  return each.map((change, i) => ({ number: i + 1, shows: false, metric: 0, control: 0, n: 10, control_n: 10, p_value: 1, gate_passed: false, ...change }));
}

function five(change: Partial<Trial>): Trial[] {
  return trials(change, change, change, change, change);
}

test("failing requests are worse than what decides only as far as trials show it", () => {
  const all = armRows({ baseline: 0.01, trials: five({ shows: true, metric: 1, p_value: 1e-5, last_good: 0, last_good_n: 10 }) })!;
  assert.deepEqual(all.rows.map((each) => [each.name, each.decides, each.verdict, each.p]), [["last_good", true, "worse", 1e-5], ["control", false, "worse", 0.03125], ["normal", false, undefined, undefined]]);
  assert.equal(all.rows[0]!.delta, 1);

  const some = armRows({ baseline: 0, trials: [...trials({ shows: true, metric: 1, p_value: 0.002 }), ...five({})] })!;
  assert.deepEqual([some.rows[0]!.verdict, some.rows[0]!.trials, some.rows[0]!.of], ["inconclusive", 1, 6]);
});

test("what no trial shows is the same, or better when every trial says so", () => {
  const verdict = (change: Partial<Trial>): unknown => armRows({ baseline: 0, trials: five(change) })!.rows[0]!.verdict;

  assert.equal(verdict({ metric: 0, control: 0 }), "same");
  assert.equal(verdict({ metric: 0.1, control: 0 }), "same");
  assert.equal(verdict({ metric: 0, control: 0.5 }), "better");
  assert.equal(armRows({ baseline: 0, trials: trials({ metric: 0, control: 1 }) })!.rows[0]!.verdict, "same", "one trial says nothing");
});

test("arms that were not measured have no row", () => {
  assert.equal(armRows({ baseline: 0, trials: [] }), undefined);
  assert.deepEqual(armRows({ baseline: 0, trials: five({ control_n: 0 }) })!.rows.map((each) => each.name), ["normal"]);
});

test("answers are loaded again when another trial of their run is measured", () => {
  const held: Resource = { kind: "run_answers", path: "/runs/R1/answers?limit=200", phase: "ready", data: { items: [], fresh: [], freshMore: 0 }, asOfSeq: 5, touchedSeq: 0, stale: false, loads: 1, loadedAt: 0 };
  const event = (topic: string, type: string): Parameters<typeof applyLive>[1] => ({ seq: 6, topic, type: "run_event", id: "R1", rev: 1, data: { sequence: 4, at: "", type, data: {} } }) as unknown as Parameters<typeof applyLive>[1];

  assert.equal(applyLive(held, event("runs/R1", "measurement")).stale, true);
  assert.equal(applyLive(held, event("runs/R1", "log")).stale, false);
  assert.equal(applyLive(held, event("runs/R2", "measurement")).stale, false);
});

test("an answer of another version is refused at the door, with the place", () => {
  const { check } = endpoints.run_answer;
  assert.equal(check({ item: detail({ last_good: kept() }), as_of_seq: 1 }, ""), undefined);
  assert.match(check({ item: { ...detail(), replayed: figure(500, 1) }, as_of_seq: 1 }, "") ?? "", /replayed\.headers/);
});

test("the reader's rules are read from the address, each once and no more than the server takes", () => {
  assert.deepEqual(rulesOf("body/items/*/id,,status,status"), ["body/items/*/id", "status"]);
  assert.deepEqual(rulesOf(null), []);
  assert.equal(rulesOf(Array.from({ length: 30 }, (_, i) => `body/${i}`).join(",")).length, rulesMax);
  assert.equal(canBeRule("body/a,b"), false);
});
