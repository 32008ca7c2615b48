import type uPlot from "uplot";
import { lonePoints } from "./chartData.ts";
import type { ChartData } from "./chartData.ts";

// All of uPlot's options from data and colours. Pure apart from drawing on the canvas it is given.

export interface ChartColours {
  text: string;
  grid: string;
  series: string;
  band: string;
  bandEdge: string;
  anomaly: string;
  anomalyLine: string;
  marker: string;
  font: string;
}

export function readColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: token("--c-text-3"), grid: token("--c-grid"), series: token("--c-series"), band: token("--c-band"),
    bandEdge: token("--c-band-edge"), anomaly: token("--c-anomaly"), anomalyLine: token("--c-anomaly-line"), marker: token("--c-marker"),
    font: `11px ${token("--f-sans")}`,
  };
}

/** What a chart may have besides its curve. */
export interface ChartExtras {
  /** Deployments: a dashed line with the version at its top. */
  markers: readonly { at: number; text: string }[];
  /** A stretch was drawn over, in Unix seconds. */
  onRange?: ((from: number, until: number) => void) | undefined;
  utc: boolean;
  /** A low picture below another with the same times: no times of its own. */
  small?: boolean;
}

function mark(extras: ChartExtras, colours: ChartColours): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colours.marker;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = colours.font.replace("11px", `${11 * devicePixelRatio}px`);
    for (const { at, text } of extras.markers) {
      const x = Math.round(plot.valToPos(at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const right = x > bbox.left + bbox.width * 0.8;
      ctx.textAlign = right ? "right" : "left";
      ctx.fillText(text, x + (right ? -4 : 4) * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
    }
    ctx.restore();
  };
}

/** Where the shaded ranges stand on the canvas: each reaches half a window beyond its first and last point. */
function shade(data: ChartData, colours: ChartColours): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const range of data.shaded) {
      const lead = Math.max(0, range.from - 1);
      const from = plot.valToPos((data.at[lead]! + data.at[range.from]!) / 2, "x", true);
      const after = data.at[range.to + 1];
      const to = after === undefined ? bbox.left + bbox.width : plot.valToPos((data.at[range.to]! + after) / 2, "x", true);
      ctx.fillStyle = colours.anomaly;
      ctx.fillRect(from, bbox.top, Math.max(1, to - from), bbox.height);
      ctx.fillStyle = colours.anomalyLine;
      ctx.fillRect(from, bbox.top, devicePixelRatio, bbox.height);
    }
    ctx.restore();
  };
}

/** Where the line is left out, in pixels of the canvas: between the last window before a gap and the first one after it. */
function gapsOf(data: ChartData): uPlot.Series.GapsRefiner {
  return (plot, _series, _from, _to, gaps) => [
    ...gaps,
    ...data.breaks.map((i): [number, number] => [Math.round(plot.valToPos(data.at[i - 1]!, "x", true)), Math.round(plot.valToPos(data.at[i]!, "x", true))]),
  ].sort((a, b) => a[0] - b[0]);
}

/** From which distance of the ticks on how they are written: below a minute two would have the same text without seconds. */
const timeTexts: uPlot.Axis.Values = [
  [60, "{HH}:{mm}", null, null, null, null, null, null, 1], [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
];

export function chartOptions(
  data: ChartData, colours: ChartColours, width: number, height: number, showValue: (value: number) => string, extras: ChartExtras,
): uPlot.Options {
  const axis = { stroke: colours.text, font: colours.font, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false } };
  const hasBand = data.low.length > 0;
  const edge = { stroke: colours.bandEdge, width: 1, points: { show: false } };
  const lone = lonePoints(data);
  const gaps = gapsOf(data);
  const points: uPlot.Series.Points = { show: lone.length > 0, filter: () => lone };
  const options: uPlot.Options = {
    width,
    height,
    legend: { show: false },
    // The same at the right for both sizes: one stands below the other.
    padding: [8, 28, extras.small === true ? 4 : 0, 0],
    cursor: { drag: { x: extras.onRange !== undefined, y: false, setScale: false }, points: { size: 7 } },
    scales: { x: { time: true, ...(data.at.length === 1 ? { range: [data.at[0]! - 60, data.at[0]! + 60] as [number, number] } : {}) }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.12 : 1] } },
    axes: [
      { ...axis, size: 26, space: 80, grid: { show: false }, values: timeTexts, show: extras.small !== true },
      { ...axis, size: 56, space: extras.small === true ? 26 : 30, values: (_plot, ticks) => ticks.map(showValue) },
    ],
    series: [
      {},
      ...(hasBand ? [{ ...edge }, { ...edge }, { ...edge, dash: [3, 3] }] : []),
      { stroke: colours.series, width: 1.5, gaps, points },
      { stroke: colours.anomalyLine, width: 2, gaps, points: { ...points, filter: () => lone.filter((i) => data.anomalous[i] !== null) } },
    ],
    hooks: { drawClear: [shade(data, colours)], draw: [mark(extras, colours)] },
  };
  if (extras.utc) options.tzDate = (at) => new Date(at * 1000 + new Date(at * 1000).getTimezoneOffset() * 60_000);
  if (hasBand) options.bands = [{ series: [1, 2], fill: colours.band }];
  return options;
}

export function chartColumns(data: ChartData): uPlot.AlignedData {
  const lines = [data.observed, data.anomalous];
  return (data.low.length > 0 ? [data.at, data.high, data.low, data.middle, ...lines] : [data.at, ...lines]) as uPlot.AlignedData;
}
