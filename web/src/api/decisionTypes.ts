import type { ApprovalProof } from "./snoozeTypes.ts";
import type { ApprovalState, Risk, Run } from "./types.ts";

// The shapes of what people decide, word and hand in. As in types.ts.

export interface Decider {
  name: string;
  may_decide: boolean;
  /** "started this run", "role operator", "already approved"; empty when free. */
  why: string;
  is_me: boolean;
}

export interface Approval {
  id: string;
  run_id: string;
  incident_id: string;
  action: "ticket" | "pull_request" | "unsafe_replay";
  summary: string;
  risk: Risk;
  risk_reasons: string[];
  content_hash: string;
  approvals_needed: number;
  approvals_given: number;
  requested_by: string;
  /** Last who edited the content: "user:<name>"; empty when nobody did. */
  edited_by: string;
  /** Percent of its time that people were told is over: 0, 50 or 90. */
  reminded: number;
  state: ApprovalState;
  created_at: string;
  expires_at: string;
  decided_at?: string;
  version: number;
  /** Of a void one: what moved. */
  void_reason?: string;
  proof?: ApprovalProof;
  /** Of GET /approvals?mine=true: whether I may decide it now, and why not. */
  may_decide?: boolean;
  why_not?: string;
  /** Of the same and of one's own detail: out of my sight until then. */
  snoozed_until?: string;
}

/** GET /approvals/{id} */
export interface ApprovalDetail extends Approval {
  /** What is hashed, as an object and as the exact text. */
  content: { action: string; target: string; title: string; body: string; [more: string]: unknown };
  content_json: string;
  decisions: { user: string; kind: string; comment: string; at: string }[];
  deciders: Decider[];
  run?: Run;
  incident_title: string;
  evidence_id?: string;
  /** Of a void one: what is asked instead. */
  replaced_by?: string;
  /** I must sign in again before I may release it. */
  reauthenticate: boolean;
}

/** POST /approvals/{id}/approve|reject|request-changes|stop */
export interface DecisionRequest {
  content_hash: string;
  comment?: string;
  /** CRITICAL only: the first eight digits of the hash, typed by the person. */
  confirm?: string;
  /** Reject and request changes: where it went wrong, for docs/approvals.md's preference records. */
  harness_failure_layer?:
    | "task_specification" | "context_provision" | "execution_environment" | "verification_feedback" | "state_management"
    | "model_capability";
}

/** POST /approvals/link/{token} */
export interface LinkDecision extends DecisionRequest {
  decision: "approve" | "reject" | "request-changes" | "stop";
}

/** PUT /approvals/{id}/content (If-Match: version) -> the approval that is asked instead */
export interface ContentEdit {
  title: string;
  body: string;
  comment?: string;
}

/** POST /approvals/{id}/links */
export interface NewApprovalLink {
  /** The name of the person it is for. */
  user: string;
}

/** GET /approvals/link/{token} */
export interface ApprovalLink {
  approval_id: string;
  state: "open" | "used" | "expired" | "closed";
  expires_at: string;
  /** Where it is in the dashboard: "/approvals/<id>". */
  page: string;
}

export interface MadeApprovalLink extends ApprovalLink {
  user: string;
  link: string;
  token: string;
}

/** Content null: the file goes. */
export interface ChangedFile {
  path: string;
  content: string | null;
}

/** POST /incidents/{id}/fix */
export interface NewFix {
  title: string;
  body?: string;
  base_branch?: string;
  files: ChangedFile[];
  comment?: string;
}
