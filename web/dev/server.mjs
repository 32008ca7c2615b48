// Part of the tests: serves web/dist with the headers of the real server and recorded answers, for
// looking at the screens and for the layout test. The token of the sign-in link chooses what is
// shown: filled, empty or error.   node dev/server.mjs [port]
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { runAnswer, runAnswers } from "./answers.mjs";
import * as data from "./data.mjs";
import * as detection from "./detection.mjs";
import { findTrace, patterns, traces } from "./traces.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'";
let seq = 100;
/** Lines of a log in one answer. */
const eventsMax = 5000;

const page = (items, next) => ({ items, ...(next === undefined ? {} : { next }), as_of_seq: seq });
const item = (value) => (value === undefined ? undefined : { item: value, as_of_seq: seq });

function readAnswer(path, query, scenario) {
  const empty = scenario === "empty";
  const rows = (list, fits = () => true) => page(empty ? [] : list.filter(fits));
  const one = (list, id, map = (value) => value) => {
    const found = empty ? undefined : list.find((each) => (each.id ?? each.name) === id);
    return found === undefined ? undefined : item(map(found));
  };
  const is = (name, value) => !query.get(name) || query.get(name) === value;
  const [kind, id, part, more] = path.split("/").filter((each) => each !== "").map(decodeURIComponent);
  switch (kind) {
    case "me": return item(data.me);
    case "overview": return item(data.overview(empty));
    case "signals": return id === undefined ? rows(data.signals, (each) => is("service", each.operation.service) && is("kind", each.kind)) : one(data.signals, id);
    case "incidents":
      if (part === "timeline") return rows(data.timeline);
      return id === undefined ? rows(data.incidents, (each) => is("status", each.status) && is("service", each.service) && is("severity", each.severity)) : one(data.incidents, id, data.incidentDetail);
    case "runs":
      if (part === "events") {
        const all = rows(data.runEvents(id), (each) => each.sequence > Number(query.get("after") ?? 0));
        return all.items.length > eventsMax ? page(all.items.slice(0, eventsMax), String(all.items[eventsMax - 1].sequence)) : all;
      }
      if (part === "answers") return more === undefined ? rows(runAnswers(id)) : item(empty ? undefined : runAnswer(id, Number(more)));
      return id === undefined ? rows(data.runs, (each) => is("state", each.state)) : one(data.runs, id, (run) => ({
        ...run, incident_title: data.incidents.find((each) => each.id === run.incident_id)?.title ?? "mail import repeats each message", approval: data.approvals.find((each) => each.run_id === run.id && each.state === "pending"),
        publications: data.publications.filter((each) => each.run_id === run.id),
        steps: data.runSteps(run.id),
      }));
    case "approvals":
      if (id === "snoozes") return page(empty ? [] : [...snoozes.values()]);
      return id === undefined ? rows(data.approvals, (each) => is("state", each.state) && (!query.get("mine") || each.state === "pending")) : one(data.approvals, id, (found) => data.approvalDetail(found, data.me.name));
    case "services":
      if (part === "operations" && more !== undefined) return item(data.operationSeries(more, query.get("since"), query.get("until")));
      if (part === "operations") return rows(data.operations);
      if (part === "detection") return item(detection.findDetection(id));
      return id === undefined ? rows(data.services) : one(data.services, id);
    case "alarms": return rows(detection.alarms, (each) => is("state", each.state) && is("service", each.service) && is("source", each.source));
    case "events": return id === "dismissals" ? rows(detection.dismissals) : rows(detection.heldEvents, (each) => is("state", each.state));
    case "publications": return rows(data.publications);
    case "integrations": return rows(detection.integrations);
    case "suppressions": return page(detection.listSuppressions(query));
    case "evidence":
      if (part === "manifest") return item(data.manifest);
      if (part === "exchanges" && query.get("limit") === "1") return page(data.exchanges.slice(Number(query.get("after")) + 1, Number(query.get("after")) + 2));
      return part === "exchanges" ? rows(data.exchanges) : item(data.evidence);
    case "traces":
      if (id === "patterns") return rows(patterns, (each) => is("service", each.service));
      return id === undefined ? rows(traces, (each) => is("service", each.service) && is("pattern", each.pattern) && (!query.get("opened") || each.has_spans)) : item(empty ? undefined : findTrace(id));
    default: return undefined;
  }
}

function problem(response, status, code, title, detail) {
  response.writeHead(status, { "Content-Type": "application/problem+json", "X-Request-Id": "req-dev-1" });
  response.end(JSON.stringify({ type: "about:blank", status, code, title, detail, request_id: "req-dev-1" }));
}

function send(response, value, headers = {}) {
  response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers });
  response.end(JSON.stringify(value));
}

const sockets = new Set();

function publish(topic, type, entity) {
  seq += 1;
  const text = JSON.stringify({ epoch: "dev", seq, topic, type, at: new Date().toISOString(), id: entity.id, rev: entity.version, data: entity });
  for (const socket of sockets) socket.write(frame(text));
}

