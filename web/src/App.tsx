import type { JSX } from "preact";
import { Frame } from "./components/Frame.tsx";
import { later } from "./components/later.tsx";
import { Overlay } from "./components/overlay.tsx";
import { Empty, Skeleton } from "./components/parts.tsx";
import { IncidentPage } from "./pages/IncidentPage.tsx";
import { IncidentsPage } from "./pages/IncidentsPage.tsx";
import { OverviewPage } from "./pages/OverviewPage.tsx";
import { RunsPage } from "./pages/RunsPage.tsx";
import { ServicesPage } from "./pages/ServicesPage.tsx";
import { SignalsPage } from "./pages/SignalsPage.tsx";
import { SignInPage } from "./pages/SignInPage.tsx";
import { route } from "./router/router.ts";
import { urls } from "./router/route.ts";
import type { Route } from "./router/route.ts";
import { session } from "./state/store.ts";

const ApprovalsPage = later<{ id: string | undefined }>(async () => (await import("./pages/ApprovalsPage.tsx")).ApprovalsPage);
const EvidencePage = later<{ id: string }>(async () => (await import("./pages/EvidencePage.tsx")).EvidencePage);
const RunPage = later<{ id: string }>(async () => (await import("./pages/RunPage.tsx")).RunPage);
const SignalPage = later<{ id: string }>(async () => (await import("./pages/SignalPage.tsx")).SignalPage);
const ServicePage = later<{ name: string }>(async () => (await import("./pages/ServicePage.tsx")).ServicePage);
const TracesPage = later<object>(async () => (await import("./pages/TracesPage.tsx")).TracesPage);
const PatternsPage = later<object>(async () => (await import("./pages/PatternsPage.tsx")).PatternsPage);
const TracePage = later<{ id: string }>(async () => (await import("./pages/TracePage.tsx")).TracePage);
const SettingsPage = later<{ part: string; id: string | undefined }>(async () => (await import("./pages/settings/SettingsPage.tsx")).SettingsPage);
const AuditPage = later<object>(async () => (await import("./pages/AuditPage.tsx")).AuditPage);
const DeadLettersPage = later<object>(async () => (await import("./pages/DeadLettersPage.tsx")).DeadLettersPage);

function Screen(props: { here: Route }): JSX.Element {
  const { here } = props;
  switch (here.screen) {
    case "overview": return <OverviewPage />;
    case "signals": return <SignalsPage />;
    case "signal": return <SignalPage id={here.id} />;
    case "incidents": return <IncidentsPage />;
    case "incident": return <IncidentPage id={here.id} key={here.id} />;
    case "runs": return <RunsPage />;
    case "run": return <RunPage id={here.id} key={here.id} />;
    case "approvals": return <ApprovalsPage id={here.id} />;
    case "evidence": return <EvidencePage id={here.id} key={here.id} />;
    case "services": return <ServicesPage />;
    case "service": return <ServicePage name={here.name} key={here.name} />;
    case "traces": return <TracesPage />;
    case "patterns": return <PatternsPage />;
    case "trace": return <TracePage id={here.id} key={here.id} />;
    case "settings": return <SettingsPage part={here.part} id={here.id} />;
    case "audit": return <AuditPage />;
    case "dead_letters": return <DeadLettersPage />;
    case "unknown":
      return (
        <div class="page"><div class="card"><Empty title="There is no such page." action={<a class="button" href={urls.overview}>To the overview</a>}>
          <h1 class="unseen">Not found</h1>
          <p>The address may be from another version, or cut off.</p>
        </Empty></div></div>
      );
  }
}

export function App(): JSX.Element {
  const now = session.value;
  if (now.kind === "unknown") return <main id="main" class="sign-in"><Skeleton lines={4} /></main>;
  if (now.kind === "out") return <><SignInPage problem={now.problem} /><Overlay /></>;
  const here = route.value;
  return <><Frame><Screen here={here} /></Frame><Overlay /></>;
}
