import type { Decision } from "../api/actions.ts";
import type { ApprovalState, DecisionRequest, Problem } from "../api/types.ts";
import { approvalStateText } from "./words.ts";

// Decisions between the click and the server: each waits a few seconds in which it can be taken back. One pure
// machine; whoever owns it carries out the effects and gives it the time. Nothing of a decision is sent before its
// time is over, the person says "now", or the page goes; nothing decided is lost without a note that says so.

export const holdMs = 5000;
/** Browsers carry 64 KiB at most in requests that outlive their page, all of them together. */
export const heldBytesMax = 48 * 1024;
/** Approvals in one decision. */
export const bulkMax = 20;
/** Characters of a comment that goes to several. */
export const bulkCommentMax = 500;

export interface HeldItem {
  approvalId: string;
  incidentId: string;
  runId: string;
  summary: string;
  body: DecisionRequest;
  /** The same for every attempt at this decision: the server carries it out once. */
  key: string;
}

export interface Held {
  id: number;
  decision: Decision;
  items: HeldItem[];
  /** On the clock of whoever owns the machine. */
  dueMs: number;
  phase: "held" | "sending";
  /** Of `items`, those that are answered. */
  answered: number;
  recorded: number;
}

/** What became of a decision that did not go through. Stays until somebody has read it. */
export interface Note {
  id: number;
  text: string;
  approvalId: string;
  /** Nobody knows whether it arrived: sent again under the same key it is carried out once. */
  retry: { decision: Decision; item: HeldItem } | undefined;
}

/** What was typed for a decision that was taken back. */
export interface Draft {
  approvalId: string;
  decision: Decision;
  comment: string;
}

export interface HeldState {
  held: readonly Held[];
  notes: readonly Note[];
  draft: Draft | undefined;
  lastId: number;
}

export type Outcome = { ok: true } | { ok: false; problem: Problem };

export type HeldEvent =
  | { type: "decided"; decision: Decision; items: HeldItem[]; nowMs: number }
  | { type: "ticked"; nowMs: number }
  | { type: "undone"; id?: number }
  | { type: "sent_now"; id?: number }
  /** The page goes. */
  | { type: "left" }
  | { type: "answered"; id: number; approvalId: string; outcome: Outcome }
  | { type: "signed_out" }
  /** Somebody or something else ended or changed what this decision is about. */
  | { type: "moved"; approvalId: string; state: ApprovalState; contentHash: string; why: string }
  | { type: "retried"; noteId: number }
  | { type: "note_closed"; noteId: number }
  | { type: "draft_taken" };

export type HeldEffect =
  | { type: "send"; id: number; decision: Decision; items: HeldItem[]; outlives: boolean }
  | { type: "say"; text: string };

export interface Step {
  state: HeldState;
  effects: HeldEffect[];
}

export const nothingHeld: HeldState = { held: [], notes: [], draft: undefined, lastId: 0 };

const verbs: Record<Decision, { coming: string; done: string; back: string }> = {
  approve: { coming: "Releases", done: "Your approval is recorded.", back: "Not released: taken back." },
  reject: { coming: "Rejects", done: "Rejected. Nothing is sent.", back: "Not rejected: taken back." },
  "request-changes": { coming: "Asks for changes", done: "Changes requested. Nothing is sent.", back: "Taken back: no changes are asked for." },
  stop: { coming: "Stops the run", done: "Stopped here. Nothing is sent.", back: "Not stopped: taken back." },
};

/** "Releases: Write a ticket: ...", for one; "Rejects 3 approvals" for several. */
export function heldText(held: Held): string {
  const { coming } = verbs[held.decision];
  const [first] = held.items;
  return held.items.length === 1 && first !== undefined ? `${coming}: ${first.summary}` : `${coming} ${held.items.length} approvals`;
}

export function secondsLeft(held: Held, nowMs: number): number {
  return Math.max(0, Math.ceil((held.dueMs - nowMs) / 1000));
}

/** The one that waits or is under way for this approval. */
export function findHeld(state: HeldState, approvalId: string): Held | undefined {
  return state.held.find((each) => each.items.some((item) => item.approvalId === approvalId));
}

