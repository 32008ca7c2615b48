/** GET /approvals/snoozes: one's own. */
export interface ApprovalSnooze {
  approval_id: string;
  until: string;
  created_at: string;
}

/** POST /approvals/{id}/snooze */
export interface ApprovalSnoozed extends ApprovalSnooze {
  /** It expires before the time that was asked for, so it comes back earlier. */
  expires_first: boolean;
}

/** What was proved, in three figures. */
export interface ApprovalProof {
  verdict: "reproduced" | "not_reproduced" | "flaky" | "inconclusive";
  trials_shown: number;
  trials_planned: number;
}
