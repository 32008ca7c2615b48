import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldTime, planOf, snoozedNow, tomorrowMorning, untilOf } from "../src/lib/snooze.ts";

const at = (text: string): number => Date.parse(text);
const now = at("2026-11-26T13:00:00Z");
const approval = { created_at: "2026-11-26T10:00:00Z", expires_at: "2026-11-26T20:00:00Z" };

test("an hour, tomorrow at nine, or a time", () => {
  assert.equal(untilOf("hour", "", now), at("2026-11-26T14:00:00Z"));
  assert.equal(tomorrowMorning(now), at("2026-11-27T09:00:00Z"));
  assert.equal(untilOf("tomorrow", "", now), tomorrowMorning(now));
  assert.equal(untilOf("time", "2026-11-26T17:30", now), at("2026-11-26T17:30:00Z"));
  assert.equal(untilOf("time", "", now), undefined);
  assert.equal(fieldTime(now), "2026-11-26T13:00");
});

test("a snooze ends before the expiry, or with a tenth of the time left, or is none", () => {
  assert.deepEqual(planOf(approval, at("2026-11-26T14:00:00Z"), now), { kind: "until", untilMs: at("2026-11-26T14:00:00Z") });
  const sooner = planOf(approval, at("2026-11-27T09:00:00Z"), now);
  assert.deepEqual(sooner, { kind: "sooner", untilMs: at("2026-11-26T19:00:00Z"), expiresMs: at("2026-11-26T20:00:00Z") });
  assert.equal(planOf(approval, at("2026-11-26T20:00:00Z"), at("2026-11-26T19:00:00Z")).kind, "refused");
  assert.equal(planOf(approval, now, now).kind, "refused");
  assert.equal(planOf(approval, undefined, now).kind, "refused");
});

test("what is due is not snoozed any more", () => {
  const rows = [{ approval_id: "a", until: "2026-11-26T13:00:00Z" }, { approval_id: "b", until: "2026-11-26T13:00:01Z" }];
  assert.deepEqual([...snoozedNow(rows, now).keys()], ["b"]);
});
