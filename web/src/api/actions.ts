import { request } from "./client.ts";
import type { Answer } from "./request.ts";
import * as shapes from "./shapes.ts";
import type { ApprovalSnoozed } from "./snoozeTypes.ts";
import type { Approval, AuthWays, DecisionRequest, Incident, IncidentDetail, Me, Service } from "./types.ts";
import { dispatch } from "../state/store.ts";

// What people do. Each is one POST or PUT; what changed comes back by loading again, never by guessing.

const segment = encodeURIComponent;

/** An answer is an item or the bare thing. */
function unwrap<T>(value: unknown): T {
  const wrapped = value as { item?: T };
  return wrapped.item ?? (value as T);
}

async function askMe(path: string, body?: Record<string, string>): Promise<Answer<Me>> {
  const check = (value: unknown, at: string): string | undefined => shapes.me(unwrap(value), at);
  const answer = await request<unknown>(path, body === undefined ? { check } : { method: "POST", body, check });
  if (!answer.ok) return answer;
  const me = unwrap<Me>(answer.value);
  dispatch({ type: "signed_in", me });
  return { ok: true, value: me };
}

/** Who is signed in, by the cookie. */
export function findMe(): Promise<Answer<Me>> {
  return askMe("/me");
}

export function signInByLink(token: string): Promise<Answer<Me>> {
  return askMe("/auth/link", { token });
}

export function signInByPassword(name: string, password: string): Promise<Answer<Me>> {
  return askMe("/auth/login", { name, password });
}

/** Proves again who one is: what is CRITICAL asks for that. */
export function signInAgain(password: string): Promise<Answer<Me>> {
  return askMe("/auth/reauthenticate", { password });
}

/** How one may sign in here; links only when the server does not say. */
export async function findWays(): Promise<AuthWays> {
  const check = (value: unknown, at: string): string | undefined => shapes.authWays(unwrap(value), at);
  const answer = await request<unknown>("/auth/ways", { check });
  return answer.ok ? unwrap<AuthWays>(answer.value) : { password: false };
}

const lastWork: (() => Promise<void>)[] = [];

/** What has to be carried out while the session still is one. */
export function beforeSignOut(work: () => Promise<void>): void {
  lastWork.push(work);
}

export async function signOut(): Promise<void> {
  await Promise.all(lastWork.map((work) => work()));
  await request("/auth/logout", { method: "POST", body: {} });
  dispatch({ type: "signed_out" });
}

async function changed(answer: Answer<unknown>, ...prefixes: string[]): Promise<Answer<unknown>> {
  // Also after a refusal: most refusals mean that what is on screen is old.
  for (const prefix of [...prefixes, "/overview"]) dispatch({ type: "marked_stale", prefix });
  return answer;
}

export async function actOnIncident(incident: Incident, action: IncidentDetail["actions"][number], comment: string): Promise<Answer<unknown>> {
  const body = comment === "" ? {} : { comment };
  const path = `/incidents/${segment(incident.id)}`;
  return changed(await request(`${path}/${action}`, { method: "POST", body, version: incident.version }), path, "/runs", "/approvals");
}

export async function snoozeIncident(incident: Incident, untilMs: number, reason: string): Promise<Answer<unknown>> {
  const body = { until: new Date(untilMs).toISOString(), reason };
  return changed(await request(`/incidents/${segment(incident.id)}/snooze`, { method: "POST", body, version: incident.version }), "/incidents");
}

export async function endIncidentSnooze(id: string): Promise<Answer<unknown>> {
  return changed(await request(`/incidents/${segment(id)}/snooze`, { method: "DELETE" }), "/incidents");
}

/** An empty name takes it from whoever has it. */
export async function assignIncident(incident: Incident, user: string): Promise<Answer<unknown>> {
  return changed(await request(`/incidents/${segment(incident.id)}/assign`, { method: "POST", body: { user }, version: incident.version }), "/incidents");
}

export async function pauseAllRuns(reason: string): Promise<Answer<unknown>> {
  return changed(await request("/runs/pause", { method: "POST", body: { reason } }), "/runs");
}

export async function resumeAllRuns(comment: string): Promise<Answer<unknown>> {
  return changed(await request("/runs/resume", { method: "POST", body: comment === "" ? {} : { comment } }), "/runs");
}

export type Decision = "approve" | "reject" | "request-changes" | "stop";

/** `key` names the decision; sent twice it is carried out once. `outlives`: the page goes. */
export async function sendDecision(
  about: { approvalId: string; incidentId: string; runId: string; body: DecisionRequest; key: string }, decision: Decision, outlives: boolean,
): Promise<Answer<unknown>> {
  const path = `/approvals/${segment(about.approvalId)}`;
  return changed(
    await request(`${path}/${decision}`, { method: "POST", body: about.body, key: about.key, outlives }),
    "/approvals", `/incidents/${about.incidentId}`, `/runs/${about.runId}`,
  );
}

export async function snoozeApproval(id: string, untilMs: number): Promise<Answer<{ item: ApprovalSnoozed }>> {
  const sent = { until: new Date(untilMs).toISOString() };
  const answer = await request<{ item: ApprovalSnoozed }>(`/approvals/${segment(id)}/snooze`, { method: "POST", body: sent, check: shapes.snoozed });
  await changed(answer, "/approvals");
  return answer;
}

export async function endApprovalSnooze(id: string): Promise<Answer<unknown>> {
  return changed(await request(`/approvals/${segment(id)}/snooze`, { method: "DELETE" }), "/approvals");
}

/** The answer is the approval that is asked instead. */
export async function editContent(approval: Approval, title: string, body: string, comment: string): Promise<Answer<{ item: Approval }>> {
  const path = `/approvals/${segment(approval.id)}`;
  const sent = { title, body, ...(comment === "" ? {} : { comment }) };
  const answer = await request<{ item: Approval }>(`${path}/content`, { method: "PUT", body: sent, version: approval.version, check: shapes.edited });
  await changed(answer, "/approvals", `/incidents/${approval.incident_id}`, `/runs/${approval.run_id}`);
  return answer;
}

export type ServiceChange = Pick<Service, "replay_target" | "replay_last_good_target" | "replay_unsafe_methods" | "owner" | "tracker" | "repository">;

export async function saveService(service: Service, change: ServiceChange): Promise<Answer<unknown>> {
  return changed(
    await request(`/services/${segment(service.name)}`, { method: "PUT", body: change, version: service.version }),
    "/services", "/incidents",
  );
}
