import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import { FirstRecord } from "../components/FirstRecord.tsx";
import { Empty, Loaded, Time } from "../components/parts.tsx";
import { ListCard } from "../components/ListParts.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import { useTitle } from "../components/useTitle.ts";
import { count, plural } from "../lib/format.ts";
import { overflowSentence } from "../lib/overflowSentence.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { named } from "../lib/visible.ts";

export function ServicesPage(): JSX.Element {
  const resource = useResource("services", paths.services);
  const overview = useResource("overview", paths.overview)?.data;
  const services = resource?.data?.items ?? [];
  const mark = useRowKeys(resource?.data?.items, (service) => urls.service(service.name));
  const without = services.filter((service) => service.replay_target === "").length;
  useTitle("Services");
  return (
    <div class="page stack">
      <h1>{resource?.data === undefined ? "Services" : services.length === 0 ? "No service has been seen yet." : `${plural(services.length, "service")}, ${without === 0 ? "each with a replay target" : `${count(without)} without a replay target`}.`}</h1>
      <Loaded resource={resource}>
        {(rows) => rows.items.length === 0 ? (overview === undefined ? <div class="card"><Empty title="No service has been seen yet." /></div> : <FirstRecord overview={overview} />) : (
          <ListCard title="Services">
            <table class="table table-fold">
              <thead><tr><th>Service</th><th>Replay target</th><th>Owner</th><th class="right">Records</th><th class="right">Open incidents</th><th class="right">Last seen</th></tr></thead>
              <tbody>
                {rows.items.map((service, i) => (
                  <tr key={service.name} {...mark(i)}>
                    <td class="full"><a class="strong" href={urls.service(service.name)}>{named(service.name)}</a>{service.overflow.length === 0 ? null : <div class="small bad">{overflowSentence(service.overflow)}</div>}</td>
                    <td class="nowrap">{service.replay_target === "" ? <a class="link" href={urls.service(service.name)}>Add one</a> : <code>{service.replay_target}</code>}</td>
                    <td class="nowrap quiet">{service.owner === "" ? "\u2013" : service.owner}</td>
                    <td class="right">{count(service.records)}<span class="narrow-only quiet"> records</span></td>
                    <td class="right">{service.incidents_open === 0 ? <span class="quiet">0<span class="narrow-only"> open</span></span> : <a class="link" href={`${urls.incidents}?service=${encodeURIComponent(service.name)}`}>{service.incidents_open} open</a>}</td>
                    <td class="right nowrap quiet"><Time at={service.last_seen_at} relative /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ListCard>
        )}
      </Loaded>
    </div>
  );
}
