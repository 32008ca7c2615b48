import { signal } from "@preact/signals";

// What one browser remembers about its reader. Storage may be forbidden; then it lasts until the page
// is closed.

function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function write(name: string, value: string): void {
  try {
    if (value === "") localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    return;
  }
}

export type Theme = "auto" | "light" | "dark";

/** In which times are shown; the other stands beside them on hover. */
export type Zone = "local" | "utc";

const themeName = "reprise.theme";
const zoneName = "reprise.zone";
const keysName = "reprise.single_keys";

function storedTheme(): Theme {
  const stored = read(themeName);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export const theme = signal<Theme>(storedTheme());
export const zone = signal<Zone>(read(zoneName) === "utc" ? "utc" : "local");
/** Single letters as shortcuts can be turned off (WCAG 2.1.4). */
export const singleKeys = signal(read(keysName) !== "off");

export function setTheme(next: Theme): void {
  theme.value = next;
  write(themeName, next === "auto" ? "" : next);
  if (next === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", next);
}

export function setZone(next: Zone): void {
  zone.value = next;
  write(zoneName, next === "utc" ? next : "");
}

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  write(keysName, on ? "" : "off");
}
