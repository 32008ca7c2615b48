import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import { auditUrl } from "../../lib/settings/objects.ts";
import { PartHead } from "../../components/settings/pieces.tsx";
import { Card, Empty, Loaded } from "../../components/parts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { ServiceForm } from "./ServiceForm.tsx";

export function ServiceSettings(props: { name: string }): JSX.Element {
  const resource = useResource("service", paths.service(props.name));
  useTitle(`Settings of ${props.name}`);
  return (
    <Loaded resource={resource} missing={<div class="card"><Empty title={`No service called ${props.name} has been seen.`} action={<a class="button" href={urls.settings("services")}>All services</a>}><h1 class="unseen">Not found</h1></Empty></div>}>
      {(service) => (
        <>
          <PartHead title={service.replay_target === "" ? `${service.name} cannot be replayed yet: it has no target.` : `${service.name} is replayed against ${service.replay_target}.`}>
            <a class="link" href={urls.service(service.name)}>What it does now</a>
            <a class="link" href={auditUrl({ object: `service/${service.name}`, order: "newest" })}>Who changed it</a>
          </PartHead>
          <Card title="Settings" note={`version ${service.version}`}><ServiceForm service={service} /></Card>
        </>
      )}
    </Loaded>
  );
}
