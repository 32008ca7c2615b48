import type { ApprovalState, Decider, IncidentStatus, Risk, Role, RunState, Severity, SignalKind, Verdict } from "../api/types.ts";

// The product's words as people read them. An unknown word (of a newer server) is shown as it is.

function plain(word: string): string {
  const text = word.replace(/_/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function from<T extends string>(table: Record<T, string>, word: string): string {
  return Object.hasOwn(table, word) ? table[word as T] : plain(word);
}

const kinds: Record<SignalKind, string> = {
  error_rate: "Error rate", latency: "Latency", slow_query: "Slow query", n_plus_one: "N+1 queries", rate_limit_burst: "Rate-limit burst",
  fanout_straggler: "Fan-out straggler", blocking_chain: "Blocking chain", retry_storm: "Retry storm", agent_loop: "Agent loop",
  payload_latency: "Payload latency", stream_stall: "Stream stall",
};
export const kindText = (kind: string): string => from(kinds, kind);

const severities: Record<Severity, string> = { low: "Low", medium: "Medium", high: "High", critical: "Critical" };
export const severityText = (severity: string): string => from(severities, severity);
export const riskText = (risk: Risk | string): string => `Risk ${risk.toUpperCase()}`;

const statuses: Record<IncidentStatus, string> = {
  detected: "Detected", reproducing: "Reproducing", reproduced: "Reproduced", diagnosing: "Diagnosing", diagnosed: "Diagnosed",
  fixing: "Fixing", submitted: "Submitted", resolved: "Resolved", needs_human: "Needs a person", wontfix: "Skipped",
  noise: "Noise", duplicate: "Duplicate", rejected: "Rejected",
};
export const statusText = (status: string): string => from(statuses, status);

const reasons: Record<string, string> = {
  no_target: "no replay target", not_reproduced: "not reproduced", flaky: "flaky", inconclusive: "inconclusive",
  approval_expired: "approval expired", dead_letter: "the run failed for good",
};
export const reasonText = (reason: string): string => (Object.hasOwn(reasons, reason) ? reasons[reason]! : reason.replace(/_/g, " "));

/** Status with what it waits for: "Needs a person, no replay target". */
export function situationText(status: string, phase: string, reason: string): string {
  if (status === "needs_human" && reason !== "") return `${statusText(status)}, ${reasonText(reason)}`;
  if (phase === "awaiting_approval") return "Awaiting release";
  if (phase === "held") return "Held, its run is paused";
  if (status === "submitted" && phase === "ticket_open") return "Submitted, ticket written";
  return statusText(status);
}

const runStates: Record<RunState, string> = {
  queued: "Queued", leased: "Running", failed: "Failed, will try again", waiting_approval: "Waits for release", paused: "Paused",
  paused_budget: "Paused, budget used up", dead_letter: "Failed for good", succeeded: "Done", cancelled: "Cancelled",
  timed_out: "Timed out", discarded: "Discarded",
};
export const runStateText = (state: string): string => from(runStates, state);

const verdicts: Record<Verdict, string> = {
  reproduced: "Reproduced", not_reproduced: "Not reproduced", flaky: "Flaky", inconclusive: "Inconclusive",
};
export const verdictText = (verdict: string): string => from(verdicts, verdict);

const approvalStates: Record<ApprovalState, string> = {
  pending: "Waiting", approved: "Approved", rejected: "Rejected", changes_requested: "Changes requested", stopped: "Stopped",
  expired: "Expired", voided: "Void", executed: "Released", lapsed: "Lapsed",
};
export const approvalStateText = (state: string): string => from(approvalStates, state);

const decisions: Record<string, string> = { approve: "approved", reject: "rejected", request_changes: "asked for changes", stop: "stopped it" };
export const decisionText = (kind: string): string => (Object.hasOwn(decisions, kind) ? decisions[kind]! : plain(kind).toLowerCase());

/** "user:anna" is anna, "run:01J" is a run. */
export function actorText(actor: string): string {
  if (actor.startsWith("user:")) return actor.slice(5);
  if (actor.startsWith("run:")) return "run";
  return actor;
}

/** Roles do not contain each other: an admin is not an operator unless named one. */
export function mayOperate(roles: readonly Role[]): boolean {
  return roles.includes("operator");
}

/** Why the signed-in person may or may not decide, in one phrase. */
export function decidersText(deciders: readonly Decider[]): string {
  const mine = deciders.find((each) => each.is_me);
  if (mine === undefined) return "you may not decide";
  return mine.may_decide ? "you may decide" : mine.why || "you may not decide";
}
