import "../common.ts";
import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { TraceDetail, TraceReport, TraceSummary } from "../api/traceTypes.ts";
import { Icon } from "../components/icons.tsx";
import { Card, CopyButton, Empty, Loaded, Time } from "../components/parts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, shortId } from "../lib/format.ts";
import { makeView } from "../lib/trace/view.ts";
import type { TraceView } from "../lib/trace/view.ts";
import { completenessSentences, ns, traceMarks, traceSentence } from "../lib/trace/words.ts";
import { visible } from "../lib/visible.ts";
import { kindText } from "../lib/words.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { load } from "../state/loading.ts";
import { useResource } from "../state/useResource.ts";
import { CompareCard } from "./traces/CompareCard.tsx";
import { FindingsCard } from "./traces/FindingsCard.tsx";
import { GraphCard } from "./traces/GraphCard.tsx";
import { SpanDrawer } from "./traces/SpanDrawer.tsx";
import { ClassMeanings, PathBar, SumBar, TimeHatches, TimeLegend, timesSentence } from "./traces/TimeBar.tsx";
import { Waterfall } from "./traces/Waterfall.tsx";

function Head(props: { summary: TraceSummary; report: TraceReport | undefined; kept: number | undefined }): JSX.Element {
  const { summary, report, kept } = props;
  const waited = summary.times.waiting_human;
  const missing = report === undefined ? [] : completenessSentences(report, kept);
  return (
    <div class="head">
      <div class="line wrap">
        {summary.findings.map((kind) => <span class="chip chip-accent">{kindText(kind)}</span>)}
        {traceMarks(summary).map((mark) => <span class="chip">{mark}</span>)}
        {summary.is_complete ? null : <span class="chip"><Icon name="warning" small />incomplete</span>}
        <span class="grow" />
        <span class="line small quiet">trace <code>{shortId(summary.trace_id)}</code><CopyButton text={summary.trace_id} what="Trace id" /></span>
      </div>
      <h1 class="big">{visible(traceSentence(summary, report))}</h1>
      <p class="facts">
        <span><a class="link" href={urls.service(summary.service)}>{visible(summary.service)}</a> <b>{visible(summary.operation.name)}</b></span>
        {summary.agent === undefined ? null : <span>agent <b>{visible(summary.agent)}</b></span>}
        <span>wall time <b>{ns(summary.wall_ns)}</b></span>
        {waited > 0 ? <span>without waiting for a person <b>{ns(summary.wall_ns - waited)}</b></span> : null}
        <span>spans <b>{count(summary.span_count)}</b>, {summary.is_complete ? "complete" : "not complete"}</span>
        {summary.service_count > 1 ? <span>services <b>{count(summary.service_count)}</b></span> : null}
        <span>failed <b>{summary.failed_count === 0 ? "none" : count(summary.failed_count)}</b></span>
        <span>started <b><Time at={summary.started_at} /></b></span>
      </p>
      {missing.length === 0 ? null : <ul class="bullets small quiet">{missing.map((sentence) => <li>{sentence}</li>)}</ul>}
    </div>
  );
}

function TimeCard(props: { summary: TraceSummary; report: TraceReport | undefined }): JSX.Element {
  const { summary, report } = props;
  const label = `${ns(summary.wall_ns)} in all: ${timesSentence(summary.times, summary.wall_ns)}`;
  const isWhole = report !== undefined && report.path.length > 0 && report.path.length >= report.path_count;
  return (
    <Card title={isWhole ? "Critical path by time class" : "Time by class"} note={`sums to ${ns(summary.wall_ns)}`}>
      <div class="card-body">
        {isWhole ? <PathBar path={report.path} wall={summary.wall_ns} label={label} /> : <SumBar times={summary.times} wall={summary.wall_ns} height={16} label={label} />}
        <TimeLegend times={summary.times} wall={summary.wall_ns} />
      </div>
      <ClassMeanings />
    </Card>
  );
}

