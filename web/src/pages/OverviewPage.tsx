import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { OverviewWarning } from "../api/overviewTypes.ts";
import type { Approval, Overview, Run } from "../api/types.ts";
import { TrafficChart } from "../chart/TrafficChart.tsx";
import { FirstRecord } from "../components/FirstRecord.tsx";
import { later } from "../components/later.tsx";
import { IncidentTable } from "../components/IncidentTable.tsx";
import { Meter, Pips, pipsOf, RiskMark, SeverityCount } from "../components/marks.tsx";
import { Card, Empty, Loaded, Time, Took } from "../components/parts.tsx";
import { Icon } from "../components/icons.tsx";
import { useTitle } from "../components/useTitle.ts";
import { nowMs } from "../lib/clock.ts";
import { coarse, count, parseTime, plural } from "../lib/format.ts";
import { isNew, overviewSentence } from "../lib/overviewSentence.ts";
import { named } from "../lib/visible.ts";
import { actorText, runStateText } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import { me } from "../state/store.ts";
import { useResource } from "../state/useResource.ts";

/** Below what is looked at first, so it may come a moment later. */
const Pulse = later<{ overview: Overview }>(async () => (await import("./overview/Pulse.tsx")).Pulse);

function Numbers(props: { overview: Overview }): JSX.Element {
  const { overview } = props;
  const by = overview.incidents_by_severity;
  const oldest = parseTime(overview.approval_oldest_at);
  return (
    <nav class="card numbers" aria-label="Numbers now">
      <a href={urls.incidents}>
        <span class="number-name">Open incidents</span><span class="number">{count(overview.incidents_open)}</span>
        <span class="number-note">{(["critical", "high", "medium", "low"] as const).map((level) => <SeverityCount severity={level} count={by[level]} />)}</span>
      </a>
      <a href={urls.approvals}>
        <span class="number-name">Waiting for release</span><span class="number">{count(overview.approvals_pending)}</span>
        <span class="number-note">{oldest === undefined ? "none waits" : `oldest ${coarse(nowMs.value - oldest)}`}</span>
      </a>
      <a href={urls.runs}>
        <span class="number-name">Runs under way</span><span class="number">{count(overview.runs_active)}</span>
        <span class="number-note">queued, running or waiting</span>
      </a>
      <a href={urls.signals}>
        <span class="number-name">Signals, last hour</span><span class="number">{count(overview.signals_last_hour)}</span>
        <span class="number-note">in windows of {overview.window_s} s</span>
      </a>
      <a href={urls.services}>
        <span class="number-name">Services</span><span class="number">{count(overview.services)}</span>
        <span class="number-note">{plural(overview.operations, "operation")}</span>
      </a>
      <a href="#traffic">
        <span class="number-name">Intake</span><span class="number">{count(overview.records_last_minute)} <small>records/min</small></span>
        <span class="number-note">{count(overview.records_refused)} refused of {count(overview.records_total + overview.records_refused)}</span>
      </a>
    </nav>
  );
}

function Waiting(props: { approvals: Approval[]; total: number }): JSX.Element {
  return (
    <Card title="Waiting for release" note={props.total} span="span-4" head={<a class="link" href={urls.approvals}>Open inbox</a>}>
      {props.approvals.length === 0 ? <Empty title="Nothing waits for a person." /> : (
        <ul class="rows">
          {props.approvals.map((approval) => {
            const from = parseTime(approval.created_at) ?? 0;
            const until = parseTime(approval.expires_at) ?? 0;
            const left = until - nowMs.value;
            return (
              <li key={approval.id}>
                <div class="line"><RiskMark risk={approval.risk} /><span class="grow" /><span class="tiny quiet">{coarse(left)} left</span></div>
                <a class="strong" href={urls.approval(approval.id)}>{named(approval.summary)}</a>
                <p class="small quiet">{approval.approvals_given} of {approval.approvals_needed} approved {"\u00b7"} asked by {actorText(approval.requested_by)}</p>
                <Meter share={left / Math.max(1, until - from)} kind={left < 3_600_000 ? "hot" : "quiet"} />
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

function Running(props: { runs: Run[]; total: number }): JSX.Element {
  return (
    <Card title="Runs under way" note={props.total} head={<a class="link" href={urls.runs}>All runs</a>}>
      {props.runs.length === 0 ? <Empty title="Nothing runs." /> : (
        <ul class="rows">
          {props.runs.map((run) => {
            const { result } = run;
            return (
              <li key={run.id}>
                <div class="line"><a class="strong nowrap" href={urls.run(run.id)}>{run.kind}</a><span class="small quiet">{runStateText(run.state)}{run.step === "" ? "" : `, step ${run.step}`}</span><span class="grow" /><span class="tiny quiet nowrap"><Took from={run.created_at} to={undefined} /></span></div>
                {result === undefined ? null : <Pips pips={pipsOf(result.trials, result.trials_planned, run.state === "leased")} label={`${result.trials.filter((trial) => trial.shows).length} of ${result.trials_planned} trials show it`} />}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

function Filled(props: { overview: Overview }): JSX.Element {
  const { overview } = props;
  return (
    <>
      <Numbers overview={overview} />
      <div class="grid">
        <Card title="Open incidents" note={overview.incidents_open} span="span-8" head={<><span class="quiet small wide-only">worst first</span><a class="link" href={urls.incidents}>All incidents</a></>}>
          {overview.worst_incidents.length === 0
            ? <Empty title="No open incident."><p>Every clean window makes the baselines sharper.</p></Empty>
            : <IncidentTable incidents={overview.worst_incidents} />}
        </Card>
        <Waiting approvals={overview.waiting_approvals} total={overview.approvals_pending} />
        <div class="span-8" id="traffic">
          <Card title="Traffic" note={`windows of ${overview.window_s} s, last hour`} head={<span class="quiet small">last record <Time at={overview.last_record_at} relative /></span>}>
            {overview.traffic.length === 0 ? <Empty title="No window has closed yet."><p>The first closes {overview.window_s} s after its first record.</p></Empty> : <TrafficChart traffic={overview.traffic} />}
          </Card>
        </div>
        <div class="span-4"><Running runs={overview.active_runs} total={overview.runs_active} /></div>
      </div>
      <Pulse overview={overview} />
    </>
  );
}

/** Where it is set, for who may set it. What stands in the configuration has no screen. */
const warningPlaces: Partial<Record<OverviewWarning["about"], { part: string; text: string }>> = {
  approvers: { part: "people", text: "People" }, slack: { part: "slack", text: "Slack" }, webhooks: { part: "webhooks", text: "Webhooks" },
};

function Warning(props: { warning: OverviewWarning }): JSX.Element {
  const place = me.value?.roles.includes("admin") ? warningPlaces[props.warning.about] : undefined;
  return <p class="problem"><Icon name="warning" /><span class="grow">{named(props.warning.text)}</span>{place === undefined ? null : <a class="link nowrap" href={urls.settings(place.part)}>{place.text}</a>}</p>;
}

export function OverviewPage(): JSX.Element {
  const resource = useResource("overview", paths.overview);
  const sentence = resource?.data === undefined ? undefined : overviewSentence(resource.data, nowMs.value);
  useTitle("Overview");
  return (
    <div class="page stack">
      <h1>{sentence ?? "Overview"}</h1>
      <Loaded resource={resource} lines={10}>
        {(overview) => (
          <>
            {overview.warnings.map((warning) => <Warning warning={warning} />)}
            {isNew(overview) ? <FirstRecord overview={overview} /> : <Filled overview={overview} />}
          </>
        )}
      </Loaded>
    </div>
  );
}
