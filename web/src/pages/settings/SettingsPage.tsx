import "../../common.ts";
import type { JSX } from "preact";
import "../../api/settingsEndpoints.ts";
import { later } from "../../components/later.tsx";
import { Empty } from "../../components/parts.tsx";
import { NoRole } from "../../components/settings/pieces.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { findPart, maySee, visibleGroups } from "../../lib/settings/places.ts";
import { urls } from "../../router/route.ts";
import { me } from "../../state/store.ts";

type PartProps = { id: string | undefined };

const parts: Record<string, (props: PartProps) => JSX.Element> = {
  account: later<PartProps>(async () => (await import("./AccountPart.tsx")).AccountPart),
  services: later<PartProps>(async () => (await import("./ServicesPart.tsx")).ServicesPart),
  detection: later<PartProps>(async () => (await import("./DetectionPart.tsx")).DetectionPart),
  suppressions: later<PartProps>(async () => (await import("./SuppressionsPart.tsx")).SuppressionsPart),
  alarms: later<PartProps>(async () => (await import("./AlarmsPart.tsx")).AlarmsPart),
  events: later<PartProps>(async () => (await import("./EventsPart.tsx")).EventsPart),
  logs: later<PartProps>(async () => (await import("./LogsPart.tsx")).LogsPart),
  integrations: later<PartProps>(async () => (await import("./IntegrationsPart.tsx")).IntegrationsPart),
  trackers: later<PartProps>(async () => (await import("./TrackersPart.tsx")).TrackersPart),
  webhooks: later<PartProps>(async () => (await import("./WebhooksPart.tsx")).WebhooksPart),
  deliveries: later<PartProps>(async () => (await import("./DeliveriesPart.tsx")).DeliveriesPart),
  hooks: later<PartProps>(async () => (await import("./HooksPart.tsx")).HooksPart),
  slack: later<PartProps>(async () => (await import("./SlackPart.tsx")).SlackPart),
  people: later<PartProps>(async () => (await import("./PeoplePart.tsx")).PeoplePart),
  tokens: later<PartProps>(async () => (await import("./TokensPart.tsx")).TokensPart),
};

function SideList(props: { here: string }): JSX.Element {
  return (
    <nav class="settings-nav" aria-label="Settings">
      {visibleGroups(me.value?.roles ?? []).map((group) => (
        <div>
          <p class="tiny quiet">{group.title}</p>
          <ul>{group.parts.map((part) => <li><a href={urls.settings(part.id)} aria-current={part.id === props.here ? "page" : undefined}>{part.text}</a></li>)}</ul>
        </div>
      ))}
    </nav>
  );
}

function Index(): JSX.Element {
  const roles = me.value?.roles ?? [];
  useTitle("Settings");
  return (
    <>
      <div class="head"><h1>Settings that {me.value?.name ?? "you"} may see, as {roles.join(", ") || "nobody"}.</h1></div>
      {visibleGroups(roles).map((group) => (
        <section class="card" aria-label={group.title}>
          <header class="card-head"><h2>{group.title}</h2></header>
          <ul class="rows">{group.parts.map((part) => <li><a class="strong" href={urls.settings(part.id)}>{part.text}</a><div class="small quiet">{part.about}</div></li>)}</ul>
        </section>
      ))}
    </>
  );
}

function Shown(props: { part: string; id: string | undefined }): JSX.Element {
  if (props.part === "") return <Index />;
  const known = findPart(props.part);
  const Part = parts[props.part];
  if (known === undefined || Part === undefined) {
    return <div class="card"><Empty title="There is no such part of the settings." action={<a class="button" href={urls.settings()}>All settings</a>}><h1 class="unseen">Not found</h1></Empty></div>;
  }
  if (!maySee(known, me.value?.roles ?? [])) return <><h1>{known.text}</h1><NoRole role={known.role ?? "admin"} what={known.text} /></>;
  return <Part id={props.id} key={props.part} />;
}

export function SettingsPage(props: { part: string; id: string | undefined }): JSX.Element {
  return (
    <div class="page settings">
      <SideList here={props.part} />
      <div class="stack"><Shown part={props.part} id={props.id} /></div>
    </div>
  );
}
