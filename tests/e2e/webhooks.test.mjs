// What a receiver of webhooks sees of an incident and its approval: each notice signed so that the specification's own
// library believes it, again under the same id when the receiver was busy, and none lost when the server is killed.

import assert from 'node:assert/strict';
import test from 'node:test';

import { readMetrics, skipReason } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';
import { WebhookReceiver } from './support/webhookReceiver.mjs';

const world = new ShopWorld();
const receiver = new WebhookReceiver();

test.after(async () => {
  await world.stop();
  await receiver.stop();
});

test('notices reach a webhook, verified, through a busy receiver and a killed server', { skip: skipReason }, async () => {
  await receiver.start();
  await world.start({ trials: 2, trialRequests: 5, sections: { forge: { webhooks: { allow: ['127.0.0.0/8'] } } } });
  await assert.rejects(world.session.post('/webhooks', { url: 'http://192.168.0.1/' }), { status: 422 });
  const made = await world.session.post('/webhooks', { url: receiver.url, description: 'the test' });
  receiver.believe(made.secret);

  receiver.refuse = 1;
  await world.placeOrders();
  await world.until('approval.opened', () => receiver.ids('approval.opened').size > 0 || undefined);
  // Whichever was refused comes again after five seconds.
  await world.until('incident.opened', () => receiver.ids('incident.opened').size > 0 || undefined);
  assert.equal(receiver.refused, 1);
  const [incident] = await world.session.list('/incidents');
  const opened = receiver.taken.find((one) => one.type === 'incident.opened');
  assert.equal(opened.data.incident_id, incident.id);
  assert.equal(opened.data.url, `${world.reprise.dashboard}/incidents/${incident.id}`);
  const text = JSON.stringify(receiver.taken);
  assert.ok(!text.includes('orders') && !text.includes('sku'), 'ids and numbers, nothing that was captured');

  const [approval] = await world.session.list('/approvals?state=pending');
  receiver.refuse = Infinity;
  await world.session.post(`/approvals/${approval.id}/reject`, { content_hash: approval.content_hash, comment: 'no' });
  await world.until('a refused attempt', async () => {
    const waiting = await world.session.list('/deliveries?state=pending');
    const refused = waiting.some((one) => one.type === 'approval.decided') && waiting.every((one) => one.status === 503);
    return refused || undefined;
  });
  await world.crash();
  receiver.refuse = 0;
  await world.until('approval.decided', () => receiver.ids('approval.decided').size > 0 || undefined);
  const decided = receiver.taken.find((one) => one.type === 'approval.decided');
  assert.equal(decided.data.approval_id, approval.id);
  assert.equal(decided.data.state, 'rejected');
  assert.deepEqual(receiver.faults, []);

  await world.until('an empty queue', async () => (
    (await world.session.list('/deliveries?state=pending')).length === 0 || undefined));
  const deliveries = await world.session.list('/deliveries');
  assert.ok(deliveries.every((one) => one.state === 'delivered'), JSON.stringify(deliveries));
  assert.deepEqual(new Set(receiver.taken.map((one) => one.id)), new Set(deliveries.map((one) => one.message_id)));
  const metrics = await readMetrics(world.reprise.dashboard);
  assert.equal(metrics.get('reprise_deliveries_dropped'), 0);
});

test('a rotated secret is believed beside the old one', { skip: skipReason }, async () => {
  const [webhook] = await world.session.list('/webhooks');
  const { secret } = await world.session.post(`/webhooks/${webhook.id}/rotate`, { overlap_hours: 1 });
  const again = async () => {
    const [last] = await world.session.list('/deliveries?state=delivered');
    const before = receiver.taken.length;
    await world.session.post(`/deliveries/${last.id}/replay`, {});
    await world.until('the replay', () => receiver.taken.length > before || receiver.faults.length > 0 || undefined);
  };
  await again();
  receiver.believe(secret);
  await again();
  assert.deepEqual(receiver.faults, []);
});
