import "../common.ts";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { PatternReport, TracePattern } from "../api/traceTypes.ts";
import { Filter, FilteredOut } from "../components/ListParts.tsx";
import { Card, Empty, Loaded, Time } from "../components/parts.tsx";
import { Meter } from "../components/marks.tsx";
import { useServiceOptions } from "../components/useServiceNames.ts";
import { useTitle } from "../components/useTitle.ts";
import { count, percent, plural } from "../lib/format.ts";
import { patternFacts, patternSentence } from "../lib/trace/patternFacts.ts";
import { classText, ns, patternText, timeClasses } from "../lib/trace/words.ts";
import { visible } from "../lib/visible.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { PayloadPlot } from "./traces/PayloadPlot.tsx";
import { SumBar, TimeHatches, TimeSwatch } from "./traces/TimeBar.tsx";
import { TraceViews } from "./traces/TraceViews.tsx";
import { useArrival } from "./traces/useArrival.ts";

const stragglersShown = 5;

function Durations(props: { report: PatternReport }): JSX.Element {
  const { report } = props;
  const all: [string, number][] = [["half below", report.wall_p50_ns], ["p90", report.wall_p90_ns], ["p99", report.wall_p99_ns], ["longest", report.wall_max_ns]];
  return <p class="facts small">{all.map(([name, value]) => <span>{name} <b>{ns(value)}</b></span>)}</p>;
}

function Shares(props: { report: PatternReport }): JSX.Element {
  const { time_shares } = props.report;
  const label = timeClasses.filter((spent) => time_shares[spent] > 0).map((spent) => `${percent(time_shares[spent])} ${classText(spent)}`).join(", ");
  const most = timeClasses.slice().sort((a, b) => time_shares[b] - time_shares[a])[0]!;
  return (
    <>
      <SumBar times={time_shares} wall={1} label={`Where the time goes: ${label}`} />
      <p class="small quiet line"><TimeSwatch spent={most} />{percent(time_shares[most])} {classText(most)}</p>
    </>
  );
}

function Stragglers(props: { report: PatternReport }): JSX.Element | null {
  const { stragglers, traces } = props.report;
  if (stragglers.length === 0) return null;
  return (
    <ol class="rows rule-top small">
      {stragglers.slice(0, stragglersShown).map((each) => (
        <li key={each.name}><div class="line"><b class="cut grow">{visible(each.name)}</b><span class="nowrap">in {count(each.traces)} of {count(traces)}</span></div><Meter share={each.traces / Math.max(1, traces)} kind="hot" /></li>
      ))}
    </ol>
  );
}

function listUrl(row: TracePattern): string {
  return `${urls.traces}?${new URLSearchParams({ service: row.service, pattern: row.pattern }).toString()}`;
}

function PatternCard(props: { row: TracePattern }): JSX.Element {
  const { row } = props;
  const { report } = row;
  return (
    <Card title={patternText(row.pattern)} note={<>{visible(row.agent === "" ? row.service : `${row.agent}, ${row.service}`)}</>} span="span-6" head={<a class="link nowrap" href={listUrl(row)}>{plural(report.traces, "trace")}</a>}>
      <div class="card-body stack-tight">
        <p class="strong">{visible(patternSentence(report))}</p>
        <dl class="pattern-facts">{patternFacts(report).map((fact) => <div key={fact.name}><dt>{fact.name}</dt><dd><b>{visible(fact.value)}</b>{fact.note === undefined ? null : <span class="tiny quiet">{fact.note}</span>}</dd></div>)}</dl>
        {row.pattern === "rag" ? <PayloadPlot row={row} /> : null}
        <Shares report={report} />
        <Durations report={report} />
        <p class="tiny quiet">{report.failed === 0 ? "none failed" : `${count(report.failed)} failed somewhere`}{report.incomplete === 0 ? "" : `, ${count(report.incomplete)} incomplete`}{report.last_at === undefined ? "" : <>, the last <Time at={report.last_at} relative /></>}</p>
      </div>
      <Stragglers report={report} />
    </Card>
  );
}

export function PatternsPage(): JSX.Element {
  const service = query.value.get("service") ?? "";
  const path = paths.tracePatterns(service);
  const resource = useResource("trace_patterns", path);
  useArrival("trace_patterns", path);
  const services = useServiceOptions(service);
  const rows = resource?.data?.items;
  useTitle("Scenario reports");
  return (
    <div class="page stack">
      <TimeHatches />
      <h1>{rows === undefined ? "Scenario reports" : `${plural(rows.length, "scenario")}${service === "" ? "" : ` of ${service}`}: what the newest traces of each have in common.`}</h1>
      <TraceViews active="patterns" />
      <p class="line"><Filter name="service" label="Service" options={services} /></p>
      <Loaded resource={resource}>
        {(data) => data.items.length > 0 ? <div class="grid">{data.items.map((row) => <PatternCard key={`${row.service} ${row.agent} ${row.pattern}`} row={row} />)}</div>
          : <div class="card">{service !== "" ? <FilteredOut what="scenario" clear={urls.patterns} /> : <Empty title="No trace of a known pattern yet." action={<a class="button" href={urls.traces}>All traces</a>}><p>Fan-outs, chains, retries, agent steps, waits for people, retrievals and token streams are recognised by how their spans hang together.</p></Empty>}</div>}
      </Loaded>
    </div>
  );
}
