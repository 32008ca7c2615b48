import "../common.ts";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { TraceSummary } from "../api/traceTypes.ts";
import { Icon } from "../components/icons.tsx";
import { Kept } from "../components/Kept.tsx";
import { Filter, FilteredOut, ListCard, More, NewRows, showNew } from "../components/ListParts.tsx";
import { Loaded, Time } from "../components/parts.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import type { Mark } from "../components/useRowKeys.ts";
import { useServiceOptions } from "../components/useServiceNames.ts";
import { useTitle } from "../components/useTitle.ts";
import { count, plural } from "../lib/format.ts";
import { durationOptions, listSentence } from "../lib/trace/list.ts";
import { ns, patternNames, patternText } from "../lib/trace/words.ts";
import { visible } from "../lib/visible.ts";
import { kindText } from "../lib/words.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { load } from "../state/loading.ts";
import { useResource } from "../state/useResource.ts";
import { FirstTrace } from "./traces/FirstTrace.tsx";
import { SumBar, TimeHatches, timesSentence } from "./traces/TimeBar.tsx";
import { TraceViews } from "./traces/TraceViews.tsx";
import { useArrival } from "./traces/useArrival.ts";
import { useNewTraces } from "./traces/useNewTraces.ts";

const findings = ["fanout_straggler", "blocking_chain", "retry_storm", "agent_loop", "payload_latency", "stream_stall"];
/** Rows drawn; what is older is a click away. */
const drawnStep = 200;
const lookEveryMs = 5000;

function Row(props: { trace: TraceSummary; longest: number; mark: Record<string, unknown> }): JSX.Element {
  const { trace } = props;
  return (
    <tr {...props.mark}>
      <td class="full">
        <a class="strong" href={urls.trace(trace.trace_id)}>{visible(trace.operation.name)}</a>
        <div class="small quiet"><b class="ink">{visible(trace.service)}</b> {"\u00b7"} {trace.agent === undefined ? "" : <>{visible(trace.agent)} {"\u00b7"} </>}{patternText(trace.pattern)}{trace.is_complete ? "" : " \u00b7 incomplete"}{trace.has_spans ? "" : " \u00b7 figures only"}</div>
      </td>
      <td class="trace-bar-cell">
        <span class="trace-took">{ns(trace.wall_ns)}</span>
        <SumBar times={trace.times} wall={trace.wall_ns} of={trace.wall_ns / props.longest} label={timesSentence(trace.times, trace.wall_ns)} />
      </td>
      <td class="right">{count(trace.span_count)}<span class="narrow-only quiet"> spans</span></td>
      <td class="right">{trace.failed_count === 0 ? <span class="quiet">{"\u2013"}</span> : <b class="wf-failed">{count(trace.failed_count)}<span class="narrow-only"> failed</span></b>}</td>
      <td><span class="line wrap">{trace.findings.map((kind) => <span class="chip"><Icon name="warning" small />{kindText(kind)}</span>)}</span></td>
      <td class="nowrap quiet right"><Time at={trace.started_at} relative /></td>
    </tr>
  );
}

function TraceTable(props: { traces: TraceSummary[]; mark: Mark }): JSX.Element {
  const longest = props.traces.reduce((most, each) => Math.max(most, each.wall_ns), 1);
  return (
    <table class="table table-fold">
      <thead><tr><th>Root operation</th><th>Duration by time class</th><th class="right">Spans</th><th class="right">Failed</th><th>Findings</th><th class="right">Started</th></tr></thead>
      <tbody>{props.traces.map((trace, i) => <Row key={trace.trace_id} trace={trace} longest={longest} mark={props.mark(i)} />)}</tbody>
    </table>
  );
}

function Filters(props: { services: { value: string; text: string }[]; duration: string }): JSX.Element {
  return (
    <>
      <Filter name="service" label="Service" options={props.services} />
      <Filter name="pattern" label="Pattern" options={[{ value: "", text: "All" }, ...patternNames.map((value) => ({ value, text: patternText(value) }))]} />
      <Filter name="finding" label="Finding" options={[{ value: "", text: "Any or none" }, ...findings.map((value) => ({ value, text: kindText(value) }))]} />
      <Filter name="min_duration_ms" label="Longer than" options={durationOptions(props.duration)} />
    </>
  );
}

export function TracesPage(): JSX.Element {
  const [drawn, setDrawn] = useState(drawnStep);
  const params = query.value;
  const of = (name: string): string => params.get(name) ?? "";
  const filter = useMemo(() => ({ service: of("service"), pattern: of("pattern"), finding: of("finding"), min_duration_ms: of("min_duration_ms") }), [params]);
  const path = paths.traces(filter);
  const resource = useResource("traces", path);
  const rows = resource?.data;
  useArrival("traces", path);
  useNewTraces(path, resource);
  const newest = (): void => (rows !== undefined && rows.fresh.length > 0 ? showNew(path) : void load("traces", path));
  const mark = useRowKeys(rows?.items, (row) => urls.trace(row.trace_id), { n: newest });
  const services = useServiceOptions(filter.service);
  const isFiltered = Object.values(filter).some((value) => value !== "");
  const isEmpty = rows !== undefined && rows.items.length === 0;
  useTitle("Traces");
  useEffect(() => {
    // Nobody reads anything that could move: the first trace comes in by itself.
    if (!isEmpty) return;
    const timer = setInterval(() => void load("traces", path), lookEveryMs);
    return () => clearInterval(timer);
  }, [isEmpty, path]);
  return (
    <div class="page stack">
      <TimeHatches />
      <h1>{rows === undefined ? "Traces" : listSentence(rows.items, rows.next !== undefined, isFiltered)}</h1>
      <TraceViews active="traces" />
      {isEmpty && !isFiltered ? <FirstTrace /> : (
        <ListCard title="Traces" head={(
          <>
            <Filters services={services} duration={filter.min_duration_ms} />
            <button type="button" class="button" onClick={newest}>{resource?.phase === "loading" ? "Loading\u2026" : "Show the newest"}</button>
          </>
        )}>
          <Loaded resource={resource}>
            {(data) => data.items.length === 0 ? <FilteredOut what="trace" clear={urls.traces} /> : (
              <>
                <NewRows rows={data} path={path} one="trace" />
                <Kept by={[data.items, mark, drawn]}>{() => <TraceTable traces={data.items.slice(0, drawn)} mark={mark} />}</Kept>
                {data.items.length > drawn ? <p class="card-foot"><button type="button" class="button button-small" onClick={() => setDrawn(drawn + drawnStep)}>Show {plural(Math.min(drawnStep, data.items.length - drawn), "older trace")}</button></p>
                  : <More kind="traces" path={path} rows={data} />}
              </>
            )}
          </Loaded>
        </ListCard>
      )}
    </div>
  );
}
