// `reprise minimize --observe` with a service that reports by the public OpenTelemetry SDK: spans and RRPairs, protobuf
// and gzip, in batches of their own pace. What comes out is run on its own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { hideEnvironment, startService } from '../../examples/common/childProcess.mjs';
import { requestJson } from '../../examples/test/support/request.mjs';
import { binary, findFreePort, skipReason } from './support/serverProcess.mjs';

const capturedAt = Date.parse('2025-11-21T11:15:04Z');
const script = new URL('../../examples/shop/service.mjs', import.meta.url).pathname;
const dir = mkdtempSync(path.join(tmpdir(), 'reprise-minimise-e2e-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** A snapshot directory of GET requests that the shop answered. */
function writeSnapshot(name, uris) {
  const to = path.join(dir, name);
  mkdirSync(to, { recursive: true });
  uris.forEach((uri, i) => {
    writeFileSync(path.join(to, `${1000 + i}.json`), JSON.stringify({
      msgType: 'rrpair',
      l7protocol: 'http',
      service: 'shop',
      direction: 'IN',
      ts: new Date(capturedAt + i * 100).toISOString(),
      duration: 20,
      command: 'GET',
      location: uri,
      status: '200',
      http: {
        request: { method: 'GET', uri, host: 'shop.test', headers: { accept: '*/*' } },
        response: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
      },
    }));
  });
  return to;
}

function run(command, args) {
  const env = { ...process.env, ...hideEnvironment('REPRISE_') };
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

test('finds the request with one statement per order, as a file that sees it, too', { skip: skipReason }, async (t) => {
  const observe = `127.0.0.1:${await findFreePort()}`;
  const shop = await startService('shop', script, {
    env: {
      SHOP_VERSION: '2',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${observe}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  t.after(() => shop.stop());
  const few = Array.from({ length: 12 }, (_, i) => `/customers/${i + 1}/orders`);
  const snapshot = writeSnapshot('orders', [...few, '/products?category=toys', '/customers/25/orders', '/orders/7']);
  const file = path.join(dir, 'test_orders.py');

  const found = await run(binary, [
    'minimize', snapshot, '--against', shop.url, '--still', 'calls>20', '--observe', observe,
    '--export', 'pytest', '--out', file, '--json',
  ]);

  assert.equal(found.code, 0, found.stderr);
  const result = JSON.parse(found.stdout);
  assert.equal(result.minimal, true);
  assert.deepEqual(result.smallest.requests.map((request) => request.path), ['/customers/25/orders']);
  assert.equal(result.confirmed, 5);
  const alone = await run('python3', [file]);
  assert.equal(alone.code, 1, alone.stdout + alone.stderr);
  assert.match(alone.stdout, /with 25 calls/);
  await requestJson('POST', `${shop.url}/admin/deploy`, { version: 1 });
  const fixed = await run('python3', [file]);
  assert.equal(fixed.code, 0, fixed.stdout + fixed.stderr);
});