type View = "spans" | "agents" | "compare";
const views: { id: View; text: string }[] = [{ id: "spans", text: "Spans" }, { id: "agents", text: "Who calls whom" }, { id: "compare", text: "Compare" }];

/** Each view is a place of its own: links, so that back works. */
function Views(props: { active: View }): JSX.Element {
  const url = (view: View): string => {
    const next = new URLSearchParams(query.value);
    if (view === "spans") next.delete("view");
    else next.set("view", view);
    if (view !== "compare") next.delete("with");
    const text = next.toString();
    return text === "" ? location.pathname : `?${text}`;
  };
  return <nav class="views" aria-label="Views of the trace">{views.map((view) => <a class="tab" href={url(view.id)} aria-current={view.id === props.active ? "page" : undefined}>{view.text}</a>)}</nav>;
}

function viewOf(params: URLSearchParams): View {
  if ((params.get("with") ?? "") !== "") return "compare";
  return views.find((view) => view.id === params.get("view"))?.id ?? "spans";
}

function Spans(props: { summary: TraceSummary; report: TraceReport | undefined; view: TraceView }): JSX.Element {
  const { summary, report, view } = props;
  const params = query.value;
  const id = params.get("span") ?? "";
  const selected = useMemo(() => (id === "" ? -1 : view.spans.findIndex((span) => span.id === id)), [view, id]);
  const active = viewOf(params);
  const findings = report?.findings ?? [];
  const isAside = active !== "compare" && (selected >= 0 || findings.length > 0);
  return (
    <>
      <Views active={active} />
      <div class={isAside ? "trace-panes" : "stack"}>
        {active === "spans" ? <Waterfall view={view} selected={selected} /> : active === "agents" ? <GraphCard view={view} /> : <CompareCard summary={summary} view={view} other={params.get("with") ?? ""} />}
        {isAside ? (
          <aside class="stack" aria-label="Selected span and findings">
            {id !== "" && selected < 0 ? <p class="problem">No span of this trace has the id <code>{id}</code>.</p> : null}
            {selected < 0 ? null : <SpanDrawer view={view} at={selected} />}
            <FindingsCard findings={findings} view={view} />
          </aside>
        ) : null}
      </div>
    </>
  );
}

function Filled(props: { detail: TraceDetail }): JSX.Element {
  const { summary, report, spans } = props.detail;
  const view = useMemo(() => {
    if (spans === undefined) return undefined;
    performance.mark("waterfall-begun");
    return makeView(spans, Math.max(1, report?.wall_ns ?? summary.wall_ns), report);
  }, [spans, report]);
  return (
    <>
      <TimeHatches />
      <Head summary={summary} report={report} kept={spans?.length} />
      <TimeCard summary={summary} report={report} />
      {view !== undefined ? <Spans summary={summary} report={report} view={view} /> : (
        <Card title="Spans"><Empty title="Only the figures of this trace are kept, not its spans." action={<a class="button" href={`${urls.traces}?service=${encodeURIComponent(summary.service)}`}>Newer traces of {summary.service}</a>}>
          <p>Spans are kept of some traces, those with findings first, until there are too many; then those of the oldest go.</p>
        </Empty></Card>
      )}
    </>
  );
}

export function TracePage(props: { id: string }): JSX.Element {
  const path = paths.trace(props.id);
  const resource = useResource("trace", path);
  const detail = resource?.data;
  useTitle(detail === undefined ? undefined : `${detail.summary.operation.name} ${ns(detail.summary.wall_ns)}`);
  const why = resource?.problem?.detail;
  return (
    <div class="page stack">
      <Loaded resource={resource} lines={14} missing={(
        <div class="card"><Empty title={`Trace ${shortId(props.id)} is not here.`} action={<span class="line"><a class="button" href={urls.traces}>All traces</a><button type="button" class="button" onClick={() => void load("trace", path)}>Look again</button></span>}>
          <h1 class="unseen">Trace not found</h1>
          <p>{why ?? "It may be older than what is kept, or not have arrived."}</p>
        </Empty></div>
      )}>
        {(data) => <Filled detail={data} />}
      </Loaded>
    </div>
  );
}
