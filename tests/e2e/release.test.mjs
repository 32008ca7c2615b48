// In real browsers, against the real server: an incident arrives while the page is open, two people
// release its run, and the ticket is there.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';

import { chromium } from '../../web/node_modules/playwright-core/index.mjs';
import { skipReason } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = skipReason || (existsSync(chromiumPath) ? false : `${chromiumPath} is missing (CHROMIUM names another)`);
const waitMs = 60_000;
const world = new ShopWorld();
const complaints = [];
let browser;

test.after(async () => {
  await browser?.close();
  await world.stop();
});

/** A person with a browser of their own, signed in by a one-time link. */
async function signIn(link) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(waitMs);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(link);
  await page.waitForSelector('nav.side');
  assert.doesNotMatch(page.url(), /token/, 'the address keeps no token');
  return page;
}

// One of lower risk may have been asked for before every window was in; it is void then.
const waiting = () => world.until('an approval that waits', async () => (
  (await world.session.list('/approvals?state=pending')).find((each) => each.risk === 'critical')));

async function openTheWaiting(page) {
  const { id } = await waiting();
  await page.click('a[href="/approvals"]');
  await page.click(`[data-approval="${id}"] a`);
  await page.waitForURL(new RegExp(`/approvals/${id}$`));
  await page.waitForSelector('.decide .button');
}

async function release(page) {
  await openTheWaiting(page);
  await page.click('button:has-text("Open the evidence")');
  await page.waitForSelector('#evidence .code');
  await page.click('.decide .button:has-text("Approve")');
  await page.fill('#decision-comment', 'seen the trials');
  const hash = (await page.locator('.hash b').first().innerText()).slice(0, 8);
  if (await page.locator('#decision-digits').count() > 0) await page.fill('#decision-digits', hash);
  await page.click('.confirm [type=submit]');
  await page.click('[data-send-now]');
  await page.waitForSelector('.toast:has-text("recorded")');
}

test('two people release a run in the browser and its ticket is written', { skip }, async () => {
  await world.start({ trials: 5, trialRequests: 5 });
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  const first = await signIn(await world.invite('first'));
  const second = await signIn(await world.invite('second'));

  await first.click('a[href="/incidents"]');
  await world.placeOrders();
  await first.click('tbody a.strong:has-text("POST /orders")');
  await first.waitForSelector('text=reproduced');

  await openTheWaiting(first);
  await first.click('.decide .button:has-text("Reject")');
  assert.equal(await first.isDisabled('.confirm [type=submit]'), true, 'no rejection without a comment');
  await first.keyboard.press('Escape');
  const approval = await waiting();
  assert.equal(approval.risk, 'critical', 'every second request failed');

  await release(first);
  assert.equal((await world.session.item(`/approvals/${approval.id}`)).state, 'pending', 'one is not enough');
  await release(second);
  assert.notEqual((await world.session.item(`/approvals/${approval.id}`)).state, 'pending');

  await first.click(`a[href="/incidents/${approval.incident_id}"]`);
  await first.waitForSelector('text=/[Tt]icket.*(written|published|open)/');
  const written = (await world.session.list('/publications')).filter((one) => one.state === 'published');
  assert.equal(written.length, 1);
  assert.deepEqual(complaints, []);
});
