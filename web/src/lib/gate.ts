import type { Approval, ApprovalDetail, DecisionRequest } from "../api/types.ts";
import type { Decision } from "../api/actions.ts";
import { approvalStateText } from "./words.ts";

// What a person may do about an approval, and what is still missing. Pure; the server decides anyway.

export const confirmDigits = 8;

/** Why nothing can be decided, or undefined when it can. */
export function closedBecause(approval: ApprovalDetail, readHash: string, nowMs: number): string | undefined {
  if (approval.state === "voided") return `Void${approval.void_reason === undefined ? "" : `, ${approval.void_reason}`}: nothing of it is sent and nothing more can be decided.`;
  if (approval.state !== "pending") return `${approvalStateText(approval.state)}: nothing more can be decided.`;
  if (Date.parse(approval.expires_at) <= nowMs) return "Expired: nothing is sent. Start the incident over to ask again.";
  if (approval.content_hash !== readHash) return "The content changed after you opened it. Read it again before you decide.";
  const mine = approval.deciders.find((each) => each.is_me);
  if (mine === undefined) return "You are not among those who may decide this.";
  return mine.may_decide ? undefined : `You may not decide this: ${mine.why || "your role does not allow it"}.`;
}

/** Why I may not decide it, as far as the row of a list tells: the server's word, else what is plain from it. */
export function blockedInRow(approval: Approval, me: { name: string; roles: readonly string[] }): string | undefined {
  if (approval.may_decide !== undefined) return approval.may_decide ? undefined : approval.why_not || "your role does not allow it";
  if (!me.roles.includes("approver")) return "role approver is needed";
  if (approval.risk !== "critical") return undefined;
  if (approval.requested_by === `user:${me.name}`) return "you started this run";
  return approval.edited_by === `user:${me.name}` ? "you edited it last" : undefined;
}

export function commentRequired(decision: Decision): boolean {
  return decision === "reject" || decision === "request-changes";
}

/** What the second step still lacks, in order; empty when it may be carried out. */
export function missingFor(decision: Decision, approval: ApprovalDetail, given: { comment: string; confirm: string; evidenceSeen: boolean }): string[] {
  const missing: string[] = [];
  if (decision === "approve" && !given.evidenceSeen) missing.push("open the evidence");
  if (commentRequired(decision) && given.comment.trim() === "") missing.push("write a comment");
  const wanted = approval.content_hash.slice(0, confirmDigits);
  if (decision === "approve" && approval.risk === "critical" && given.confirm.trim().toLowerCase() !== wanted) missing.push(`type ${wanted}`);
  return missing;
}

export function decisionBody(decision: Decision, readHash: string, comment: string, confirm: string, critical: boolean): DecisionRequest {
  const body: DecisionRequest = { content_hash: readHash };
  if (comment.trim() !== "") body.comment = comment.trim();
  if (decision === "approve" && critical) body.confirm = confirm.trim().toLowerCase();
  return body;
}
