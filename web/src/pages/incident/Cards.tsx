import type { JSX } from "preact";
import type { Alarm } from "../../api/alarmTypes.ts";
import type { IncidentDetail, IncidentEvent, Publication, Run, Signal } from "../../api/types.ts";
import { Severity, Stamp } from "../../components/marks.tsx";
import { Card, Empty, Took, Time } from "../../components/parts.tsx";
import { count, measuredOf, normalOf, plural, probability, shortId } from "../../lib/format.ts";
import { actorText, kindText, reasonText, runStateText, situationText, statusText } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import { named, visible } from "../../lib/visible.ts";
import { Suppression } from "../signal/Suppression.tsx";

const alarmsShown = 8;
const tracesShown = 3;

/** What other systems said, the newest first. */
function AlarmRows(props: { alarms: Alarm[] }): JSX.Element {
  return (
    <ul class="rows">
      {props.alarms.slice(0, alarmsShown).map((alarm) => (
        <li key={alarm.id}>
          <div class="line"><span class="strong">{alarm.title === "" ? alarm.error_type : alarm.title}</span><span class="grow" /><span class="tiny quiet"><Time at={alarm.received_at} /></span></div>
          {alarm.description === "" || alarm.description === alarm.title ? null : <p class="small">{alarm.description}</p>}
          <p class="tiny quiet">alarm from {alarm.source}{alarm.route === "" ? "" : `, ${alarm.route}`}</p>
        </li>
      ))}
    </ul>
  );
}

type Alike = [Signal, ...Signal[]];

