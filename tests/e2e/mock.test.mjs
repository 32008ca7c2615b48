// `reprise mock` as people run it: recorded dependencies for a client that knows only a proxy or a base URL, the
// summary at the end, exit codes, and refusals that say what is wrong.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { hideEnvironment, startProcess } from '../../examples/common/childProcess.mjs';
import { binary, skipReason } from './support/serverProcess.mjs';

const capturedAt = Date.parse('2025-11-21T11:15:04Z');
const dir = mkdtempSync(path.join(tmpdir(), 'reprise-mock-e2e-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** A snapshot directory with these calls, in their order. */
function writeSnapshot(name, calls) {
  const to = path.join(dir, name, 'api.test');
  mkdirSync(to, { recursive: true });
  calls.forEach(({ method = 'GET', uri, status = 200, body = '{}', direction = 'OUT' }, i) => {
    writeFileSync(path.join(to, `${i}.json`), JSON.stringify({
      msgType: 'rrpair',
      l7protocol: 'http',
      service: 'radar',
      direction,
      ts: new Date(capturedAt + i).toISOString(),
      duration: 20,
      command: method,
      location: uri,
      status: `${status}`,
      http: {
        request: { method, uri, host: 'api.test', headers: {} },
        response: { statusCode: status, headers: { 'content-type': 'application/json' }, body },
      },
    }));
  });
  return path.join(dir, name);
}

const env = { ...process.env, ...hideEnvironment('REPRISE_') };

/** Runs a command to its end. */
function run(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

/** A mock that listens; stop() answers how it ended and its summary. */
async function startMock(...args) {
  const started = startProcess('mock', binary, ['mock', ...args, '--listen', '127.0.0.1:0', '--json']);
  const [, origin] = await started.waitLine(/listening on (http:\S+)/);
  return {
    origin,
    lines: started.lines,
    async stop() {
      const { code } = await started.stop();
      const summary = started.lines.find((line) => line.startsWith('{'));
      return { code, summary: summary && JSON.parse(summary) };
    },
  };
}

const curl = async (...args) => (await run('curl', ['-sS', '--max-time', '10', ...args])).stdout;
const through = (mock, ...args) => curl('--noproxy', '', '--proxy', mock.origin, ...args);

test('answers in recorded order, misses with the nearest, says both at the end', { skip: skipReason }, async () => {
  const snapshot = writeSnapshot('order', [
    { uri: '/jobs/7', body: '"queued"' },
    { uri: '/jobs/7', body: '"done"' },
    { uri: '/own', direction: 'IN' },
  ]);
  const mock = await startMock(snapshot);

  assert.equal(await through(mock, 'http://api.test/jobs/7'), '"queued"');
  assert.equal(await curl('--noproxy', '*', `${mock.origin}/jobs/7`), '"done"');
  assert.equal(JSON.parse(await through(mock, 'http://api.test/jobs/7')).code, 'mock_exhausted');
  const miss = JSON.parse(await through(mock, 'http://api.test/jobs/8'));
  assert.equal(miss.code, 'mock_miss');
  assert.equal(miss.nearest[0].request, 'GET api.test/jobs/7');
  assert.deepEqual(miss.nearest[0].differences.map(({ field, recorded, received }) => [field, recorded, received]), [
    ['path/1', '7', '8'],
  ]);
  assert.equal(JSON.parse(await through(mock, 'http://api.test/own')).code, 'mock_miss');

  const { code, summary } = await mock.stop();
  assert.equal(code, 0);
  assert.equal(summary.recordings, 2);
  assert.equal(summary.hits, 2);
  assert.equal(summary.misses, 3);
  assert.equal(summary.exhausted, 1);
  assert.equal(summary.match_rate, 0.4);
  assert.equal(summary.requests, 5);
});

test('speaks TLS for any host under an authority of its own', { skip: skipReason }, async () => {
  const snapshot = writeSnapshot('tls', [{ uri: '/a', body: '"secure"' }]);
  const ca = path.join(dir, 'ca');
  const mock = await startMock(snapshot, '--ca-dir', ca, '--repeat', 'last');

  assert.equal(await through(mock, '--cacert', path.join(ca, 'ca.pem'), 'https://api.test/a'), '"secure"');
  assert.equal(statSync(path.join(ca, 'ca.key')).mode & 0o777, 0o600);
  assert.ok(mock.lines.some((line) => line.includes('ca.pem (made now)')));
  assert.equal((await mock.stop()).summary.hits, 1);
});

test('writes each arrival once, also of failures and misses', { skip: skipReason }, async () => {
  const snapshot = writeSnapshot('arrivals', [{ uri: '/a', status: 429 }]);
  const arrivals = path.join(dir, 'seen');
  const mock = await startMock(snapshot, '--arrivals', arrivals);
  await through(mock, 'http://api.test/a');
  await through(mock, 'http://api.test/b?token=hunter2');
  const { summary } = await mock.stop();

  assert.equal(summary.peak_in_flight, 1);
  const text = readFileSync(path.join(arrivals, 'arrivals.jsonl'), 'utf8');
  const lines = text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ label, status }) => [label, status]), [['hit', 429], ['miss', 404]]);
  for (const { file } of lines) assert.ok(existsSync(path.join(arrivals, file)), file);
  assert.ok(!text.includes('hunter2'));
  assert.deepEqual(readdirSync(dir).filter((name) => name.startsWith('.')), []);
  const again = await run(binary, ['mock', snapshot, '--arrivals', arrivals]);
  assert.equal(again.code, 64);
  assert.match(again.stderr, /is there already/);
  assert.equal((await run(binary, ['analyze', path.join(arrivals, 'requests'), '--json'])).code, 0);
});

test('faults and what may not be missed decide the exit code', { skip: skipReason }, async () => {
  const snapshot = writeSnapshot('faults', [{ uri: '/a' }]);
  const strict = await startMock(snapshot, '--on-miss', 'fail', '--fault', 'GET /a:503');
  const status = await through(strict, '-o', path.join(dir, 'ignored'), '-w', '%{http_code}', 'http://api.test/a');
  assert.equal(status, '503');
  await through(strict, 'http://api.test/b');
  const { code, summary } = await strict.stop();
  assert.equal(code, 1);
  assert.equal(summary.faults, 1);
  assert.deepEqual(summary.fault_rules, [{ count: 1, rule: 'GET /a:503' }]);
});

const refusals = [
  [['--fault', 'GET /a:explode'], 64, /does nothing known: 'explode'/],
  [['--latency', 'soon'], 64, /must be none, recorded or a factor/],
  [['--ignore', 'ts'], 64, /must be like query\.ts/],
  [['--listen', 'nowhere'], 64, /must be like 127\.0\.0\.1:4381/],
  [['--repeat', 'always'], 64, /--repeat/],
  [['--direction', 'in'], 65, /asked for/],
];

for (const [flags, code, reason] of refusals) {
  test(`refuses ${flags.join(' ')}`, { skip: skipReason }, async () => {
    const snapshot = writeSnapshot('refused', [{ uri: '/a' }]);

    const ended = await run(binary, ['mock', snapshot, ...flags]);

    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, reason);
  });
}

test('an address that is taken is said', { skip: skipReason }, async () => {
  const snapshot = writeSnapshot('taken', [{ uri: '/a' }]);
  const mock = await startMock(snapshot);

  const second = await run(binary, ['mock', snapshot, '--listen', mock.origin.slice('http://'.length)]);

  assert.equal(second.code, 69);
  assert.match(second.stderr, /in use/);
  await mock.stop();
});
