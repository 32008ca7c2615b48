// Drives the built server with other people's senders: the OpenTelemetry Collector and the SDKs for Python, Go and
// Java. Prints which ran and which could not and why; exit 1 when one that ran found something wrong.
//   REPRISE_BINARY=build/ci/server/app/reprise node tests/interop/run.mjs

import assert from 'node:assert/strict';

import { Report } from '../../examples/demo/report.mjs';
import { findFreePort, readMetrics, Reprise, skipReason } from '../e2e/support/serverProcess.mjs';
import { send as sendByJavaScript } from '../e2e/support/sdkSender.mjs';
import { startCollector } from './collector.mjs';
import { CannotRun, prepareCollector, sdks } from './participants.mjs';

const count = 700;
const arrivalLimitS = 40;
const outcomes = { ok: 0, failed: 0, skipped: 0 };

function tell(outcome, name, text) {
  outcomes[outcome] += 1;
  console.log(`${outcome.padEnd(8)}${name}: ${text}`);
}

async function attempt(name, work) {
  const begun = performance.now();
  try {
    const what = await work();
    tell('ok', name, `${what} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    tell(error instanceof CannotRun ? 'skipped' : 'failed', name, error.message);
  }
}

const urlsOf = (reprise) => ({ grpc: reprise.otlpGrpc, http: reprise.otlpHttp });

async function takenOf(reprise, signal) {
  return (await readMetrics(reprise.dashboard)).get(`reprise_intake_records_total{signal="${signal}"}`) ?? 0;
}

/** Runs `send` and waits until each of `signals` has brought exactly `count` records, and metrics `count` calls. */
async function expectAll({ reprise, session, service, signals }, send) {
  const before = {};
  for (const signal of signals) before[signal] = await takenOf(reprise, signal);
  await send();
  await new Report().until(service, arrivalLimitS, async (state) => {
    const arrived = {};
    for (const signal of signals) arrived[signal] = await takenOf(reprise, signal) - before[signal];
    const known = (await session().list('/services')).some((one) => one.name === service);
    const rows = known ? await session().list(`/services/${service}/operations`) : [];
    arrived.calls = rows.find((row) => row.operation.source === 'metric')?.requests ?? 0;
    state.note = `arrived: ${JSON.stringify(arrived)}, wanted ${count} each`;
    return Object.values(arrived).every((number) => number === count) || undefined;
  });
}

async function driveSdk(sdk, reprise, session) {
  try {
    await sdk.prepare();
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    tell('skipped', sdk.name, error.message);
    return;
  }
  for (const protocol of ['grpc', 'http']) {
    await attempt(`${sdk.name}, ${protocol}, gzip`, async () => {
      const service = `interop-${sdk.name.split(' ')[0].toLowerCase()}-${protocol}`;
      await expectAll(
        { reprise, session: () => session, service, signals: ['traces'] },
        () => sdk.send({ protocol, service, count, urls: urlsOf(reprise) }),
      );
      return `${count} spans and ${count} calls counted by a histogram`;
    });
  }
}

async function sendAll(service, urls) {
  for (const signal of ['traces', 'logs', 'metrics']) {
    const how = { protocol: 'grpc', compression: 'none', temporality: 'DELTA' };
    await sendByJavaScript({ signal, ...how, service, count, urls });
  }
}

async function driveCollector(reprise, session) {
  for (const protocol of ['grpc', 'http']) {
    await attempt(`Collector 0.165.0, ${protocol}, gzip`, async () => {
      const collector = await startCollector({ protocol, urls: urlsOf(reprise) });
      try {
        const service = `interop-collector-${protocol}`;
        await expectAll(
          { reprise, session: () => session, service, signals: ['traces', 'logs'] },
          () => sendAll(service, collector.urls),
        );
        return `${count} spans, ${count} log records and ${count} calls counted by a histogram`;
      } finally {
        await collector.stop();
      }
    });
  }
}

/** What is sent while the server is away arrives when it is back, by the Collector's retries. */
async function driveRetry(protocol) {
  const ports = { dashboard: 0, otlpGrpc: await findFreePort(), otlpHttp: await findFreePort() };
  const reprise = new Reprise({ ports });
  await reprise.start();
  const collector = await startCollector({ protocol, urls: urlsOf(reprise) });
  try {
    const service = `interop-retry-${protocol}`;
    let session;
    await expectAll({ reprise, session: () => session, service, signals: ['traces', 'logs'] }, async () => {
      await reprise.stop();
      await sendAll(service, collector.urls);
      session = await reprise.start();
    });
    return `${3 * count} records sent to a stopped server arrived after its start`;
  } finally {
    await collector.stop();
    await reprise.stop();
    reprise.removeData();
  }
}

/** Refusals for load are retryable: everything arrives in the end, and nothing twice. */
async function driveOverload(protocol) {
  const reprise = new Reprise({ intake: { inflight_bytes_max: '1MiB' } });
  await reprise.start();
  const collector = await startCollector({ protocol, urls: urlsOf(reprise) });
  const series = 'reprise_intake_records_total{signal="logs"}';
  try {
    const senders = 4;
    const each = 3000;
    await Promise.all(Array.from({ length: senders }, () => sendByJavaScript({
      signal: 'logs', protocol: 'grpc', compression: 'none', service: 'interop-overload', count: each,
      urls: collector.urls,
    })));
    const metrics = await new Report().until('overload', arrivalLimitS, async (state) => {
      const now = await readMetrics(reprise.dashboard);
      state.note = `${now.get(series)} records of ${senders * each}`;
      return now.get(series) >= senders * each ? now : undefined;
    });
    assert.equal(metrics.get(series), senders * each);
    const refused = metrics.get('reprise_intake_refused_total{signal="logs",reason="overload"}');
    return `${senders * each} records arrived once each, ${refused} requests were turned away first`;
  } finally {
    await collector.stop();
    await reprise.stop();
    reprise.removeData();
  }
}

async function main() {
  if (skipReason) throw new Error(`${skipReason}; build it with scripts/lib/build.sh and name it in REPRISE_BINARY`);
  const reprise = new Reprise();
  const session = await reprise.start();
  try {
    for (const sdk of sdks) await driveSdk(sdk, reprise, session);
    try {
      await prepareCollector();
      await driveCollector(reprise, session);
      for (const protocol of ['grpc', 'http']) {
        await attempt(`Collector 0.165.0, ${protocol}, retry`, () => driveRetry(protocol));
        await attempt(`Collector 0.165.0, ${protocol}, overload`, () => driveOverload(protocol));
      }
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      tell('skipped', 'Collector 0.165.0', error.message);
    }
  } finally {
    await reprise.stop();
    reprise.removeData();
  }
  console.log(`\n${outcomes.ok} ran, ${outcomes.failed} failed, ${outcomes.skipped} could not run here`);
  process.exitCode = outcomes.failed > 0 ? 1 : 0;
}

await main();