/** What is seen window after window stands once, under its first in the list. */
function alike(signals: Signal[]): Alike[] {
  const groups = new Map<string, Alike>();
  for (const signal of signals) {
    const key = `${signal.kind} ${signal.operation.id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [signal]);
    else group.push(signal);
  }
  return [...groups.values()];
}

function OtherWindows(props: { signals: Signal[] }): JSX.Element | null {
  if (props.signals.length === 0) return null;
  return (
    <details class="measures tiny">
      <summary class="link">{plural(props.signals.length, "more window")} of it</summary>
      <ul>{props.signals.map((signal) => <li key={signal.id} class="line"><a class="link" href={urls.signal(signal.id)}><Time at={signal.window_end_at} /></a><span>{measuredOf(signal.kind, signal.observed, signal.unit)}</span><span class="quiet">normal {normalOf(signal)}, n {count(signal.observed_n)}</span></li>)}</ul>
    </details>
  );
}

/** Why it fired: kind by kind, the leading one first; where no signal tells, what alarms said. */
export function SignalsCard(props: { incident: IncidentDetail }): JSX.Element {
  const { signals, alarms } = props.incident;
  if (signals.length === 0) {
    return (
      <Card title="Why it fired" note={plural(alarms.length, "alarm")} span="span-5">
        {alarms.length === 0 ? <Empty title="Nothing of it is kept any more." /> : <AlarmRows alarms={alarms} />}
      </Card>
    );
  }
  return (
    <Card title="Why it fired" note={plural(props.incident.signal_count, "signal")} span="span-5">
      <ul class="rows">
        {alike(signals).map(([signal, ...others]) => (
          <li key={signal.id}>
            <div class="line wrap"><Severity severity={signal.severity} /><a class="strong" href={urls.signal(signal.id)}>{kindText(signal.kind)}</a><span class="grow" /><Suppression signal={signal} short /><span class="tiny quiet"><Time at={signal.window_end_at} /></span></div>
            <p class="small">{visible(signal.explanation)}</p>
            <p class="tiny quiet">{named(signal.operation.name)}: {measuredOf(signal.kind, signal.observed, signal.unit)}, normal {normalOf(signal)}{signal.p_value === undefined ? "" : `, ${probability(signal.p_value)}`}; {signal.rule}</p>
            {signal.trace_ids.length === 0 ? null : <p class="tiny quiet">Traces: {signal.trace_ids.slice(0, tracesShown).map((id, i) => <>{i === 0 ? "" : ", "}<a class="link" href={urls.trace(id)}><code>{shortId(id)}</code></a></>)}</p>}
            <OtherWindows signals={others} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** "needs_human(no_target)" or "detected/queued": a status with its reason or phase. */
function partsOf(place: string): { status: string; reason: string; phase: string } {
  const [, status = place, reason = "", phase = ""] = /^(\w+)(?:\((\w+)\))?(?:\/(\w+))?$/.exec(place) ?? [];
  return { status, reason, phase };
}

function placeText(place: string): string {
  const { status, reason, phase } = partsOf(place);
  if (reason !== "") return situationText(status, phase, reason);
  return phase === "" || phase === status ? statusText(status) : `${statusText(status)}, ${phase.replace(/_/g, " ")}`;
}

function pointKind(event: IncidentEvent): string {
  const { status, phase } = partsOf(event.to);
  if (status === "detected" || status === "needs_human") return "point point-hot";
  return phase === "awaiting_approval" ? "point point-now" : "point point-done";
}

export function TimelineCard(props: { timeline: IncidentEvent[] }): JSX.Element {
  const { timeline } = props;
  return (
    <Card title="Timeline" note={plural(timeline.length, "event")} span="span-7">
      {timeline.length === 0 ? <Empty title="Nothing happened yet." /> : (
        <ol class="timeline">
          {timeline.map((event) => (
            <li key={event.sequence}>
              <Time at={event.at} /><span class={pointKind(event)} />
              <span><b>{placeText(event.to)}</b>{event.why === "" ? "" : `: ${reasonText(event.why)}`} <span class="quiet small">by {actorText(event.actor)}</span></span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

export function RunsCard(props: { runs: Run[] }): JSX.Element {
  return (
    <Card title="Runs">
      {props.runs.length === 0 ? <Empty title="No run so far." /> : (
        <table class="table table-tight">
          <thead class="unseen"><tr><th>Run</th><th>Result</th><th>Took</th></tr></thead>
          <tbody>
            {props.runs.map((run) => (
              <tr key={run.id}>
                <td><a class="link" href={urls.run(run.id)}>{run.kind}</a></td>
                <td>{run.verdict === undefined ? runStateText(run.state) : <span class="line wrap"><Stamp verdict={run.verdict} small />{run.state === "succeeded" ? null : <span class="small quiet">{runStateText(run.state)}</span>}</span>}</td>
                <td class="right quiet nowrap"><Took from={run.created_at} to={["succeeded", "cancelled", "timed_out", "discarded", "dead_letter"].includes(run.state) ? run.updated_at : undefined} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

export function TicketsCard(props: { publications: Publication[] }): JSX.Element | null {
  if (props.publications.length === 0) return null;
  return (
    <Card title="Tickets">
      <ul class="rows">{props.publications.map((publication) => <PublicationRow key={publication.id} publication={publication} />)}</ul>
    </Card>
  );
}

/** Where the ticket is. A file has a path, not an address: it is shown to be copied, never linked. */
export function PublicationRow(props: { publication: Publication }): JSX.Element {
  const { publication } = props;
  const isLink = /^https?:\/\//.test(publication.url);
  return (
    <li>
      <p class="strong">{publication.title}</p>
      <p class="small quiet">
        {publication.state === "published" ? <>written <Time at={publication.published_at} /> to </> : publication.state === "failed" ? "failed: " : publication.state === "outcome_unknown" ? "nobody knows yet whether it is at " : "being written to "}
        {publication.state === "failed" ? publication.error : isLink ? <a class="link" href={publication.url} rel="noreferrer noopener" target="_blank">{publication.url}</a> : <><code>{publication.url || publication.target}</code>{publication.target.startsWith("file:") ? " in the server\u2019s data directory" : ""}</>}
      </p>
    </li>
  );
}