export function bytesOf(items: readonly HeldItem[]): number {
  // Three bytes a character at most, and the rest of the request.
  return items.reduce((sum, item) => sum + 3 * (item.body.comment?.length ?? 0) + 400, 0);
}

/** What became of a decision that the server did not record, in one sentence. */
export function fateText(item: HeldItem, problem: Problem): string {
  const about = `\u201c${item.summary}\u201d`;
  const detail = problem.detail === "" ? problem.title : problem.detail;
  switch (problem.status) {
    case 0: return `Nobody knows whether your decision about ${about} arrived: the server did not answer. Send it again, or look before you decide again.`;
    case 401: return `Not sent: your session had ended. Nothing was decided about ${about}. Sign in and decide again.`;
    case 409: return `Not recorded: ${about} was decided, or is over, already. ${detail}`;
    case 412: return `Not recorded: ${about} changed while your decision waited. Read it again. ${detail}`;
    default:
      if (problem.code === "reauthentication_required") return `Not recorded: your sign-in got too old in those seconds. Prove it again and release ${about} again.`;
      return `Not recorded: ${about}. ${detail}`;
  }
}

function movedText(item: HeldItem, event: Extract<HeldEvent, { type: "moved" }>): string {
  const about = `\u201c${item.summary}\u201d`;
  if (event.state === "pending") return `Not sent: the content of ${about} changed while your decision waited. Read it again before you decide.`;
  return `Not sent: ${about} is ${approvalStateText(event.state).toLowerCase()} by now${event.why === "" ? "" : `: ${event.why}`}.`;
}

function unchanged(state: HeldState): Step {
  return { state, effects: [] };
}

function sendOf(held: Held, outlives: boolean): HeldEffect {
  return { type: "send", id: held.id, decision: held.decision, items: held.items, outlives };
}

/** Sends those of the waiting that are chosen. */
function sendSome(state: HeldState, chosen: (held: Held) => boolean, outlives = false): Step {
  const effects: HeldEffect[] = [];
  const held = state.held.map((each): Held => {
    if (each.phase !== "held" || !chosen(each)) return each;
    effects.push(sendOf(each, outlives));
    return { ...each, phase: "sending" };
  });
  return effects.length === 0 ? unchanged(state) : { state: { ...state, held }, effects };
}

function onDecided(state: HeldState, event: Extract<HeldEvent, { type: "decided" }>): Step {
  const items = event.items.filter((item) => findHeld(state, item.approvalId) === undefined).slice(0, bulkMax);
  if (items.length === 0) return unchanged(state);
  let { state: next, effects } = unchanged(state);
  const waiting = (): Held[] => next.held.filter((each) => each.phase === "held");
  // What would not fit into a page's last requests goes now, the oldest first.
  while (waiting().length > 0 && bytesOf(waiting().flatMap((each) => each.items)) + bytesOf(items) > heldBytesMax) {
    const oldest = waiting()[0]!.id;
    const sent = sendSome(next, (each) => each.id === oldest);
    next = sent.state;
    effects = [...effects, ...sent.effects];
  }
  const id = next.lastId + 1;
  const held: Held = { id, decision: event.decision, items, dueMs: event.nowMs + holdMs, phase: "held", answered: 0, recorded: 0 };
  return { state: { ...next, held: [...next.held, held], draft: undefined, lastId: id }, effects };
}

function onUndone(state: HeldState, id: number | undefined): Step {
  const waiting = state.held.filter((each) => each.phase === "held");
  const back = id === undefined ? waiting[waiting.length - 1] : waiting.find((each) => each.id === id);
  if (back === undefined) return unchanged(state);
  const [only] = back.items;
  const draft = back.items.length === 1 && only !== undefined ? { approvalId: only.approvalId, decision: back.decision, comment: only.body.comment ?? "" } : undefined;
  return {
    state: { ...state, held: state.held.filter((each) => each !== back), draft },
    effects: [{ type: "say", text: verbs[back.decision].back }],
  };
}

