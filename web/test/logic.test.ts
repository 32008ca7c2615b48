import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent, Trial } from "../src/api/types.ts";
import { chartData, chartSentence, lonePoints } from "../src/chart/chartData.ts";
import { findTargets } from "../src/lib/findTargets.ts";
import { pipsOf } from "../src/components/marks.tsx";
import { liveText } from "../src/lib/liveText.ts";
import { keyName } from "../src/keys/keys.ts";
import { closedBecause, decisionBody, missingFor } from "../src/lib/gate.ts";
import { overflowSentence } from "../src/lib/overflowSentence.ts";
import { overviewSentence } from "../src/lib/overviewSentence.ts";
import { barOf, runProgress } from "../src/lib/runProgress.ts";
import { collectorSnippet, reachable } from "../src/lib/snippets.ts";
import { lastGoodProblem, targetProblem } from "../src/lib/target.ts";
import { verdictOf, wayOf } from "../src/lib/way.ts";
import { situationText, statusText } from "../src/lib/words.ts";
import { timeOfUlid } from "../src/lib/ulidTime.ts";
import { incidentBelongs } from "../src/state/belongs.ts";
import { isOwnPlace } from "../src/lib/place.ts";
import { parseLoginHash, parseRoute, urls } from "../src/router/route.ts";
import { approval, approvalDetail, incident, incidentDetail, overview, run } from "./examples.ts";

const now = Date.parse("2026-11-20T03:10:00Z");
const free = { comment: "", confirm: "", evidenceSeen: true };

test("a pending approval may be decided by who is free to", () => {
  assert.equal(closedBecause(approvalDetail(), approval().content_hash, now), undefined);
});

test("each reason against deciding is named", () => {
  const hash = approval().content_hash;
  const blocked = [{ name: "anna", may_decide: false, why: "started this run", is_me: true }];

  assert.match(closedBecause(approvalDetail({ state: "rejected" }), hash, now) ?? "", /Rejected/);
  assert.match(closedBecause(approvalDetail(), hash, Date.parse("2026-11-22T00:00:00Z")) ?? "", /Expired: nothing is sent/);
  assert.match(closedBecause(approvalDetail(), "0".repeat(64), now) ?? "", /changed after you opened it/);
  assert.match(closedBecause(approvalDetail({ deciders: blocked }), hash, now) ?? "", /started this run/);
  assert.match(closedBecause(approvalDetail({ deciders: [] }), hash, now) ?? "", /not among those/);
});

test("a release needs the evidence opened and for CRITICAL the digits typed", () => {
  const critical = approvalDetail({ risk: "critical" });

  assert.deepEqual(missingFor("approve", approvalDetail(), { ...free, evidenceSeen: false }), ["open the evidence"]);
  assert.deepEqual(missingFor("approve", approvalDetail(), free), []);
  assert.deepEqual(missingFor("approve", critical, free), ["type 9f2c41d7"]);
  assert.deepEqual(missingFor("approve", critical, { ...free, confirm: "9f2c41d8" }), ["type 9f2c41d7"]);
  assert.deepEqual(missingFor("approve", critical, { ...free, confirm: " 9F2C41D7 " }), []);
});

test("a rejection needs a comment that says something", () => {
  assert.deepEqual(missingFor("reject", approvalDetail(), { ...free, comment: "  \n" }), ["write a comment"]);
  assert.deepEqual(missingFor("request-changes", approvalDetail(), free), ["write a comment"]);
  assert.deepEqual(missingFor("reject", approvalDetail(), { ...free, comment: "wrong team" }), []);
  assert.deepEqual(missingFor("stop", approvalDetail(), { ...free, evidenceSeen: false }), []);
});

test("a decision carries the hash that was read, never another", () => {
  assert.deepEqual(decisionBody("approve", "abc", " fine ", "ABC", true), { content_hash: "abc", comment: "fine", confirm: "abc" });
  assert.deepEqual(decisionBody("reject", "abc", "no", "abc", true), { content_hash: "abc", comment: "no" });
});

