import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backtest, Detection, Suppression } from "../src/api/detectionTypes.ts";
import {
  backtestSentence, draftChanges, draftOf, draftProblem, historyFrom, knownGroups, ownSentence, proposalFrom, proposalQuery, settingsOf, thresholdGroups, typedValue, valueProblem, withKind,
} from "../src/lib/settings/detection.ts";
import { fieldOfTime, timeOfField } from "../src/lib/dateField.ts";
import { integrationGroups, integrationUrl, integrationsSentence } from "../src/lib/settings/integrations.ts";
import { alarmName, alarmStateText, eventsSentence, eventStateFilter, foundBy } from "../src/lib/settings/alarms.ts";
import { applyLive } from "../src/state/applyLive.ts";
import type { Resource } from "../src/state/resources.ts";
import { againOf, matchOf, matchSentence, oneLine, reachSentence, stateFilter, untilOf } from "../src/lib/settings/suppressions.ts";
import { signalBelongs } from "../src/state/belongs.ts";
import { event, overview, signal } from "./examples.ts";

const inherited = {
  latency_ratio_min: 1.3, latency_rise_min_ms: 5, error_rise_min: 0.01, errors_min: 3, slow_query_low_ms: 300, n_plus_one_calls_min: 5, burst_ratio_min: 1.5,
  requests_min: 200, windows_min: 30, occurrences_min: 1, kinds_off: [],
};
const detection = (settings: Detection["settings"] = {}): Detection => ({
  service: "shop", version: 3, settings, inherited, kinds: ["latency", "n_plus_one"], ranges: { errors_min: { min: 1, max: 100 }, error_rise_min: { min: 0.001, max: 1 } },
});
const find = (name: string) => thresholdGroups.flatMap((group) => group.thresholds).find((each) => each.name === name)!;
const errors = find("errors_min");
const rise = find("error_rise_min");

test("every threshold has its sentence and its unit, and stands once", () => {
  const all = thresholdGroups.flatMap((group) => group.thresholds);
  assert.deepEqual(all.map((each) => each.name).sort(), Object.keys(inherited).filter((name) => name !== "kinds_off").sort());
  for (const each of all) assert.match(`${each.help} ${each.unit}`, /^[A-Z].{20,}\. \S+/, each.name);
});

test("a share is typed in points of per cent and sent as a share", () => {
  assert.equal(draftOf({ error_rise_min: 0.05 }).error_rise_min, "5");
  assert.equal(typedValue(rise, " 0,7 "), 0.007);
  assert.deepEqual(settingsOf({ ...draftOf({}), error_rise_min: "7" }, {}), { error_rise_min: 0.07 });
});

test("an empty field is the server\u2019s own and is not sent", () => {
  assert.deepEqual(settingsOf(draftOf({}), {}), {});
  assert.deepEqual(settingsOf({ ...draftOf({ errors_min: 9 }), errors_min: "" }, { errors_min: 9 }), {});
});

test("what a newer server set stays when this form saves", () => {
  const stored = { errors_min: 4, shiny_new_min: 2 } as Detection["settings"];
  assert.deepEqual(settingsOf(draftOf(stored), stored), stored);
});

test("a value out of range, half or no number is refused with what is allowed", () => {
  const range = { min: 1, max: 100 };
  assert.equal(valueProblem(errors, "", range), undefined);
  assert.equal(valueProblem(errors, "100", range), undefined);
  assert.equal(valueProblem(errors, "101", range), "From 1 to 100 requests.");
  assert.equal(valueProblem(errors, "2.5", range), "From 1 to 100 requests, whole.");
  assert.equal(valueProblem(errors, "1e3", range), "From 1 to 100 requests, as a number.");
  assert.equal(valueProblem(rise, "0.05", { min: 0.001, max: 1 }), "From 0.1 to 100 points of %.");
  assert.equal(draftProblem({ ...draftOf({}), errors_min: "0" }, detection()), true);
  assert.equal(draftProblem({ ...draftOf({}), windows_min: "7" }, detection()), false, "without a range nothing is known against it");
});

test("a threshold that an older server does not know is not asked for", () => {
  const { occurrences_min: _unknown, ...rest } = inherited;
  const names = knownGroups({ ...detection(), inherited: rest }).flatMap((group) => group.thresholds.map((each) => each.name));
  assert.equal(names.includes("occurrences_min"), false);
  assert.equal(names.length, 9);
});

