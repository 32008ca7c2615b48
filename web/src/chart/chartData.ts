import type { IncidentDetail } from "../api/types.ts";

// From a series of windows to what is drawn. Pure.

export interface ChartData {
  /** Unix seconds, rising. */
  at: number[];
  observed: (number | null)[];
  /** The anomalous part again, with the point before it, so that the line leaves the normal one. */
  anomalous: (number | null)[];
  low: number[];
  middle: number[];
  high: number[];
  /** Index ranges that are shaded. */
  shaded: { from: number; to: number }[];
  /** Indices whose point is not joined to the one before: nothing was measured between them. */
  breaks: number[];
}

/** So many times the usual distance of two windows without one is a gap. */
const gapFactor = 3;

function breaksOf(at: readonly number[]): number[] {
  const steps = at.slice(1).map((each, i) => each - at[i]!);
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return steps.flatMap((step, i) => (step > usual * gapFactor ? [i + 1] : []));
}

/** Points with a gap, or nothing, on both sides: a line would not show them. */
export function lonePoints(data: Pick<ChartData, "at" | "breaks">): number[] {
  const begins = new Set(data.breaks);
  return data.at.flatMap((_, i) => ((i === 0 || begins.has(i)) && (i === data.at.length - 1 || begins.has(i + 1)) ? [i] : []));
}

type Series = IncidentDetail["series"];

export function chartData(series: Series): ChartData {
  const { points, baseline } = series;
  const data: ChartData = { at: [], observed: [], anomalous: [], low: [], middle: [], high: [], shaded: [], breaks: [] };
  points.forEach((point, i) => {
    data.at.push(Date.parse(point.at) / 1000);
    data.observed.push(point.value);
    const leads = points[i + 1]?.anomalous === true;
    data.anomalous.push(point.anomalous || leads ? point.value : null);
    if (baseline !== undefined) {
      data.low.push(baseline.low);
      data.middle.push(baseline.middle);
      data.high.push(baseline.high);
    }
    if (!point.anomalous) return;
    const open = data.shaded[data.shaded.length - 1];
    if (open !== undefined && open.to === i - 1) open.to = i;
    else data.shaded.push({ from: i, to: i });
  });
  data.breaks = breaksOf(data.at);
  return data;
}

/** In words, for those who do not see the chart. */
export function chartSentence(series: Series, show: (value: number) => string): string {
  const bad = series.points.filter((point) => point.anomalous);
  const normal = series.baseline === undefined ? "its baseline is still being learned" : `normal is ${show(series.baseline.middle)}`;
  const worst = bad.reduce((most, point) => Math.max(most, point.value), 0);
  const found = bad.length === 0 ? "no anomalous window" : `${bad.length} anomalous of ${series.points.length} windows, up to ${show(worst)}`;
  return `${series.metric} of ${series.operation.name}: ${found}; ${normal}.`;
}