function decide(id, decision, body, response) {
  const found = data.approvals.find((each) => each.id === id);
  if (found === undefined) return problem(response, 404, "not_found", "No such approval", "");
  if (found.state !== "pending") return problem(response, 409, "already_decided", "Already decided", "This approval was decided before.");
  if (body.content_hash !== found.content_hash) return problem(response, 409, "content_changed", "The content changed", "Read it again.");
  if (decision !== "approve" && decision !== "stop" && !body.comment) return problem(response, 422, "comment_required", "A comment is required", "");
  found.state = { approve: "approved", reject: "rejected", "request-changes": "changes_requested", stop: "stopped" }[decision];
  found.version += 1;
  found.decided_at = new Date().toISOString();
  send(response, item(found));
  publish("approvals", "approval", found);
}

/** What the person put off, by approval. */
const snoozes = new Map();

function snooze(request, response, id, body) {
  const found = data.approvals.find((each) => each.id === id);
  if (found === undefined) return problem(response, 404, "not_found", "No such approval", "");
  if (request.method === "DELETE") {
    snoozes.delete(id);
    response.writeHead(204);
    response.end();
  } else {
    const row = { approval_id: id, until: body.until, created_at: new Date().toISOString() };
    snoozes.set(id, row);
    send(response, item({ ...row, expires_first: false }));
  }
  publish("approvals", "approval", found);
}

function change(request, response, path, body) {
  const [kind, id, verb] = path.split("/").filter((each) => each !== "").map(decodeURIComponent);
  if (kind === "auth" && id === "link") {
    if (!["filled", "empty", "error"].includes(body.token)) return problem(response, 401, "link_used", "This link cannot be used", "It was used before, or it is too old.");
    return send(response, item(data.me), { "Set-Cookie": `dev_session=${body.token}; Path=/; HttpOnly; SameSite=Lax` });
  }
  if (request.headers["x-csrf-token"] !== data.me.csrf) return problem(response, 403, "csrf", "The request does not come from this dashboard", "");
  if (kind === "auth") return send(response, {}, { "Set-Cookie": "dev_session=; Path=/; Max-Age=0" });
  if (kind === "approvals" && verb === "snooze") return snooze(request, response, id, body);
  if (kind === "approvals") return decide(id, verb, body, response);
  if (kind === "suppressions") {
    const done = id === undefined ? detection.addSuppression(body) : detection.liftSuppression(id);
    send(response, item(done));
    return publish("suppressions", "suppression", { ...done, version: 1 });
  }
  if (kind === "trackers") return send(response, item({ name: id, works: false, text: "GitHub refused the token: 401, bad credentials. Make a new one and name its file in forge.github.token_file.", asked_at: new Date().toISOString() }));
  if (kind === "detection") return void detection.backtest(body.service, body.settings).then((result) => send(response, item(result)));
  if (kind === "services" && verb === "detection") {
    const saved = detection.saveDetection(id, request.headers["if-match"], body.settings);
    return Array.isArray(saved) ? problem(response, ...saved) : send(response, item(saved));
  }
  if (kind === "services") {
    const found = data.services.find((each) => each.name === id);
    if (request.headers["if-match"] !== `"${found?.version}"`) return problem(response, 412, "stale", "It changed since you opened it", "Load it again.");
    Object.assign(found, body, { version: found.version + 1 });
    send(response, item(found));
    return publish("services", "service", found);
  }
  return send(response, item({}));
}

async function api(request, response, url) {
  const path = url.pathname.slice("/api/v1".length);
  const scenario = /dev_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  let body = "";
  for await (const chunk of request) body += chunk;
  if (request.method !== "GET") return change(request, response, path, body === "" ? {} : JSON.parse(body));
  if (path === "/auth/ways") return send(response, item({ password: true, oidc: "Example ID" }));
  if (scenario === undefined) return problem(response, 401, "signed_out", "You are signed out", "");
  if (scenario === "error" && path !== "/me") return problem(response, 503, "store_busy", "The server is busy", "The store did not answer in time.");
  const answer = readAnswer(path, url.searchParams, scenario);
  return answer === undefined ? problem(response, 404, "not_found", "This does not exist", `Nothing at ${path}.`) : send(response, answer);
}

function file(response, path) {
  const wanted = join(dist, normalize(path));
  const found = wanted.startsWith(dist) && extname(wanted) !== "" && existsSync(wanted) ? wanted : join(dist, "index.html");
  response.writeHead(200, { "Content-Type": types[extname(found)] ?? "application/octet-stream", "Content-Security-Policy": csp, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" });
  response.end(readFileSync(found));
}

/** One unmasked text frame. */
function frame(text) {
  const payload = Buffer.from(text);
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(payload.length));
  const head = payload.length < 126 ? Buffer.from([0x81, payload.length]) : payload.length < 65536 ? Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]) : Buffer.concat([Buffer.from([0x81, 127]), long]);
  return Buffer.concat([head, payload]);
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://dev");
  if (url.pathname.startsWith("/api/")) void api(request, response, url);
  else file(response, url.pathname);
});

server.on("upgrade", (request, socket) => {
  const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  sockets.add(socket);
  const hello = () => socket.write(frame(JSON.stringify({ type: "hello", epoch: "dev", seq, server_version: "0.1.0", heartbeat_ms: 15000 })));
  // Whatever the client says is a subscription; greeting again is the answer.
  socket.on("data", (bytes) => {
    if (bytes[0] === 0x88) return socket.end();
    return hello();
  });
  socket.on("error", () => sockets.delete(socket));
  socket.on("close", () => sockets.delete(socket));
});

server.listen(Number(process.argv[2] ?? 4390), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/#/login?token=filled   (or token=empty, token=error)`);
});
