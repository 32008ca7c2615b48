import type { Approval, Incident, IncidentStatus, Run, Signal } from "../api/types.ts";
import { timeOfUlid } from "../lib/ulidTime.ts";

// Whether a row that arrived live belongs into a list, by the query the list was loaded with.

/** Statuses that end an incident: everything else is open. */
const closed: ReadonlySet<IncidentStatus> = new Set(["resolved", "wontfix", "noise", "duplicate", "rejected"]);

export function isOpen(status: IncidentStatus): boolean {
  return !closed.has(status);
}

export function queryOf(path: string): URLSearchParams {
  const at = path.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : path.slice(at + 1));
}

function fits(query: URLSearchParams, name: string, value: string): boolean {
  const wanted = query.get(name);
  return wanted === null || wanted === "" || wanted === value;
}

/** "from" is with it, "to" is not. */
function inTime(query: URLSearchParams, atMs: number): boolean {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  return (from === "" || atMs >= Date.parse(from)) && (to === "" || atMs < Date.parse(to));
}

export function incidentBelongs(row: Incident, query: URLSearchParams): boolean {
  if (query.get("open") === "true" && !isOpen(row.status)) return false;
  const snoozed = query.get("snoozed");
  if (snoozed !== null && snoozed !== "" && (snoozed === "true") !== (row.snoozed_until !== undefined)) return false;
  const assigned = query.get("assigned");
  if (assigned !== null && assigned !== "" && row.assigned_to !== (assigned === "none" ? "" : assigned)) return false;
  if (!inTime(query, Date.parse(row.opened_at))) return false;
  return fits(query, "status", row.status) && fits(query, "service", row.service) && fits(query, "severity", row.severity);
}

export function signalBelongs(row: Signal, query: URLSearchParams): boolean {
  return inTime(query, timeOfUlid(row.id)) && fits(query, "service", row.operation.service) && fits(query, "kind", row.kind) && fits(query, "suppressed", String(row.suppressed_by !== undefined));
}

export function runBelongs(row: Run, query: URLSearchParams): boolean {
  return fits(query, "state", row.state) && fits(query, "incident", row.incident_id);
}

export function approvalBelongs(row: Approval, query: URLSearchParams): boolean {
  if (query.get("mine") === "true" && row.state !== "pending") return false;
  return fits(query, "state", row.state);
}
