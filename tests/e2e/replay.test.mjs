// `reprise replay` as people run it: a captured session against servers that Node speaks for, over HTTP/1.1, HTTP/2
// and TLS; what went wrong is told, nothing hangs, and gates decide the exit code.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { hideEnvironment } from '../../examples/common/childProcess.mjs';
import { Certificates } from './support/certificates.mjs';
import { binary, skipReason } from './support/serverProcess.mjs';

const dir = mkdtempSync(path.join(tmpdir(), 'reprise-replay-e2e-'));
const certificates = new Certificates();
test.after(() => {
  rmSync(dir, { recursive: true, force: true });
  certificates.remove();
});

const env = { ...process.env, ...hideEnvironment('REPRISE_') };

/** {code, signal, stdout, stderr, json}: json when stdout is some. */
function replay(...args) {
  return new Promise((resolve) => {
    execFile(binary, ['replay', ...args, '--json'], { env, timeout: 30_000 }, (error, stdout, stderr) => {
      const json = stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
      resolve({ code: error ? error.code : 0, signal: error?.signal, stdout, stderr, json });
    });
  });
}

function entry({ method = 'GET', url, headers = {}, body, status = 200, answer = '{}', ms = 0 }) {
  const list = (values) => Object.entries(values).map(([name, value]) => ({ name, value }));
  return {
    startedDateTime: new Date(Date.parse('2025-11-21T11:15:04Z') + ms).toISOString(),
    time: 5,
    request: {
      method, url, httpVersion: 'HTTP/1.1', headers: list(headers), queryString: [], cookies: [], headersSize: -1,
      bodySize: -1, ...(body === undefined ? {} : { postData: { mimeType: 'application/json', text: body } }),
    },
    response: {
      status, statusText: '', httpVersion: 'HTTP/1.1', headers: list({ 'Content-Type': 'application/json' }),
      cookies: [], content: { size: answer.length, mimeType: 'application/json', text: answer }, redirectURL: '',
      headersSize: -1, bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: 5, receive: 0 },
  };
}

function writeHar(name, entries) {
  const file = path.join(dir, `${name}.har`);
  writeFileSync(file, JSON.stringify({ log: { version: '1.2', creator: { name: 'test', version: '1' }, entries } }));
  return file;
}

/** Listens on any port; closed after the test. */
async function listen(t, server) {
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections?.();
    for (const socket of server.open ?? []) socket.destroy();
  }));
  return server.address().port;
}

/** A raw TCP server: `talk` gets each socket. */
function rawServer(talk) {
  const server = net.createServer((socket) => {
    server.open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => server.open.delete(socket));
    talk(socket);
  });
  server.open = new Set();
  return server;
}

const hello = (request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ http: request.httpVersion, path: request.url }));
};

const items = writeHar('items', [0, 20, 40].map((ms) => entry({ url: `http://shop.test/items/${ms + 1}`, ms })));
const quick = ['--timing', 'max'];

test('a token of this run goes where the captured one went', { skip: skipReason }, async (t) => {
  const seen = [];
  const port = await listen(t, http.createServer((request, response) => {
    seen.push([request.url, request.headers.authorization, request.headers['x-replay']]);
    response.setHeader('content-type', 'application/json');
    response.end(request.url === '/login' ? '{"access_token":"c4d7e1f0a2b95566"}' : '{"orders":[]}');
  }));
  const har = writeHar('session', [
    entry({
      method: 'POST', url: 'http://shop.test/login', body: '{"name":"ann"}', answer: '{"access_token":"9f86d081884c7d65"}',
    }),
    entry({ url: 'http://shop.test/orders', headers: { Authorization: 'Bearer 9f86d081884c7d65' }, ms: 50 }),
  ]);

  const { code, json, stderr } = await replay(har, '--against', `http://127.0.0.1:${port}`, '--allow-unsafe');

  assert.equal(code, 0, stderr);
  assert.equal(seen[1][1], 'Bearer c4d7e1f0a2b95566');
  assert.equal(seen[0][2], json.run);
  assert.equal(json.values_not_learned, 0);
  assert.match(json.correlation, /1 values of answers flow into 1 later requests/);
});

test('recorded gaps are kept and requests over a rate go out evenly', { skip: skipReason }, async (t) => {
  const port = await listen(t, http.createServer(hello));
  const against = ['--against', `http://127.0.0.1:${port}`];

  const recorded = await replay(items, ...against);
  const rated = await replay(items, ...against, '--timing', 'rate:100', '--times', '10');

  assert.ok(recorded.json.duration_ns >= 40e6, `${recorded.json.duration_ns}`);
  assert.equal(rated.json.answered, 30);
  assert.ok(rated.json.duration_ns >= 290e6, `${rated.json.duration_ns}`);
});

for (const [name, make, flags] of [
  ['TLS', (tls) => https.createServer(tls, hello), []],
  ['HTTP/2 over TLS', (tls) => http2.createSecureServer(tls, hello), ['--http2']],
]) {
  test(`${name} with an authority of one's own`, { skip: skipReason }, async (t) => {
    const tls = { key: readFileSync(certificates.serverKey), cert: readFileSync(certificates.serverCert) };
    const port = await listen(t, make(tls));
    const to = ['--against', `https://localhost:${port}`, ...quick, ...flags];

    const strange = await replay(items, ...to);
    const many = ['--times', '20', '--concurrency', '8'];
    const trusted = await replay(items, ...to, '--ca-file', certificates.authority, ...many);

    assert.equal(strange.code, 69, strange.stderr);
    assert.match(Object.keys(strange.json.failures).join(), /signed by nobody we trust/);
    assert.equal(trusted.code, 0, trusted.stderr);
    assert.equal(trusted.json.answered, 60);
  });
}

