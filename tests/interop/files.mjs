// What the Collector's file exporter writes, read by the commands: the same operations and counts as live.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { hideEnvironment } from '../../examples/common/childProcess.mjs';
import { Report } from '../../examples/demo/report.mjs';
import { binary, Reprise } from '../e2e/support/serverProcess.mjs';
import { batchedTo, sendingTo, startCollector } from './collector.mjs';
import { workDir } from './participants.mjs';
import { makePairRequests, makeSpanRequests, post } from './traffic.mjs';

const run = promisify(execFile);
const count = 1200;
const perRequest = 150;
const arrivalLimitS = 40;
const ageMs = 5000;  // The window is over when its records arrive.
const exitFound = 3;
const services = { traces: 'interop-file-spans', logs: 'interop-file-pairs' };

/** {"service source kind name": "requests, failing"} of rows as API and `analyze` give them, in order. */
function describe(rows, keyOf) {
  const found = rows.map((row) => [keyOf(row.operation), `${row.requests}, ${row.failing} failing`]);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
const identity = ({ service, source, kind, name }) => `${service} ${source} ${kind} ${name}`;
const call = ({ service, kind, name }) => `${service} ${kind} ${name}`;

/** The command's JSON; `analyze` ends with 3 when it finds a problem. */
async function report(...args) {
  const env = { ...process.env, ...hideEnvironment('REPRISE_') };
  try {
    return JSON.parse((await run(binary, args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout);
  } catch (error) {
    if (error.code === exitFound) return JSON.parse(error.stdout);
    throw new Error(`reprise ${args[0]} failed: ${error.stderr || error.message}`);
  }
}

/** The Collector's file exporter drops what it is given while it stops. */
async function waitExported(collector) {
  await new Report().until('files', arrivalLimitS, async (state) => {
    const sent = [];
    for (const what of ['spans', 'log_records']) sent.push(await collector.sum(`otelcol_exporter_sent_${what}`));
    state.note = `the Collector sent and wrote ${sent.join(' and ')} of ${2 * count} each`;
    return sent.every((number) => number === 2 * count) || undefined;
  });
}

async function waitRows(session) {
  return new Report().until('files', arrivalLimitS, async (state) => {
    const known = (await session.list('/services')).map((service) => service.name);
    const rows = [];
    for (const name of Object.values(services).filter((one) => known.includes(one))) {
      rows.push(...await session.list(`/services/${name}/operations`));
    }
    const requests = rows.reduce((sum, row) => sum + row.requests, 0);
    state.note = `${requests} of ${2 * count} requests are counted`;
    return requests === 2 * count ? rows : undefined;
  });
}

/** Through one Collector to a server and into a file; `analyze` of the file and of its snapshot count the same. */
export async function driveFiles(protocol) {
  const file = path.join(workDir, `collector-${protocol}.jsonl`);
  const snapshot = path.join(workDir, `collector-${protocol}-snapshot`);
  rmSync(file, { force: true });
  rmSync(snapshot, { force: true, recursive: true });
  const reprise = new Reprise();
  const session = await reprise.start();
  try {
    const urls = { grpc: reprise.otlpGrpc, http: reprise.otlpHttp };
    const exporters = { ...sendingTo(urls, protocol), file: { path: file } };
    const collector = await startCollector(`file-${protocol}`, batchedTo(exporters));
    try {
      const when = { count, perRequest, fromMs: Math.floor((Date.now() - ageMs) / 1000) * 1000 };
      await post(collector.urls.http, 'traces', makeSpanRequests({ service: services.traces, ...when }));
      await post(collector.urls.http, 'logs', makePairRequests({ service: services.logs, ...when }));
      await waitExported(collector);
    } finally {
      await collector.stop();
    }
    const live = await waitRows(session);

    const byFile = await report('analyze', '--json', file);
    assert.deepEqual(byFile.problems, []);
    assert.deepEqual(describe(byFile.operations, identity), describe(live, identity), 'analyze of the file');

    const imported = await report('snapshot', 'import', '--json', file, '--to', snapshot);
    assert.deepEqual(imported.problems, []);
    const bySnapshot = await report('analyze', '--json', snapshot);
    assert.deepEqual(bySnapshot.problems, []);
    assert.deepEqual(describe(bySnapshot.operations, call), describe(live, call), 'analyze of the snapshot');
    return `${byFile.records} records of the file and of its snapshot: the same ${live.length} operations as live`;
  } finally {
    await reprise.stop();
    reprise.removeData();
  }
}
