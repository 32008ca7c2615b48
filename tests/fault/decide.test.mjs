// kill -9 of server and workers, again and again, while alarms arrive and people race to release: each incident ends with
// exactly one ticket, each fix with one pull request, the audit chain holds and no run is stuck. A tracker in memory, a
// test part, answers only most of what it carries out. REPRISE_CRASHES says how often; scripts/test --crash takes 100.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { hideEnvironment, startProcess, startService } from '../../examples/common/childProcess.mjs';
import { Session } from '../../examples/demo/api.mjs';
import { Report } from '../../examples/demo/report.mjs';
import { requestJson } from '../../examples/test/support/request.mjs';
import { binary, findFreePort, Reprise, skipReason } from '../e2e/support/serverProcess.mjs';
import { AlarmSender } from './alarmSender.mjs';
import { Deciders, listActive } from './deciders.mjs';
import { GithubServer } from './githubServer.mjs';

const crashes = Number(process.env.REPRISE_CRASHES ?? 3);
const workerCrashEach = 3;
const fixEach = 4;
const loseEach = 3;
const limitS = 400;  // A tracker whose answer was lost is asked again after a minute, later after two.
const token = 'a-token-of-the-tracker';
const workerToken = 'a-token-of-a-worker-0123456789';

const secrets = mkdtempSync(path.join(tmpdir(), 'reprise-decide-'));
const github = new GithubServer({ token, loseEach });
const report = new Report();
const started = [];
let reprise;

test.after(async () => {
  for (const one of started.reverse()) await one.stop();
  await reprise?.stop();
  reprise?.removeData();
  await github.close();
  rmSync(secrets, { recursive: true, force: true });
});

