import assert from "node:assert/strict";
import { test } from "node:test";
import { makeProblem } from "../src/api/problem.ts";
import type { Decision } from "../src/api/actions.ts";
import type { ApprovalState } from "../src/api/types.ts";
import { bulkMax, bytesOf, heldBytesMax, heldText, holdMs, nothingHeld, secondsLeft, step } from "../src/lib/held.ts";
import type { HeldEffect, HeldEvent, HeldItem, HeldState, Outcome } from "../src/lib/held.ts";

/** Steps the machine by hand; its clock stands still unless moved. */
class Desk {
  state: HeldState = nothingHeld;
  nowMs = 1000;
  sent: { id: number; approvalId: string; decision: Decision; outlives: boolean }[] = [];
  said: string[] = [];

  feed(event: HeldEvent): void {
    const next = step(this.state, event);
    this.state = next.state;
    next.effects.forEach((each: HeldEffect) => {
      if (each.type === "say") this.said.push(each.text);
      else for (const item of each.items) this.sent.push({ id: each.id, approvalId: item.approvalId, decision: each.decision, outlives: each.outlives });
    });
  }
  decide(decision: Decision, ...ids: string[]): void {
    this.feed({ type: "decided", decision, items: ids.map((id) => itemOf(id)), nowMs: this.nowMs });
  }
  pass(ms: number): void {
    this.nowMs += ms;
    this.feed({ type: "ticked", nowMs: this.nowMs });
  }
  answer(approvalId: string, outcome: Outcome = { ok: true }): void {
    const sent = [...this.sent].reverse().find((each) => each.approvalId === approvalId);
    this.feed({ type: "answered", id: sent?.id ?? 0, approvalId, outcome });
  }
  move(approvalId: string, state: ApprovalState, contentHash = "hash", why = ""): void {
    this.feed({ type: "moved", approvalId, state, contentHash, why });
  }
  get waiting(): string[] {
    return this.state.held.filter((each) => each.phase === "held").flatMap((each) => each.items.map((item) => item.approvalId));
  }
  get notes(): string[] {
    return this.state.notes.map((each) => each.text);
  }
}

function itemOf(approvalId: string, comment = "because"): HeldItem {
  return { approvalId, incidentId: "i", runId: "r", summary: `Ticket ${approvalId}`, body: { content_hash: "hash", comment }, key: `key-${approvalId}` };
}

const refused = (status: number, code = "", detail = "Told so."): Outcome => ({ ok: false, problem: makeProblem(status, code, "Refused", detail) });

test("nothing is sent before the five seconds are over, and then once", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.pass(holdMs - 1);
  assert.deepEqual(desk.sent, []);
  desk.pass(1);
  assert.deepEqual(desk.sent.map((each) => [each.approvalId, each.outlives]), [["a", false]]);
  desk.pass(holdMs);
  assert.equal(desk.sent.length, 1);
  desk.answer("a");
  assert.deepEqual(desk.said, ["Your approval is recorded."]);
  assert.deepEqual(desk.state.held, []);
});

test("the countdown goes from five to nought and never below", () => {
  const desk = new Desk();
  desk.decide("reject", "a");
  const held = desk.state.held[0]!;
  assert.equal(secondsLeft(held, desk.nowMs), 5);
  assert.equal(secondsLeft(held, desk.nowMs + 4001), 1);
  assert.equal(secondsLeft(held, desk.nowMs + 9000), 0);
  assert.equal(heldText(held), "Rejects: Ticket a");
});

test("taken back, nothing is sent and what was typed is still there", () => {
  const desk = new Desk();
  desk.decide("reject", "a");
  desk.pass(holdMs - 1);
  desk.feed({ type: "undone" });
  desk.pass(holdMs);
  assert.deepEqual(desk.sent, []);
  assert.deepEqual(desk.state.draft, { approvalId: "a", decision: "reject", comment: "because" });
  desk.feed({ type: "draft_taken" });
  assert.equal(desk.state.draft, undefined);
});

test("undo takes back the newest, or the one that is named, and nothing that is on its way", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.pass(1000);
  desk.decide("approve", "b");
  desk.decide("approve", "c");
  desk.feed({ type: "undone" });
  assert.deepEqual(desk.waiting, ["a", "b"]);
  desk.feed({ type: "undone", id: 1 });
  assert.deepEqual(desk.waiting, ["b"]);
  desk.pass(holdMs);
  desk.feed({ type: "undone" });
  assert.deepEqual(desk.sent.map((each) => each.approvalId), ["b"]);
  assert.equal(desk.state.held[0]?.phase, "sending");
});

test("send now sends at once, and only what is named", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.decide("stop", "b");
  desk.feed({ type: "sent_now", id: 2 });
  assert.deepEqual(desk.sent.map((each) => each.decision), ["stop"]);
  desk.feed({ type: "sent_now" });
  assert.deepEqual(desk.sent.map((each) => each.approvalId), ["b", "a"]);
});

test("a page that goes sends what waits in a way that outlives it, and each once", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.decide("reject", "b");
  desk.feed({ type: "left" });
  assert.deepEqual(desk.sent.map((each) => [each.approvalId, each.outlives]), [["a", true], ["b", true]]);
  desk.feed({ type: "left" });
  desk.pass(holdMs);
  assert.equal(desk.sent.length, 2);
});

