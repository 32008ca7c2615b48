import { useMemo, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { OperationSeries } from "../../api/evidenceTypes.ts";
import type { OperationState, Service } from "../../api/types.ts";
import { SeriesChart } from "../../chart/SeriesChart.tsx";
import { Card, Empty, Loaded, Tabs } from "../../components/parts.tsx";
import { momentText, plural } from "../../lib/format.ts";
import { nowMs } from "../../lib/clock.ts";
import { curveOf, metricFrom, operationMetrics } from "../../lib/operationChart.ts";
import type { OperationMetric } from "../../lib/operationChart.ts";
import { isWhole, rangeFrom, shifted, timeText, zoomed } from "../../lib/timeRange.ts";
import type { TimeRange } from "../../lib/timeRange.ts";
import { named } from "../../lib/visible.ts";
import { go, query, setQuery } from "../../router/router.ts";
import type { Resource } from "../../state/resources.ts";
import { useResource } from "../../state/useResource.ts";

const tabText: Record<OperationMetric, string> = { failing: "Failing", p95: "p95", requests: "Calls" };
const sourceText: Record<string, string> = { rrpair: "pairs", span: "spans", metric: "metrics" };
const spans: [text: string, ms: number][] = [["30 min", 1_800_000], ["2 h", 7_200_000], ["12 h", 43_200_000]];

/** Both ends at once, so that going back undoes one zoom. */
function setRange(range: TimeRange | undefined): void {
  const next = new URLSearchParams(location.search);
  for (const [name, ms] of [["from", range?.from], ["until", range?.until]] as const) {
    if (ms === undefined) next.delete(name);
    else next.set(name, timeText(ms));
  }
  const text = next.toString();
  go(location.pathname + (text === "" ? "" : `?${text}`));
}

/** What the points of an answer reach over. */
function reachOf(series: OperationSeries): TimeRange | undefined {
  const [first, last] = [series.points[0], series.points[series.points.length - 1]];
  if (first === undefined || last === undefined) return undefined;
  return { from: Date.parse(first.at), until: Date.parse(last.at) + last.length_s * 1000 };
}

function Charts(props: { series: OperationSeries; service: Service; all: OperationSeries | undefined }): JSX.Element {
  const { series, service } = props;
  const metric = metricFrom(query.value.get("metric"));
  const curve = useMemo(() => curveOf(series, metric), [series, metric]);
  const markers = useMemo(() => service.deployments.map((each) => ({ at: Date.parse(each.at) / 1000, text: each.version })), [service.deployments]);
  const shown = reachOf(series);
  const whole = reachOf(props.all ?? series) ?? shown;
  const asked = rangeFrom(query.value.get("from"), query.value.get("until"));
  const cut = asked.from !== undefined || asked.until !== undefined;
  if (shown === undefined || whole === undefined) {
    return <Empty title={cut ? "No window is stored of this time." : "No window has closed yet."} action={cut ? <button type="button" class="button" onClick={() => setRange(undefined)}>Show all</button> : undefined} />;
  }
  const reach: TimeRange = { from: Math.min(whole.from, shown.from), until: Math.max(whole.until, shown.until) };
  const change = (next: TimeRange): void => setRange(isWhole(next, reach) ? undefined : next);
  const middle = (shown.from + shown.until) / 2;
  const onKey = (key: string, at: number): boolean => {
    const around = Number.isNaN(at) ? middle : at;
    if (key === "+" || key === "=") change(zoomed(shown, reach, 0.5, around));
    else if (key === "-" || key === "_") change(zoomed(shown, reach, 2, around));
    else if (key === "0") setRange(undefined);
    else return false;
    return true;
  };
  return (
    <>
      <p class="card-body chart-bar small no-print">
        <span class="quiet grow">{momentText(nowMs.peek(), shown.from)} to {momentText(nowMs.peek(), shown.until)}, {plural(series.points.length, "window")}{series.more && !cut ? ", the newest" : ""}</span>
        <button type="button" class="button button-small" disabled={shown.from <= reach.from} onClick={() => change(shifted(shown, reach, -0.5))}>Earlier</button>
        <button type="button" class="button button-small" disabled={shown.until >= reach.until} onClick={() => change(shifted(shown, reach, 0.5))}>Later</button>
        <button type="button" class="button button-small" disabled={series.points.length < 3} onClick={() => change(zoomed(shown, reach, 0.5, middle))} aria-label="Zoom in">+</button>
        <button type="button" class="button button-small" disabled={!cut} onClick={() => change(zoomed(shown, reach, 2, middle))} aria-label="Zoom out">{"\u2212"}</button>
        {spans.map(([text, ms]) => (reach.until - reach.from > ms ? <button type="button" class="button button-small" onClick={() => change({ from: reach.until - ms, until: reach.until })}>{text}</button> : null))}
        <button type="button" class="button button-small" disabled={!cut} onClick={() => setRange(undefined)}>All</button>
      </p>
      <SeriesChart series={curve} markers={markers} onRange={(from, until) => change({ from: from * 1000, until: until * 1000 })} onKey={onKey} />
    </>
  );
}

/** One operation's windows: failing ones, response times, calls; beside their usual spread, with what was raised and deployed. */
export function ChartsCard(props: { service: Service; operations: OperationState[] }): JSX.Element {
  const { service, operations } = props;
  const wanted = query.value.get("op") ?? "";
  // The one that calls come in by most often is what people ask about.
  const busiest = [...operations].sort((a, b) => Number(b.operation.kind === "server") - Number(a.operation.kind === "server") || b.failing - a.failing || b.requests - a.requests)[0];
  const chosen = operations.find((each) => each.operation.id === wanted) ?? busiest;
  const asked = rangeFrom(query.value.get("from"), query.value.get("until"));
  const since = asked.from === undefined ? undefined : timeText(asked.from);
  const until = asked.until === undefined ? undefined : timeText(asked.until);
  const path = chosen === undefined ? "" : paths.operationSeries(service.name, chosen.operation.id, { since, until });
  const resource = useResource("operation_series", path);
  const all = useResource("operation_series", chosen === undefined ? "" : paths.operationSeries(service.name, chosen.operation.id, {}));
  // While another stretch is on its way the last one stays: the chart keeps its place and the focus.
  const last = useRef<Resource<"operation_series"> | undefined>(undefined);
  if (resource?.data !== undefined) last.current = resource;
  const kept = last.current?.data?.operation.id === chosen?.operation.id ? last.current : undefined;
  const shown = resource?.data !== undefined || resource?.phase === "failed" ? resource : kept ?? resource;
  if (chosen === undefined) return <Card title="Charts"><Empty title="No window has closed yet."><p>Charts begin with the first closed window of an operation.</p></Empty></Card>;
  return (
    <Card title="Charts" note={chosen.baseline_state === "learning" ? `learning, ${plural(chosen.baseline_windows, "window")} so far` : undefined} head={(
      <label class="filter">Operation
        <select class="field filter-wide" value={chosen.operation.id} onChange={(event) => setQuery("op", event.currentTarget.value)}>
          {operations.map((each) => <option value={each.operation.id} selected={each.operation.id === chosen.operation.id}>{named(each.operation.name)}, {each.operation.kind}, from {sourceText[each.operation.source] ?? each.operation.source}</option>)}
        </select>
      </label>
    )}>
      <Tabs label="What is drawn" active={metricFrom(query.value.get("metric"))} onPick={(next) => setQuery("metric", next === "failing" ? "" : next, true)} tabs={operationMetrics.map((id) => ({ id, text: tabText[id] }))} />
      <Loaded resource={shown} lines={8}>{(series) => <Charts key={chosen.operation.id} series={series} service={service} all={all?.data} />}</Loaded>
    </Card>
  );
}