test("addresses lead to their screens and back", () => {
  assert.deepEqual(parseRoute("/"), { screen: "overview" });
  assert.deepEqual(parseRoute("/incidents/"), { screen: "incidents" });
  assert.deepEqual(parseRoute(urls.service("a/b c?d#e")), { screen: "service", name: "a/b c?d#e" });
  assert.deepEqual(parseRoute("/approvals"), { screen: "approvals", id: undefined });
  for (const path of ["/nowhere", "/incidents/a/b", "/incidents/%E0%A4%A", "/__proto__", "/overview/x"]) assert.equal(parseRoute(path).screen, "unknown", path);
});

test("the token of a sign-in link is read from the hash only", () => {
  assert.deepEqual(parseLoginHash("#/login?token=abc%2Bd"), { token: "abc+d", refused: "" });
  assert.deepEqual(parseLoginHash("#/login?refused=oidc_state"), { token: "", refused: "oidc_state" });
  assert.deepEqual(parseLoginHash("#/login"), { token: "", refused: "" });
  assert.equal(parseLoginHash("#L12"), undefined);
});

test("who comes back from a provider goes on where they were, on this site only", () => {
  assert.equal(isOwnPlace("/incidents?severity=high"), true);
  for (const place of ["", "incidents", "//evil.test/", "/\\evil.test", "https://evil.test/"]) assert.equal(isOwnPlace(place), false);
});

test("the way stands where the incident is", () => {
  const states = (change: Parameters<typeof incidentDetail>[0]): string[] => wayOf(incidentDetail(change), []).map((step) => step.state);
  const proved = [run({ verdict: "reproduced", state: "succeeded" })];

  assert.deepEqual(states({ status: "detected" }), ["done", "now", "todo", "todo", "todo"]);
  assert.deepEqual(states({ status: "reproduced", phase: "awaiting_approval", runs: proved }), ["done", "done", "now", "todo", "todo"]);
  assert.deepEqual(states({ status: "submitted", runs: proved }), ["done", "done", "done", "done", "now"]);
  assert.deepEqual(states({ status: "needs_human", reason: "no_target" }), ["done", "stopped", "todo", "todo", "todo"]);
  assert.deepEqual(states({ status: "resolved", runs: proved }), ["done", "done", "done", "done", "done"]);
});

test("a ticket published without proof does not claim one", () => {
  const steps = wayOf(incidentDetail({ status: "submitted", runs: [run({ verdict: "flaky" })] }), []);

  assert.deepEqual([steps[1]?.name, steps[1]?.state], ["Not reproduced", "stopped"]);
  assert.equal(verdictOf(incident({ status: "submitted" })), undefined);
  assert.equal(verdictOf(incident({ status: "needs_human", reason: "flaky" })), "flaky");
});

test("words of a newer server are shown, not thrown", () => {
  assert.equal(statusText("under_review"), "Under review");
  assert.equal(statusText("constructor"), "Constructor");
  assert.equal(situationText("needs_human", "", "toString"), "Needs a person, toString");
});

test("the overview says first what presses most", () => {
  assert.match(overviewSentence(overview({ records_total: 0, services: 0, traffic: [] }), now), /Nothing has been received yet/);
  assert.match(overviewSentence(overview({ services: 0, traffic: [] }), now), /The first records are here; their service appears/);
  assert.match(overviewSentence(overview({ records_total: 0, services: 0, traffic: [], incidents_open: 1 }), now), /One incident is open/, "an alarm came first");
  assert.match(overviewSentence(overview({ approvals_pending: 1, incidents_open: 3, waiting_approvals: [approval()] }), now), /One release waits for a person; it has 23 h 54 min left/);
  assert.match(overviewSentence(overview({ incidents_open: 2, worst_incidents: [incident()] }), now), /2 incidents are open; the worst is in shop/);
  assert.match(overviewSentence(overview(), now), /No open incident in 2 services and 5 operations/);
});

function runEvent(sequence: number, type: RunEvent["type"], data: Record<string, unknown>): RunEvent {
  return { sequence, at: `2026-11-20T03:00:${String(sequence).padStart(2, "0")}Z`, type, data };
}

const trial: Trial = { number: 1, shows: true, metric: 0.9, control: 0, n: 48, control_n: 48, p_value: 1e-9, gate_passed: true };

