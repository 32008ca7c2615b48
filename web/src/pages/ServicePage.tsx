import "../common.ts";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { OperationState, Service } from "../api/types.ts";
import { Card, Empty, Loaded, Time } from "../components/parts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, duration, ofTotal, percent, plural } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { groupOperations } from "../lib/operationOrder.ts";
import type { OperationGroup } from "../lib/operationOrder.ts";
import { overflowSentence } from "../lib/overflowSentence.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { ChartsCard } from "./service/ChartsCard.tsx";
import { ServiceForm } from "./settings/ServiceForm.tsx";

function share(failing: number, requests: number): string {
  return requests === 0 ? "\u2013" : percent(failing / requests);
}

/** Pairs: of a request and its response. */
const sourceNames: Record<OperationState["operation"]["source"], string> = {
  rrpair: "pairs", span: "spans", metric: "metrics",
};

function OperationRow(props: { group: OperationGroup }): JSX.Element {
  const { lead: state, others } = props.group;
  const learning = state.baseline_state === "learning";
  return (
    <tr>
      <td class="full"><a class="strong" href={`${urls.service(state.operation.service)}?op=${state.operation.id}`}>{named(state.operation.name)}</a><div class="small quiet">{state.operation.kind}, from {sourceNames[state.operation.source]}{others.map((each) => ` and ${sourceNames[each.operation.source]}`)} {"\u00b7"} window <Time at={state.last_window_at} /></div></td>
      <td class="right">{count(state.requests)}<span class="narrow-only quiet"> requests</span></td>
      <td class="right">{share(state.failing, state.requests)}<div class="tiny quiet" title={ofTotal(state.baseline_failing, state.baseline_requests)}>normal {share(state.baseline_failing, state.baseline_requests)}</div></td>
      <td class="right nowrap">{duration(state.p95_ms)}<div class="tiny quiet">normal {state.baseline_requests === 0 ? "\u2013" : duration(state.baseline_p95_ms)}</div></td>
      <td class="nowrap quiet">{learning ? `learning, ${state.baseline_windows} ${state.baseline_windows === 1 ? "window" : "windows"}` : plural(state.baseline_windows, "window")}</td>
    </tr>
  );
}

function Operations(props: { name: string }): JSX.Element {
  const resource = useResource("operations", paths.operations(props.name));
  return (
    <Card title="Operations" note="last closed window beside its baseline, the most affected first" span="span-7">
      <Loaded resource={resource}>
        {(rows) => rows.items.length === 0 ? <Empty title="No window has closed yet." /> : (
          <table class="table table-fold">
            <thead><tr><th>Operation</th><th class="right">Requests</th><th class="right">Failing</th><th class="right">p95</th><th>Baseline</th></tr></thead>
            <tbody>{groupOperations(rows.items).map((group) => <OperationRow key={`${group.lead.operation.id} ${group.lead.operation.source}`} group={group} />)}</tbody>
          </table>
        )}
      </Loaded>
    </Card>
  );
}

function ChartsOf(props: { service: Service }): JSX.Element {
  const operations = useResource("operations", paths.operations(props.service.name))?.data?.items;
  return operations === undefined ? <></> : <ChartsCard service={props.service} operations={operations} />;
}

function sentence(service: Service): string {
  const target = service.replay_target === "" ? "cannot be replayed: it has no target" : "can be replayed";
  return `${named(service.name)} ${target}; ${service.incidents_open === 0 ? "no incident is open" : `${plural(service.incidents_open, "incident")} open`}.`;
}

export function ServicePage(props: { name: string }): JSX.Element {
  const resource = useResource("service", paths.service(props.name));
  useTitle(props.name);
  return (
    <div class="page stack">
      <Loaded resource={resource} missing={<div class="card"><Empty title={`No service called ${props.name} has been seen.`} action={<a class="button" href={urls.services}>All services</a>}><h1 class="unseen">Not found</h1></Empty></div>}>
        {(service) => (
          <>
            <div class="head">
              <h1>{sentence(service)}</h1>
              <p class="facts"><span>first seen <b><Time at={service.first_seen_at} /></b></span><span>last seen <b><Time at={service.last_seen_at} relative /></b></span><span><b>{count(service.records)}</b> records</span>{service.deployments[0] === undefined ? null : <span>version <b>{service.deployments[0].version}</b> since <b><Time at={service.deployments[0].at} /></b></span>}<a class="link" href={`${urls.incidents}?service=${encodeURIComponent(service.name)}&status=all`}>Incidents</a><a class="link" href={`${urls.signals}?service=${encodeURIComponent(service.name)}`}>Signals</a><a class="link" href={urls.settings("detection", service.name)}>Detection</a><a class="link" href={`${urls.settings("suppressions")}?service=${encodeURIComponent(service.name)}`}>Suppressions</a></p>
              {service.overflow.length === 0 ? null : <p class="small bad">{overflowSentence(service.overflow)}</p>}
            </div>
            <ChartsOf service={service} />
            <div class="grid">
              <Operations name={named(service.name)} />
              <Card title="Settings" span="span-5" head={<a class="link" href={urls.settings("services", service.name)}>Open in settings</a>}><ServiceForm service={service} /></Card>
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}
