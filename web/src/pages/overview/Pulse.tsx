import "../../common.ts";
import type { JSX } from "preact";
import type { BusyService, OverviewIntegration, ServiceMark } from "../../api/overviewTypes.ts";
import type { Overview } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { Card, Empty, Time } from "../../components/parts.tsx";
import { aroundMark, figureOf, lineOf, marksOf, pictureHeight, pictureWidth, sumOf } from "../../lib/busy.ts";
import type { Figure, Sum } from "../../lib/busy.ts";
import { nowMs } from "../../lib/clock.ts";
import { bytes, coarse, count, duration, parseTime, percent } from "../../lib/format.ts";
import { named } from "../../lib/visible.ts";
import { urls } from "../../router/route.ts";

function sumText(sum: Sum | undefined): string {
  return sum === undefined ? "no request" : `${percent(sum.errors)} errors, p95 ${duration(sum.p95Ms)}`;
}

const figureText: Record<Figure, string> = { errors: "Errors", p95: "p95" };

function lastText(service: BusyService, figure: Figure): string {
  const last = [...service.points].reverse().find((point) => point.requests > 0);
  if (last === undefined) return "\u2013";
  const value = figureOf(last, figure);
  return figure === "errors" ? percent(value) : duration(value);
}

function Picture(props: { service: BusyService; figure: Figure }): JSX.Element {
  const { service, figure } = props;
  return (
    <div class="pulse-picture">
      <p class="line tiny quiet"><span class="grow">{figureText[figure]}</span><b class="ink">{lastText(service, figure)}</b></p>
      <svg viewBox={`0 0 ${pictureWidth} ${pictureHeight}`} preserveAspectRatio="none" role="img" aria-label={`${figureText[figure]} of ${service.service} in the last hour, now ${lastText(service, figure)}`}>
        {marksOf(service).map(({ mark, x }) => <line class={`pulse-mark pulse-${mark.kind}`} x1={x} x2={x} y1={0} y2={pictureHeight} vector-effect="non-scaling-stroke" />)}
        <path class={`pulse-line pulse-${figure}`} d={lineOf(service.points, figure)} vector-effect="non-scaling-stroke" />
      </svg>
    </div>
  );
}

/** What was changed, with the figures on both sides of it: the picture's marks in words. */
function MarkLine(props: { service: BusyService; mark: ServiceMark }): JSX.Element {
  const { service, mark } = props;
  const { before, after } = aroundMark(service.points, mark);
  const what = mark.kind === "deployment" ? `Deployed ${mark.text}` : `Fix: ${mark.text}`;
  return (
    <li class="tiny">
      <span class={`pulse-key pulse-${mark.kind}`} aria-hidden="true" /> {mark.incident_id === undefined ? <b>{named(what)}</b> : <a class="link" href={urls.incident(mark.incident_id)}>{named(what)}</a>} <Time at={mark.at} />
      <br /><span class="quiet">{sumText(before)} {"\u2192"} {sumText(after)}</span>
    </li>
  );
}

function Service(props: { service: BusyService }): JSX.Element {
  const { service } = props;
  const sum = sumOf(service.points);
  return (
    <li class="pulse">
      <p class="line"><a class="strong grow cut" href={urls.service(service.service)}>{named(service.service)}</a><span class="tiny quiet nowrap">{count(sum?.requests ?? 0)} requests</span></p>
      <Picture service={service} figure="errors" />
      <Picture service={service} figure="p95" />
      {service.marks.length === 0 ? null : <ul class="stack-tight">{service.marks.map((mark) => <MarkLine service={service} mark={mark} />)}</ul>}
    </li>
  );
}

const kindPlace: Record<OverviewIntegration["kind"], { text: string; part: string }> = {
  webhook: { text: "Webhook out", part: "webhooks" }, slack: { text: "Slack", part: "slack" }, tracker: { text: "Tracker", part: "trackers" },
  hook: { text: "Webhook in", part: "hooks" }, log_store: { text: "Log store", part: "logs" },
};

