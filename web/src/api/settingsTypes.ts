import type { Role, Run } from "./types.ts";

// The shapes behind settings, the audit and the dead letters. As in types.ts.

/** GET /sessions */
export interface Session {
  id: string;
  person_id: string;
  person: string;
  auth: "link" | "password" | "oidc";
  created_at: string;
  used_at: string;
  authenticated_at: string;
  /** The one that asked. */
  is_mine: boolean;
}

export type Scope = "runs:read" | "runs:write" | "events:write" | "deployments:write" | "admin:read" | "ingest:write";

/** GET /tokens */
export interface Token {
  id: string;
  person_id: string;
  person: string;
  name: string;
  scopes: Scope[];
  /** Where it may be used from; empty: anywhere. */
  networks: string[];
  created_by: string;
  created_at: string;
  expires_at: string;
  used_at?: string;
  revoked_at?: string;
}

/** POST /tokens */
export interface NewToken {
  name: string;
  scopes: Scope[];
  days: number;
  networks: string[];
  /** A service account; absent: one's own. */
  person_id?: string;
}

/** POST /users */
export interface NewUser {
  name: string;
  roles: Role[];
  kind: "person" | "service";
}

/** GET /dead-letters: a run that failed in every attempt. */
export interface DeadLetter extends Run {
  /** What it was given, as JSON text. */
  input: string;
  incident_title?: string;
  incident_status?: string;
}

/** GET /integrations: a system outside that the configuration names. */
export interface Integration {
  kind: "tracker" | "log_store" | "hook_source";
  name: string;
  /** Whether it says who we are there: POST /trackers/{name}/check. */
  can_ask: boolean;
  /** By the newest that is known; quiet: nothing is. */
  state: "good" | "failing" | "quiet";
  succeeded_at?: string;
  failed_at?: string;
  error?: string;
}

/** POST /trackers/{name}/check: what it says of us. */
export interface TrackerCheck {
  name: string;
  works: boolean;
  text: string;
  asked_at: string;
}

/** GET /audit */
export interface AuditRow {
  /** From 1, without gaps. */
  seq: number;
  at: string;
  /** "user:<name>", "run:<id>", "cli", "pipeline", "nobody" */
  actor: string;
  actor_type: string;
  /** "session", "link", "password", "oidc", "token:<id>", "none" */
  auth: string;
  action: string;
  /** "service/<name>", "person/<id>", ... */
  object: string;
  detail: Record<string, unknown>;
  request_id: string;
  previous_hash: string;
  hash: string;
}

/** GET /audit/verify */
export interface AuditReport {
  ok: boolean;
  rows: number;
  head_hash: string;
  /** The first row that is missing or not what was written, and why. */
  first_bad?: number;
  reason?: string;
  checkpoints: number;
  checkpoint_seq?: number;
  checkpoint_at?: string;
}
