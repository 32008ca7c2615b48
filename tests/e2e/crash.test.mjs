// kill -9 in the middle of a reproduce run: after the restart the same run is finished, once.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { Session } from '../../examples/demo/api.mjs';
import { skipReason } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const trialRequests = 5;             // And as many of the control.
const trials = 5;
const inSecondTrial = 3 * trialRequests;
const world = new ShopWorld();

test.after(() => world.stop());

async function releaseByApi(approval) {
  const link = await world.invite('second');
  const second = new Session(`http://${new URL(link).host}`);
  await second.signIn(link);
  for (const decider of [world.session, second].slice(0, approval.approvals_needed)) {
    await decider.post(`/approvals/${approval.id}/approve`, {
      content_hash: approval.content_hash, confirm: approval.content_hash.slice(0, 8), comment: 'seen the trials',
    });
  }
}

test('the run goes on after kill -9 and ends once', { skip: skipReason }, async () => {
  await world.start({ trials, trialRequests });
  const held = world.proxy.holdAfter(inSecondTrial);
  await world.placeOrders();
  await held;
  const [before, ...others] = (await world.session.list('/runs')).filter((run) => run.kind === 'reproduce');
  assert.deepEqual(others, []);
  assert.equal(before.state, 'leased');
  const events = await world.session.list(`/runs/${before.id}/events`);
  const measured = events.filter((event) => event.type === 'measurement').length;
  assert.ok(measured > 0 && measured < trials, `${measured} trials measured before the crash`);

  const sentBefore = world.proxy.seen;
  await world.crash();
  const run = await world.until('run', async (state) => {
    const now = await world.session.item(`/runs/${before.id}`);
    state.note = `run ${now.id} is ${now.state} in step ${now.step}, verdict ${now.verdict}`;
    return now.state === 'waiting_approval' ? now : undefined;
  });

  assert.equal(run.verdict, 'reproduced');
  assert.equal(run.attempt, 2);
  const numbers = run.result.trials.map((trial) => trial.number);
  assert.deepEqual(numbers, [...new Set(numbers)], 'each trial counts once');
  const sentAgain = world.proxy.seen - sentBefore;
  assert.ok(sentAgain <= 2 * trialRequests * (trials - measured), `${sentAgain} requests sent after the crash`);
  const ofIncident = await world.session.list(`/runs?incident=${run.incident_id}`);
  assert.equal(ofIncident.length, 1);
  const approvals = (await world.session.list('/approvals?state=pending')).filter((one) => one.run_id === run.id);
  assert.equal(approvals.length, 1);

  await releaseByApi(approvals[0]);
  await world.until('ticket', async () => (await world.session.list('/publications'))
    .find((one) => one.run_id === run.id && one.state === 'published'));
  const folder = path.join(world.reprise.dataDir, 'tickets');
  const tickets = readdirSync(folder).filter((name) => name.includes(run.incident_id));
  assert.equal(tickets.length, 1);
});
