import { signal } from "@preact/signals";

/** The present, moved once a second while somebody looks. Screens that show ages read it. */
export const nowMs = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) nowMs.value = Date.now();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) nowMs.value = Date.now();
  });
}
