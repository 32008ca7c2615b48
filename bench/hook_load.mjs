// How long a webhook waits for its answer, under a steady load.
//   node bench/hook_load.mjs [--rate 200] [--seconds 20] [--repeats 0.1] [--connections 16] [--json]
// Takes build/ci/server/app/reprise (scripts/lib/build.sh) or what REPRISE_BINARY names. Each delivery is signed, sent
// at its planned time and timed from then on; so many of them are sent twice. At the end every delivery that was taken
// must have been worked on, and counted once.

import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { hideEnvironment, startProcess } from '../examples/common/childProcess.mjs';
import { Report } from '../examples/demo/report.mjs';
import { readMetrics } from '../tests/e2e/support/serverProcess.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const reprise = process.env.REPRISE_BINARY ?? path.join(root, 'build/ci/server/app/reprise');
const ticksPerS = 100;
const settleLimitS = 120;
const secret = 'a-secret-of-the-load-only';

const { values: asked } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' }, seconds: { type: 'string', default: '20' },
    repeats: { type: 'string', default: '0.1' }, connections: { type: 'string', default: '16' },
    json: { type: 'boolean' },
  },
});
const rate = Number(asked.rate);
const total = Math.round(rate * Number(asked.seconds));
const repeats = Number(asked.repeats);
const dir = mkdtempSync(path.join(tmpdir(), 'reprise-hooks-'));

async function startServer() {
  const secretFile = path.join(dir, 'github.secret');
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const server = startProcess('reprise', reprise, [
    'serve', '--server.listen', '127.0.0.1:0', '--server.data_dir', path.join(dir, 'data'),
    '--intake.otlp_grpc', '127.0.0.1:0', '--intake.otlp_http', '127.0.0.1:0',
    '--intake.hooks.github.secret_file', secretFile,
  ], { env: hideEnvironment('REPRISE_') });
  const [, dashboard] = await server.waitLine(/^dashboard: (http:\S+)/);
  return { server, dashboard: new URL(dashboard) };
}

/** A failed workflow, about as large as GitHub writes it. */
function makeDelivery(number) {
  const body = JSON.stringify({
    action: 'completed',
    workflow_run: {
      id: 30_000_000 + number, name: 'Build', run_attempt: 1, workflow_id: number % 20, head_branch: 'main',
      head_sha: 'acb5820ced9479c074f688cc328bf03f341a511d', event: 'push', conclusion: 'failure',
      html_url: `https://github.com/acme/shop/actions/runs/${number}`, updated_at: new Date().toISOString(),
      head_commit: { message: 'x'.repeat(6000) },
    },
    repository: { name: 'shop', full_name: 'acme/shop', html_url: 'https://github.com/acme/shop' },
  });
  return { id: `delivery-${number}`, body, signature: createHmac('sha256', secret).update(body).digest('hex') };
}

function send(agent, dashboard, { id, body, signature }) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL('/api/v1/hooks/github', dashboard), {
      method: 'POST', agent,
      headers: {
        'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'X-GitHub-Event': 'workflow_run',
        'X-GitHub-Delivery': id, 'X-Hub-Signature-256': `sha256=${signature}`,
      },
    }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function readCpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * (1000 / ticksPerS);
}

/** Sends everything at its planned time; resolves to the waits in ms and the answers by status. */
async function drive(dashboard) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number(asked.connections) });
  const waits = [];
  const statuses = new Map();
  const open = [];
  const begin = performance.now() + 100;
  for (let number = 0; number < total; ++number) {
    const delivery = makeDelivery(Math.floor(number * (1 - repeats)));
    const plannedMs = begin + (number * 1000) / rate;
    const early = plannedMs - performance.now();
    if (early > 0)
      await new Promise((resolve) => { setTimeout(resolve, early); });
    open.push(send(agent, dashboard, delivery).then((status) => {
      waits.push(performance.now() - plannedMs);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }));
  }
  await Promise.all(open);
  agent.destroy();
  waits.sort((a, b) => a - b);
  return { waits, statuses };
}

const { server, dashboard } = await startServer();
try {
  const cpuBefore = readCpuMs(server.pid);
  const { waits, statuses } = await drive(dashboard);
  const answeredCpuMs = readCpuMs(server.pid) - cpuBefore;
  const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
  const taken = statuses.get(202) ?? 0;
  const begin = performance.now();
  const done = 'reprise_hooks_processed_total{result="done"}';
  await new Report().until('hooks', settleLimitS, async (state) => {
    const now = await readMetrics(dashboard.origin);
    state.note = `${now.get(done)} of ${taken} are worked on`;
    return now.get(done) >= taken || undefined;
  });
  const behindMs = performance.now() - begin;
  const metrics = await readMetrics(dashboard.origin);
  const result = {
    rate, sent: waits.length, statuses: Object.fromEntries(statuses), p50_ms: at(0.5), p90_ms: at(0.9),
    p99_ms: at(0.99), max_ms: waits.at(-1), cpu_ms_per_hook: answeredCpuMs / waits.length, worked_on: metrics.get(done),
    alarms: metrics.get('reprise_hook_alarms_total'), behind_ms: behindMs,
  };
  if (asked.json) {
    console.log(JSON.stringify(result));
  } else {
    console.log(`${result.sent} deliveries at ${rate}/s: ${JSON.stringify(result.statuses)}`);
    console.log(`answered in p50 ${result.p50_ms.toFixed(1)} ms, p90 ${result.p90_ms.toFixed(1)} ms, `
      + `p99 ${result.p99_ms.toFixed(1)} ms, at most ${result.max_ms.toFixed(1)} ms`);
    console.log(`${result.cpu_ms_per_hook.toFixed(2)} ms of processor each, reading them included; `
      + `${result.worked_on} worked on, ${result.alarms} alarms, ${behindMs.toFixed(0)} ms behind the last answer`);
  }
  if (result.worked_on !== taken || result.alarms !== taken)
    process.exitCode = 1;
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