function IntegrationRow(props: { one: OverviewIntegration }): JSX.Element {
  const { one } = props;
  const place = kindPlace[one.kind] ?? { text: one.kind, part: "" };
  return (
    <li>
      <p class="line wrap">
        <span class={one.failing ? "wf-failed" : "good"}><Icon name={one.failing ? "warning" : "check"} /></span>
        <a class="link grow pulse-name" href={urls.settings(place.part)}>{place.text}: {named(one.name)}</a>
        <span class="small quiet nowrap">{one.last_ok_at === undefined ? "never worked so far" : <>last OK <Time at={one.last_ok_at} relative /></>}</span>
      </p>
      {one.failing ? <p class="small">{named(one.error)}</p> : null}
    </li>
  );
}

/** What runs the house: the queue, what was lost or is late, and what room is left. Each leads to its list. */
function House(props: { overview: Overview }): JSX.Element {
  const { queue, lag, storage, dead_letters, records_late, incidents_snoozed, records_refused } = props.overview;
  const oldest = parseTime(queue.oldest_at);
  return (
    <nav class="card numbers" aria-label="How the server is">
      <a href={`${urls.runs}?state=queued`}>
        <span class="number-name">Queued runs</span><span class="number">{count(queue.queued)}</span>
        <span class="number-note">{`${queue.running} at work, ${queue.paused} paused`}{oldest === undefined ? "" : ` \u00b7 oldest ${coarse(nowMs.value - oldest)}`}</span>
      </a>
      <a href={urls.deadLetters}>
        <span class="number-name">Dead letters</span><span class="number">{count(dead_letters)}</span>
        <span class="number-note">{dead_letters === 0 ? "none failed for good" : "failed in every attempt"}</span>
      </a>
      <a href={`${urls.incidents}?snoozed=true`}>
        <span class="number-name">Snoozed incidents</span><span class="number">{count(incidents_snoozed)}</span>
        <span class="number-note">open, and put off</span>
      </a>
      <a href={urls.services}>
        <span class="number-name">Late, refused</span><span class="number">{count(records_late)} <small>records</small></span>
        <span class="number-note">{count(records_refused)} requests refused</span>
      </a>
      <a href="#traffic">
        <span class="number-name">Lag</span><span class="number">{lag === undefined ? "\u2013" : duration(lag.p50_ms)}</span>
        <span class="number-note">{lag === undefined ? "no window in the last hour" : `p95 ${duration(lag.p95_ms)}, end of window to stored`}</span>
      </a>
      <a href={urls.settings()}>
        <span class="number-name">Storage</span><span class="number">{storage === undefined ? "\u2013" : bytes(storage.database_bytes + storage.evidence_bytes)}</span>
        <span class="number-note">{storage === undefined ? "not measured" : `${bytes(storage.free_bytes)} left, log ${bytes(storage.wal_bytes)}`}</span>
      </a>
    </nav>
  );
}

export function Pulse(props: { overview: Overview }): JSX.Element {
  const { busy, integrations } = props.overview;
  return (
    <div class="stack">
      <House overview={props.overview} />
      <div class="grid">
        <Card title="Busiest services" note="last hour, window by window" span="span-8">
          {busy.length === 0 ? <Empty title="No window of the last hour is stored."><p>The lines begin with the first window that closes.</p></Empty> : <ul class="pulses">{busy.map((each) => <Service key={each.service} service={each} />)}</ul>}
        </Card>
        <Card title="Integrations" note={integrations.length} span="span-4" head={<a class="link" href={urls.settings()}>Settings</a>}>
          {integrations.length === 0 ? <Empty title="Nothing is connected yet." action={<a class="button" href={urls.settings()}>Connect something</a>}><p>Trackers, webhooks and log stores stand here with when they last worked.</p></Empty>
            : <ul class="rows">{integrations.map((one) => <IntegrationRow key={`${one.kind} ${one.name}`} one={one} />)}</ul>}
        </Card>
      </div>
    </div>
  );
}