function secretFile(name, text) {
  const file = path.join(secrets, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

class Worker {
  #process;
  #args;

  constructor(args) {
    this.#args = args;
  }

  async start() {
    this.#process = startProcess('worker', binary, this.#args, { env: hideEnvironment('REPRISE_') });
    await this.#process.waitLine(/^worker: /);
  }

  async crash() {
    this.#process.kill('SIGKILL');
    await this.#process.exited;
  }

  stop() {
    return this.#process.stop();
  }
}

async function startShop(otlpHttp) {
  const script = new URL('../../examples/shop/service.mjs', import.meta.url).pathname;
  const shop = await startService('shop', script, {
    env: {
      SHOP_VERSION: '2', OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  });
  started.push(shop);
  return shop;
}

async function placeOrders(shop) {
  const order = { customer_id: 1, sku: 'toys-1', quantity: 1 };
  const turn = [order, order, { ...order, discount_code: 'SPRING' }];
  for (let step = 0; step < 3; step += 1) {
    await Promise.all(Array(10).fill(turn).flat().map((one) => requestJson('POST', `${shop.url}/orders`, one)));
  }
}

/** Words that no other alarm has: problems are told apart by what they say, not by their numbers. */
function wordsOf(id) {
  const digits = createHash('sha256').update(id).digest('hex');
  return digits.replace(/\d/g, (digit) => 'ghijklmnop'[digit]).match(/.{8}/g).join(' ');
}

/** Two alarms a round; every fourth round one of them comes with a fix. */
function addAlarms(alarms, round) {
  const fixed = round % fixEach === 0;
  for (const [service, severity] of [['jobs', 'low'], ['orders', 'medium']]) {
    const words = wordsOf(`${service}-${round}`);
    const note = fixed && service === 'orders' ? ' with a fix at hand' : '';
    alarms.add({
      id: `${service}-${round}`, title: `${words.slice(0, 26)}${note}`, service, severity,
      error_type: `E_${words.slice(0, 8)}`, description: words,
    });
  }
  return fixed;
}

function countBy(items, keyOf) {
  const counts = new Map();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

const incidentIn = (text) => /\b([0-9A-HJKMNP-TV-Z]{26})-g\d+/.exec(text)?.[1];

test(`${crashes} times kill -9 while people decide: one ticket each, one pull request per fix`, { skip: skipReason }, async () => {
  await github.listen();
  const alarms = new AlarmSender();
  const ports = { dashboard: await findFreePort(), otlpGrpc: 0, otlpHttp: await findFreePort() };
  const workers = `127.0.0.1:${await findFreePort()}`;
  const otlpHttp = `http://127.0.0.1:${ports.otlpHttp}`;
  const tokens = secretFile('workers', `test:${workerToken}\n`);
  const shop = await startShop(otlpHttp);
  reprise = new Reprise({
    ports,
    targets: [shop.url],
    trials: 20,
    trialRequests: 20,
    intake: { alarm_evidence_wait: '1s', hooks: { generic: [`chaos=${secretFile('chaos', alarms.secret)}`] } },
    sections: {
      workers: { listen: workers, tokens_file: tokens, replay_here: 'no' },
      forge: { github: { api_url: github.url, token_file: secretFile('github', token) } },
    },
  });
  let operator = await reprise.start();
  alarms.direct(reprise.dashboard, 'chaos');
  const approvers = [];
  for (const name of ['first', 'second']) {
    const { link } = await operator.post('/users', { name, roles: ['viewer', 'approver'] });
    const session = new Session(reprise.dashboard);
    await session.signIn(link);
    approvers.push(session);
  }
  const far = new Worker([
    'worker', '--server', `http://${workers}`, '--token-file', secretFile('worker', workerToken), '--replay.targets', shop.url,
  ]);
  await far.start();
  started.push(far);
  const deciders = new Deciders(() => ({ operator, approvers }), shop.url, 'github:acme/shop');
  deciders.start();
  await placeOrders(shop);

  let fixes = 0;
  for (let round = 0; round < crashes; round += 1) {
    fixes += addAlarms(alarms, round) ? 1 : 0;
    const before = deciders.deeds;
    const enough = 1 + Math.floor(Math.random() * 2);
    await report.until(`round ${round}`, limitS, async (state) => {
      await alarms.flush();
      state.note = `${deciders.deeds - before} deeds, ${alarms.waiting} alarms not taken, ${deciders.refusals.at(-1) ?? 'nothing refused'}`;
      return deciders.deeds - before >= enough || undefined;
    });
    if (round % workerCrashEach === 0) {
      await far.crash();
      await far.start();
    }
    await reprise.crash();
    operator = await reprise.start();
  }
  await report.until('alarms', limitS, async () => {
    await alarms.flush();
    return alarms.waiting === 0 || undefined;
  });

  const incidents = await report.until('tickets', limitS, async (state) => {
    const all = await operator.list('/incidents');
    const active = await listActive(operator);
    const done = (one) => one.status === 'submitted' && (one.phase === 'pr_open' || !one.title.includes('with a fix'));
    const open = all.filter((incident) => !done(incident));
    const errors = active.map((run) => `${run.state} ${run.step} ${run.error ?? ''}`).join('; ');
    state.note = `${deciders.refusals.at(-1) ?? ''} ${errors} ${open.length} of ${all.length} incidents, ${active.length} runs open: `
      + [...countBy(open, (one) => `${one.status}(${one.reason || one.phase})`)].map(([place, n]) => `${n} ${place}`).join(', ');
    return open.length === 0 && active.length === 0 && all.length >= 2 * crashes + 1 ? all : undefined;
  });
  await deciders.stop();

  assert.equal(incidents.length, 2 * crashes + 1, 'one incident per alarm, one of the shop');
  assert.equal(alarms.acknowledged.size, 2 * crashes);
  for (const incident of incidents.filter((one) => one.service !== 'shop')) {
    assert.equal(incident.occurrences, 1, `${incident.title} was counted once`);
  }
  const tickets = countBy(github.issues, (issue) => incidentIn(issue.body));
  const pulls = countBy(github.pulls, (pull) => incidentIn(pull.body));
  for (const incident of incidents) {
    const fixed = incident.title.includes('with a fix');
    assert.equal(tickets.get(incident.id) ?? 0, 1, `tickets of ${incident.id} ${incident.title}`);
    assert.equal(pulls.get(incident.id) ?? 0, fixed ? 1 : 0, `pull requests of ${incident.id} ${incident.title}`);
  }
  assert.equal(github.issues.length, incidents.length);
  assert.equal(github.pulls.length, fixes);
  for (const [approval, count] of deciders.approved) {
    const { approvals_needed: needed } = await operator.item(`/approvals/${approval}`);
    assert.ok(count <= needed, `${approval} took ${count} of ${needed} decisions`);
  }
  const audit = await operator.item('/audit/verify');
  assert.equal(audit.ok, true, audit.reason);
  assert.ok(github.lost > 0, 'answers of the tracker were lost');
  console.log(`${crashes} crashes: ${incidents.length} incidents, ${github.issues.length} tickets, ${github.pulls.length} pull `
    + `requests, ${github.lost} answers lost, ${deciders.conflicts} second decisions and stale asks refused, `
    + `${deciders.replayed} dead letters replayed, ${audit.rows} audit rows verify`);
});
