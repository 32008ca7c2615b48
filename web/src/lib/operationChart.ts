import type { OperationSeries } from "../api/evidenceTypes.ts";
import type { IncidentDetail } from "../api/types.ts";

// One of an operation's three curves in the form charts draw. Pure.

export const operationMetrics = ["failing", "p95", "requests"] as const;
export type OperationMetric = (typeof operationMetrics)[number];

export const metricText: Record<OperationMetric, string> = { failing: "Share of failing calls", p95: "p95 of the response time", requests: "Calls per window" };

export type Curve = IncidentDetail["series"];

const nsPerMs = 1_000_000;

export function metricFrom(value: string | null): OperationMetric {
  return operationMetrics.find((each) => each === value) ?? "failing";
}

export function curveOf(series: OperationSeries, metric: OperationMetric): Curve {
  const band = metric === "failing" ? series.failing_share : metric === "p95" ? series.p95_ms : series.requests;
  const scale = metric === "p95" ? nsPerMs : 1;
  const points = series.points.map((point) => ({
    at: point.at, n: point.requests, anomalous: point.anomalous,
    value: metric === "failing" ? (point.requests === 0 ? 0 : point.failing / point.requests) : metric === "p95" ? point.p95_ms * nsPerMs : point.requests,
  }));
  return {
    metric: metricText[metric], unit: metric === "failing" ? "ratio" : metric === "p95" ? "ns" : "count", operation: series.operation, points,
    ...(band === undefined ? {} : { baseline: { low: band.low * scale, high: band.high * scale, middle: band.middle * scale } }),
  };
}

/** The windows from one to another, both with it. */
export function cutTo(curve: Curve, first: string, last: string): Curve {
  const [from, until] = [Date.parse(first), Date.parse(last)];
  return { ...curve, points: curve.points.filter((point) => Date.parse(point.at) >= from && Date.parse(point.at) <= until) };
}

/** How its last window stands to what is usual, as the end of a sentence; nothing while that is being learned. */
export function standingOf(curve: Curve): string {
  const { baseline, points } = curve;
  const last = points[points.length - 1];
  if (baseline === undefined || last === undefined) return "";
  if (last.value > baseline.high) return ", above its baseline";
  return last.value < baseline.low ? ", below its baseline" : ", inside its baseline";
}
