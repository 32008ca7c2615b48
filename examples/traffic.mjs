// Sends seeded traffic to the example services: a quiet phase, the deploy of the defects, a phase
// with them. Prints one JSON line per phase.
//
//   node traffic.mjs --shop URL --radar URL [--baseline-s 45] [--fault-s 20] [--pause-s 3] [--seed 1]
//
// --fault-s 0 goes on until SIGTERM. --pause-s is the silence around the deploy, so that no window
// holds answers of both versions.

import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { planTraffic } from './trafficPlan.mjs';

const outstandingMax = 200;
const answerTimeoutMs = 10_000;
const endlessSliceS = 10;

const { values: options } = parseArgs({
  options: {
    shop: { type: 'string' },
    radar: { type: 'string' },
    'baseline-s': { type: 'string', default: '45' },
    'fault-s': { type: 'string', default: '20' },
    'pause-s': { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});

function secondsOf(name) {
  const value = Number(options[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`traffic: --${name} must be a number of seconds, not "${options[name]}"`);
  return process.exit(64);
}

const baselineS = secondsOf('baseline-s');
const faultS = secondsOf('fault-s');
const pauseS = secondsOf('pause-s');
if (!options.shop || !options.radar) {
  console.error('traffic: name the services: --shop http://127.0.0.1:4383 --radar http://127.0.0.1:4384');
  process.exit(64);
}
const targets = { shop: options.shop, radar: options.radar };
const agent = new http.Agent({ keepAlive: true, maxSockets: outstandingMax });

const stopped = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stopped.abort());

function send(target, request) {
  return new Promise((resolve) => {
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const headers = body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {};
    const call = http.request(new URL(request.path, target), {
      method: request.method, headers, agent, timeout: answerTimeoutMs,
    }, (response) => response.resume().on('end', () => resolve(response.statusCode)));
    call.on('timeout', () => call.destroy(new Error('timed out')));
    call.on('error', () => resolve(0));
    call.end(body);
  });
}

/** Sends each request at its time; {sent, skipped, byStatus}. Skipped = too many unanswered. */
async function drive(requests) {
  const counts = { sent: 0, skipped: 0, byStatus: {} };
  const outstanding = new Set();
  const startMs = performance.now();
  for (const request of requests) {
    const waitMs = request.atMs - (performance.now() - startMs);
    if (waitMs > 0) await pause(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    if (stopped.signal.aborted) break;
    if (outstanding.size >= outstandingMax) {
      counts.skipped += 1;
      continue;
    }
    counts.sent += 1;
    const answered = send(targets[request.service], request).then((status) => {
      counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
      outstanding.delete(answered);
    });
    outstanding.add(answered);
  }
  await Promise.all(outstanding);
  return counts;
}

function say(phase, more = {}) {
  console.log(JSON.stringify({ phase, at: new Date().toISOString(), ...more }));
}

async function deploy() {
  await pause(pauseS * 1000, undefined, { signal: stopped.signal }).catch(() => undefined);
  if (stopped.signal.aborted) return;
  const status = await send(targets.shop, { method: 'POST', path: '/admin/deploy', body: { version: 2 } });
  if (status !== 200) throw new Error(`the shop answered ${status} to the deploy`);
  say('deployed', { shop: 2 });
  await pause(pauseS * 1000, undefined, { signal: stopped.signal }).catch(() => undefined);
}

async function runFaults(seed) {
  if (faultS > 0) return drive(planTraffic({ seed, seconds: faultS, faults: true }));
  let slice = 0;
  while (!stopped.signal.aborted) {
    await drive(planTraffic({ seed: seed + slice, seconds: endlessSliceS, faults: true }));
    slice += 1;
  }
  return { slices: slice };
}

const seed = Number(options.seed);
say('baseline', { seconds: baselineS, seed });
say('baseline_done', await drive(planTraffic({ seed, seconds: baselineS, faults: false })));
if (!stopped.signal.aborted) await deploy();
say('fault', { seconds: faultS });
say('done', await runFaults(seed + 1000));
agent.destroy();
