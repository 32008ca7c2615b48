import type { Overview } from "../api/types.ts";
import { coarse, count, parseTime, plural } from "./format.ts";

/** Whether nothing is known that could be shown: an alarm may come before any record, a window after its records. */
export function isNew(overview: Overview): boolean {
  return overview.services === 0 && overview.incidents_open === 0 && overview.traffic.length === 0;
}

/** What is true now, in one sentence with names and numbers. */
export function overviewSentence(overview: Overview, nowMs: number): string {
  if (isNew(overview)) {
    return overview.records_total === 0 ? "Nothing has been received yet: point your collector here."
      : "The first records are here; their service appears when their window has ended.";
  }
  const soonest = [...overview.waiting_approvals].sort((a, b) => a.expires_at.localeCompare(b.expires_at))[0];
  const left = parseTime(soonest?.expires_at);
  if (soonest !== undefined && left !== undefined) {
    const waiting = overview.approvals_pending === 1 ? "One release waits for a person" : `${count(overview.approvals_pending)} releases wait for people`;
    return `${waiting}; ${overview.approvals_pending === 1 ? "it has" : "the first has"} ${coarse(left - nowMs)} left.`;
  }
  const worst = overview.worst_incidents[0];
  if (overview.incidents_open > 0) {
    const number = overview.incidents_open === 1 ? "One incident is open" : `${count(overview.incidents_open)} incidents are open`;
    return worst === undefined ? `${number}.` : `${number}; the worst is in ${worst.service}.`;
  }
  return `No open incident in ${plural(overview.services, "service")} and ${plural(overview.operations, "operation")}.`;
}
