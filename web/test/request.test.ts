import assert from "node:assert/strict";
import { test } from "node:test";
import { list, number, object, optional, text } from "../src/api/check.ts";
import { problemSentence } from "../src/api/problem.ts";
import { makeRequest } from "../src/api/request.ts";
import type { Answer } from "../src/api/request.ts";
import type { Problem } from "../src/api/types.ts";

interface Seen { url: string; init: RequestInit }

function server(status: number, body: string, headers: Record<string, string> = {}): { seen: Seen[]; signedOut: number; ask: ReturnType<typeof makeRequest> } {
  const world = { seen: [] as Seen[], signedOut: 0, ask: undefined as unknown as ReturnType<typeof makeRequest> };
  let keys = 0;
  world.ask = makeRequest({
    fetch: (url, init) => {
      world.seen.push({ url, init });
      return Promise.resolve(new Response(body, { status, headers }));
    },
    csrf: () => "token-1", newKey: () => `key-${++keys}`, onSignedOut: () => { world.signedOut += 1; },
  });
  return world;
}

function problemOf(answer: Answer<unknown>): Problem {
  assert.equal(answer.ok, false);
  return answer.ok ? ({} as Problem) : answer.problem;
}

test("reading sends no token and gives the value", async () => {
  const world = server(200, "{\"items\":[]}");

  const answer = await world.ask("/incidents", { check: object({ items: list(text) }) });

  assert.deepEqual(answer, { ok: true, value: { items: [] } });
  assert.equal(world.seen[0]?.url, "/api/v1/incidents");
  assert.deepEqual(world.seen[0]?.init.headers, { Accept: "application/json" });
});

test("changing sends token, version and a new key each time", async () => {
  const world = server(200, "{}");

  await world.ask("/incidents/I1/retry", { method: "POST", body: { comment: "again" }, version: 7 });
  await world.ask("/incidents/I1/retry", { method: "POST", body: { comment: "again" }, version: 7 });

  assert.deepEqual(world.seen[0]?.init.headers, {
    Accept: "application/json", "X-CSRF-Token": "token-1", "Content-Type": "application/json", "If-Match": "\"7\"", "Idempotency-Key": "key-1",
  });
  assert.equal((world.seen[1]?.init.headers as Record<string, string>)["Idempotency-Key"], "key-2");
  assert.equal(world.seen[0]?.init.body, "{\"comment\":\"again\"}");
});

test("a wrong password that was asked for once more ends no session", async () => {
  const refused = server(401, JSON.stringify({ title: "Refused", status: 401, code: "credentials_refused" }));
  const over = server(401, JSON.stringify({ title: "Signed out", status: 401, code: "signed_out" }));

  assert.equal(problemOf(await refused.ask("/auth/reauthenticate", { method: "POST" })).code, "credentials_refused");
  await over.ask("/auth/reauthenticate", { method: "POST" });

  assert.deepEqual([refused.signedOut, over.signedOut], [0, 1]);
});

test("problem details keep their code, words and request id", async () => {
  const world = server(409, JSON.stringify({ type: "about:blank", title: "Illegal transition", status: 409, detail: "It is resolved already.", code: "illegal_transition", request_id: "r-9" }));

  const problem = problemOf(await world.ask("/x", { method: "POST" }));

  assert.equal(problem.code, "illegal_transition");
  assert.equal(problem.request_id, "r-9");
  assert.equal(problemSentence(problem), "Illegal transition: It is resolved already.");
});

test("an error page without JSON still becomes a problem with the id of the header", async () => {
  const world = server(502, "<html>bad gateway</html>", { "X-Request-Id": "r-10" });

  const problem = problemOf(await world.ask("/x"));

  assert.deepEqual([problem.code, problem.title, problem.request_id], ["http_502", "The server failed", "r-10"]);
});

test("every refusal has words of its own", async () => {
  const titles = new Set<string>();
  const statuses = [401, 403, 404, 409, 412, 413, 429, 503];
  for (const status of statuses) titles.add(problemOf(await server(status, "").ask("/x")).title);

  assert.equal(titles.size, statuses.length);
});

test("problem details of the wrong types do not reach the screen", async () => {
  const world = server(400, JSON.stringify({ title: { a: 1 }, detail: 7, code: null, request_id: [] }));

  const problem = problemOf(await world.ask("/x"));

  assert.deepEqual([problem.title, problem.detail, problem.code, problem.request_id], ["The server refused", "", "http_400", ""]);
});

test("401 tells that nobody is signed in, other refusals do not", async () => {
  const out = server(401, "");
  const denied = server(403, "");

  await out.ask("/x");
  await denied.ask("/x");

  assert.equal(out.signedOut, 1);
  assert.equal(denied.signedOut, 0);
});

test("an answer of another shape is refused with the place that does not fit", async () => {
  const world = server(200, "{\"items\":[{\"id\":\"a\"},{\"id\":5}]}");

  const problem = problemOf(await world.ask("/signals", { check: object({ items: list(object({ id: text })) }) }));

  assert.equal(problem.code, "bad_shape");
  assert.match(problem.detail, /items\[1\]\.id should be text, is a number/);
});

test("an answer that is no JSON is refused when a shape is asked for", async () => {
  const problem = problemOf(await server(200, "hello").ask("/x", { check: object({}) }));

  assert.equal(problem.code, "bad_shape");
});

test("optional fields may be missing or null but not of another kind", () => {
  const check = object({ n: optional(number) });

  assert.equal(check({}, ""), undefined);
  assert.equal(check({ n: null }, ""), undefined);
  assert.equal(check({ n: "5" }, ""), "n should be a number, is a string");
});

test("a server that does not answer and a cancelled request are told apart", async () => {
  const stop = new AbortController();
  const dead = makeRequest({ fetch: () => Promise.reject(new TypeError("no route")), csrf: () => "", newKey: () => "", onSignedOut: () => undefined });

  const unreachable = problemOf(await dead("/x"));
  stop.abort();
  const aborted = problemOf(await dead("/x", { signal: stop.signal }));

  assert.deepEqual([unreachable.code, aborted.code], ["unreachable", "aborted"]);
});
