import { request } from "./client.ts";
import { item, me as meShape } from "./shapes.ts";
import { auditReport, delivery, token, trackerCheck, user, webhook } from "./settingsEndpoints.ts";
import { object, optional, text } from "./check.ts";
import type { Answer, RequestOptions } from "./request.ts";
import type { AuditReport, NewToken, NewUser, Token, TrackerCheck } from "./settingsTypes.ts";
import type { Delivery, Item, Me, Role, ServicePolling, Severity, User, Webhook } from "./types.ts";
import { dispatch } from "../state/store.ts";

// What people change in settings. Each is one request; what changed comes back by loading again.

const segment = encodeURIComponent;

/** A change, after which everything below `prefixes` is loaded again; also after a refusal, which mostly means that what is shown is old. */
export async function change<T>(path: string, options: RequestOptions, ...prefixes: string[]): Promise<Answer<T>> {
  const answer = await request<T>(path, options);
  for (const prefix of prefixes) dispatch({ type: "marked_stale", prefix });
  return answer;
}

// ---------------------------------------------------------------- one's own account

/** Proves again who one is; the session goes on with another CSRF token. */
export async function proveByPassword(password: string): Promise<Answer<Item<Me>>> {
  const answer = await request<Item<Me>>("/auth/reauthenticate", { method: "POST", body: { password }, check: item(meShape) });
  if (answer.ok) dispatch({ type: "signed_in", me: answer.value.item });
  return answer;
}

/** `current` is empty for whoever has none yet, or came by a link. */
export async function setPassword(password: string, current: string): Promise<Answer<Item<Me>>> {
  const body = current === "" ? { password } : { password, current };
  const answer = await change<Item<Me>>("/me/password", { method: "PUT", body, check: item(meShape) }, "/sessions");
  if (answer.ok) dispatch({ type: "signed_in", me: answer.value.item });
  return answer;
}

export function endSession(id: string): Promise<Answer<unknown>> {
  return change(`/sessions/${segment(id)}`, { method: "DELETE" }, "/sessions");
}

// ---------------------------------------------------------------- people and tokens

/** A link only for people: nobody signs in as a service account. */
export interface UserLink {
  item: User;
  link?: string;
  expires_at?: string;
}
const userLink = object({ item: user, link: optional(text), expires_at: optional(text) });

export function addUser(wanted: NewUser): Promise<Answer<UserLink>> {
  return change("/users", { method: "POST", body: wanted, check: userLink }, "/users");
}

export function changeUser(id: string, roles: readonly Role[], disabled: boolean): Promise<Answer<unknown>> {
  return change(`/users/${segment(id)}`, { method: "PUT", body: { roles, disabled } }, "/users", "/sessions", "/slack");
}

export function makeLink(id: string): Promise<Answer<UserLink>> {
  return change(`/users/${segment(id)}/link`, { method: "POST", check: userLink });
}

export interface IssuedToken {
  item: Token;
  token: string;
}

export function makeToken(wanted: NewToken): Promise<Answer<IssuedToken>> {
  return change("/tokens", { method: "POST", body: wanted, check: object({ item: token, token: text }) }, "/tokens");
}

export function revokeToken(id: string): Promise<Answer<unknown>> {
  return change(`/tokens/${segment(id)}`, { method: "DELETE" }, "/tokens");
}

// ---------------------------------------------------------------- webhooks, Slack, log stores

export interface WebhookChange {
  url?: string;
  description?: string;
  types?: string[];
  severity_from?: Severity;
  enabled?: boolean;
}

export interface WebhookSecret {
  item: Webhook;
  secret: string;
}
const webhookSecret = object({ item: webhook, secret: text });

export function addWebhook(wanted: WebhookChange): Promise<Answer<WebhookSecret>> {
  return change("/webhooks", { method: "POST", body: wanted, check: webhookSecret }, "/webhooks");
}

export function changeWebhook(id: string, version: number, wanted: WebhookChange): Promise<Answer<Item<Webhook>>> {
  return change(`/webhooks/${segment(id)}`, { method: "PUT", body: wanted, version, check: item(webhook) }, "/webhooks", "/deliveries");
}

export function removeWebhook(id: string): Promise<Answer<unknown>> {
  return change(`/webhooks/${segment(id)}`, { method: "DELETE" }, "/webhooks", "/deliveries");
}

export function rotateSecret(id: string, overlap_hours: number): Promise<Answer<WebhookSecret>> {
  return change(`/webhooks/${segment(id)}/rotate`, { method: "POST", body: { overlap_hours }, check: webhookSecret }, "/webhooks");
}

export function sendTest(id: string): Promise<Answer<Item<Delivery>>> {
  return change(`/webhooks/${segment(id)}/test`, { method: "POST", check: item(delivery) }, "/deliveries");
}

export function sendSlackTest(): Promise<Answer<Item<Delivery>>> {
  return change("/slack/test", { method: "POST", check: item(delivery) }, "/deliveries");
}

/** Who we are there; changes nothing. */
export function checkTracker(name: string): Promise<Answer<Item<TrackerCheck>>> {
  return request(`/trackers/${segment(name)}/check`, { method: "POST", check: item(trackerCheck) });
}

export function replayDelivery(id: string): Promise<Answer<unknown>> {
  return change(`/deliveries/${segment(id)}/replay`, { method: "POST" }, "/deliveries");
}

export function replayHook(id: string): Promise<Answer<unknown>> {
  return change(`/hooks/${segment(id)}/replay`, { method: "POST", body: {} }, "/hooks");
}

export function linkSlack(person: string, slack_user_id: string): Promise<Answer<unknown>> {
  return change(`/users/${segment(person)}/slack`, { method: "PUT", body: { slack_user_id } }, "/slack");
}

export function savePolling(wanted: ServicePolling): Promise<Answer<unknown>> {
  const { service, ...body } = wanted;
  return change(`/poll/services/${segment(service)}`, { method: "PUT", body }, "/poll");
}

// ---------------------------------------------------------------- dead letters, audit

/** `from_step` empty: where it stopped. */
export function replayRun(id: string, version: number, from_step: string): Promise<Answer<unknown>> {
  const body = from_step === "" ? {} : { from_step };
  return change(`/dead-letters/${segment(id)}/replay`, { method: "POST", body, version }, "/dead-letters", "/runs", "/incidents", "/overview");
}

export function discardRun(id: string, version: number, comment: string): Promise<Answer<unknown>> {
  return change(`/dead-letters/${segment(id)}/discard`, { method: "POST", body: { comment }, version }, "/dead-letters", "/runs", "/incidents", "/overview");
}

export function verifyAudit(): Promise<Answer<Item<AuditReport>>> {
  return request("/audit/verify", { check: item(auditReport) });
}
