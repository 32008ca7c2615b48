import type uPlot from "uplot";
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
  font: string;
}

export function readColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: token("--c-text-3"), grid: token("--c-grid"), series: token("--c-series"), band: token("--c-band"),
    bandEdge: token("--c-band-edge"), anomaly: token("--c-anomaly"), anomalyLine: token("--c-anomaly-line"),
    font: `11px ${token("--f-sans")}`,
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

export function chartOptions(
  data: ChartData, colours: ChartColours, width: number, height: number, showValue: (value: number) => string,
): uPlot.Options {
  const axis = { stroke: colours.text, font: colours.font, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false } };
  const hasBand = data.low.length > 0;
  const edge = { stroke: colours.bandEdge, width: 1, points: { show: false } };
  const options: uPlot.Options = {
    width,
    height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.12 : 1] } },
    axes: [
      { ...axis, size: 26, space: 80, grid: { show: false }, values: [[1, "{HH}:{mm}", null, null, null, null, null, null, 1]] },
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map(showValue) },
    ],
    series: [
      {},
      ...(hasBand ? [{ ...edge }, { ...edge }, { ...edge, dash: [3, 3] }] : []),
      { stroke: colours.series, width: 1.5, points: { show: data.at.length < 3 } },
      { stroke: colours.anomalyLine, width: 2, points: { show: data.at.length < 3 } },
    ],
    hooks: { drawClear: [shade(data, colours)] },
  };
  if (hasBand) options.bands = [{ series: [1, 2], fill: colours.band }];
  return options;
}

export function chartColumns(data: ChartData): uPlot.AlignedData {
  const lines = [data.observed, data.anomalous];
  return (data.low.length > 0 ? [data.at, data.high, data.low, data.middle, ...lines] : [data.at, ...lines]) as uPlot.AlignedData;
}
