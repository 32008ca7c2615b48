import { signal } from "@preact/signals";

// Whether plain requests reach the server, apart from the live connection: it decides between
// "polling" and "stale" when no live connection can be had.

/** Unix ms since when nothing was answered, 0 while answers come. */
export const unreachableSince = signal(0);

export function onUnreachable(): void {
  if (unreachableSince.peek() === 0) unreachableSince.value = Date.now();
}

export function onAnswer(): void {
  if (unreachableSince.peek() !== 0) unreachableSince.value = 0;
}