function withNote(state: HeldState, text: string, approvalId: string, retry?: Note["retry"]): HeldState {
  const id = state.lastId + 1;
  return { ...state, notes: [...state.notes, { id, text, approvalId, retry }], lastId: id };
}

function onAnswered(state: HeldState, event: Extract<HeldEvent, { type: "answered" }>): Step {
  const held = state.held.find((each) => each.id === event.id);
  const item = held?.items.find((each) => each.approvalId === event.approvalId);
  if (held === undefined || item === undefined) return unchanged(state);
  const answered = held.answered + 1;
  const recorded = held.recorded + (event.outcome.ok ? 1 : 0);
  const over = answered >= held.items.length;
  let next: HeldState = {
    ...state,
    held: over ? state.held.filter((each) => each !== held) : state.held.map((each) => (each === held ? { ...held, answered, recorded } : each)),
  };
  if (!event.outcome.ok) {
    const { problem } = event.outcome;
    next = withNote(next, fateText(item, problem), item.approvalId, problem.status === 0 ? { decision: held.decision, item } : undefined);
    // What was typed is asked for once more only where nothing was wrong with it.
    if (problem.code === "reauthentication_required") next = { ...next, draft: { approvalId: item.approvalId, decision: held.decision, comment: item.body.comment ?? "" } };
  }
  const many = held.items.length > 1;
  const text = many ? `${recorded} of ${held.items.length} recorded.` : verbs[held.decision].done;
  return { state: next, effects: over && recorded > 0 ? [{ type: "say", text }] : [] };
}

function onMoved(state: HeldState, event: Extract<HeldEvent, { type: "moved" }>): Step {
  const held = findHeld(state, event.approvalId);
  const item = held?.items.find((each) => each.approvalId === event.approvalId);
  if (held === undefined || item === undefined || held.phase !== "held") return unchanged(state);
  if (event.state === "pending" && event.contentHash === item.body.content_hash) return unchanged(state);
  const items = held.items.filter((each) => each !== item);
  const rest = items.length === 0 ? state.held.filter((each) => each !== held) : state.held.map((each) => (each === held ? { ...held, items } : each));
  return unchanged(withNote({ ...state, held: rest }, movedText(item, event), item.approvalId));
}

function onSignedOut(state: HeldState): Step {
  let next: HeldState = { ...state, held: state.held.filter((each) => each.phase === "sending"), draft: undefined };
  for (const held of state.held) {
    if (held.phase === "sending") continue;
    for (const item of held.items) next = withNote(next, `Not sent: your session ended before. Nothing was decided about \u201c${item.summary}\u201d. Sign in and decide again.`, item.approvalId);
  }
  return unchanged(next);
}

function onRetried(state: HeldState, noteId: number): Step {
  const note = state.notes.find((each) => each.id === noteId);
  if (note?.retry === undefined) return unchanged(state);
  const { decision, item } = note.retry;
  const id = state.lastId + 1;
  const held: Held = { id, decision, items: [item], dueMs: 0, phase: "sending", answered: 0, recorded: 0 };
  const notes = state.notes.filter((each) => each !== note);
  return { state: { ...state, notes, held: [...state.held, held], lastId: id }, effects: [sendOf(held, false)] };
}

export function step(state: HeldState, event: HeldEvent): Step {
  switch (event.type) {
    case "decided": return onDecided(state, event);
    case "ticked": return sendSome(state, (each) => each.dueMs <= event.nowMs);
    case "undone": return onUndone(state, event.id);
    case "sent_now": return sendSome(state, (each) => event.id === undefined || each.id === event.id);
    case "left": return sendSome(state, () => true, true);
    case "answered": return onAnswered(state, event);
    case "signed_out": return onSignedOut(state);
    case "moved": return onMoved(state, event);
    case "retried": return onRetried(state, event.noteId);
    case "note_closed": return unchanged({ ...state, notes: state.notes.filter((each) => each.id !== event.noteId) });
    case "draft_taken": return unchanged({ ...state, draft: undefined });
  }
}
