import assert from "node:assert/strict";
import { test } from "node:test";
import { makeProblem } from "../src/api/problem.ts";
import type { Token } from "../src/api/settingsTypes.ts";
import type { Delivery, Service, User } from "../src/api/types.ts";
import { joined, mayGrant, nameProblem, parseNetworks, passwordProblem, peopleInSlack, roleChange, scopes, soonest, toggled, tokenState } from "../src/lib/settings/access.ts";
import { givenUpSentence, stepsBefore } from "../src/lib/settings/deadLetters.ts";
import { changedFields, clashes, fieldOf, fieldSentence, merged, trimmed } from "../src/lib/settings/drafts.ts";
import { exportBytesMax, exportPages, nextOf } from "../src/lib/settings/exportPages.ts";
import { findSource, hookSources, hookUrl } from "../src/lib/settings/hookSources.ts";
import { deliveryStateText, hostOf, outcomeText, testEnd } from "../src/lib/settings/notices.ts";
import { auditUrl, detailText, objectUrl } from "../src/lib/settings/objects.ts";
import { findPart, maySee, visibleGroups } from "../src/lib/settings/places.ts";
import { placesOf } from "../src/lib/settings/trackers.ts";
import { parseRoute, urls } from "../src/router/route.ts";

const token = (change: Partial<Token>): Token => ({
  id: "T1", person_id: "P1", person: "ada", name: "CI", scopes: ["runs:read"], networks: [], created_by: "user:ada", created_at: "2026-11-01T00:00:00Z",
  expires_at: "2026-12-01T00:00:00Z", ...change,
});
const delivery = (change: Partial<Delivery>): Delivery => ({
  id: "D1", endpoint: "W1", message_id: "msg_1", type: "webhook.test", subject: "webhook/W1", data: {}, at: "2026-11-26T10:00:00Z", state: "pending", attempts: 0,
  status: 0, error: "", snippet: "", created_at: "2026-11-26T10:00:00Z", ...change,
});
const now = Date.parse("2026-11-26T00:00:00Z");

test("addresses of settings, audit and dead letters are read as they are written", () => {
  for (const [url, route] of [
    [urls.settings(), { screen: "settings", part: "", id: undefined }], [urls.settings("people"), { screen: "settings", part: "people", id: undefined }],
    [urls.settings("services", "a/b c"), { screen: "settings", part: "services", id: "a/b c" }], [urls.audit, { screen: "audit" }], [urls.deadLetters, { screen: "dead_letters" }],
  ] as const) assert.deepEqual(parseRoute(url), route);
  assert.deepEqual(parseRoute("/settings/services/%zz"), { screen: "unknown" });
  assert.deepEqual(parseRoute("/settings/a/b/c"), { screen: "unknown" });
  assert.deepEqual(parseRoute("/audit/7"), { screen: "unknown" });
});

test("a viewer sees their account, services and trackers, but nothing of others\u2019 access", () => {
  const seen = visibleGroups(["viewer"]).flatMap((group) => group.parts.map((part) => part.id));
  assert.deepEqual(seen, ["account", "services", "detection", "suppressions", "alarms", "events", "logs", "integrations", "trackers", "tokens"]);
  assert.equal(visibleGroups(["operator"]).some((group) => group.parts.some((part) => part.id === "hooks")), true);
  assert.equal(maySee(findPart("people")!, ["operator", "approver"]), false, "admin is contained in nothing");
  assert.equal(findPart("nothing"), undefined);
});

test("roles change in their own order and are said in words", () => {
  assert.deepEqual(toggled(["admin", "viewer"], "operator", true), ["viewer", "operator", "admin"]);
  assert.deepEqual(toggled(["viewer", "admin"], "admin", false), ["viewer"]);
  assert.equal(roleChange(["viewer", "admin"], ["viewer", "operator", "approver"]), "gains operator and approver, loses admin");
  assert.equal(joined(["a", "b", "c"]), "a, b and c");
});

test("a scope can be given only with the role it needs", () => {
  const given = (held: ("viewer" | "operator" | "admin")[]): string => scopes.filter((each) => mayGrant(each, held)).map((each) => each.scope).join(" ");
  assert.equal(given(["viewer"]), "runs:read");
  assert.equal(given(["operator"]), "runs:read runs:write events:write deployments:write");
  assert.equal(given(["admin"]), "runs:read admin:read");
  assert.equal(given([]), "");
});

