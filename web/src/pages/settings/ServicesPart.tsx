import "../../common.ts";
import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import { PartHead } from "../../components/settings/pieces.tsx";
import { Empty, Loaded } from "../../components/parts.tsx";
import { More } from "../../components/ListParts.tsx";
import { useRowKeys } from "../../components/useRowKeys.ts";
import { useTitle } from "../../components/useTitle.ts";
import { count, plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { ServiceSettings } from "./ServiceSettings.tsx";

const none = <span class="quiet">none</span>;

function List(): JSX.Element {
  const resource = useResource("services", paths.services);
  const services = resource?.data?.items;
  const mark = useRowKeys(services, (service) => urls.settings("services", service.name));
  const without = services?.filter((service) => service.replay_target === "").length ?? 0;
  useTitle("Service settings");
  return (
    <>
      <PartHead title={services === undefined ? "Services" : services.length === 0 ? "No service has been seen yet." : `${plural(services.length, "service")}, ${without === 0 ? "each with a replay target" : `${count(without)} without a replay target`}.`}
        about="A service appears here by itself when its first record comes. Without a replay target nothing of it can be proved." />
      <section class="card" aria-label="Services">
        <Loaded resource={resource}>
          {(rows) => rows.items.length === 0 ? <Empty title="No service has been seen yet." action={<a class="button" href={urls.overview}>How to send telemetry</a>}><p>Settings are of services that sent something. The overview has the text to paste into a collector.</p></Empty> : (
            <>
              <table class="table table-fold">
                <thead><tr><th>Service</th><th>Replay target</th><th>Owner</th><th>Tickets</th><th>Pull requests</th></tr></thead>
                <tbody>
                  {rows.items.map((service, i) => (
                    <tr key={service.name} {...mark(i)}>
                      <td class="full"><a class="strong" href={urls.settings("services", service.name)}>{visible(service.name)}</a></td>
                      <td>{service.replay_target === "" ? <b class="bad">none</b> : <code>{visible(service.replay_target)}</code>}</td>
                      <td>{service.owner === "" ? none : visible(service.owner)}</td>
                      <td><code>{visible(service.tracker)}</code></td>
                      <td>{service.repository === "" ? none : <code>{visible(service.repository)}</code>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              <More kind="services" path={paths.services} rows={rows} />
            </>
          )}
        </Loaded>
      </section>
    </>
  );
}

export function ServicesPart(props: { id: string | undefined }): JSX.Element {
  return props.id === undefined ? <List /> : <ServiceSettings name={props.id} key={props.id} />;
}
