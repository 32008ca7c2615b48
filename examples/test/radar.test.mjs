// The numbers of the radar example, measured by its upstream on the real processes.

import assert from 'node:assert/strict';
import test from 'node:test';

import { startService } from '../common/childProcess.mjs';
import { summariseByTrace } from '../radar/arrivals.mjs';
import { startSink } from './support/otlpSink.mjs';
import { requestJson } from './support/request.mjs';

const script = (name) => new URL(`../radar/${name}`, import.meta.url).pathname;
// A burst is a matter of 40 ms, so a machine that stops a process for 10 ms spreads one out. The
// limits below hold for every sync; the exact figures must appear in one of this many.
const syncsMax = 50;
const warmUpSyncs = 40;

const sink = await startSink();
const upstream = await startService('upstream', script('upstream.mjs'));
const radar = await startService('radar', script('service.mjs'), {
  env: { ...sink.env, RADAR_UPSTREAM: upstream.url },
});
test.after(async () => {
  await radar.stop();
  await upstream.stop();
  await sink.close();
});

const sync = (mailbox, headers) => requestJson('POST', `${radar.url}/sync`, { mailbox }, headers);
const deploy = (pool) => requestJson('POST', `${radar.url}/admin/deploy`, { pool });

async function arrivals(query = '') {
  const { value } = await requestJson('GET', `${upstream.url}/arrivals${query}`);
  return value;
}

/** Waits until the quota, which looks back 250 ms, has forgotten what came before; the record's length. */
async function awaitFreeQuota() {
  for (;;) {
    const { recorded, now_mono_ms: nowMs, arrivals: records } = await arrivals();
    const last = records.at(-1);
    if (last === undefined || nowMs - last.arrived_mono_ms > 250) return recorded;
  }
}

/** Syncs the inbox until `isExact` says yes; every sync's {answer, seen}. */
async function syncUntil(isExact) {
  const syncs = [];
  while (syncs.length < syncsMax) {
    const recorded = await awaitFreeQuota();
    const { status, value: answer } = await sync('inbox');
    assert.equal(status, 200);
    const { arrivals: records } = await arrivals(`?after=${recorded}`);
    const [seen, ...others] = summariseByTrace(records);
    assert.equal(others.length, 0);
    syncs.push({ answer, seen });
    if (isExact(seen)) break;
  }
  return syncs;
}

test('the team mailbox is small and never throttled', async () => {
  for (let round = 0; round < warmUpSyncs; round += 1) {
    const { value } = await sync('team');
    assert.deepEqual(value, { mailbox: 'team', pages: 1, listed: 4, fetched: 4, dropped: 0 });
  }
});

test('without a limit 100 are in flight, 200 arrive within 50 ms, and 28 of them are throttled', async () => {
  await deploy(0);

  const syncs = await syncUntil((seen) => seen.peak_in_flight === 100 && seen.max_arrivals_50ms === 200);

  for (const { answer, seen } of syncs) {
    assert.equal(seen.calls, 200);
    assert.ok(seen.peak_in_flight <= 100, `${seen.peak_in_flight} in flight`);
    assert.equal(answer.dropped, seen.throttled);
    assert.equal(answer.fetched + answer.dropped, 200);
  }
  assert.deepEqual(syncs.at(-1).seen, { calls: 200, throttled: 28, peak_in_flight: 100, max_arrivals_50ms: 200 });
});

test('with the pool of 10 there are 10 in flight, 30 arrive within 50 ms, and none is throttled', async () => {
  await deploy(10);

  const syncs = await syncUntil((seen) => seen.peak_in_flight === 10 && seen.max_arrivals_50ms === 30);

  for (const { answer, seen } of syncs) {
    assert.ok(seen.max_arrivals_50ms <= 30, `${seen.max_arrivals_50ms} arrivals`);
    assert.deepEqual(answer, { mailbox: 'inbox', pages: 2, listed: 200, fetched: 200, dropped: 0 });
  }
  assert.deepEqual(syncs.at(-1).seen, { calls: 200, throttled: 0, peak_in_flight: 10, max_arrivals_50ms: 30 });
});

test('the mark of a replay reaches the upstream, so that its record can be compared', async () => {
  await sync('team', { 'x-replay': 'run-1' });

  const { arrivals: records } = await arrivals('?replay=run-1');

  assert.equal(records.length, 4);
});

test('a sync without a mailbox, a pool below zero and an unknown mailbox are refused', async () => {
  const nameless = await requestJson('POST', `${radar.url}/sync`, {});
  const negative = await deploy(-1);
  const unknown = await sync('nobody');

  assert.equal(nameless.status, 400);
  assert.match(nameless.value.error, /name the mailbox/);
  assert.equal(negative.status, 400);
  assert.equal(unknown.status, 500);
});

test('spans and RRPairs leave the service, the deploy switch does not', async () => {
  await radar.stop();

  const records = sink.text('/v1/logs');
  const spans = sink.text('/v1/traces');

  assert.ok(records.includes('rrpair') && records.includes('/messages/100000?mailbox=inbox'));
  assert.ok(spans.includes('POST /sync') && spans.includes('http.request.header.x-replay'));
  assert.ok(!records.includes('/admin/') && !spans.includes('/admin/'));
});
