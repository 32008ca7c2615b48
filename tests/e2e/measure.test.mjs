// `reprise measure` on the radar example: the burst it makes unpatched, and that it does not with ten workers, told by
// when its calls arrive at the mock, whatever the mock answers.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { hideEnvironment } from '../../examples/common/childProcess.mjs';
import { binary, findFreePort, skipReason } from './support/serverProcess.mjs';

const dir = mkdtempSync(path.join(tmpdir(), 'reprise-measure-e2e-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

const env = { ...process.env, ...hideEnvironment('REPRISE_') };
const ids = Array.from({ length: 200 }, (_, index) => 100000 + index);

function rrpair(number, { direction, method, uri, status, body, host }) {
  return JSON.stringify({
    msgType: 'rrpair',
    l7protocol: 'http',
    service: 'radar',
    direction,
    ts: new Date(Date.parse('2025-11-21T11:15:04Z') + number).toISOString(),
    duration: 20,
    command: method,
    location: uri,
    status: `${status}`,
    http: {
      request: {
        method, uri, host, headers: { 'content-type': 'application/json' },
        ...(direction === 'IN' ? { body: '{"mailbox":"inbox"}' } : {}),
      },
      response: { statusCode: status, headers: { 'content-type': 'application/json' }, body },
    },
  });
}

/** One sync of the mailbox as it was captured: two pages, 200 messages, `throttled` of them answered with 429. */
function writeCapture(name, throttled) {
  const to = path.join(dir, name);
  mkdirSync(to);
  let number = 0;
  const add = (pair) => {
    writeFileSync(path.join(to, `${String(number).padStart(5, '0')}.json`), rrpair(number, pair));
    number += 1;
  };
  const out = { direction: 'OUT', method: 'GET', host: 'mail.test' };
  add({ direction: 'IN', method: 'POST', uri: '/sync', status: 200, body: '{}', host: 'radar.test' });
  for (const page of [1, 2]) {
    const body = JSON.stringify({ ids: ids.slice(page * 100 - 100, page * 100), ...(page === 1 ? { next: 2 } : {}) });
    add({ ...out, uri: `/messages?mailbox=inbox&page=${page}`, status: 200, body });
  }
  ids.forEach((id, index) => {
    const refused = index >= 172 && index < 172 + throttled;
    add({
      ...out, uri: `/messages/${id}?mailbox=inbox`, status: refused ? 429 : 200,
      body: refused ? '{"error":"too many requests"}' : JSON.stringify({ id, mailbox: 'inbox' }),
    });
  });
  return to;
}

function run(args) {
  return new Promise((resolve) => {
    execFile(binary, ['measure', ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

/** Starts the radar with so many workers between driver and mock. */
async function measure(capture, pool, out, ...flags) {
  const port = await findFreePort();
  const { code, stdout, stderr } = await run([
    '--bundle', capture, '--against', `http://127.0.0.1:${port}`, '--allow-unsafe', '--timing', 'max',
    '--ready', '/healthz', '--mock-latency', 'recorded', '--env', `RADAR_PORT=${port}`,
    '--env', 'RADAR_UPSTREAM={mock}', '--env', `RADAR_POOL=${pool}`, '--env', 'OTEL_SDK_DISABLED=true', '--log', path.join(dir, 'radar.log'), '--out', out, '--json', ...flags, '--',
    process.execPath, 'examples/radar/service.mjs',
  ]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** A busy machine stretches a burst, but makes none: the widest of some measurements is what the service does. */
async function measureBurst(capture, out) {
  let widest;
  for (let i = 0; i < 5 && !(widest?.max_arrivals_50ms > 100); i += 1) {
    const measured = await measure(capture, 0, out);
    if (!(widest?.max_arrivals_50ms > measured.max_arrivals_50ms)) widest = measured;
  }
  return widest;
}

for (const throttled of [0, 28]) {
  test(`the burst shows and is gone, ${throttled} recorded answers being 429`, { skip: skipReason }, async () => {
    const capture = writeCapture(`capture-${throttled}`, throttled);
    const before = path.join(dir, `before-${throttled}.json`);
    const after = path.join(dir, `after-${throttled}.json`);

    const unpatched = await measureBurst(capture, before);
    const patched = await measure(capture, 10, after);
    const { code, stdout, stderr } = await run(['--compare', before, after]);

    for (const measured of [unpatched, patched]) {
      assert.equal(measured.calls, 202);
      assert.equal(measured.call_misses, 0);
      assert.equal(measured.call_answers['429'] ?? 0, throttled);
      assert.deepEqual(measured.answers, { '2xx': 1 });
    }
    assert.ok(unpatched.peak_in_flight >= 90, `peak ${unpatched.peak_in_flight}`);
    assert.ok(unpatched.max_arrivals_50ms > 100, `window ${unpatched.max_arrivals_50ms}`);
    assert.ok(patched.peak_in_flight <= 10, `peak ${patched.peak_in_flight}`);
    // The question for the next page is a call, too, but none of the burst's endpoint.
    for (const measured of [unpatched, patched]) {
      assert.equal(measured.busiest_endpoint, 'GET mail.test/messages/{id}');
      assert.deepEqual(measured.endpoints.map(({ name, calls }) => [name, calls]), [
        ['GET mail.test/messages/{id}', 200], ['GET mail.test/messages', 2],
      ]);
    }
    const [busiest] = patched.endpoints;
    assert.ok(unpatched.endpoints[0].peak_in_flight >= 90, `peak ${unpatched.endpoints[0].peak_in_flight}`);
    assert.ok(busiest.peak_in_flight <= 10, `peak ${busiest.peak_in_flight}`);
    // Ten workers make three rounds in 50 ms.
    assert.ok(busiest.max_arrivals_50ms <= 30, `window ${busiest.max_arrivals_50ms}`);
    assert.equal(unpatched.methodology_hash, patched.methodology_hash);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /peak in flight +\d+ +\d+ +better/);
    assert.match(stdout, /most arrivals in 50 ms, GET mail\.test\/messages\/\{id\} +\d+ +\d+ +better/);
  });
}

test('what was not measured alike is not compared', { skip: skipReason }, async () => {
  const capture = writeCapture('capture-other', 0);
  const before = path.join(dir, 'one.json');
  const after = path.join(dir, 'other.json');
  await measure(capture, 10, before);
  await measure(capture, 10, after, '--times', '2', '--mock-repeat', 'cycle');

  const { code, stderr } = await run(['--compare', before, after]);

  assert.equal(code, 65);
  assert.match(stderr, /not measured alike \(mock repeat, times\)/);
});

test('a service that runs already is measured over HTTP/2', { skip: skipReason }, async (t) => {
  const capture = writeCapture('capture-http2', 0);
  const server = http2.createServer((request, response) => response.end('{}'));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => server.close());

  const { code, stdout, stderr } = await run([
    '--bundle', capture, '--against', `http://127.0.0.1:${server.address().port}`, '--allow-unsafe', '--http2', '--json',
  ]);

  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).answered, 1);
  assert.equal(JSON.parse(stdout).calls, 0);
});

test('a service that does not come up is told with its end', { skip: skipReason }, async () => {
  const capture = writeCapture('capture-down', 0);
  const to = ['--bundle', capture, '--allow-unsafe', '--against', `http://127.0.0.1:${await findFreePort()}`];

  const ended = await run([...to, '--', process.execPath, '-e', 'process.exit(3)']);
  const sleeper = [process.execPath, '-e', 'setTimeout(() => {}, 60000)'];
  const silent = await run([...to, '--ready-timeout-ms', '300', '--', ...sleeper]);
  const missing = await run([...to, '--', '/no/such/program']);
  const nameless = await run([...to, '--env', 'PORT', '--', process.execPath]);

  assert.equal(ended.code, 69);
  assert.match(ended.stderr, /ended \(exit 3\) before it answered/);
  assert.match(silent.stderr, /did not answer within 300 ms; does --against name the service's port\?/);
  assert.equal(nameless.code, 64);
  assert.match(nameless.stderr, /--env 'PORT' must be NAME=value/);
  assert.match(missing.stderr, /\/no\/such\/program: cannot be started/);
});
