import { useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { IncidentDetail, IncidentEvent } from "../api/types.ts";
import { actOnIncident } from "../api/actions.ts";
import { SeriesChart } from "../chart/SeriesChart.tsx";
import { ActionDialog } from "../components/ActionDialog.tsx";
import { ExchangeCard } from "../components/ExchangeCard.tsx";
import { later } from "../components/later.tsx";
import { announce } from "../components/toasts.tsx";
import { RiskMark, Severity } from "../components/marks.tsx";
import { Card, CopyButton, Empty, Loaded, Time } from "../components/parts.tsx";
import { Way } from "../components/Way.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, measuredOf, normalOf, shortId } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { wayOf } from "../lib/way.ts";
import { kindText, mayOperate, situationText } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import { me } from "../state/store.ts";
import { useResource } from "../state/useResource.ts";
import { Care } from "./incident/Care.tsx";
import { Guidance } from "./incident/Guidance.tsx";
import { ProofCard } from "./incident/ProofCard.tsx";
import { RunsCard, SignalsCard, TicketsCard, TimelineCard } from "./incident/Cards.tsx";

const OtherCurves = later<{ incident: IncidentDetail; markers: readonly { at: number; text: string }[] }>(async () => (await import("./incident/OtherCurves.tsx")).OtherCurves);

/** "25.9 %" stays on one line. */
function withUnits(text: string): string {
  return text.replace(/(\d) (%|ms|s|\u00b5s)(?![a-z])/g, "$1\u00a0$2");
}

type Action = IncidentDetail["actions"][number];

const actionWords: Record<Action, { button: string; title: string; explain: string; comment: "optional" | "required" }> = {
  reproduce: { button: "Reproduce", title: "Replay the captured traffic now", explain: "A reproduce run is queued. It replays the archived exchanges against the service's target, beside a control.", comment: "optional" },
  publish: { button: "Publish anyway", title: "Write a ticket although it is not proved", explain: "A publish run is queued with its risk one level higher. From HIGH on it waits for release by an approver.", comment: "optional" },
  retry: { button: "Start over", title: "Start over from the evidence", explain: "The incident goes back to detected as a new generation and its work is queued again. Older results stay.", comment: "optional" },
  resolve: { button: "Resolve", title: "Mark as resolved", explain: "If it is seen again within 24 hours it is marked as come back; after that it is opened again.", comment: "optional" },
  skip: { button: "Skip", title: "Skip this incident", explain: "Nothing more is done for it. Further occurrences are only counted.", comment: "optional" },
};
const actionOrder: Action[] = ["reproduce", "publish", "retry", "resolve", "skip"];

function Actions(props: { incident: IncidentDetail }): JSX.Element | null {
  const [asked, setAsked] = useState<Action>();
  const { incident } = props;
  const waiting = incident.approval?.state === "pending" ? incident.approval : undefined;
  const may = mayOperate(me.value?.roles ?? []);
  const words = asked === undefined ? undefined : actionWords[asked];
  return (
    <span class="line wrap no-print">
      {may ? actionOrder.filter((action) => incident.actions.includes(action)).map((action) => (
        <button type="button" class="button button-small" onClick={() => setAsked(action)}>{actionWords[action].button}</button>
      )) : <span class="small quiet">Role operator may act on it</span>}
      {may ? <Care incident={incident} /> : null}
      {waiting === undefined ? null : <a class="button button-main button-small" href={urls.approval(waiting.id)}>Review release</a>}
      {asked === undefined || words === undefined ? null : (
        <ActionDialog title={words.title} explain={words.explain} verb={words.button} comment={words.comment} danger={asked === "skip"}
          act={(comment) => actOnIncident(incident, asked, comment)}
          onDone={() => { setAsked(undefined); announce(`${words.button}: done.`); }} onClose={() => setAsked(undefined)} />
      )}
    </span>
  );
}

function Head(props: { incident: IncidentDetail }): JSX.Element {
  const { incident } = props;
  const lead = incident.signals[0];
  return (
    <div class="head">
      <div class="line wrap">
        <Severity severity={incident.severity} tag />
        {incident.approval === undefined ? null : <RiskMark risk={incident.approval.risk} tag />}
        <span class="chip chip-accent">{situationText(incident.status, incident.phase, incident.reason)}</span>
        {incident.kinds.map((kind) => <span class="chip">{kindText(kind)}</span>)}
        {incident.recurred ? <span class="chip">came back</span> : null}
        {incident.snoozed_until === undefined ? null : <span class="chip">snoozed until <Time at={incident.snoozed_until} /> by {incident.snoozed_by}: {named(incident.snooze_reason ?? "")}</span>}
        <span class="grow" />
        <button type="button" class="button button-small button-bare no-print" onClick={() => window.print()}>Print</button>
        <Actions incident={incident} />
      </div>
      <h1 class="big">{withUnits(named(incident.explanation === "" ? incident.title : incident.explanation))}</h1>
      <p class="facts">
        <span><a class="link" href={urls.service(incident.service)}>{named(incident.service)}</a></span>
        {lead === undefined ? null : <span><b>{measuredOf(lead.kind, lead.observed, lead.unit)}</b> {lead.metric}, normal {normalOf(lead)}</span>}
        <span>seen <b>{count(incident.occurrences)}{"\u00d7"}</b></span>
        <span>since <b><Time at={incident.first_seen_at} /></b></span>
        <span>last seen <b><Time at={incident.last_seen_at} relative /></b></span>
        {incident.assigned_to === "" ? null : <span>assigned to <b>{incident.assigned_to}</b></span>}
        {incident.generation > 1 ? <span>generation <b>{incident.generation}</b></span> : null}
        <span class="line"><code class="code-small quiet">{shortId(incident.id)}</code><CopyButton text={incident.id} what="Incident id" /></span>
      </p>
    </div>
  );
}

function ChartCard(props: { incident: IncidentDetail }): JSX.Element {
  const { series } = props.incident;
  const lead = props.incident.signals[0];
  const service = useResource("service", series.points.length === 0 ? "" : paths.service(props.incident.service))?.data;
  const markers = useMemo(() => (service?.deployments ?? []).map((each) => ({ at: Date.parse(each.at) / 1000, text: each.version })), [service?.deployments]);
  return (
    <Card title={`${series.metric.charAt(0).toUpperCase()}${series.metric.slice(1)}`} note={series.operation.name} span="span-7">
      {lead === undefined ? null : <p class="card-body small quiet">{lead.explanation}</p>}
      {series.points.length === 0 ? <Empty title="No window of this operation is stored." /> : <><SeriesChart series={series} markers={markers} /><OtherCurves incident={props.incident} markers={markers} /></>}
    </Card>
  );
}

function Filled(props: { incident: IncidentDetail; timeline: IncidentEvent[] }): JSX.Element {
  const { incident, timeline } = props;
  const evidence = incident.evidence[0];
  return (
    <>
      <Head incident={incident} />
      <Guidance incident={incident} />
      <Way steps={wayOf(incident, timeline)} />
      <div class="grid">
        <ChartCard incident={incident} />
        <ProofCard incident={incident} />
        {evidence === undefined
          ? <Card title="Failing request" span="span-7"><Empty title="No exchange was archived."><p>{incident.signals.length === 0 ? "Alarms say that it failed, not with which request." : "Spans alone show that it failed, not with which request."}</p></Empty></Card>
          : <ExchangeCard evidenceId={evidence.id} title="Failing request" span="span-7" copyKey />}
        <SignalsCard incident={incident} />
        <TimelineCard timeline={timeline} />
        <div class="stack span-5">
          <RunsCard runs={incident.runs} />
          <TicketsCard publications={incident.publications} />
        </div>
      </div>
    </>
  );
}

export function IncidentPage(props: { id: string }): JSX.Element {
  const resource = useResource("incident", paths.incident(props.id));
  const timeline = useResource("timeline", paths.timeline(props.id));
  useTitle(resource?.data?.title);
  return (
    <div class="page stack">
      <Loaded resource={resource} lines={14} missing={<div class="card"><Empty title="There is no such incident." action={<a class="button" href={urls.incidents}>All incidents</a>}><h1 class="unseen">Not found</h1><p>The link may be cut off, or belong to another server.</p></Empty></div>}>
        {(incident) => <Filled incident={incident} timeline={timeline?.data?.items ?? []} />}
      </Loaded>
    </div>
  );
}
