import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX, RefObject } from "preact";
import type { IncidentDetail } from "../api/types.ts";
import { zone } from "../lib/preferences.ts";
import { clockMinutes, count, measured } from "../lib/format.ts";
import { chartData, chartSentence } from "./chartData.ts";
import type { ChartData } from "./chartData.ts";
import type { ChartExtras } from "./chartOptions.ts";
import type { Plot } from "./plot.ts";

type Series = IncidentDetail["series"];

function ChartTable(props: { series: Series; show: (value: number) => string }): JSX.Element {
  return (
    <details class="chart-table">
      <summary class="link">Show as table</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Windows as a table">
        <table class="table table-tight">
          <thead><tr><th>Window</th><th class="right">{props.series.metric}</th><th class="right">n</th><th>Anomalous</th></tr></thead>
          <tbody>
            {props.series.points.map((point) => (
              <tr><td>{clockMinutes(Date.parse(point.at))}</td><td class="right">{props.show(point.value)}</td><td class="right">{count(point.n)}</td><td>{point.anomalous ? "yes" : ""}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const noMarkers: ChartExtras["markers"] = [];

/** A plot in a box for as long as it is shown; made anew when `made` changes. */
function usePlot(data: ChartData, extras: ChartExtras, show: (value: number) => string, onPoint: (index: number | undefined) => void, made: string): { box: RefObject<HTMLDivElement | null>; plot: { current: Plot | undefined } } {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const newest = useRef({ data, extras });
  newest.current = { data, extras };
  useEffect(() => {
    let gone = false;
    void import("./plot.ts").then(({ makePlot }) => {
      if (gone || box.current === null) return;
      plot.current = makePlot(box.current, newest.current.data, newest.current.extras, show, onPoint);
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [made]);
  useEffect(() => plot.current?.setData(data, extras), [data, extras]);
  return { box, plot };
}

function nothing(): void {}

/** The curve alone, low, below a chart of the same stretch of time. */
export function SmallChart(props: { series: Series; markers?: ChartExtras["markers"] }): JSX.Element {
  const { series } = props;
  const data = useMemo(() => chartData(series), [series]);
  const markers = props.markers ?? noMarkers;
  const utc = zone.value === "utc";
  const extras = useMemo((): ChartExtras => ({ markers, utc, small: true }), [markers, utc]);
  const show = (value: number): string => measured(value, series.unit);
  const { box } = usePlot(data, extras, show, nothing, series.unit);
  return <div ref={box} class="chart chart-small" role="img" aria-label={chartSentence(series, show)} />;
}

/** The curve with its band, its anomalies and what was deployed. With `onRange` a stretch can be drawn over; arrows go from window to window. */
export function SeriesChart(props: { series: Series; markers?: ChartExtras["markers"]; onRange?: ChartExtras["onRange"]; onKey?: (key: string, at: number) => boolean }): JSX.Element {
  const { series } = props;
  const [pointed, setPointed] = useState<number>();
  const data = useMemo(() => chartData(series), [series]);
  const markers = props.markers ?? noMarkers;
  const utc = zone.value === "utc";
  const canRange = props.onRange !== undefined;
  const range = useRef(props.onRange);
  range.current = props.onRange;
  const extras = useMemo((): ChartExtras => ({ markers, utc, onRange: canRange ? (from, until) => range.current?.(from, until) : undefined }), [markers, utc, canRange]);
  const show = (value: number): string => measured(value, series.unit);
  const { box, plot } = usePlot(data, extras, show, setPointed, `${series.unit} ${series.metric}`);
  const onKey = (event: KeyboardEvent): void => {
    const last = series.points.length - 1;
    const at = pointed ?? last;
    const next = event.key === "ArrowLeft" ? at - 1 : event.key === "ArrowRight" ? at + 1 : event.key === "Home" ? 0 : event.key === "End" ? last : undefined;
    if (next !== undefined) {
      const to = Math.max(0, Math.min(last, next));
      setPointed(to);
      plot.current?.point(to);
    } else if (props.onKey?.(event.key, Date.parse(series.points[at]?.at ?? "")) !== true) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const point = pointed === undefined ? undefined : series.points[pointed];
  return (
    <div class="card-body">
      <div class="chart-keys" tabIndex={canRange ? 0 : undefined} role={canRange ? "group" : undefined} aria-label={canRange ? "Chart; arrows go from window to window, + and \u2212 zoom, 0 shows all" : undefined} onKeyDown={canRange ? onKey : undefined}>
        <div ref={box} class="chart" role="img" aria-label={chartSentence(series, show)} />
      </div>
      <div class="legend">
        <span><i class="swatch swatch-line" />observed</span>
        {series.baseline === undefined ? <span>baseline: learning</span> : <span><i class="swatch swatch-band" />baseline {show(series.baseline.low)} to {show(series.baseline.high)}</span>}
        <span><i class="swatch swatch-anomaly" />anomaly</span>
        {markers.length === 0 ? null : <span><i class="swatch swatch-deploy" />deploy</span>}
        <span class="grow" />
        <span class="chart-point" role={canRange ? "status" : undefined}>{point === undefined ? "" : `${clockMinutes(Date.parse(point.at))}  ${show(point.value)}, n ${count(point.n)}`}</span>
      </div>
      <ChartTable series={series} show={show} />
    </div>
  );
}
