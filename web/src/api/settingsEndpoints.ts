import { all, anything, flag, list, number, object, optional, text } from "./check.ts";
import type { Check } from "./check.ts";
import { addEndpoints, ofPage } from "./endpoints.ts";
import { publication, run } from "./shapes.ts";

// What the answers behind settings, the audit and the dead letters must have. Fetched with those screens.

export const user = object({ id: text, name: text, kind: text, roles: list(text), disabled: flag, created_at: text });
const session = object({ id: text, person_id: text, person: text, auth: text, created_at: text, used_at: text, authenticated_at: text, is_mine: flag });
export const token = object({
  id: text, person_id: text, person: text, name: text, scopes: list(text), networks: list(text), created_by: text, created_at: text, expires_at: text,
  used_at: optional(text), revoked_at: optional(text),
});
export const webhook = object({
  id: text, url: text, description: text, types: list(text), severity_from: text, enabled: flag, disabled_reason: text, failing_since: optional(text),
  last_error: text, dropped: number, previous_secret_until: optional(text), created_at: text, updated_at: text, version: number,
});
export const delivery = object({
  id: text, endpoint: text, message_id: text, type: text, subject: text, data: anything, at: text, state: text, attempts: number, due_at: optional(text),
  status: number, error: text, snippet: text, created_at: text, ended_at: optional(text),
});
const hook = object({
  id: text, source: text, event: text, state: text, reason: text, attempts: number, alarms: number, repeats: number, body_bytes: number,
  received_at: text, processed_at: optional(text), version: number,
});
export const slackPerson = object({ person_id: text, name: text, slack_user_id: text, linked_by: text, linked_at: optional(text) });
const pollSource = object({
  name: text, state: text, read_through: optional(text), asked_at: text, succeeded_at: optional(text), failures: number, error: text, events: number, ignored: number,
});
const servicePolling = object({ service: text, enabled: flag, error_classes: list(text), min_occurrences: number });
const deadLetter: Check = all(run, object({ input: text, incident_title: optional(text), incident_status: optional(text) }));
export const trackerCheck = object({ name: text, works: flag, text, asked_at: text });
const integration = object({ kind: text, name: text, can_ask: flag, state: text, succeeded_at: optional(text), failed_at: optional(text), error: optional(text) });
const auditRow = object({
  seq: number, at: text, actor: text, actor_type: text, auth: text, action: text, object: text, detail: anything, request_id: text, previous_hash: text, hash: text,
});
export const auditReport = object({
  ok: flag, rows: number, head_hash: text, first_bad: optional(number), reason: optional(text), checkpoints: number, checkpoint_seq: optional(number),
  checkpoint_at: optional(text),
});

addEndpoints({
  users: ofPage(user), sessions: ofPage(session), tokens: ofPage(token), webhooks: ofPage(webhook), deliveries: ofPage(delivery), hooks: ofPage(hook),
  slack_people: ofPage(slackPerson), poll_sources: ofPage(pollSource), poll_services: ofPage(servicePolling), publications: ofPage(publication),
  dead_letters: ofPage(deadLetter), audit: ofPage(auditRow), integrations: ofPage(integration),
});
