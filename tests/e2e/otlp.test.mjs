// The built server against the public SDK: what real clients send is accepted and counted, over both
// transports, plain and gzip.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Report } from '../../examples/demo/report.mjs';
import { readMetrics, Reprise, skipReason } from './support/serverProcess.mjs';
import { send } from './support/sdkSender.mjs';

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

for (const signal of ['traces', 'logs']) {
  for (const protocol of ['grpc', 'http/protobuf']) {
    for (const compression of ['none', 'gzip']) {
      test(`${signal} over ${protocol} (${compression}) are accepted and counted`, { skip: skipReason }, async () => {
        const service = `e2e-${signal}-${protocol.replace('/', '-')}-${compression}`;
        const before = await records(signal);

        await send({
          signal, protocol, compression, service, count, urls: { grpc: reprise.otlpGrpc, http: reprise.otlpHttp },
        });

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

test('a body that is no protobuf is answered 400 and counted, and the server lives', { skip: skipReason }, async () => {
  const answer = await fetch(`${reprise.otlpHttp}/v1/logs`, {
    method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: Buffer.from('not a request'),
  });

  assert.equal(answer.status, 400);
  assert.equal(await readMetric('reprise_intake_refused_total{signal="logs",reason="malformed"}'), 1);
  assert.equal((await fetch(`${reprise.dashboard}/healthz`)).status, 200);
});

test('SIGTERM ends the server with exit 0', { skip: skipReason }, async () => {
  const ended = await reprise.stop();

  assert.deepEqual(ended, { code: 0, signal: null });
});
