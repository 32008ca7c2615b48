import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { Incident, RunDetail, Signal } from "../api/types.ts";
import { shortId } from "../lib/format.ts";
import { findPart } from "../lib/settings/places.ts";
import { named } from "../lib/visible.ts";
import { kindText } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import type { Route } from "../router/route.ts";
import { route } from "../router/router.ts";
import { resourceSignal } from "../state/store.ts";

interface Crumb {
  text: string;
  url?: string;
}

function settingsCrumbs(part: string, id: string | undefined): Crumb[] {
  const root: Crumb = { text: "Settings" };
  if (part === "") return [root];
  const here: Crumb = { text: findPart(part)?.text ?? part };
  return [{ ...root, url: urls.settings() }, ...(id === undefined ? [here] : [{ ...here, url: urls.settings(part) }, { text: shortId(id) }])];
}

function crumbsOf(here: Route): Crumb[] {
  switch (here.screen) {
    case "overview": return [{ text: "Overview" }];
    case "signals": return [{ text: "Signals" }];
    case "signal": return [{ text: "Signals", url: urls.signals }, { text: shortId(here.id) }];
    case "incidents": return [{ text: "Incidents" }];
    case "incident": return [{ text: "Incidents", url: urls.incidents }, { text: shortId(here.id) }];
    case "runs": return [{ text: "Runs" }];
    case "run": return [{ text: "Runs", url: urls.runs }, { text: shortId(here.id) }];
    case "approvals": return here.id === undefined ? [{ text: "Approvals" }] : [{ text: "Approvals", url: urls.approvals }, { text: shortId(here.id) }];
    case "evidence": return [{ text: "Evidence" }, { text: shortId(here.id) }];
    case "services": return [{ text: "Services" }];
    case "service": return [{ text: "Services", url: urls.services }, { text: here.name }];
    case "traces": return [{ text: "Traces" }];
    case "patterns": return [{ text: "Traces", url: urls.traces }, { text: "Scenario reports" }];
    case "trace": return [{ text: "Traces", url: urls.traces }, { text: shortId(here.id) }];
    case "settings": return settingsCrumbs(here.part, here.id);
    case "audit": return [{ text: "Audit" }];
    case "dead_letters": return [{ text: "Dead letters" }];
    case "unknown": return [{ text: "Not found" }];
  }
}

function pathOf(here: Route): string {
  switch (here.screen) {
    case "incident": return paths.incident(here.id);
    case "run": return paths.run(here.id);
    case "signal": return paths.signal(here.id);
    default: return "";
  }
}

/** With names in place of ids where they are known already; nothing is asked for. */
function withNames(here: Route, crumbs: Crumb[], data: unknown): Crumb[] {
  const [root] = crumbs;
  if (data === undefined || root === undefined) return crumbs;
  if (here.screen === "incident") {
    const { service, title } = data as Incident;
    return [root, { text: named(service), url: urls.service(service) }, { text: named(title) }];
  }
  if (here.screen === "run") {
    const { kind, incident_id, incident_title } = data as RunDetail;
    return [root, { text: named(incident_title), url: urls.incident(incident_id) }, { text: kind }];
  }
  const { kind, operation } = data as Signal;
  return [root, { text: named(operation.service), url: urls.service(operation.service) }, { text: `${kindText(kind)}: ${named(operation.name)}` }];
}

/** Where one is, and the way back up. */
export function Crumbs(): JSX.Element {
  const here = route.value;
  const path = pathOf(here);
  const held = useMemo(() => resourceSignal(path), [path]).value;
  const crumbs = withNames(here, crumbsOf(here), held?.data);
  return (
    <nav class="crumbs grow" aria-label="Breadcrumb">
      {crumbs.map((crumb, i) => (
        <>
          {i === 0 ? null : <span aria-hidden="true">/</span>}
          {crumb.url === undefined ? <b class="cut">{crumb.text}</b> : <a class={i === 0 ? undefined : "cut"} href={crumb.url}>{crumb.text}</a>}
        </>
      ))}
    </nav>
  );
}
