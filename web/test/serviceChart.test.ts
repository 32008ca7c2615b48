import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationSeries } from "../src/api/evidenceTypes.ts";
import { curveOf, cutTo, metricFrom, standingOf } from "../src/lib/operationChart.ts";
import { clockText, momentText, otherZoneText } from "../src/lib/format.ts";
import { setZone } from "../src/lib/preferences.ts";
import { isWhole, rangeFrom, shifted, shortestMs, timeText, zoomed } from "../src/lib/timeRange.ts";

const whole = { from: 0, until: 10 * shortestMs };

test("zooming keeps the point it is about in its place, and stays inside", () => {
  assert.deepEqual(zoomed(whole, whole, 0.5, 0), { from: 0, until: 5 * shortestMs });
  assert.deepEqual(zoomed(whole, whole, 0.5, 5 * shortestMs), { from: 2.5 * shortestMs, until: 7.5 * shortestMs });
  assert.deepEqual(zoomed({ from: 0, until: 5 * shortestMs }, whole, 4, 0), whole);
  assert.equal(zoomed({ from: 0, until: shortestMs }, whole, 0.1, 0).until, shortestMs);
});

test("moving stops at the ends", () => {
  assert.deepEqual(shifted({ from: 0, until: 2 * shortestMs }, whole, -0.5), { from: 0, until: 2 * shortestMs });
  assert.deepEqual(shifted({ from: 0, until: 2 * shortestMs }, whole, 0.5), { from: shortestMs, until: 3 * shortestMs });
  assert.equal(isWhole(whole, whole), true);
  assert.equal(isWhole({ from: 1, until: whole.until }, whole), false);
});

test("an address that says no time, or an end before its beginning, says nothing", () => {
  assert.deepEqual(rangeFrom("noon", null), {});
  assert.deepEqual(rangeFrom("2026-11-21T04:00:00Z", "2026-11-21T03:00:00Z"), {});
  assert.deepEqual(rangeFrom("2026-11-21T03:00:00Z", null), { from: Date.parse("2026-11-21T03:00:00Z") });
  assert.equal(timeText(Date.parse("2026-11-21T03:00:00.400Z")), "2026-11-21T03:00:00Z");
});

const series: OperationSeries = {
  operation: { id: "1".repeat(16), source: "span", kind: "server", service: "shop", protocol: "http", method: "GET", route: "/", name: "GET /" },
  points: [{ at: "2026-11-21T03:00:00Z", length_s: 60, requests: 0, failing: 0, p50_ms: 0, p95_ms: 0, anomalous: false }, { at: "2026-11-21T03:01:00Z", length_s: 60, requests: 10, failing: 4, p50_ms: 2, p95_ms: 3, anomalous: true }],
  p95_ms: { low: 1, high: 2, middle: 1.5 }, more: false,
};

test("each curve has its own values, unit and band; a window without calls fails nobody", () => {
  assert.deepEqual(curveOf(series, "failing").points.map((point) => point.value), [0, 0.4]);
  assert.equal(curveOf(series, "failing").baseline, undefined);
  assert.deepEqual(curveOf(series, "p95").baseline, { low: 1e6, high: 2e6, middle: 1.5e6 });
  assert.equal(curveOf(series, "p95").points[1]?.value, 3e6);
  assert.equal(curveOf(series, "requests").unit, "count");
  assert.equal(metricFrom("nonsense"), "failing");
});

test("a curve is cut to a stretch and says how it ends beside what is usual", () => {
  const p95 = curveOf(series, "p95");

  assert.equal(standingOf(p95), ", above its baseline");
  assert.equal(standingOf({ ...p95, baseline: { low: 5e6, high: 6e6, middle: 5e6 } }), ", below its baseline");
  assert.equal(standingOf(curveOf(series, "failing")), "");
  assert.deepEqual(cutTo(p95, "2026-11-21T03:01:00Z", "2026-11-21T03:01:00Z").points.map((point) => point.value), [3e6]);
  assert.equal(standingOf(cutTo(p95, "2026-11-21T04:00:00Z", "2026-11-21T05:00:00Z")), "");
});

test("times are shown in the zone that was chosen, the other one stands beside", () => {
  const at = Date.parse("2026-11-21T03:59:35Z");
  setZone("utc");
  assert.equal(clockText(at), "03:59:35");
  assert.equal(momentText(at + 86_400_000, at), "21 Nov 03:59");
  assert.match(otherZoneText(at, at), /local, 2026-11-21T03:59:35Z$/);
  setZone("local");
  assert.equal(otherZoneText(at, at), "2026-11-21T03:59:35Z");
});
