import { computed, signal } from "@preact/signals";
import { parseRoute } from "./route.ts";
import type { Route } from "./route.ts";

// The address bar as a signal. Links are plain <a href>; a click inside the dashboard changes the
// address without loading the page anew.

const address = signal({ path: location.pathname, query: location.search });
const known = computed(() => parseRoute(address.value.path));

export const route: { readonly value: Route } = known;
export const query = computed(() => new URLSearchParams(address.value.query));
/** Grows when the person went to another screen, not when a filter changed. */
export const visits = signal(0);

function follow(): void {
  const path = location.pathname;
  if (path !== address.peek().path) visits.value += 1;
  address.value = { path, query: location.search };
}

export function go(url: string, replace = false): void {
  const before = location.pathname;
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  follow();
  if (location.pathname !== before) window.scrollTo(0, 0);
}

/** Changes one part of the view state in the address. Empty removes it. */
export function setQuery(name: string, value: string, replace = false): void {
  setQueries({ [name]: value }, replace);
}

/** Changes several parts at once, in place unless told otherwise. */
export function setQueries(parts: Record<string, string>, replace = true): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(parts)) {
    if (value === "") next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  go(location.pathname + (text === "" ? "" : `?${text}`), replace);
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || link.pathname.startsWith("/api/")) return;
  if (link.hash !== "" && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
}

export function wireRouter(): void {
  window.addEventListener("popstate", follow);
  document.addEventListener("click", onClick);
}