test('HTTP/2 without TLS', { skip: skipReason }, async (t) => {
  const port = await listen(t, http2.createServer(hello));

  const { code, json, stderr } = await replay(items, '--against', `http://127.0.0.1:${port}`, '--http2', ...quick,
    '--times', '50', '--concurrency', '20');

  assert.equal(code, 0, stderr);
  assert.equal(json.answered, 150);
});

test('what never answers rightly is given up with its reason', { skip: skipReason }, async (t) => {
  const cases = {
    'no answer in time': rawServer(() => {}),
    '^no answer in time$': rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(timer));
    }),
    'closed the connection': rawServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    'malformed': rawServer((socket) => socket.once('data', () => socket.end('nonsense\r\n\r\n'))),
    'the body is over its limit': rawServer((socket) => socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = `10000\r\n${'y'.repeat(0x10000)}\r\n`;
      const feed = () => { while (!socket.destroyed && socket.write(chunk)) { /* until it is full */ } };
      socket.on('drain', feed);
      feed();
    })),
  };
  const one = writeHar('one', [entry({ url: 'http://shop.test/a' })]);
  for (const [reason, server] of Object.entries(cases)) {
    const port = await listen(t, server);
    const { code, json, stderr } = await replay(one, '--against', `http://127.0.0.1:${port}`, '--timeout-ms', '700');
    assert.equal(code, 69, reason + stderr);
    assert.match(Object.keys(json.failures).join(), new RegExp(reason));
  }
});

test('a gate on latency does not pass because nothing was answered', { skip: skipReason }, async (t) => {
  const port = await listen(t, http.createServer((request, response) => {
    if (request.url === '/good') hello(request, response);
  }));
  const har = writeHar('half', [
    entry({ url: 'http://shop.test/good' }), entry({ url: 'http://shop.test/bad', status: 500, ms: 1 }),
  ]);

  const { code, stderr } = await replay(har, '--against', `http://127.0.0.1:${port}`, '--timeout-ms', '300',
    '--fail-if', 'p95>800ms');

  assert.equal(code, 1);
  assert.match(stderr, /gate failed: p95>800ms \(unknown: nothing was answered\)/);
});

test('a redirect is an answer, not a way', { skip: skipReason }, async (t) => {
  let asked = 0;
  const port = await listen(t, http.createServer((request, response) => {
    asked += 1;
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' });
    response.end();
  }));

  const { json } = await replay(items, '--against', `http://127.0.0.1:${port}`, ...quick);

  assert.equal(asked, 3);
  assert.deepEqual(json.operations[0].statuses, { 302: 3 });
});

test('gates and changed answers decide the exit code, and reports say why', { skip: skipReason }, async (t) => {
  let version = 1;
  const port = await listen(t, http.createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-request-id', Math.random().toString(36));
    response.end(JSON.stringify({ id: 7, total: version === 1 ? 10 : '10', at: new Date().toISOString() }));
  }));
  const answer = JSON.stringify({ id: 7, total: 10, at: '2025-11-21T11:15:04.002Z' });
  const har = writeHar('orders', [entry({ url: 'http://shop.test/orders/7', answer })]);
  const html = path.join(dir, 'report.html');
  const xml = path.join(dir, 'report.xml');
  const to = ['--against', `http://127.0.0.1:${port}`, ...quick, '--times', '3', '--fail-on-change'];

  const same = await replay(har, ...to);
  version = 2;
  const changed = await replay(har, ...to, '--report', html, '--report', xml, '--fail-if', 'failing>0%');
  const slow = await replay(har, ...to.slice(0, 6), '--fail-if', 'p95>0ms');

  assert.equal(same.code, 0, same.stderr);
  assert.equal(changed.code, 1);
  assert.match(changed.stderr, /the answers of 1 operations differ/);
  assert.match(readFileSync(xml, 'utf8'), /answers differ in body\/total/);
  assert.match(readFileSync(html, 'utf8'), /<td>body\/total<\/td><td>type<\/td>/);
  assert.equal(slow.code, 1);
  assert.match(slow.stderr, /gate failed: p95>0ms/);
});

test('bad calls say what would do', { skip: skipReason }, async () => {
  const to = ['--against', 'http://127.0.0.1:1'];
  for (const [args, code, text] of [
    [[items, '--against', 'ftp://x'], 64, /neither http nor https/],
    [[items, ...to, '--timing', 'fast'], 64, /use recorded, 2x/],
    [[items, ...to, '--header', 'X-Replay: me'], 64, /cannot be set/],
    [[items, ...to, '--header-file', 'Authorization: /nowhere'], 64, /must hold one line/],
    [[items, ...to, '--report', 'figures.txt'], 64, /must end in \.json, \.html or \.xml/],
    [[path.join(dir, 'none.tar.gz'), ...to], 69, /none\.tar\.gz/],
    [[items, ...to], 69, /is the target running\?/],
  ]) {
    const { code: got, stderr } = await replay(...args);
    assert.equal(got, code, stderr);
    assert.match(stderr, text);
  }
});
