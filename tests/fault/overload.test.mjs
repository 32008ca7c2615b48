// Far more than the server can work on: it lets senders wait or refuses with a time to come back, stays
// answerable, keeps what it acknowledged, and takes everything at once as soon as the load is over.

import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';

import { Report } from '../../examples/demo/report.mjs';
import { readMetrics, Reprise, skipReason } from '../e2e/support/serverProcess.mjs';
import { makeBatch, post } from './ledger.mjs';

const loadMs = 4000;
const connections = 64;
const spansPerBatch = 2000;  // About 700 KB: a few fill what the server may hold.
const recoverMs = 10_000;
const limitS = 60;

let reprise;
test.after(async () => {
  await reprise?.stop();
  reprise?.removeData();
});

/** Bodies that differ in one attribute, so that making them costs nothing beside sending them. */
function makeBodies(service) {
  const whole = makeBatch(service, spansPerBatch);
  const at = whole.indexOf('{"key":"service.name"');
  let number = 0;
  return () => {
    number += 1;
    return `${whole.slice(0, at)}{"key":"batch","value":{"stringValue":"${number}"}},${whole.slice(at)}`;
  };
}

/** Counts of answers by status, of `connections` that send without a pause. */
async function overload(url, untilMs) {
  const statuses = new Map();
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const bodies = Array.from({ length: 4 }, (_, index) => makeBodies(`load-${index}`));
  const refusals = [];
  await Promise.all(Array.from({ length: connections }, async (_, index) => {
    while (Date.now() < untilMs) {
      const answer = await post(url, bodies[index % bodies.length](), agent);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.status !== 200) refusals.push(answer);
    }
  }));
  agent.destroy();
  return { statuses, refusals };
}

test('overload waits or is refused with a time to come back, and is over when the load is', { skip: skipReason }, async () => {
  // Answers may take long, so that records come late and in any order.
  reprise = new Reprise({
    intake: { inflight_bytes_max: '1 MiB' }, windows: { length: '5s', lateness: '5s', idle_close: '5s' },
  });
  const session = await reprise.start();
  const url = `${reprise.otlpHttp}/v1/traces`;
  let alive = 0;
  const watch = setInterval(async () => {
    const answer = await fetch(`${reprise.dashboard}/healthz`).catch(() => undefined);
    alive += answer?.status === 200 ? 1 : 0;
  }, 200);

  const { statuses, refusals } = await overload(url, Date.now() + loadMs);
  clearInterval(watch);

  assert.ok((statuses.get(200) ?? 0) > 0, 'some were taken');
  assert.deepEqual([...statuses.keys()].filter((status) => status !== 200 && status !== 429), []);
  for (const answer of refusals) {
    assert.equal(answer.retryAfter, '1');
    assert.match(answer.body, /google\.rpc\.RetryInfo/);
  }
  assert.ok(alive > 5, `/healthz was answered ${alive} times meanwhile`);

  const ended = Date.now();
  const answer = await post(url, makeBatch('after', 10));
  assert.equal(answer.status, 200);
  assert.ok(Date.now() - ended < recoverMs);

  await new Report().until('windows', limitS, async (state) => {
    const now = await readMetrics(reprise.dashboard);
    state.note = `${now.get('reprise_journal_segments')} segments wait for their windows`;
    return now.get('reprise_journal_segments') === 0 ? now : undefined;
  });
  const services = await session.list('/services');
  const stored = services.filter((service) => service.name.startsWith('load-'))
    .reduce((sum, service) => sum + service.records, 0);
  assert.equal(stored, statuses.get(200) * spansPerBatch, 'acknowledged is stored, refused is not');
  console.log(`${statuses.get(200)} batches taken, ${refusals.length} refused, all within ${loadMs / 1000} s and a queue`);
});
