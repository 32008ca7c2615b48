import "../../common.ts";
import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { IncidentDetail, SignalKind } from "../../api/types.ts";
import { SmallChart } from "../../chart/SeriesChart.tsx";
import { count, measured } from "../../lib/format.ts";
import { curveOf, cutTo, metricText, operationMetrics, standingOf } from "../../lib/operationChart.ts";
import type { Curve, OperationMetric } from "../../lib/operationChart.ts";
import { useResource } from "../../state/useResource.ts";

const drawnAbove: Partial<Record<SignalKind, OperationMetric>> = { error_rate: "failing", latency: "p95", slow_query: "p95" };
const curvesMost = 2;

function Head(props: { curve: Curve; text: string }): JSX.Element {
  const { curve } = props;
  const last = curve.points[curve.points.length - 1];
  const show = (value: number): string => (curve.unit === "count" ? count(value) : measured(value, curve.unit));
  return (
    <p class="line small">
      <span class="grow">{props.text} {last === undefined ? null : <b>{show(last.value)}</b>}{standingOf(curve)}</span>
      {curve.baseline === undefined ? null : <span class="tiny quiet nowrap">{show(curve.baseline.low)} to {show(curve.baseline.high)}</span>}
    </p>
  );
}

/** What the same operation did otherwise in the same time: what fails may be slow, too, or called more often. */
export function OtherCurves(props: { incident: IncidentDetail; markers: readonly { at: number; text: string }[] }): JSX.Element {
  const { series, signals } = props.incident;
  const { service, id } = series.operation;
  const data = useResource("operation_series", paths.operationSeries(service, id, {}))?.data;
  const above = signals[0] === undefined ? undefined : drawnAbove[signals[0].kind];
  const [first, last] = [series.points[0]?.at, series.points[series.points.length - 1]?.at];
  const curves = useMemo(() => {
    if (data === undefined || first === undefined || last === undefined) return [];
    const metrics = operationMetrics.filter((each) => each !== above).slice(0, curvesMost);
    return metrics.map((metric) => ({ metric, curve: cutTo(curveOf(data, metric), first, last) })).filter((each) => each.curve.points.length > 0);
  }, [data, above, first, last]);
  if (curves.length === 0) return <></>;
  return <div class="card-body curves">{curves.map(({ metric, curve }) => <div key={metric}><Head curve={curve} text={metricText[metric]} /><SmallChart series={curve} markers={props.markers} /></div>)}</div>;
}