test("a run's events tell its steps, trials and progress", () => {
  const found = runProgress([
    runEvent(1, "step_started", { step: "prepare" }), runEvent(2, "step_ended", { step: "prepare" }), runEvent(3, "step_started", { step: "replay" }),
    runEvent(4, "measurement", { ...trial, number: 2 }), runEvent(5, "measurement", { ...trial }), runEvent(6, "progress", { done: 3, total: 48 }),
  ]);

  assert.deepEqual(found.steps.map((step) => [step.name, step.ended_at !== undefined]), [["prepare", true], ["replay", false]]);
  assert.deepEqual(found.trials.map((each) => each.number), [1, 2]);
  assert.deepEqual(found.progress, { done: 3, total: 48 });
  assert.equal(found.log.length, 5);
});

test("events with missing or wrong data become lines, never a crash", () => {
  const found = runProgress([
    runEvent(1, "measurement", { number: "1" }), runEvent(2, "step_ended", {}), runEvent(3, "progress", { done: "x" }), runEvent(4, "log", { text: 7 }),
    { sequence: 5, at: "", type: "log", data: null as unknown as Record<string, unknown> }, runEvent(6, "artefact" as RunEvent["type"], { text: "later kind" }),
  ]);

  assert.deepEqual(found.trials, []);
  assert.equal(found.log.at(-1)?.text, "later kind");
});

test("a step's bar stays inside the axis", () => {
  const bar = barOf({ name: "x", attempt: 1, started_at: "2026-11-20T03:00:50Z" }, Date.parse("2026-11-20T03:00:00Z"), Date.parse("2026-11-20T03:01:00Z"), now);

  assert.equal(Math.round((bar.from + bar.width) * 1000) / 1000, 1);
});

test("one pip per planned trial: shown, clear, running, to come", () => {
  assert.deepEqual(pipsOf([{ shows: true }, { shows: false }], 5, true), ["shows", "clear", "running", "waiting", "waiting"]);
  assert.deepEqual(pipsOf([{ shows: true }], 1, true), ["shows"]);
  assert.equal(pipsOf([], 1e9, false).length, 50);
});

test("neighbouring anomalous windows are one shaded range and the line leaves the normal one", () => {
  const at = (minute: number): string => `2026-11-20T03:0${minute}:00Z`;
  const series = { ...incidentDetail().series, points: [false, true, true, false, true].map((anomalous, i) => ({ at: at(i), value: i, n: 9, anomalous })) };

  const data = chartData(series);

  assert.deepEqual(data.shaded, [{ from: 1, to: 2 }, { from: 4, to: 4 }]);
  assert.deepEqual(data.anomalous, [0, 1, 2, 3, 4]);
  assert.match(chartSentence(series, String), /3 anomalous of 5 windows, up to 4; its baseline is still being learned/);
});

test("nothing is drawn where nothing was measured", () => {
  const seconds = [0, 1, 2, 9, 30, 31];
  const series = { ...incidentDetail().series, points: seconds.map((at) => ({ at: new Date(now + at * 1000).toISOString(), value: 1, n: 9, anomalous: false })) };

  const data = chartData(series);

  assert.deepEqual(data.breaks, [3, 4]);
  assert.deepEqual(lonePoints(data), [3]);
});

test("windows that come now and then are joined, and one alone is a point", () => {
  const points = [0, 60, 180, 240].map((at) => ({ at: new Date(now + at * 1000).toISOString(), value: 1, n: 1, anomalous: false }));

  assert.deepEqual(chartData({ ...incidentDetail().series, points }).breaks, []);
  assert.deepEqual(lonePoints(chartData({ ...incidentDetail().series, points: points.slice(0, 1) })), [0]);
});

test("an empty series draws nothing and says so", () => {
  assert.deepEqual(chartData(incidentDetail().series).shaded, []);
  assert.match(chartSentence(incidentDetail().series, String), /no anomalous window/);
});

test("the snippet names an address the collector can reach", () => {
  assert.equal(reachable("0.0.0.0:4317", "reprise.example"), "reprise.example:4317");
  assert.equal(reachable("[::]:4317", "h"), "h:4317");
  assert.equal(reachable("127.0.0.1:4317", "h"), "127.0.0.1:4317");
  assert.match(collectorSnippet("h:4317"), /endpoint: h:4317/);
});

