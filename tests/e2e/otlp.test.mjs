// The built server against the public SDK and curl: what real clients send is accepted and counted, over all
// transports, plain and gzip, and what is wrong gets the answer the protocol asks for.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { Report } from '../../examples/demo/report.mjs';
import { readMetrics, Reprise, skipReason } from './support/serverProcess.mjs';
import { protocols, send } from './support/sdkSender.mjs';

const count = 700;  // More than one batch of the SDK.
const serviceLimitS = 20;

let reprise;
let session;
test.before(async () => {
  if (skipReason) return;
  reprise = new Reprise();
  session = await reprise.start();
});
test.after(async () => {
  await reprise?.stop();
  reprise?.removeData();
});

async function readMetric(series) {
  return (await readMetrics(reprise.dashboard)).get(series) ?? 0;
}

const records = (signal) => readMetric(`reprise_intake_records_total{signal="${signal}"}`);
const urls = () => ({ grpc: reprise.otlpGrpc, http: reprise.otlpHttp });

for (const signal of ['traces', 'logs']) {
  for (const protocol of protocols) {
    for (const compression of ['none', 'gzip']) {
      test(`${signal} over ${protocol} (${compression}) are accepted and counted`, { skip: skipReason }, async () => {
        const service = `e2e-${signal}-${protocol.replace('/', '-')}-${compression}`;
        const before = await records(signal);

        await send({ signal, protocol, compression, service, count, urls: urls() });

        assert.equal(await records(signal) - before, count);
        const seen = await new Report().until('services', serviceLimitS, async (state) => {
          const known = (await session.list('/services')).find((candidate) => candidate.name === service);
          state.note = `${service} has ${known?.records ?? 'no'} records`;
          return known?.records >= count ? known : undefined;
        });
        assert.equal(seen.records, count);
      });
    }
  }
}

const shapes = [
  { temporality: 'DELTA', exponential: false, compression: 'none' },
  { temporality: 'CUMULATIVE', exponential: true, compression: 'gzip' },
];

for (const protocol of protocols) {
  for (const { temporality, exponential, compression } of shapes) {
    const shape = `${temporality.toLowerCase()} ${exponential ? 'exponential' : 'explicit'} buckets, ${compression}`;
    test(`metrics over ${protocol} (${shape}) become calls of an operation`, { skip: skipReason }, async () => {
      const service = `e2e-metrics-${protocol.replace('/', '-')}-${temporality.toLowerCase()}`;
      const unused = await readMetric('reprise_intake_metric_points_total{result="unused"}');

      await send({ signal: 'metrics', protocol, compression, temporality, exponential, service, count, urls: urls() });

      assert.ok(await readMetric('reprise_intake_metric_points_total{result="unused"}') > unused);
      const row = await new Report().until('operations', serviceLimitS, async () => {
        const known = (await session.list('/services')).find((candidate) => candidate.name === service);
        return known && (await session.list(`/services/${service}/operations`)).find((one) => one.requests > 0);
      });
      assert.equal(row.requests, count);
      assert.equal(row.operation.source, 'metric');
      assert.equal(row.operation.name, 'GET /items/{id}');
      assert.ok(Math.abs(row.p50_ms - 24.5) < 8, `p50 is ${row.p50_ms} ms`);
    });
  }
}

/** Runs curl; answers {status, type, retry, body}. */
function curl(path, type, body, ...more) {
  const marks = '\n%{http_code} %{content_type} %header{retry-after}';
  const out = execFileSync('curl', [
    '--silent', '--show-error', '--max-time', '10', '--write-out', marks, '--header', `content-type: ${type}`,
    '--data-binary', '@-', ...more, `${reprise.otlpHttp}${path}`,
  ], { input: body, encoding: 'utf8' });
  const at = out.lastIndexOf('\n');
  const [status, contentType, retry] = out.slice(at + 1).split(' ');
  return { status: Number(status), type: contentType, retry: retry ?? '', body: out.slice(0, at) };
}

const span = {
  traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'eee19b7ec3c1b174', name: 'GET /', kind: 2,
  startTimeUnixNano: `${Date.now()}000000`, endTimeUnixNano: `${Date.now() + 1}000000`, notInThisVersion: [{}],
};
const traces = (...spans) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

test('curl: JSON by hand is taken, with gzip and without', { skip: skipReason }, () => {
  const taken = curl('/v1/traces', 'application/json', traces(span));
  assert.deepEqual(taken, { status: 200, type: 'application/json', retry: '', body: '{}' });

  const zipped = curl('/v1/traces', 'application/json', gzipSync(traces(span)), '--header', 'content-encoding: gzip');
  assert.equal(zipped.status, 200);
});

test('curl: a bad span beside a good one is a partial success', { skip: skipReason }, () => {
  const answer = curl('/v1/traces', 'application/json', traces(span, { ...span, spanId: '' }));

  assert.equal(answer.status, 200);
  assert.equal(JSON.parse(answer.body).partialSuccess.rejectedSpans, '1');
});

test('curl: what is wrong gets a Status in its own encoding and no Retry-After', { skip: skipReason }, () => {
  const name = curl('/v1/traces', 'application/json', traces({ ...span, kind: 'SPAN_KIND_SERVER' }));
  assert.equal(name.status, 400);
  assert.equal(JSON.parse(name.body).code, 3);
  assert.equal(name.retry, '');

  const metric = curl('/v1/metrics', 'application/json', '{"resourceMetrics":[1]}');
  assert.equal(JSON.parse(metric.body).message, 'resourceMetrics[0] is not an object');

  assert.equal(curl('/v1/logs', 'application/x-protobuf', 'not a request').type, 'application/x-protobuf');
  assert.equal(curl('/v1/logs', 'text/csv', 'x').status, 415);
  assert.equal(curl('/v1/logs', 'application/json', '{}', '--header', 'content-encoding: br').status, 415);
  assert.equal(curl('/v1/profiles', 'application/json', '{}').status, 404);
});

test('a body that is no protobuf is counted, and the server lives', { skip: skipReason }, async () => {
  const before = await readMetric('reprise_intake_refused_total{signal="logs",reason="malformed"}');
  const answer = await fetch(`${reprise.otlpHttp}/v1/logs`, {
    method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: Buffer.from('not a request'),
  });

  assert.equal(answer.status, 400);
  assert.equal(await readMetric('reprise_intake_refused_total{signal="logs",reason="malformed"}'), before + 1);
  assert.equal((await fetch(`${reprise.dashboard}/healthz`)).status, 200);
});

test('SIGTERM ends the server with exit 0', { skip: skipReason }, async () => {
  const ended = await reprise.stop();

  assert.deepEqual(ended, { code: 0, signal: null });
});
