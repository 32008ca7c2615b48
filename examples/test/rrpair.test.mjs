import assert from 'node:assert/strict';
import test from 'node:test';

import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { InMemoryLogRecordExporter } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';

import { bodyBytesMax, RrpairForwarder, wallTime } from '../common/rrpair.mjs';
import { startTelemetry } from '../common/telemetry.mjs';

const exporters = { traces: new InMemorySpanExporter(), records: new InMemoryLogRecordExporter() };
const telemetry = await startTelemetry('tested', exporters);
test.after(() => telemetry.shutdown());

async function sent() {
  await telemetry.flush();
  const records = exporters.records.getFinishedLogRecords();
  exporters.records.reset();
  return records;
}

function inbound(more) {
  return {
    direction: 'IN', method: 'POST', url: '/orders?x=1', startMs: 1000, endMs: 1012.5, status: 500,
    statusText: 'Internal Server Error', requestHeaders: { Host: 'shop', 'X-Replay': 'r1' },
    requestBody: '{"a":1}', responseHeaders: { 'Content-Type': 'application/json' }, responseBody: '{"error":"x"}',
    ...more,
  };
}

test('an inbound call becomes one RRPair with lower-case headers, bodies and trace context', async () => {
  const forwarder = new RrpairForwarder('shop');
  const span = trace.getTracer('t').startSpan('server', {}, ROOT_CONTEXT);

  forwarder.addHttp(inbound({ span }));

  const [record] = await sent();
  assert.equal(record.body.msgType, 'rrpair');
  assert.equal(record.body.direction, 'IN');
  assert.equal(record.body.duration, 12.5);
  assert.equal(record.body.ts, wallTime(1000));
  assert.equal(record.body.status, 'Internal Server Error');
  assert.deepEqual(record.body.http, {
    request: {
      method: 'POST', url: '/orders?x=1', headers: { host: 'shop', 'x-replay': 'r1' }, body: '{"a":1}',
    },
    response: { statusCode: 500, headers: { 'content-type': 'application/json' }, body: '{"error":"x"}' },
  });
  assert.deepEqual({ ...record.attributes }, { service: 'shop', namespace: 'examples' });
  assert.equal(record.spanContext.traceId, span.spanContext().traceId);
  assert.equal(record.body.spanId, span.spanContext().spanId);
});

test('outbound calls and statements wait for the inbound call and come before it', async () => {
  const forwarder = new RrpairForwarder('shop');

  forwarder.addSql({ statement: 'SELECT 1', startMs: 1, endMs: 2 });
  forwarder.addHttp(inbound({ direction: 'OUT', url: '/messages/1' }));
  const before = await sent();
  forwarder.addHttp(inbound());
  const after = await sent();

  assert.equal(before.length, 0);
  assert.deepEqual(after.map((record) => record.body.location), ['SELECT 1', '/messages/1', '/orders?x=1']);
});

test('a failed statement carries the error as its status', async () => {
  const forwarder = new RrpairForwarder('shop');

  forwarder.addSql({ statement: 'SELEC 1', startMs: 1, endMs: 2, error: 'near "SELEC": syntax error' });
  forwarder.release();

  const [record] = await sent();
  assert.equal(record.body.status, 'near "SELEC": syntax error');
});

test('a body beyond the limit is cut', async () => {
  const forwarder = new RrpairForwarder('shop');

  forwarder.addHttp(inbound({ requestBody: 'x'.repeat(bodyBytesMax + 1) }));

  const [record] = await sent();
  assert.equal(record.body.http.request.body.length, bodyBytesMax);
});

test('times have microseconds', () => {
  assert.match(wallTime(0.25), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});
