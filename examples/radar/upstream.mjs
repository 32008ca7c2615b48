// The mail provider that the radar service talks to: lists a mailbox in pages, hands out messages
// after 20 ms, and throttles a mailbox that asks too fast. It is not instrumented, as somebody else's
// service would not be, but writes down every message request at the moment it arrives.
//
//   GET /messages?mailbox=inbox&page=1     {"ids":[...],"next":2}, at once
//   GET /messages/{id}?mailbox=inbox       the message; 429 beyond 172 arrivals in any 250 ms
//   GET /arrivals?replay=ID&after=N        the record
//   UPSTREAM_PORT (default 0: any)

import http from 'node:http';

import { onStop } from '../common/onStop.mjs';

const latencyMs = 20;
// A burst of two pages takes 50 ms on a fast machine and three times that on a slow one; a pool of ten workers stays
// below 130 arrivals on any.
const windowMs = 250;
const arrivalsPerWindowMax = 172;
const pageIds = 100;
// 200 arrivals per sync of the inbox: the last 300 syncs.
const recordsMax = 60_000;

const mailboxes = new Map([
  ['inbox', Array.from({ length: 200 }, (_, index) => 100000 + index)],
  ['team', Array.from({ length: 4 }, (_, index) => 200000 + index)],
]);

const records = [];
let recorded = 0;
const recentByMailbox = new Map();

function send(response, status, value, headers = {}) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers,
  });
  response.end(body);
}

function list(response, mailbox, page) {
  const ids = mailboxes.get(mailbox);
  if (!ids) return send(response, 404, { error: `no mailbox "${mailbox}"` });
  const start = (page - 1) * pageIds;
  const answer = { ids: ids.slice(start, start + pageIds) };
  if (start + pageIds < ids.length) answer.next = page + 1;
  return send(response, 200, answer);
}

/** Counts this arrival, too: the quota says how many may arrive, not how many may be answered. */
function isBeyondQuota(mailbox, nowMs) {
  const recent = recentByMailbox.get(mailbox) ?? [];
  while (recent.length > 0 && nowMs - recent[0] >= windowMs) recent.shift();
  recent.push(nowMs);
  recentByMailbox.set(mailbox, recent);
  return recent.length > arrivalsPerWindowMax;
}

function record(request, mailbox, nowMs) {
  recorded += 1;
  const entry = {
    n: recorded,
    mailbox,
    path: request.url,
    trace_id: (request.headers.traceparent ?? '').split('-')[1] ?? '',
    replay: request.headers['x-replay'] ?? '',
    arrived_at: new Date(performance.timeOrigin + nowMs).toISOString(),
    arrived_mono_ms: nowMs,
    ended_mono_ms: nowMs,
    status: 0,
  };
  records.push(entry);
  if (records.length > recordsMax) records.shift();
  return entry;
}

function get(request, response, mailbox, id) {
  const nowMs = performance.now();
  const entry = record(request, mailbox, nowMs);
  const finish = (status, value, headers) => {
    entry.status = status;
    entry.ended_mono_ms = performance.now();
    send(response, status, value, headers);
  };
  if (!mailboxes.get(mailbox)?.includes(id)) return finish(404, { error: `no message ${id} in "${mailbox}"` });
  if (isBeyondQuota(mailbox, nowMs)) {
    return finish(429, { error: 'too many requests for this mailbox' }, { 'retry-after': '1' });
  }
  return setTimeout(() => finish(200, { id, mailbox, subject: `Message ${id}` }), latencyMs);
}

function arrivals(response, query) {
  const after = Number(query.get('after') ?? 0);
  const replay = query.get('replay');
  const wanted = records.filter((entry) => entry.n > after && (replay === null || entry.replay === replay));
  send(response, 200, { recorded, now_mono_ms: performance.now(), arrivals: wanted });
}

function serve(request, response) {
  const url = new URL(request.url, 'http://upstream');
  if (request.method !== 'GET') return send(response, 405, { error: 'only GET' }, { allow: 'GET' });
  if (url.pathname === '/arrivals') return arrivals(response, url.searchParams);
  const mailbox = url.searchParams.get('mailbox') ?? '';
  if (url.pathname === '/messages') {
    const page = Number(url.searchParams.get('page') ?? 1);
    if (!Number.isInteger(page) || page < 1) return send(response, 400, { error: 'page is a number from 1' });
    return list(response, mailbox, page);
  }
  const match = /^\/messages\/(\d+)$/.exec(url.pathname);
  if (match) return get(request, response, mailbox, Number(match[1]));
  return send(response, 404, { error: `no ${url.pathname} here` });
}

const server = http.createServer(serve);
server.keepAliveTimeout = 120_000;
server.listen(Number(process.env.UPSTREAM_PORT ?? 0), '127.0.0.1', 1024, () => {
  console.log(`ready: upstream http://127.0.0.1:${server.address().port}`);
});
onStop(() => new Promise((resolve) => {
  server.close(resolve);
  server.closeAllConnections();
}));
