import type { Severity } from "./types.ts";

// The shapes of webhooks, in and out, and of people in Slack. As in types.ts.

/** A webhook that another system sent: GET /hooks. */
export interface Hook {
  id: string;
  /** "github", "generic/<name>". */
  source: string;
  event: string;
  state: "waiting" | "done" | "failed";
  /** Why it failed, or what came of it. */
  reason: string;
  attempts: number;
  alarms: number;
  /** Deliveries of the same after the first. */
  repeats: number;
  /** Kept; 0 once the body was dropped. */
  body_bytes: number;
  received_at: string;
  processed_at?: string;
  version: number;
}

/** GET /webhooks; its secrets are shown when they are made and never again. */
export interface Webhook {
  id: string;
  url: string;
  description: string;
  /** Event types; empty: all. */
  types: string[];
  severity_from: Severity;
  enabled: boolean;
  /** Why it is off: who switched it off, or what it answered. */
  disabled_reason: string;
  failing_since?: string;
  last_error: string;
  /** Deliveries given up because too many waited. */
  dropped: number;
  previous_secret_until?: string;
  created_at: string;
  updated_at: string;
  version: number;
}

/** GET /deliveries */
export interface Delivery {
  id: string;
  /** A webhook's id, or "slack". */
  endpoint: string;
  message_id: string;
  type: string;
  /** "approval/<id>", "incident/<id>", ... */
  subject: string;
  data: Record<string, unknown>;
  at: string;
  state: "pending" | "delivered" | "failed" | "dropped";
  attempts: number;
  due_at?: string;
  /** HTTP status of the last attempt; 0: no answer. */
  status: number;
  error: string;
  snippet: string;
  created_at: string;
  ended_at?: string;
}

/** GET /slack/people */
export interface SlackPerson {
  person_id: string;
  name: string;
  slack_user_id: string;
  linked_by: string;
  linked_at?: string;
}
