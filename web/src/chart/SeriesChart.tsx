import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { IncidentDetail } from "../api/types.ts";
import { clockMinutes, count, measured } from "../lib/format.ts";
import { chartData, chartSentence } from "./chartData.ts";
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

export function SeriesChart(props: { series: Series }): JSX.Element {
  const { series } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [pointed, setPointed] = useState<number>();
  const data = useMemo(() => chartData(series), [series]);
  const newest = useRef(data);
  newest.current = data;
  const show = (value: number): string => measured(value, series.unit);
  useEffect(() => {
    let gone = false;
    void import("./plot.ts").then(({ makePlot }) => {
      if (gone || box.current === null) return;
      plot.current = makePlot(box.current, newest.current, show, setPointed);
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [series.unit, series.metric]);
  useEffect(() => plot.current?.setData(data), [data]);
  const point = pointed === undefined ? undefined : series.points[pointed];
  return (
    <div class="card-body">
      <div ref={box} class="chart" role="img" aria-label={chartSentence(series, show)} />
      <div class="legend">
        <span><i class="swatch swatch-line" />observed</span>
        {series.baseline === undefined ? <span>baseline: learning</span> : <span><i class="swatch swatch-band" />baseline {show(series.baseline.low)} to {show(series.baseline.high)}</span>}
        <span><i class="swatch swatch-anomaly" />anomaly</span>
        <span class="grow" />
        <span class="chart-point">{point === undefined ? "" : `${clockMinutes(Date.parse(point.at))}  ${show(point.value)}, n ${count(point.n)}`}</span>
      </div>
      <ChartTable series={series} show={show} />
    </div>
  );
}
