import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Approval, Incident, Overview, Run, Service } from "../api/types.ts";
import type { TraceSummary } from "../api/traceTypes.ts";
import { go } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { visibleGroups } from "../lib/settings/places.ts";
import { me, peekState } from "../state/store.ts";
import type { Resource, Rows } from "../state/resources.ts";
import { setTheme, setZone, theme, zone } from "../lib/preferences.ts";
import { findTargets, traceTargets } from "../lib/findTargets.ts";
import type { Target } from "../lib/findTargets.ts";
import { named } from "../lib/visible.ts";
import { mayOperate } from "../lib/words.ts";
import { Dialog } from "./Dialog.tsx";
import { askRunPause } from "./RunPause.tsx";

const screens: Target[] = [
  { text: "Overview", kind: "screen", url: urls.overview }, { text: "Incidents", kind: "screen", url: urls.incidents },
  { text: "Approvals", kind: "screen", url: urls.approvals }, { text: "Runs", kind: "screen", url: urls.runs },
  { text: "Signals", kind: "screen", url: urls.signals }, { text: "Services", kind: "screen", url: urls.services },
  { text: "Traces", kind: "screen", url: urls.traces }, { text: "Scenario reports of traces", kind: "screen", url: urls.patterns },
];

function commands(): Target[] {
  const inUtc = zone.peek() === "utc";
  const themes = (["auto", "light", "dark"] as const).filter((each) => each !== theme.peek());
  return [
    { text: inUtc ? "Show times local" : "Show times in UTC", kind: "command", url: "#zone", act: () => setZone(inUtc ? "local" : "utc") },
    ...themes.map((each): Target => ({ text: each === "auto" ? "Theme as the system" : `Theme ${each}`, kind: "command", url: `#theme-${each}`, act: () => setTheme(each) })),
    { text: "Print this page", kind: "command", url: "#print", act: () => window.print() },
  ];
}

function isPaused(): boolean {
  return Object.values(peekState().resources).some((each) => each.kind === "overview" && (each.data as Overview | undefined)?.run_pause.paused === true);
}

/** What the person's roles show of the rest. */
function restScreens(): Target[] {
  const roles = me.peek()?.roles ?? [];
  const verb = isPaused() ? "resume" : "pause";
  const pause: Target[] = mayOperate(roles) ? [{ text: verb === "pause" ? "Pause all runs" : "Resume all runs", kind: "command", url: "#pause", act: () => askRunPause(verb) }] : [];
  const parts = visibleGroups(roles).flatMap((group) => group.parts).map((part): Target => ({ text: part.text, kind: "settings", url: urls.settings(part.id) }));
  const audit: Target[] = roles.includes("admin") ? [{ text: "Audit", kind: "screen", url: urls.audit }] : [];
  return [{ text: "Dead letters", kind: "screen", url: urls.deadLetters }, { text: "Settings", kind: "screen", url: urls.settings() }, ...audit, ...parts, ...pause];
}

function targetsOf(resource: Resource): Target[] {
  if (resource.data === undefined) return [];
  const incident = (row: Incident): Target => ({ text: row.title, kind: `incident \u00b7 ${row.service}`, url: urls.incident(row.id) });
  const approval = (row: Approval): Target => ({ text: row.summary, kind: "approval", url: urls.approval(row.id) });
  switch (resource.kind) {
    case "overview": {
      const data = resource.data as Overview;
      return [...data.worst_incidents.map(incident), ...data.waiting_approvals.map(approval)];
    }
    case "incidents": return (resource.data as Rows<Incident>).items.map(incident);
    case "approvals": return (resource.data as Rows<Approval>).items.map(approval);
    case "services": return (resource.data as Rows<Service>).items.map((row) => ({ text: row.name, kind: "service", url: urls.service(row.name) }));
    case "traces": return (resource.data as Rows<TraceSummary>).items.map((row) => ({ text: `${row.operation.name} ${row.trace_id}`, kind: `trace \u00b7 ${row.service}`, url: urls.trace(row.trace_id) }));
    case "runs": return (resource.data as Rows<Run>).items.map((row) => ({ text: `${row.kind} ${row.id}`, kind: "run", url: urls.run(row.id) }));
    default: return [];
  }
}

/** `onClose` is told what is to be done once the palette has gone from the page: what prints would print it, too. */
export function Palette(props: { onClose: (then?: () => void) => void }): JSX.Element {
  const [typed, setTyped] = useState("");
  const [picked, setPicked] = useState(0);
  const [all] = useState(() => [...screens, ...restScreens(), ...commands(), ...Object.values(peekState().resources).flatMap(targetsOf)]);
  const found = findTargets([...traceTargets(typed), ...all], typed);
  const at = Math.min(picked, Math.max(0, found.length - 1));
  const open = (target: Target | undefined): void => {
    if (target === undefined) return;
    props.onClose(target.act ?? (() => go(target.url)));
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setPicked((at + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") open(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" onClose={() => props.onClose()}>
      <input class="field" type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={found.length > 0 ? `palette-${at}` : undefined}
        aria-label="Screen, service, incident or approval" autocomplete="off" autofocus value={typed} onKeyDown={onKey}
        onInput={(event) => { setTyped(event.currentTarget.value); setPicked(0); }} />
      <ul id="palette-list" class="palette" role="listbox" aria-label="Places">
        {found.map((target, i) => (
          <li id={`palette-${i}`} role="option" aria-selected={i === at} class="palette-item" onClick={() => open(target)}>
            <span class="cut grow">{named(target.text)}</span><span class="quiet small">{target.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="quiet">Nothing loaded so far fits. Open the list of incidents or services to search there.</p> : null}
    </Dialog>
  );
}
