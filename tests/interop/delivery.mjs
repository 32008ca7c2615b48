// What a Collector delivers to a server that is away, slow or both is counted exactly once.

import assert from 'node:assert/strict';

import { Report } from '../../examples/demo/report.mjs';
import { findFreePort, readMetrics, Reprise } from '../e2e/support/serverProcess.mjs';
import { send } from '../e2e/support/sdkSender.mjs';
import { batchedTo, sendingTo, startCollector } from './collector.mjs';
import { makePairRequests, post } from './traffic.mjs';

const arrivalLimitS = 120;
const records = { logs: 'log_records', traces: 'spans' };

/** A server whose ports stay the same over a restart, stopped, and a Collector that sends to it by `protocol`. */
async function withBoth({ name, protocol, consumers, perRequest, intake, windows }, work) {
  const ports = { dashboard: 0, otlpGrpc: await findFreePort(), otlpHttp: await findFreePort() };
  const reprise = new Reprise({ ports, intake, windows });
  const urls = { grpc: `http://127.0.0.1:${ports.otlpGrpc}`, http: `http://127.0.0.1:${ports.otlpHttp}` };
  const collector = await startCollector(name, batchedTo(sendingTo(urls, protocol, consumers), perRequest));
  try {
    return await work(reprise, collector);
  } finally {
    await collector.stop();
    await reprise.stop();
    reprise.removeData();
  }
}

const sendTo = (collector, signal, service, count) => send({
  signal, protocol: 'grpc', compression: 'none', service, count, urls: collector.urls,
});

/** `wanted`: {service: records}. Waits until all are in closed windows; then nothing may be more. */
async function expectStored(session, wanted) {
  const stored = await new Report().until('windows', arrivalLimitS, async (state) => {
    const services = await session.list('/services');
    const found = Object.fromEntries(services.map((service) => [service.name, service.records]));
    state.note = `stored: ${JSON.stringify(found)}`;
    return Object.keys(wanted).every((name) => found[name] >= wanted[name]) ? found : undefined;
  });
  assert.deepEqual(stored, wanted, 'stored by service');
}

/** What the Collector says it delivered, what the server says it took, and what was sent: the same. */
async function expectExact(reprise, collector, signal, sent) {
  const server = await readMetrics(reprise.dashboard);
  const failed = await collector.sum(`otelcol_exporter_send_failed_${records[signal]}`)
    + await collector.sum(`otelcol_exporter_enqueue_failed_${records[signal]}`);
  assert.deepEqual({
    delivered: await collector.sum(`otelcol_exporter_sent_${records[signal]}`),
    given_up: failed,
    taken: server.get(`reprise_intake_records_total{signal="${signal}"}`),
    rejected: server.get(`reprise_intake_rejected_records_total{signal="${signal}"}`),
    late: server.get('reprise_stream_records_dropped_total{reason="late"}'),
  }, { delivered: sent, given_up: 0, taken: sent, rejected: 0, late: 0 });
  return server;
}

/** What is sent while the server is away arrives when it is back. */
export async function driveRetry(protocol) {
  const count = 700;
  const windows = { length: '1s', lateness: '20s', idle_close: '5s' };
  return withBoth({ name: `retry-${protocol}`, protocol, windows }, async (reprise, collector) => {
    await sendTo(collector, 'traces', 'retry-spans', count);
    await sendTo(collector, 'logs', 'retry-records', count);
    const session = await reprise.start();
    await expectStored(session, { 'retry-spans': count, 'retry-records': count });
    await expectExact(reprise, collector, 'traces', count);
    await expectExact(reprise, collector, 'logs', count);
    return `${2 * count} records sent to a stopped server are stored, once each`;
  });
}

const refusals = (server, signal) => ['overload', 'share'].reduce((sum, reason) => (
  sum + (server.get(`reprise_intake_refused_total{signal="${signal}",reason="${reason}"}`) ?? 0)), 0);

/**
 * The backlog of an outage comes at once, a hundred requests beside each other and each of 800 KiB when inflated, to a
 * server that may hold 1 MiB: it must turn many away with a time to come back, and everything arrives in the end.
 */
export async function driveOverload(protocol) {
  const count = 800;
  const perRequest = 80;  // Every second one has a body.
  const bodyBytes = 20_000;
  const services = Array.from({ length: 10 }, (_, index) => `overload-${index}`);
  const total = count * services.length;
  const intake = { inflight_bytes_max: '1 MiB' };
  const windows = { length: '5s', lateness: '60s', idle_close: '10s' };
  const setting = { name: `overload-${protocol}`, protocol, consumers: 100, perRequest, intake, windows };
  return withBoth(setting, async (reprise, collector) => {
    for (const service of services) {
      const shape = { service, count, perRequest, bodyBytes, fromMs: Date.now() };
      await post(collector.urls.http, 'logs', makePairRequests(shape));
    }
    const session = await reprise.start();
    await expectStored(session, Object.fromEntries(services.map((service) => [service, count])));
    const server = await expectExact(reprise, collector, 'logs', total);
    const refused = refusals(server, 'logs');
    assert.ok(refused > 0, 'no request was turned away: this was no overload');
    return `${total} records are stored, once each, after ${refused} refusals`;
  });
}
