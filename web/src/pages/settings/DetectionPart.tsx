import "../../common.ts";
import type { JSX } from "preact";
import { detectionPath } from "../../api/detectionActions.ts";
import { paths } from "../../api/endpoints.ts";
import { PartHead } from "../../components/settings/pieces.tsx";
import { Card, Empty, Loaded, Time } from "../../components/parts.tsx";
import { More } from "../../components/ListParts.tsx";
import { useRowKeys } from "../../components/useRowKeys.ts";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { auditUrl } from "../../lib/settings/objects.ts";
import { ownSentence } from "../../lib/settings/detection.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { DetectionForm } from "./DetectionForm.tsx";

/** The suppressions of one service. */
export function suppressionsUrl(service: string): string {
  return `${urls.settings("suppressions")}?service=${encodeURIComponent(service)}`;
}

function List(): JSX.Element {
  const resource = useResource("services", paths.services);
  const suppressions = useResource("suppressions", "/suppressions?state=active")?.data;
  const mark = useRowKeys(resource?.data?.items, (service) => urls.settings("detection", service.name));
  const quiet = (name: string): number => suppressions?.items.filter((each) => each.service === name).length ?? 0;
  useTitle("Detection");
  return (
    <>
      <PartHead title="From where on something is a signal, service by service." about="The server’s own thresholds suit most. Where a service is noisy by nature or must be watched more closely, change them here: what they would have raised over the stored history is seen before anything counts." />
      <section class="card" aria-label="Services">
        <Loaded resource={resource}>
          {(rows) => rows.items.length === 0 ? <Empty title="No service has been seen yet." action={<a class="button" href={urls.overview}>How to send telemetry</a>}><p>Detection is set for services that sent something.</p></Empty> : (
            <>
              <table class="table table-fold">
                <thead><tr><th>Service</th><th>Last seen</th><th>Suppressed now</th></tr></thead>
                <tbody>
                  {rows.items.map((service, i) => (
                    <tr key={service.name} {...mark(i)}>
                      <td class="full"><a class="strong" href={urls.settings("detection", service.name)}>{visible(service.name)}</a></td>
                      <td class="nowrap quiet"><Time at={service.last_seen_at} relative /></td>
                      <td class="nowrap">{quiet(service.name) === 0 ? <span class="quiet">nothing</span> : <a class="link" href={suppressionsUrl(service.name)}>{plural(quiet(service.name), "suppression")}</a>}</td>
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

function One(props: { name: string }): JSX.Element {
  const resource = useResource("detection", detectionPath(props.name));
  useTitle(`Detection of ${props.name}`);
  return (
    <Loaded resource={resource} missing={<Card title="Detection"><Empty title={`No service called ${props.name} has been seen.`} action={<a class="button" href={urls.settings("detection")}>All services</a>}><h1 class="unseen">Not found</h1></Empty></Card>}>
      {(detection) => (
        <>
          <PartHead title={visible(ownSentence(detection.service, detection.settings))}>
            <a class="link" href={urls.service(detection.service)}>What it does now</a>
            <a class="link" href={suppressionsUrl(detection.service)}>Suppressions</a>
            <a class="link" href={auditUrl({ object: `service/${detection.service}`, order: "newest" })}>Who changed it</a>
          </PartHead>
          <DetectionForm detection={detection} />
        </>
      )}
    </Loaded>
  );
}

export function DetectionPart(props: { id: string | undefined }): JSX.Element {
  return props.id === undefined ? <List /> : <One name={props.id} key={props.id} />;
}
