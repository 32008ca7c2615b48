import type { Integration } from "../../api/settingsTypes.ts";
import { urls } from "../../router/route.ts";
import { count, plural } from "../format.ts";

// How the systems outside are doing, in words. Pure.

export interface IntegrationGroup {
  kind: Integration["kind"];
  title: string;
  about: string;
  /** When there is none of it, and where it says how one is set up. */
  none: string;
  setUp: string;
  rows: Integration[];
}

export function integrationGroups(rows: readonly Integration[]): IntegrationGroup[] {
  const groups: Omit<IntegrationGroup, "rows">[] = [
    { kind: "tracker", title: "Trackers", about: "by the latest tickets and pull requests", none: "No tracker is set up.", setUp: urls.settings("trackers") },
    { kind: "log_store", title: "Log stores", about: "by their latest round", none: "No log store is asked.", setUp: urls.settings("logs") },
    { kind: "hook_source", title: "Webhooks in", about: "by the latest deliveries", none: "No webhook is taken.", setUp: urls.settings("hooks") },
  ];
  return groups.map((group) => ({ ...group, rows: rows.filter((row) => row.kind === group.kind) }));
}

const states: Record<Integration["state"], string> = { good: "Good", failing: "Failing", quiet: "Quiet" };
export const stateText = (state: string): string => (Object.hasOwn(states, state) ? states[state as Integration["state"]] : state);

export function integrationsSentence(rows: readonly Integration[]): string {
  const failing = rows.filter((row) => row.state === "failing").length;
  const quiet = rows.filter((row) => row.state === "quiet").length;
  if (rows.length === 0) return "No integration is configured.";
  const bad = failing === 0 ? "none is failing" : `${count(failing)} ${failing === 1 ? "is" : "are"} failing`;
  return `${plural(rows.length, "integration")} configured; ${bad}${quiet === 0 ? "" : `, ${count(quiet)} quiet so far`}.`;
}

/** Where more is told of it, for whoever may see that. */
export function integrationUrl(row: Integration, operator: boolean): string | undefined {
  switch (row.kind) {
    case "tracker": return urls.settings("trackers");
    case "log_store": return urls.settings("logs");
    case "hook_source": return operator ? `${urls.settings("hooks")}?source=${encodeURIComponent(row.name)}${row.state === "failing" ? "&state=failed" : ""}` : undefined;
    default: return undefined;
  }
}
