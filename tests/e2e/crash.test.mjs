// kill -9 in the middle of a reproduce run: after the restart the same run is finished, once.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { startService } from '../../examples/common/childProcess.mjs';
import { Session } from '../../examples/demo/api.mjs';
import { Report } from '../../examples/demo/report.mjs';
import { requestJson } from '../../examples/test/support/request.mjs';
import { findFreePort, Reprise, skipReason } from './support/serverProcess.mjs';

const limitS = 90;
const script = (name) => new URL(`../../examples/radar/${name}`, import.meta.url).pathname;
const report = new Report();
const started = [];
let reprise;

test.after(async () => {
  for (const service of started.reverse()) await service.stop();
  await reprise?.stop();
  reprise?.removeData();
});

async function startRadar(ports) {
  const upstream = await startService('upstream', script('upstream.mjs'));
  started.push(upstream);
  const radar = await startService('radar', script('service.mjs'), {
    env: {
      RADAR_PORT: String(ports.radar),
      RADAR_UPSTREAM: upstream.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlpGrpc}`,
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  });
  started.push(radar);
  return radar;
}

/** Small and large syncs until the reproduce run of the burst has measured its first trial. */
async function driveUntilFirstTrial(session, radar) {
  return report.until('run', limitS, async (state) => {
    for (const mailbox of ['team', 'team', 'inbox']) await requestJson('POST', `${radar.url}/sync`, { mailbox });
    const [run] = (await session.list('/runs')).filter((candidate) => candidate.kind === 'reproduce');
    if (!run) return undefined;
    state.note = `run ${run.id} is ${run.state} in step ${run.step}`;
    const events = await session.list(`/runs/${run.id}/events`);
    return events.some((event) => event.type === 'measurement') ? run : undefined;
  });
}

test('the run goes on after kill -9 and ends once', { skip: skipReason }, async () => {
  const ports = {
    dashboard: 0, otlpGrpc: await findFreePort(), otlpHttp: 0, radar: await findFreePort(),
  };
  const target = `http://127.0.0.1:${ports.radar}`;
  reprise = new Reprise({ ports, targets: [target] });
  let session = await reprise.start();
  const radar = await startRadar(ports);
  await requestJson('POST', `${radar.url}/sync`, { mailbox: 'team' });
  const service = await report.until('service', limitS, async () => (await session.list('/services'))
    .find((candidate) => candidate.name === 'radar'));
  await session.put('/services/radar', {
    replay_target: target, replay_unsafe_methods: true, owner: '',
  }, service.version);
  const before = await driveUntilFirstTrial(session, radar);
  assert.equal(before.verdict, undefined);

  await reprise.crash();
  session = await reprise.start();
  const run = await report.until('run', limitS, async (state) => {
    const now = await session.item(`/runs/${before.id}`);
    state.note = `run ${now.id} is ${now.state} in step ${now.step}`;
    return now.state === 'waiting_approval' ? now : undefined;
  });

  assert.equal(run.verdict, 'reproduced');
  assert.equal(run.attempt, 2);
  const numbers = run.result.trials.map((trial) => trial.number);
  assert.deepEqual(numbers, [...new Set(numbers)], 'each trial counts once');
  const ofIncident = await session.list(`/runs?incident=${run.incident_id}`);
  assert.equal(ofIncident.length, 1);
  const approvals = (await session.list('/approvals?state=pending')).filter((one) => one.run_id === run.id);
  assert.equal(approvals.length, 1);

  const [approval] = approvals;
  // CRITICAL takes two people; how bad the burst got depends on where the windows cut it.
  assert.equal(approval.approvals_needed, approval.risk === 'critical' ? 2 : 1);
  const { link } = await session.post('/users', { name: 'second', roles: ['viewer', 'approver'] });
  const second = new Session(`http://${new URL(link).host}`);
  await second.signIn(link);
  const deciders = [session, second].slice(0, approval.approvals_needed);
  for (const decider of deciders) {
    await decider.post(`/approvals/${approval.id}/approve`, {
      content_hash: approval.content_hash, confirm: approval.content_hash.slice(0, 8), comment: 'seen the trials',
    });
  }
  await report.until('ticket', limitS, async () => (await session.list('/publications'))
    .find((one) => one.run_id === run.id && one.state === 'published'));
  const tickets = readdirSync(path.join(reprise.dataDir, 'tickets')).filter((name) => name.includes(run.incident_id));
  assert.equal(tickets.length, 1);
});