test("a second decision about the same approval is none", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.decide("reject", "a");
  assert.equal(desk.state.held.length, 1);
  assert.equal(desk.state.held[0]?.decision, "approve");
});

test("several rejected together are one decision, counted down and taken back as one", () => {
  const desk = new Desk();
  desk.decide("reject", "a", "b", "c");
  assert.equal(heldText(desk.state.held[0]!), "Rejects 3 approvals");
  desk.feed({ type: "undone" });
  assert.deepEqual(desk.waiting, []);
  desk.decide("reject", "a", "b", "c");
  desk.pass(holdMs);
  desk.answer("a");
  desk.answer("b", refused(409, "already_decided"));
  assert.equal(desk.state.held.length, 1, "one is not answered yet");
  desk.answer("c");
  assert.deepEqual(desk.said.slice(-1), ["2 of 3 recorded."]);
  assert.equal(desk.notes.length, 1);
  assert.match(desk.notes[0]!, /Ticket b/);
  desk.decide("reject", ...Array.from({ length: bulkMax + 5 }, (_, i) => `x${i}`));
  assert.equal(desk.waiting.length, bulkMax);
});

test("each refusal says what became of the decision", () => {
  const cases: [Outcome, RegExp][] = [
    [refused(401, "signed_out"), /^Not sent: your session had ended\. Nothing was decided/],
    [refused(409, "already_decided", "Ada decided it."), /^Not recorded: .*already\. Ada decided it\.$/],
    [refused(412, "stale"), /^Not recorded: .*changed while your decision waited/],
    [refused(403, "reauthentication_required"), /sign-in got too old/],
    [refused(500, "io", "The disk is full."), /^Not recorded: .*The disk is full\.$/],
    [refused(0, "unreachable"), /^Nobody knows whether/],
  ];
  for (const [outcome, expected] of cases) {
    const desk = new Desk();
    desk.decide("approve", "a");
    desk.pass(holdMs);
    desk.answer("a", outcome);
    assert.match(desk.notes[0] ?? "", expected);
    assert.deepEqual(desk.said, [], "no success is announced");
    desk.feed({ type: "note_closed", noteId: desk.state.notes[0]!.id });
    assert.deepEqual(desk.notes, []);
  }
});

test("what nobody knows the fate of is sent again under its own key", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.pass(holdMs);
  desk.answer("a", refused(0, "unreachable"));
  const note = desk.state.notes[0]!;
  assert.equal(note.retry?.item.key, "key-a");
  desk.feed({ type: "retried", noteId: note.id });
  assert.deepEqual(desk.notes, []);
  assert.equal(desk.sent.length, 2);
  desk.answer("a");
  assert.deepEqual(desk.said, ["Your approval is recorded."]);
});

test("what ends meanwhile is not sent, and says so", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.move("a", "pending");
  assert.deepEqual(desk.waiting, ["a"], "a reminder changes nothing");
  desk.move("a", "voided", "hash", "the severity is critical now");
  desk.pass(holdMs);
  assert.deepEqual(desk.sent, []);
  assert.match(desk.notes[0]!, /Not sent: .*void by now: the severity is critical now/);

  desk.decide("approve", "b");
  desk.move("b", "pending", "other");
  assert.match(desk.notes[1]!, /the content of .* changed/);
  assert.deepEqual(desk.waiting, []);
});

test("of several only what ended meanwhile is left out; what is on its way is left alone", () => {
  const desk = new Desk();
  desk.decide("reject", "a", "b");
  desk.move("a", "expired");
  assert.deepEqual(desk.waiting, ["b"]);
  desk.pass(holdMs);
  desk.move("b", "rejected");
  assert.deepEqual(desk.sent.map((each) => each.approvalId), ["b"]);
  assert.equal(desk.notes.length, 1, "its own answer tells of b");
});

test("a session that ends takes the waiting ones with it and says which", () => {
  const desk = new Desk();
  desk.decide("approve", "a");
  desk.pass(holdMs);
  desk.decide("reject", "b", "c");
  desk.feed({ type: "signed_out" });
  desk.pass(holdMs);
  assert.deepEqual(desk.sent.map((each) => each.approvalId), ["a"]);
  assert.equal(desk.notes.length, 2);
  assert.match(desk.notes[0]!, /Not sent: your session ended.*Ticket b/);
  desk.answer("a", refused(401));
  assert.equal(desk.notes.length, 3, "the one under way says for itself what became of it");
});

test("what would not fit into a page's last requests goes first", () => {
  const desk = new Desk();
  const large = (id: string): HeldItem => itemOf(id, "x".repeat(4000));
  let total = 0;
  for (let i = 0; total + bytesOf([large("z")]) <= heldBytesMax; i++) {
    desk.feed({ type: "decided", decision: "reject", items: [large(`a${i}`)], nowMs: desk.nowMs });
    total += bytesOf([large("z")]);
  }
  assert.deepEqual(desk.sent, []);
  desk.feed({ type: "decided", decision: "reject", items: [large("last")], nowMs: desk.nowMs });
  assert.deepEqual(desk.sent.map((each) => each.approvalId), ["a0"]);
  assert.equal(bytesOf(desk.state.held.filter((each) => each.phase === "held").flatMap((each) => each.items)) <= heldBytesMax, true);
});
