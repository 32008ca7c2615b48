import type { LiveState } from "../state/events.ts";
import { clockMinutes } from "./format.ts";

/** What the pill says; seconds count down only here, so that nothing else is drawn again for it. */
export function liveText(state: LiveState, now: number): { text: string; good: boolean } {
  switch (state.phase) {
    case "live": return { text: "Live", good: true };
    case "polling": return { text: "Every 5 s", good: false };
    case "stale": return { text: `Stale since ${clockMinutes(state.at)}`, good: false };
    case "waiting": return { text: `Reconnecting in ${Math.max(0, Math.ceil((state.at - now) / 1000))} s`, good: false };
    case "connecting": return { text: "Connecting", good: false };
    case "off": return { text: "Offline", good: false };
  }
}
