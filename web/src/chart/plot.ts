import uPlot from "uplot";
import type { ChartData } from "./chartData.ts";
import { chartColumns, chartOptions, readColours } from "./chartOptions.ts";

// The only place that owns a uPlot: made, resized, redrawn in other colours, destroyed. Loaded when the
// first chart is shown.

export interface Plot {
  setData: (data: ChartData) => void;
  destroy: () => void;
}

/** Tall where there is room beside the proof, low on a telephone. */
function heightFor(width: number): number {
  return width > 500 ? 280 : 210;
}

export function makePlot(
  box: HTMLElement, first: ChartData, showValue: (value: number) => string, onPoint: (index: number | undefined) => void,
): Plot {
  let data = first;
  let plot: uPlot | undefined;
  const draw = (): void => {
    plot?.destroy();
    const width = Math.max(120, box.clientWidth);
    const options = chartOptions(data, readColours(box), width, heightFor(width), showValue);
    const setCursor = (of: uPlot): void => onPoint(of.cursor.idx ?? undefined);
    options.hooks = { ...options.hooks, setCursor: [setCursor] };
    plot = new uPlot(options, chartColumns(data), box);
  };
  draw();
  const resized = new ResizeObserver(() => {
    const width = box.clientWidth;
    if (plot !== undefined && width > 0 && width !== plot.width) plot.setSize({ width, height: heightFor(width) });
  });
  resized.observe(box);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  return {
    setData: (next) => {
      data = next;
      draw();
    },
    destroy: () => {
      resized.disconnect();
      themed.disconnect();
      dark.removeEventListener("change", draw);
      plot?.destroy();
    },
  };
}
