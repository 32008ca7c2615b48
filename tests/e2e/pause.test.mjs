// In a real browser, against the real server: a person pauses all runs in the middle of a replay, everybody sees it,
// nothing goes on until it is resumed, and then the run ends as if nothing had been.

import assert from 'node:assert/strict';
import test from 'node:test';

import { DashboardBrowser, look, settle, skip, violations } from './support/dashboardBrowser.mjs';
import { readMetrics } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const reason = 'The target is shared with a load test today';
const world = new ShopWorld();
const browser = new DashboardBrowser();
let ada;
let viewer;
let run;

const stored = () => world.session.item(`/runs/${run.id}`);

test.before(async () => {
  if (skip) return;
  await world.start({ trials: 3, trialRequests: 5 });
  await browser.start();
  const { link } = await world.session.post('/users', { name: 'ada', roles: ['viewer', 'operator'] });
  ada = await browser.signIn(link);
  viewer = await browser.signIn(await world.invite('viewer'));
  const held = world.proxy.holdAfter(3);
  await world.placeOrders();
  await held;
  [run] = await world.session.list('/runs');
});
test.after(async () => {
  world.proxy?.release();
  await browser.stop();
  await world.stop();
});

test('who may not operate is not offered the switch', { skip }, async () => {
  await settle(viewer);
  assert.equal(await viewer.locator('button:has-text("Pause all runs")').count(), 0);
});

test('pausing asks for a reason and stops the replay that is under way', { skip }, async () => {
  assert.equal((await stored()).state, 'leased');
  await ada.click('button:has-text("Pause all runs")');
  await ada.waitForSelector('dialog[open]');
  assert.equal(await ada.isDisabled('dialog [type=submit]'), true, 'not without a reason');
  await ada.fill('dialog textarea', reason);
  await look(ada, 'pause-dialog');
  await ada.click('dialog [type=submit]');
  await ada.waitForSelector(`.banner-paused:has-text("${reason}")`);
  await ada.waitForSelector('button:has-text("Resume all runs")');
  const back = await stored();
  assert.equal(back.state, 'queued');
  assert.equal(back.attempt, 0, 'it is no attempt');
});

test('everybody sees it at once, by whom and why', { skip }, async () => {
  await viewer.waitForSelector(`.banner-paused:has-text("by ada"):has-text("${reason}")`);
  assert.equal(await viewer.locator('.banner-paused button').count(), 0);
  await look(viewer, 'paused');
  assert.deepEqual(await violations(viewer), []);
  await viewer.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await violations(viewer), []);
});

test('nothing is claimed until it is resumed, and then the run goes on', { skip }, async () => {
  world.proxy.release();
  await world.until('the figure of the switch', async () => (
    (await readMetrics(world.reprise.dashboard)).get('reprise_all_runs_paused') === 1 || undefined));
  assert.equal((await stored()).state, 'queued');

  await ada.keyboard.press('Control+k');
  await ada.keyboard.type('resume all');
  await ada.keyboard.press('Enter');
  await ada.click('dialog [type=submit]');
  await ada.waitForSelector('.banner-paused', { state: 'detached' });
  await viewer.waitForSelector('.banner-paused', { state: 'detached' });
  const approval = await world.until('an approval', async () => (await world.session.list('/approvals?state=pending'))[0]);
  assert.equal(approval.run_id, run.id);
  assert.equal((await stored()).attempt, 1);
  assert.deepEqual(browser.complaints, []);
});