test("what changes is said beside what counts now, the server\u2019s own value included", () => {
  const before = draftOf({ errors_min: 9 });
  const after = withKind({ ...before, errors_min: "", latency_ratio_min: "2" }, "n_plus_one", false);
  assert.deepEqual(draftChanges(before, after, detection()), [
    { label: "Slower by a factor of", before: "the server\u2019s own, 1.3 \u00d7", after: "2 \u00d7" },
    { label: "Failures at least", before: "9 requests", after: "the server\u2019s own, 3 requests" },
    { label: "Not raised", before: "none", after: "N+1 queries" },
  ]);
});

test("kinds are switched off and on in an order of their own", () => {
  const off = withKind(withKind(draftOf({}), "slow_query", false), "latency", false);
  assert.deepEqual(settingsOf(off, {}), { kinds_off: ["latency", "slow_query"] });
  assert.deepEqual(settingsOf(withKind(withKind(off, "latency", true), "slow_query", true), {}), {});
});

test("a proposal goes into an address and comes out of it again", () => {
  const stored = draftOf({ errors_min: 9 });
  const mine = withKind({ ...stored, errors_min: "", latency_ratio_min: "2.5" }, "latency", false);
  const query = new URLSearchParams(Object.entries(proposalQuery(stored, mine)).filter(([, value]) => value !== ""));
  assert.equal(query.toString(), "latency_ratio_min=2.5&errors_min=own&kinds_off=latency");
  assert.deepEqual(proposalFrom(query, stored), mine);
  assert.deepEqual(proposalFrom(new URLSearchParams("days=1"), stored), stored);
});

test("a try is summed up in one sentence, also when nothing differs or nothing is stored", () => {
  const one = { kind: "latency", severity: "low", operation_id: "o", operation: "GET /a", from: "", to: "", windows: 1, sentence: "s" } as const;
  const result: Backtest = {
    service: "shop", from: "", to: "", windows: 10, operations: 1, present: { signals: 20, alarms: 12 }, proposed: { signals: 9, alarms: 5 }, added: [one], removed: Array(8).fill(one) as Backtest["removed"],
    kept: 4, not_rerun: [], cut: false,
  };
  assert.equal(backtestSentence(result), "5 alarms in place of 12: 1 new, 8 gone, 4 as before.");
  assert.equal(backtestSentence({ ...result, cut: true }), "5 alarms in place of 12: 1 or more new, 8 or more gone, 4 as before.");
  assert.equal(backtestSentence({ ...result, added: [], removed: [], kept: 1 }), "No difference: 1 alarm with either.");
  assert.match(backtestSentence({ ...result, windows: 0 }), /nothing could be tried/);
  assert.equal(historyFrom("", 0), undefined);
  assert.equal(historyFrom("1", Date.parse("2026-11-26T10:00:00.500Z")), "2026-11-25T10:00:00Z");
});

test("what a service has of its own is said in one sentence", () => {
  assert.equal(ownSentence("shop", {}), "shop is watched with the server\u2019s own thresholds.");
  assert.equal(ownSentence("shop", { errors_min: 9, kinds_off: ["latency", "n_plus_one"] }), "shop has 1 threshold of its own and 2 kinds of signals switched off.");
});

test("a suppression reaches as far as chosen and says so", () => {
  const like = signal();
  assert.deepEqual(matchOf(like, "same"), { service: "shop", operation_id: like.operation.id, kind: "error_rate", fingerprint: "f" });
  assert.deepEqual(matchOf(like, "service"), { service: "shop", kind: "error_rate" });
  assert.equal(reachSentence(like, "same"), "Error rate signals of GET /a in shop, the same problem only");
  assert.equal(reachSentence(like, "operation"), "Error rate signals of GET /a in shop");
  assert.equal(reachSentence(like, "service"), "Error rate signals in shop, whatever operation");
  const row: Suppression = { id: "X", service: "shop", reason: "known", until: "2026-11-27T00:00:00Z", created_at: "", created_by: "user:ada", hits: 2, state: "lifted" };
  assert.equal(matchSentence(row), "Every signal in shop, whatever operation");
  assert.deepEqual(againOf(row), { service: "shop", reason: "known", until: "2026-11-27T00:00:00Z" });
});

