import assert from "node:assert/strict";
import { test } from "node:test";
import type { BusyService, ServicePoint } from "../src/api/overviewTypes.ts";
import { aroundMark, lineOf, marksOf, pictureHeight, pictureWidth, sumOf } from "../src/lib/busy.ts";

function point(minute: number, requests: number, failing: number, p95_ms: number): ServicePoint {
  return { at: new Date(Date.UTC(2026, 10, 26, 13, minute)).toISOString(), length_s: 60, requests, failing, p95_ms };
}

const quiet = [point(0, 100, 0, 80), point(1, 100, 0, 80), point(2, 100, 10, 160), point(3, 100, 10, 160)];

test("a line runs through the middle of each window, its highest value at the top", () => {
  assert.equal(lineOf(quiet, "p95"), `M25.0 18.0L25.0 18.0L75.0 18.0L125.0 1.0L175.0 1.0`);
  assert.equal(lineOf([], "errors"), "");
});

test("a line without errors lies at the bottom, and breaks where nothing was asked", () => {
  const line = lineOf([point(0, 10, 0, 5), point(1, 0, 0, 0), point(2, 10, 0, 5)], "errors");
  const bottom = `${pictureHeight - 1}.0`;
  assert.equal(line, `M33.3 ${bottom}L33.3 ${bottom}M166.7 ${bottom}L166.7 ${bottom}`);
});

test("marks stand where they happened, and only inside the picture", () => {
  const service: BusyService = {
    service: "checkout", requests: 400, points: quiet, marks: [
      { kind: "deployment", at: "2026-11-26T13:02:00.000Z", text: "2.4.1" }, { kind: "fix", at: "2026-11-26T12:00:00.000Z", text: "old" },
    ],
  };
  assert.deepEqual(marksOf(service).map(({ mark, x }) => [mark.text, x]), [["2.4.1", pictureWidth / 2]]);
});

test("before and after a deployment are whole windows on its sides", () => {
  const { before, after } = aroundMark(quiet, { kind: "deployment", at: "2026-11-26T13:01:30.000Z", text: "2.4.1" });
  assert.deepEqual(before, { requests: 100, errors: 0, p95Ms: 80 });
  assert.deepEqual(after, { requests: 200, errors: 0.1, p95Ms: 160 });
  assert.equal(sumOf([point(0, 0, 0, 0)]), undefined);
});