test("a replay target is a plain http address", () => {
  assert.equal(targetProblem(""), undefined);
  assert.equal(targetProblem(" http://127.0.0.1:8080/base "), undefined);
  for (const bad of ["127.0.0.1:8080", "ftp://h", "javascript:alert(1)", "http://u:p@h", "http://h?x=1", "http://h/#a", "http://"]) assert(targetProblem(bad) !== undefined, bad);
});

test("a last-good target is another address than the replay target", () => {
  const target = "http://127.0.0.1:8080/base";

  assert.equal(lastGoodProblem("", target), undefined);
  assert.equal(lastGoodProblem("http://127.0.0.1:8081", target), undefined);
  assert.equal(lastGoodProblem(target, ""), undefined);
  assert.match(lastGoodProblem(" HTTP://127.0.0.1:8080/base/ ", target) ?? "", /replay target itself/);
  assert.match(lastGoodProblem("ftp://h", target) ?? "", /http/);
  assert.match(lastGoodProblem("ftp://h", "nonsense") ?? "", /http/);
});

test("the live pill says how old the picture is", () => {
  const state = (phase: "live" | "waiting" | "stale" | "polling", at = 0): string => liveText({ phase, at, newVersion: false }, 1000).text;

  assert.equal(state("live"), "Live");
  assert.equal(state("waiting", 3400), "Reconnecting in 3 s");
  assert.equal(state("stale", Date.parse("2026-11-20T12:03:00Z")), "Stale since 12:03");
  assert.equal(state("polling"), "Every 5 s");
});

test("keys are named with their modifier", () => {
  const key = (name: string, ctrlKey = false, metaKey = false): string => keyName({ key: name, ctrlKey, metaKey, altKey: false });

  assert.deepEqual([key("J"), key("k", true), key("K", false, true), key("Enter")], ["j", "ctrl+k", "ctrl+k", "enter"]);
});

test("the palette finds by every word, each place once", () => {
  const all = [{ text: "Incidents", kind: "screen", url: "/incidents" }, { text: "GET /a fails", kind: "incident \u00b7 shop", url: "/incidents/1" }, { text: "GET /a fails", kind: "incident \u00b7 shop", url: "/incidents/1" }];

  assert.deepEqual(findTargets(all, "SHOP get").map((each) => each.url), ["/incidents/1"]);
  assert.deepEqual(findTargets(all, "nothing"), []);
});

test("operations that do not fit are named, with the way out", () => {
  const route = { source: "span", kind: "server", method: "GET", route: "/users/8f3a", records: 1200, last_seen_at: "2026-11-20T03:00:00Z" } as const;
  const query = { ...route, kind: "db", method: "SELECT", route: "SELECT 'a'", records: 34 } as const;

  assert.equal(overflowSentence([]), undefined);
  assert.equal(
    overflowSentence([route, query]),
    "Too many operations: 1,234 records or more are counted together, mostly GET /users/8f3a, SELECT SELECT 'a'. Send the route as a template (http.route) so that they count apart.",
  );
  assert.match(overflowSentence([query]) ?? "", /placeholders/);
});

test("the time in an id says when a row was made, and whether a list of a stretch of time has it", () => {
  const made = "01HF7YAT8V0000000000000000";
  assert.equal(timeOfUlid(made), 1_700_000_000_283);
  assert(Number.isNaN(timeOfUlid("S1")));
  assert(Number.isNaN(timeOfUlid("01HF7YAT8U!000000000000000".slice(0, 26))));

  const incidentAt = (query: string): boolean => incidentBelongs(incident(), new URLSearchParams(query));
  assert.equal(incident().opened_at, "2026-11-20T03:01:00Z");
  assert(incidentAt("from=2026-11-20T03:01:00Z"), "at it, too");
  assert(!incidentAt("to=2026-11-20T03:01:00Z"), "before it");
  assert(!incidentAt("from=2026-11-20T04:00:00Z"));
  assert(incidentAt("from=&to="));
});
