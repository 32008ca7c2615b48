// Drives the built server with other people's senders: the OpenTelemetry Collector and the SDKs for Python, Go and
// Java. Prints at the end which ran and which could not and why; exit 1 when one that ran found something wrong.
//   REPRISE_BINARY=build/ci/server/app/reprise node tests/interop/run.mjs

import { Report } from '../../examples/demo/report.mjs';
import { readMetrics, Reprise, skipReason } from '../e2e/support/serverProcess.mjs';
import { send as sendByJavaScript } from '../e2e/support/sdkSender.mjs';
import { batchedTo, sendingTo, signals as allSignals, startCollector } from './collector.mjs';
import { driveOverload, driveRetry } from './delivery.mjs';
import { driveFiles } from './files.mjs';
import { CannotRun, collectorName, prepareCollector, sdks } from './participants.mjs';

const count = 700;
const arrivalLimitS = 40;
const protocols = ['grpc', 'http'];
const outcomes = { ok: [], failed: [], skipped: [] };

function tell(outcome, name, text) {
  outcomes[outcome].push({ name, text });
  console.log(`${outcome.padEnd(8)}${name}: ${text}`);
}

function tellAll() {
  const { ok, failed, skipped } = outcomes;
  console.log(`\n${ok.length} ran, ${failed.length} failed, ${skipped.length} could not run here`);
  for (const { name } of ok) console.log(`  ran        ${name}`);
  for (const { name, text } of failed) console.log(`  failed     ${name}: ${text}`);
  for (const { name, text } of skipped) console.log(`  could not  ${name}: ${text}`);
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
    const known = (await session.list('/services')).some((one) => one.name === service);
    const rows = known ? await session.list(`/services/${service}/operations`) : [];
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
  for (const protocol of protocols) {
    await attempt(`${sdk.name}, ${protocol}, gzip`, async () => {
      const service = `interop-${sdk.name.split(' ')[0].toLowerCase()}-${protocol}`;
      await expectAll(
        { reprise, session, service, signals: ['traces'] },
        () => sdk.send({ protocol, service, count, urls: urlsOf(reprise) }),
      );
      return `${count} spans and ${count} calls counted by a histogram`;
    });
  }
}

async function sendAll(service, urls) {
  for (const signal of allSignals) {
    const how = { protocol: 'grpc', compression: 'none', temporality: 'DELTA' };
    await sendByJavaScript({ signal, ...how, service, count, urls });
  }
}

async function driveWay(protocol, reprise, session) {
  const exporters = sendingTo(urlsOf(reprise), protocol);
  const collector = await startCollector(`way-${protocol}`, batchedTo(exporters));
  try {
    const service = `interop-collector-${protocol}`;
    await expectAll(
      { reprise, session, service, signals: ['traces', 'logs'] }, () => sendAll(service, collector.urls),
    );
    return `${count} spans, ${count} log records and ${count} calls counted by a histogram`;
  } finally {
    await collector.stop();
  }
}

async function driveCollector(reprise, session) {
  try {
    await prepareCollector();
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    tell('skipped', collectorName, error.message);
    return;
  }
  for (const protocol of protocols) {
    await attempt(`${collectorName}, ${protocol}, gzip`, () => driveWay(protocol, reprise, session));
    await attempt(`${collectorName}, ${protocol}, retry`, () => driveRetry(protocol));
    await attempt(`${collectorName}, ${protocol}, overload`, () => driveOverload(protocol));
    await attempt(`${collectorName}, ${protocol}, file exporter`, () => driveFiles(protocol));
  }
}

async function main() {
  if (skipReason) throw new Error(`${skipReason}; build it with scripts/lib/build.sh and name it in REPRISE_BINARY`);
  const reprise = new Reprise();
  const session = await reprise.start();
  try {
    for (const sdk of sdks) await driveSdk(sdk, reprise, session);
    await driveCollector(reprise, session);
  } finally {
    await reprise.stop();
    reprise.removeData();
  }
  tellAll();
  process.exitCode = outcomes.failed.length > 0 ? 1 : 0;
}

await main();
