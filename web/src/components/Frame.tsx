import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import { signOut } from "../api/actions.ts";
import { useKeys } from "../keys/useKeys.ts";
import { setTheme, setZone, theme, zone } from "../lib/preferences.ts";
import type { Theme } from "../lib/preferences.ts";
import type { Role } from "../api/types.ts";
import { go, route, visits } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { live, me } from "../state/store.ts";
import { useResource } from "../state/useResource.ts";
import { Crumbs } from "./Crumbs.tsx";
import { Icon, Logo } from "./icons.tsx";
import type { IconName } from "./icons.tsx";
import { KeySheet } from "./KeySheet.tsx";
import { LivePill } from "./LivePill.tsx";
import { Palette } from "./Palette.tsx";
import { announce, Toasts } from "./toasts.tsx";
import { RunPauseBanner, RunPauseButton, RunPauseDialog } from "./RunPause.tsx";

interface Place {
  url: string;
  text: string;
  icon: IconName;
  screens: string[];
  count?: number | undefined;
  counted?: string;
  urgent?: boolean;
}

const open = signal<"none" | "keys" | "palette">("none");

function usePlaces(): Place[] {
  const overview = useResource("overview", paths.overview)?.data;
  return [
    { url: urls.overview, text: "Overview", icon: "overview", screens: ["overview"] },
    { url: urls.incidents, text: "Incidents", icon: "incidents", screens: ["incidents", "incident"], count: overview?.incidents_open, counted: "open" },
    { url: urls.approvals, text: "Approvals", icon: "approvals", screens: ["approvals"], count: overview?.approvals_pending, counted: "waiting", urgent: true },
    { url: urls.runs, text: "Runs", icon: "runs", screens: ["runs", "run"], count: overview?.runs_active, counted: "active" },
    { url: urls.signals, text: "Signals", icon: "signals", screens: ["signals", "signal"] },
    { url: urls.traces, text: "Traces", icon: "traces", screens: ["traces", "patterns", "trace"] },
    { url: urls.services, text: "Services", icon: "services", screens: ["services", "service"] },
  ];
}

/** What is looked after rather than watched; the narrow screen has it behind "More". */
function restPlaces(roles: readonly Role[]): Place[] {
  const places: Place[] = [
    { url: urls.settings(), text: "Settings", icon: "settings", screens: ["settings"] },
    { url: urls.deadLetters, text: "Dead letters", icon: "dead_letters", screens: ["dead_letters"] },
  ];
  return roles.includes("admin") ? [...places, { url: urls.audit, text: "Audit", icon: "audit", screens: ["audit"] }] : places;
}

function PlaceLink(props: { place: Place; here: boolean }): JSX.Element {
  const { place } = props;
  return (
    <li>
      <a href={place.url} aria-current={props.here ? "page" : undefined}>
        <Icon name={place.icon} /><span>{place.text}</span>
        {place.count ? <span class={place.urgent ? "nav-count nav-count-act" : "nav-count"}>{place.count}<span class="unseen"> {place.counted}</span></span> : null}
      </a>
    </li>
  );
}

function Side(): JSX.Element {
  const places = usePlaces();
  const here = route.value.screen;
  const person = me.value;
  return (
    <nav class="side" aria-label="Main">
      <a class="brand" href={urls.overview}><Logo />Reprise</a>
      <ul>
        {places.map((place) => <PlaceLink place={place} here={place.screens.includes(here)} />)}
        <li class="side-more"><button type="button" onClick={() => (open.value = "palette")}><Icon name="more" /><span>More</span></button></li>
      </ul>
      <ul class="side-rest">{restPlaces(person?.roles ?? []).map((place) => <PlaceLink place={place} here={place.screens.includes(here)} />)}</ul>
      <div class="side-foot">
        {person === undefined ? null : <span class="cut" title={person.roles.join(", ")}>{person.name} {"\u00b7"} {person.roles.join(", ")}</span>}
        <RunPauseButton />
        <button type="button" class="text-button" onClick={switchZone} title="The other zone stands beside each time on hover">{zone.value === "utc" ? "Times in UTC" : "Times local"}</button>
        <button type="button" class="text-button" onClick={() => void signOut()}>Sign out</button>
      </div>
    </nav>
  );
}

function switchZone(): void {
  setZone(zone.peek() === "utc" ? "local" : "utc");
  announce(zone.peek() === "utc" ? "Times in UTC." : "Times local.");
}

const themeNext: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

function ThemeButton(): JSX.Element {
  const change = (): void => {
    setTheme(themeNext[theme.peek()]);
    announce(`Theme: ${theme.peek() === "auto" ? "as the system" : theme.peek()}.`);
  };
  return <button type="button" class="pick pick-square" onClick={change} aria-label={`Theme: ${theme.value}`}><Icon name="theme" /></button>;
}

function Top(): JSX.Element {
  return (
    <header class="top">
      <Crumbs />
      <button type="button" class="pick" onClick={() => (open.value = "palette")} ><Icon name="search" /><span class="unseen">Go to</span><kbd class="wide-only">Ctrl K</kbd></button>
      <button type="button" class="pick pick-square wide-only" onClick={() => (open.value = "keys")} aria-label="Keyboard commands"><Icon name="keyboard" /></button>
      <ThemeButton />
      <LivePill />
    </header>
  );
}

function Banners(): JSX.Element | null {
  if (!live.value.newVersion) return null;
  return <p class="banner" role="status">The server runs a new version. <button type="button" class="button button-small" onClick={() => location.reload()}>Reload</button></p>;
}

/** The palette's close: what it was asked to do happens after the render that took it away. */
function usePaletteClose(): (then?: () => void) => void {
  const asked = useRef<(() => void) | undefined>(undefined);
  const shown = open.value === "palette";
  useEffect(() => {
    if (shown) return;
    const act = asked.current;
    asked.current = undefined;
    act?.();
  }, [shown]);
  return (then) => {
    if (then !== undefined) asked.current = then;
    open.value = "none";
  };
}

function useFrameKeys(): void {
  const to = (url: string) => () => go(url);
  useKeys({
    "?": () => (open.value = "keys"),
    "ctrl+k": () => (open.value = "palette"),
    "g ,": to(urls.settings()), "g d": to(urls.deadLetters), "g u": to(urls.audit),
    "g o": to(urls.overview), "g i": to(urls.incidents), "g a": to(urls.approvals),
    "g r": to(urls.runs), "g s": to(urls.signals), "g v": to(urls.services), "g t": to(urls.traces),
  });
}

/** Everything around a screen. After going to another screen the focus starts at its content. */
export function Frame(props: { children: ComponentChildren }): JSX.Element {
  useFrameKeys();
  const visit = visits.value;
  useEffect(() => {
    if (visit > 0) document.getElementById("main")?.focus({ preventScroll: true });
  }, [visit]);
  const close = (): void => void (open.value = "none");
  const closePalette = usePaletteClose();
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <div class="app">
        <Side />
        <Top />
        <main id="main" tabIndex={-1}><RunPauseBanner /><Banners />{props.children}</main>
      </div>
      <RunPauseDialog />
      <Toasts />
      {open.value === "keys" ? <KeySheet onClose={close} /> : null}
      {open.value === "palette" ? <Palette onClose={closePalette} /> : null}
    </>
  );
}
