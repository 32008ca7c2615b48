import type { Incident, IncidentDetail, IncidentEvent, Verdict } from "../api/types.ts";
import { plural } from "./format.ts";
import { reasonText } from "./words.ts";

// The way of an incident in five steps, from its status and what happened. Pure.

export interface WayStep {
  name: string;
  state: "done" | "now" | "todo" | "stopped";
  at: string | undefined;
  note: string;
}

type Known = Pick<Incident, "status" | "phase" | "reason" | "opened_at" | "resolved_at">;

const verdictReasons: readonly string[] = ["not_reproduced", "flaky", "inconclusive"];

/** 0 detected, 1 reproduced, 2 released, 3 submitted, 4 resolved: the step that is under way. */
export function wayPosition(incident: Known): number {
  switch (incident.status) {
    case "detected":
    case "reproducing": return 1;
    case "reproduced":
    case "diagnosing":
    case "diagnosed":
    case "fixing": return 2;
    case "submitted": return 4;
    case "resolved": return 5;
    case "needs_human": return incident.reason === "approval_expired" ? 2 : 1;
    case "rejected": return 2;
    default: return 1;
  }
}

/** Ended or waiting for a person who must choose. */
export function isStopped(incident: Known): boolean {
  return ["needs_human", "wontfix", "noise", "duplicate", "rejected"].includes(incident.status);
}

/** What is known of the proof from the status alone, for lists. */
export function verdictOf(incident: Known): Verdict | undefined {
  if (incident.status === "needs_human" && verdictReasons.includes(incident.reason)) return incident.reason as Verdict;
  return ["reproduced", "diagnosing", "diagnosed", "fixing"].includes(incident.status) ? "reproduced" : undefined;
}

function reached(timeline: readonly IncidentEvent[], ...statuses: string[]): string | undefined {
  return timeline.findLast((event) => statuses.includes(event.to.split("/")[0] ?? ""))?.at;
}

function notes(incident: IncidentDetail): string[] {
  const run = incident.runs.findLast((each) => each.kind === "reproduce");
  const trials = run?.result?.trials ?? [];
  const shown = trials.filter((trial) => trial.shows).length;
  const ticket = incident.publications[incident.publications.length - 1];
  const approval = incident.approval;
  return [
    plural(incident.signal_count, "signal"),
    trials.length > 0 ? `${shown} of ${run?.result?.trials_planned ?? trials.length} trials show it` : run?.verdict ? "" : "replay of the captured traffic",
    approval === undefined ? "only for HIGH and CRITICAL" : approval.approvals_needed === 0 ? "passes by itself at this risk" : `${approval.approvals_given} of ${approval.approvals_needed} approved`,
    ticket === undefined ? "ticket with the evidence" : `ticket ${ticket.state}`,
    "closed by a person",
  ];
}

export function wayOf(incident: IncidentDetail, timeline: readonly IncidentEvent[]): WayStep[] {
  const position = wayPosition(incident);
  const stopped = isStopped(incident);
  const waits = incident.phase === "awaiting_approval";
  const names = ["Detected", "Reproduced", waits ? "Awaiting release" : "Released", "Submitted", "Resolved"];
  const times = [
    incident.opened_at, reached(timeline, "reproduced"), reached(timeline, "submitted"),
    reached(timeline, "submitted"), incident.resolved_at,
  ];
  const said = notes(incident);
  const proved = incident.runs.some((run) => run.verdict === "reproduced");
  return names.map((name, i) => {
    const passed = i < position && (i !== 1 || position === 2 || proved);
    const here = i === position && !stopped;
    const halted = i === position && stopped;
    const skipped = i < position && !passed;
    return {
      name: skipped ? "Not reproduced" : name,
      state: halted || skipped ? "stopped" : passed ? "done" : here && incident.status !== "submitted" ? "now" : here ? "now" : "todo",
      at: passed ? times[i] : undefined,
      note: halted ? stopText(incident) : said[i] ?? "",
    };
  });
}

function stopText(incident: Known): string {
  switch (incident.status) {
    case "wontfix": return "skipped by a person";
    case "rejected": return "rejected by a person";
    case "needs_human": return `needs a person: ${reasonText(incident.reason)}`;
    default: return incident.status;
  }
}
