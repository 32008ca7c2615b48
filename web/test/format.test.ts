import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, coarse, count, cutText, duration, hashText, measured, momentText, normalOf, parseTime, percent, probability, short, shortId, utcText } from "../src/lib/format.ts";

function table<T extends unknown[]>(name: string, by: (...given: T) => string, cases: [T, string][]): void {
  for (const [given, wanted] of cases) {
    test(`${name}: ${JSON.stringify(given)} is ${wanted}`, () => assert.equal(by(...given), wanted));
  }
}

table("durations", duration, [
  [[0], "0 s"], [[-5], "0 s"], [[0.25], "250 \u00b5s"], [[41], "41 ms"], [[14.2], "14.2 ms"], [[1900], "1.9 s"], [[52_000], "52 s"], [[159_000], "2 min 39 s"], [[3_960_000], "1 h 06 min"],
  [[86_000_000], "23 h 53 min"], [[400_000_000], "4 days"],
]);
table("coarse times", coarse, [[[59_999], "59 s"], [[60_000], "1 min"], [[3_960_000], "1 h 06 min"], [[-1], "0 s"]]);
table("ages", ago, [[[10_000, 10_400], "just now"], [[10_000, 6000], "4 s ago"], [[200_000, 20_000], "3 min ago"], [[0, 600_000], "in 10 min"]]);
table("short numbers", short, [[[0], "0"], [[0.19], "0.19"], [[11.71], "11.7"], [[208.4], "208"], [[1842], "1,842"], [[-3], "\u22123"], [[0.0004], "< 0.01"], [[Number.NaN], "\u2013"], [[Infinity], "\u2013"]]);
table("shares", percent, [[[0.117], "11.7 %"], [[0.0019], "0.19 %"], [[0], "0 %"], [[1], "100 %"]]);
table("what is normal", normalOf, [
  [[{ kind: "error_rate", baseline: 0, baseline_n: 0, unit: "ratio" }], "unknown"], [[{ kind: "error_rate", baseline: 0, baseline_n: 90, unit: "ratio" }], "0 %"],
  [[{ kind: "fanout_straggler", baseline: 1.5, baseline_n: 0, unit: "ratio" }], "1.5\u00d7"],
]);
table("measured values", measured, [[[0.145, "ratio"], "14.5 %"], [[208e6, "ns"], "208 ms"], [[200, "count"], "200"], [[3.5, "something new"], "3.5"]]);
table("chances", probability, [[[undefined], ""], [[0.61], "p = 0.61"], [[0.0042], "p = 0.0042"], [[3.1e-14], "p < 1e\u221213"], [[0], "p < 1e-300"]]);
table("sizes", bytes, [[[512], "512 B"], [[48_211], "47.1 KiB"], [[20_971_520], "20 MiB"]]);
table("counts", count, [[[2434483], "2,434,483"], [[-12], "\u221212"]]);
table("ids", shortId, [[["01KAG7M3ZC0000000000000Q4F2M"], "01KAG7M3ZC\u20264F2M"], [["short"], "short"]]);
table("hashes", hashText, [[[`9f2c41d783be05aa${"0".repeat(40)}e07be8b0`], "9f2c41d7 83be05aa \u2026 e07be8b0"], [[""], ""]]);
table("cut texts", cutText, [[["abcdef", 4], "abc\u2026"], [["abc", 4], "abc"]]);

test("a moment today has no date, one before has", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");

  assert.equal(momentText(now, Date.parse("2026-11-21T03:04:05Z")), "03:04:05");
  assert.equal(momentText(now, Date.parse("2026-11-20T03:04:05Z")), "20 Nov 03:04");
  assert.equal(momentText(now, Date.parse("2025-11-20T03:04:05Z")), "20 Nov 2025 03:04");
});

test("times that are no times are nothing", () => {
  assert.equal(parseTime("yesterday"), undefined);
  assert.equal(parseTime(""), undefined);
  assert.equal(parseTime(undefined), undefined);
  assert.equal(utcText(parseTime("2026-11-20T03:04:05.123456789Z") ?? 0), "2026-11-20T03:04:05Z");
});
