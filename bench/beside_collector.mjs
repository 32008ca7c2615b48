// What a record costs in this server and in the OpenTelemetry Collector, loaded in turn by the same program.
//   node bench/beside_collector.mjs [--signal logs|spans] [--in-flight 4] [--rounds 5] [--seconds 3] [--json]
// Takes build/ci/server/app/reprise (scripts/lib/build.sh) and build/release/bench/reprise-load (scripts/bench), or
// what REPRISE_BINARY and REPRISE_LOAD name, and builds the Collector of tests/interop/collector (Go 1.26).

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { hideEnvironment, startProcess } from '../examples/common/childProcess.mjs';
import { Report } from '../examples/demo/report.mjs';
import { findFreePort, readMetrics } from '../tests/e2e/support/serverProcess.mjs';
import { startCollector } from '../tests/interop/collector.mjs';
import { collectorName, prepareCollector } from '../tests/interop/participants.mjs';

const run = promisify(execFile);
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const reprise = process.env.REPRISE_BINARY ?? path.join(root, 'build/ci/server/app/reprise');
const load = process.env.REPRISE_LOAD ?? path.join(root, 'build/release/bench/reprise-load');
const ticksPerS = 100;
const settleLimitS = 120;

const { values: asked } = parseArgs({
  options: {
    signal: { type: 'string' }, 'in-flight': { type: 'string', default: '4' }, rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' }, json: { type: 'boolean' },
  },
});
const rounds = Number(asked.rounds);
const dir = mkdtempSync(path.join(tmpdir(), 'reprise-beside-'));

/** Every setting is the default, but for what the load asks for: it sends 64 requests again and again. */
async function startReprise(signal) {
  const port = await findFreePort();
  const server = startProcess('reprise', reprise, [
    'serve', '--server.listen', '127.0.0.1:0', '--server.data_dir', path.join(dir, `reprise-${signal}`),
    '--intake.otlp_grpc', `127.0.0.1:${port}`, '--intake.otlp_http', '127.0.0.1:0',
    '--journal.duplicates', '0 ms',  // Else the second time of a request would cost next to nothing.
    // Its records lie within 20 s and the others have their turns in between: none may come too late to be counted.
    '--windows.lateness', '30 s', '--windows.idle_close', '30 s',
  ], { env: hideEnvironment('REPRISE_') });
  const [, dashboard] = await server.waitLine(/^dashboard: (http:\S+)/);
  const labels = signal === 'logs' ? 'logs' : 'traces';
  return {
    name: 'Reprise',
    pid: server.pid,
    endpoint: `127.0.0.1:${port}`,
    stop: () => server.stop(),
    async taken() {
      const now = await readMetrics(dashboard);
      return now.get(`reprise_intake_records_total{signal="${labels}"}`)
        - now.get('reprise_stream_records_dropped_total{reason="late"}');
    },
    // Windows are closed, analysed and committed when the journal needs no segment any more.
    settle: () => new Report().until('windows', settleLimitS, async (state) => {
      const segments = (await readMetrics(dashboard)).get('reprise_journal_segments');
      state.note = `${segments} segments wait for their windows`;
      return segments === 0 || undefined;
    }),
  };
}

const none = { nop: {} };
const dimensions = ['http.request.method', 'http.route', 'http.response.status_code', 'db.system.name']
  .map((name) => ({ name }));
const ways = {
  'otlp to nop': (signal) => ({
    exporters: none, pipelines: { [signal]: { receivers: ['otlp'], exporters: ['nop'] } },
  }),
  'otlp to file': (signal) => ({
    exporters: { file: { path: path.join(dir, 'collector.jsonl'), rotation: { max_megabytes: 100, max_backups: 1 } } },
    pipelines: { [signal]: { receivers: ['otlp'], exporters: ['file'] } },
  }),
  'otlp to span_metrics': () => ({
    exporters: none,
    connectors: { span_metrics: { dimensions, histogram: { exponential: { max_size: 160 } } } },
    pipelines: {
      traces: { receivers: ['otlp'], exporters: ['span_metrics'] },
      metrics: { receivers: ['span_metrics'], exporters: ['nop'] },
    },
  }),
};

async function startWay(signal, way) {
  const what = ways[way](signal === 'logs' ? 'logs' : 'traces');
  const collector = await startCollector(`beside-${way.replaceAll(' ', '-')}`, what);
  return {
    name: `${collectorName}, ${way}`,
    pid: collector.pid,
    endpoint: collector.urls.grpc.replace('http://', ''),
    stop: collector.stop,
    taken: () => collector.sum(`otelcol_receiver_accepted_${signal === 'logs' ? 'log_records' : 'spans'}`),
    settle: async () => undefined,
  };
}

function cpuUs(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerS;
}

async function loadOnce(server, signal) {
  const { stdout } = await run(load, [
    '--signal', signal, '--endpoint', server.endpoint, '--duration', asked.seconds, '--server-pid', String(server.pid),
    '--in-flight', asked['in-flight'], '--json',
  ], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}

// Of an even number, the upper one.
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** One row per server: the medians of all rounds but the first, which warms up. */
async function compare(signal, servers) {
  const measured = servers.map((server) => ({ server, rounds: [] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of measured) one.rounds.push(await loadOnce(one.server, signal));
  }
  const rows = [];
  for (const { server, rounds: all } of measured) {
    await server.settle();
    const records = all.reduce((sum, round) => sum + round.records_accepted, 0);
    const taken = await server.taken();
    if (taken !== records) throw new Error(`${server.name} acknowledged ${records} ${signal} and counted ${taken}`);
    const counted = all.slice(1);
    rows.push({
      signal,
      server: server.name,
      cpu_us_per_record: median(counted.map((round) => round.server_cpu_us_per_record)),
      cpu_us_per_record_in_all: cpuUs(server.pid) / records,
      records_per_s: median(counted.map((round) => round.records_per_s)),
      answered_p99_ms: median(counted.map((round) => round.answered_after_sent.p99_ms)),
      peak_mib: all.at(-1).server_peak_mib,
      turned_away: counted.reduce((sum, round) => sum + round.requests_overloaded, 0),
    });
  }
  return rows;
}

function print(row) {
  if (asked.json) {
    console.log(JSON.stringify(row));
    return;
  }
  const figures = [
    `${row.cpu_us_per_record.toFixed(2)} us CPU per record`,
    `${row.cpu_us_per_record_in_all.toFixed(2)} with start, warm-up and closed windows`,
    `${Math.round(row.records_per_s)} per second`,
    `99 % answered in ${row.answered_p99_ms.toFixed(0)} ms`,
    `peak ${Math.round(row.peak_mib)} MiB`,
    `${row.turned_away} turned away`,
  ];
  console.log(`${row.signal.padEnd(6)} ${row.server.padEnd(40)} ${figures.join(', ')}`);
}

async function main() {
  for (const program of [reprise, load]) {
    if (!existsSync(program)) throw new Error(`there is no ${program}; see the head of bench/beside_collector.mjs`);
  }
  await prepareCollector();
  const contests = { logs: ['otlp to nop', 'otlp to file'], spans: ['otlp to nop', 'otlp to span_metrics'] };
  for (const [signal, collectors] of Object.entries(contests)) {
    if (asked.signal && asked.signal !== signal) continue;
    const servers = [];
    try {
      servers.push(await startReprise(signal));
      for (const way of collectors) servers.push(await startWay(signal, way));
      for (const row of await compare(signal, servers)) print(row);
    } finally {
      for (const server of servers) await server.stop();
    }
  }
}

try {
  await main();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
