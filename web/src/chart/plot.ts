import uPlot from "uplot";
import type { ChartData } from "./chartData.ts";
import { chartColumns, chartOptions, readColours } from "./chartOptions.ts";
import type { ChartExtras } from "./chartOptions.ts";

// The only place that owns a uPlot: made, resized, redrawn in other colours, destroyed. Loaded when the
// first chart is shown.

export interface Plot {
  setData: (data: ChartData, extras: ChartExtras) => void;
  /** Puts the cursor on a point, as the pointer would. */
  point: (index: number) => void;
  destroy: () => void;
}

/** Tall where there is room beside the proof, low on a telephone. */
function heightFor(width: number, extras: ChartExtras): number {
  if (extras.small === true) return 76;
  return width > 500 ? 280 : 210;
}

export function makePlot(
  box: HTMLElement, first: ChartData, firstExtras: ChartExtras, showValue: (value: number) => string, onPoint: (index: number | undefined) => void,
): Plot {
  let data = first;
  let extras = firstExtras;
  let plot: uPlot | undefined;
  const draw = (): void => {
    plot?.destroy();
    const width = Math.max(120, box.clientWidth);
    const options = chartOptions(data, readColours(box), width, heightFor(width, extras), showValue, extras);
    const setCursor = (of: uPlot): void => onPoint(of.cursor.idx ?? undefined);
    const setSelect = (of: uPlot): void => {
      const { left, width: wide } = of.select;
      if (wide < 4) return;
      const [from, until] = [of.posToVal(left, "x"), of.posToVal(left + wide, "x")];
      of.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      extras.onRange?.(from, until);
    };
    options.hooks = { ...options.hooks, setCursor: [setCursor], setSelect: [setSelect] };
    plot = new uPlot(options, chartColumns(data), box);
  };
  draw();
  const resized = new ResizeObserver(() => {
    const width = box.clientWidth;
    if (plot !== undefined && width > 0 && width !== plot.width) plot.setSize({ width, height: heightFor(width, extras) });
  });
  resized.observe(box);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  // Paper is light whatever the screen is.
  const media = ["(prefers-color-scheme: dark)", "print"].map((each) => matchMedia(each));
  for (const each of media) each.addEventListener("change", draw);
  return {
    setData: (next, nextExtras) => {
      data = next;
      extras = nextExtras;
      draw();
    },
    point: (index) => {
      const at = data.at[index];
      const value = data.observed[index];
      if (plot !== undefined && at !== undefined) plot.setCursor({ left: plot.valToPos(at, "x"), top: plot.valToPos(value ?? 0, "y") });
    },
    destroy: () => {
      resized.disconnect();
      themed.disconnect();
      for (const each of media) each.removeEventListener("change", draw);
      plot?.destroy();
    },
  };
}