test("tokens are usable until they expire or are revoked, and the soonest is found", () => {
  assert.equal(tokenState(token({}), now), "usable");
  assert.equal(tokenState(token({ expires_at: "2026-11-25T00:00:00Z" }), now), "expired");
  assert.equal(tokenState(token({ revoked_at: "2026-11-02T00:00:00Z" }), now), "revoked");
  const list = [token({ id: "late" }), token({ id: "over", expires_at: "2026-11-25T00:00:00Z" }), token({ id: "next", expires_at: "2026-11-27T00:00:00Z" })];
  assert.equal(soonest(list, now)?.id, "next");
  assert.equal(soonest([], now), undefined);
  assert.deepEqual(parseNetworks(" 10.0.0.0/8,2001:db8::/32\n 127.0.0.1/32 "), ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1/32"]);
});

test("everybody can be linked in Slack who is a person, also before anybody is", () => {
  const user = (id: string, change: Partial<User> = {}): User => ({ id, name: id, kind: "person", roles: ["viewer"], disabled: false, created_at: "", ...change });
  const link = { person_id: "gone", name: "gone", slack_user_id: "U1", linked_by: "user:ada", linked_at: "2026-11-26T10:00:00Z" };
  const people = peopleInSlack([user("lin"), user("ada"), user("ci", { kind: "service" }), user("off", { disabled: true }), user("gone", { disabled: true })], [link]);
  assert.deepEqual(people.map((person) => [person.name, person.slack_user_id]), [["ada", ""], ["gone", "U1"], ["lin", ""]]);
});

test("passwords and names are judged as the server judges them", () => {
  assert.match(passwordProblem("short", "ada"), /12 characters/);
  assert.match(passwordProblem("abababababab", "ada"), /few characters/);
  assert.match(passwordProblem("my name is ADA, hello", "ada"), /your name/);
  assert.match(passwordProblem("x".repeat(100) + "\u00e4".repeat(90), "ada"), /256 bytes/);
  assert.equal(passwordProblem("correct horse battery", "ada"), "");
  assert.match(nameProblem("a,b"), /commas/);
  assert.match(nameProblem("\u00e4".repeat(40)), /64 bytes/);
  assert.equal(nameProblem("ada lovelace"), "");
});

test("what others saved meanwhile is told apart from what was typed here", () => {
  const before = { target: "a", owner: "x", unsafe: false };
  const theirs = { target: "b", owner: "y", unsafe: false };
  const mine = { target: "c ", owner: "x", unsafe: true };
  const fields = [{ name: "target", label: "Target" }, { name: "owner", label: "Owner" }, { name: "unsafe", label: "Unsafe" }];
  assert.deepEqual(changedFields(before, { ...before, owner: " x " }), [], "blanks around a text are no change");
  assert.deepEqual(clashes(before, theirs, mine, fields), [
    { name: "target", label: "Target", before: "a", theirs: "b", mine: "c ", both: true }, { name: "owner", label: "Owner", before: "x", theirs: "y", mine: "x", both: false },
  ]);
  assert.deepEqual(merged(before, theirs, mine), { target: "c ", owner: "y", unsafe: true });
  assert.deepEqual(trimmed(mine), { target: "c", owner: "x", unsafe: true });
});

test("a refusal stands beside the field it names", () => {
  const refused = makeProblem(422, "refused", "Refused", "replay_target: 10.0.0.1 is not on the allow-list.");
  assert.equal(fieldOf(refused, ["owner", "replay_target"]), "replay_target");
  assert.equal(fieldSentence(refused), "10.0.0.1 is not on the allow-list.");
  assert.equal(fieldOf(makeProblem(400, "bad_request", "Bad request", "owner must be text."), ["owner"]), "owner");
  assert.equal(fieldOf(makeProblem(422, "refused", "Refused", "ownership is unclear."), ["owner"]), undefined);
  assert.equal(fieldOf(makeProblem(412, "stale", "Stale", "owner moved."), ["owner"]), undefined);
});

test("things that the audit names lead to their pages", () => {
  assert.equal(objectUrl("service/a b"), "/services/a%20b");
  assert.equal(objectUrl("person/01J"), "/settings/people?person=01J");
  assert.equal(objectUrl("user/01J"), "/settings/people?person=01J");
  assert.equal(objectUrl("webhook/01J"), "/settings/webhooks/01J");
  assert.equal(objectUrl("audit"), "/audit");
  assert.equal(objectUrl("alarm/01J"), "/settings/alarms?alarm=01J");
  assert.equal(objectUrl("suppression/01J"), "/settings/suppressions?state=all&suppression=01J");
  for (const none of ["person/unknown", "dismissal/01J", "nonsense", ""]) assert.equal(objectUrl(none), undefined, none);
  assert.equal(auditUrl({ object: "alarm/a&b", order: "newest" }), "/audit?object=alarm%2Fa%26b&order=newest");
  assert.deepEqual([detailText(""), detailText(["a"]), detailText(7), detailText(undefined)], ["empty", "[\"a\"]", "7", ""]);
});

test("dead letters are counted in a sentence and begin again where they may", () => {
  assert.equal(givenUpSentence({ runs: 0 }), "Nothing was given up.");
  assert.equal(givenUpSentence({ runs: 1 }), "1 run was given up after every attempt.");
  assert.equal(givenUpSentence({ runs: 2, sent: 1, came: 3 }), "2 runs, 1 notice and 3 incoming webhooks were given up after every attempt.");
  assert.deepEqual(stepsBefore("reproduce", "verdict"), ["prepare", "replay", "verdict"]);
  assert.deepEqual(stepsBefore("reproduce", ""), ["prepare"]);
  assert.deepEqual(stepsBefore("of another version", "x"), []);
});

test("a test of a webhook ends with what to do about it", () => {
  assert.equal(testEnd(delivery({})), undefined);
  assert.deepEqual(testEnd(delivery({ state: "delivered", status: 204 })), { good: true, sentence: "The receiver answered 204.", advice: "" });
  const refused = testEnd(delivery({ state: "failed", status: 401, error: "answered 401", attempts: 1 }));
  assert.equal(refused?.sentence, "It was not delivered: answered 401.");
  assert.match(refused?.advice ?? "", /secret/);
  for (const [status, word] of [[0, /forge\.webhooks\.allow/], [301, /Redirects/], [404, /path/], [410, /switched off/], [500, /own log/]] as const) {
    assert.match(testEnd(delivery({ state: "failed", status }))?.advice ?? "", word);
  }
  assert.deepEqual(testEnd(delivery({ endpoint: "slack", state: "delivered", status: 200 })), { good: true, sentence: "It is in the channel.", advice: "" });
  assert.equal(testEnd(delivery({ endpoint: "slack", state: "failed", status: 200, error: "not_in_channel" }))?.sentence, "It was not delivered: not_in_channel.");
  assert.equal(outcomeText(delivery({})), "not sent yet");
  assert.equal(outcomeText(delivery({ attempts: 1, status: 204, state: "delivered" })), "answered 204");
  assert.equal(deliveryStateText(delivery({ attempts: 2 })), "Will be tried again");
  assert.equal(hostOf("https://hooks.example.com/in?token=secret"), "hooks.example.com");
  assert.equal(hostOf("nonsense"), "nonsense");
});

test("every source of webhooks has an address and what to set", () => {
  for (const source of hookSources) {
    assert.equal(hookUrl("http://127.0.0.1:8080", source).startsWith(`http://127.0.0.1:8080/api/v1/hooks/${source.id}`), true);
    assert.match(source.here, new RegExp(`^intake:\n  hooks:\n    ${source.id}:`));
  }
  assert.equal(findSource("generic/backup")?.id, "generic");
  assert.equal(findSource("of another version"), undefined);
});

test("places are listed once, the most used first", () => {
  const service = (name: string, tracker: string, repository: string): Service => ({ name, tracker, repository }) as Service;
  assert.deepEqual(placesOf([service("a", "jira:X", ""), service("b", "github:o/r", "github:o/r"), service("c", "jira:X", "")]), [
    { target: "jira:X", takes: "tickets", services: ["a", "c"] }, { target: "github:o/r", takes: "both", services: ["b"] },
  ]);
});

test("an export follows the next page until there is none, and stops where a browser should", async () => {
  assert.equal(nextOf("</api/v1/audit.jsonl?after=2&until=3>; rel=\"next\""), "/api/v1/audit.jsonl?after=2&until=3");
  assert.equal(nextOf("</elsewhere>; rel=\"next\""), undefined, "only ever the API of this server");
  const pages: Record<string, { text: string; link: string }> = {
    "/first": { text: "{}\n{}\n", link: "</api/v1/audit.jsonl?after=2>; rel=\"next\"" }, "/api/v1/audit.jsonl?after=2": { text: "{}\n", link: "" },
  };
  const seen: number[] = [];
  const onPage = (rows: number): void => void seen.push(rows);
  const whole = await exportPages("/first", { get: (url) => Promise.resolve({ ok: true, requestId: "", ...pages[url]! }), onPage });
  assert.deepEqual(whole, { kind: "whole", text: "{}\n{}\n{}\n", rows: 3 });
  assert.deepEqual(seen, [2, 3]);
  const failed = await exportPages("/first", { get: () => Promise.resolve({ ok: false, text: "", link: "", requestId: "r-7" }), onPage });
  assert.deepEqual(failed, { kind: "failed", requestId: "r-7" });
  const large = await exportPages("/first", { get: () => Promise.resolve({ ok: true, text: "x".repeat(exportBytesMax / 2 + 1), link: "</api/v1/a>; rel=\"next\"", requestId: "" }), onPage });
  assert.equal(large.kind, "too_large");
});