test("a suppression ends after a time, at a date that is still to come, or when it is lifted", () => {
  const now = Date.parse("2026-11-26T10:00:00Z");
  assert.deepEqual(untilOf("1h", "", now, "utc"), { kind: "at", at: "2026-11-26T11:00:00Z" });
  assert.deepEqual(untilOf("lifted", "", now, "utc"), { kind: "open" });
  assert.deepEqual(untilOf("date", "2026-11-27T09:30", now, "utc"), { kind: "at", at: "2026-11-27T09:30:00Z" });
  assert.deepEqual(untilOf("date", "2026-11-26T09:59", now, "utc"), { kind: "wrong", why: "This is over already." });
  assert.equal(untilOf("date", "", now, "utc").kind, "wrong");
  assert.equal(oneLine(" known,\n fixed\tsoon "), "known, fixed soon");
  assert.equal(stateFilter(""), "active");
  assert.equal(stateFilter("all"), "");
});

test("a signal that arrives belongs into a list with or without the suppressed ones", () => {
  const quiet = signal({ suppressed_by: "X" });
  const fits = (query: string) => [signal(), quiet].map((each) => signalBelongs(each, new URLSearchParams(query)));
  assert.deepEqual(fits(""), [true, true]);
  assert.deepEqual(fits("suppressed=true"), [false, true]);
  assert.deepEqual(fits("suppressed=false"), [true, false]);
});

test("a date field and an address say the same time, in the zone that is shown", () => {
  assert.equal(timeOfField("2026-11-26T10:00", "utc"), "2026-11-26T10:00:00Z");
  assert.equal(fieldOfTime("2026-11-26T10:00:00Z", "utc"), "2026-11-26T10:00");
  const local = timeOfField("2026-07-01T23:15", "local") ?? "";
  assert.equal(fieldOfTime(local, "local"), "2026-07-01T23:15");
  assert.equal(timeOfField("soon", "utc"), undefined);
  assert.equal(fieldOfTime("soon", "utc"), "");
});

test("integrations are told by kind, the failing ones first of all in the sentence", () => {
  const rows = [
    { kind: "tracker", name: "github", can_ask: true, state: "failing", error: "401" }, { kind: "hook_source", name: "generic/backup", can_ask: false, state: "quiet" },
  ] as const;
  assert.equal(integrationsSentence(rows), "2 integrations configured; 1 is failing, 1 quiet so far.");
  assert.deepEqual(integrationGroups(rows).map((group) => [group.kind, group.rows.length]), [["tracker", 1], ["log_store", 0], ["hook_source", 1]]);
  assert.equal(integrationUrl(rows[1], true), "/settings/hooks?source=generic%2Fbackup");
  assert.equal(integrationUrl(rows[1], false), undefined, "a viewer does not see deliveries");
});

test("alarms and events are told with what became of them", () => {
  assert.equal(alarmStateText("ignored_non_alarm"), "No alarm");
  assert.equal(alarmStateText("of_a_newer_server"), "of a newer server");
  assert.equal(foundBy({ incident_id: "I1", layer: "lexical" }), "words that are alike");
  assert.equal(foundBy({ layer: "none" }), "", "without an incident nothing was found");
  assert.equal(alarmName({ title: "", error_type: "TypeError", description: "d" }), "TypeError");
  assert.equal(eventStateFilter(""), "pending");
  assert.equal(eventsSentence([], false, ""), "No event waits for a person.");
});

test("what the overview does not show leaves it as it is", () => {
  const held = { kind: "overview", path: "/overview", phase: "ready", data: overview(), asOfSeq: 1, touchedSeq: 0, stale: false, loads: 1, loadedAt: 0 } as Resource;
  for (const type of ["suppression", "alarm", "held_event", "service"] as const) assert.equal(applyLive(held, event(2, type, {})), held, type);
  assert.equal(applyLive(held, event(2, "incident", {})).stale, true);
  const list = { ...held, kind: "suppressions", path: "/suppressions", data: { items: [], fresh: [], freshMore: 0 } } as Resource;
  assert.equal(applyLive(list, event(2, "suppression", {})).stale, true);
});
