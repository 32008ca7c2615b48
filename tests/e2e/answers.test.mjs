// What the shop answered to a replay, beside what was captured and what its last good version says: from the incident's
// proof and from the run to the difference, by pointer and by keyboard, in both themes.

import assert from 'node:assert/strict';
import test from 'node:test';

import { DashboardBrowser, look, settle, skip } from './support/dashboardBrowser.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const world = new ShopWorld();
const browser = new DashboardBrowser();
let page;
let incident;
let run;

test.before(async () => {
  if (skip) return;
  await world.start({ trials: 5, trialRequests: 6, lastGood: true });
  await world.placeOrders();
  incident = await world.until('incident', async () => (await world.session.list('/incidents'))
    .find((each) => each.service === 'shop' && each.kinds.includes('error_rate')));
  run = await world.until('verdict', async () => (await world.session.list(`/runs?incident=${incident.id}`))
    .find((each) => each.kind === 'reproduce' && each.verdict));
  await browser.start();
  page = await browser.signIn(await world.invite('reader'));
});
test.after(async () => {
  await browser.stop();
  if (!skip) await world.stop();
});

const address = () => new URL(page.url());

async function open(path) {
  await page.goto(world.reprise.dashboard + path);
  await page.waitForSelector('.live:has-text("Live")');
  await settle(page);
}

const failing = (rows) => rows.filter((row) => row.role !== 'control');

test('what was answered is kept, one row for each exchange that was sent', { skip }, async () => {
  const rows = await world.session.list(`/runs/${run.id}/answers`);

  assert.equal(run.verdict, 'reproduced');
  assert.ok(failing(rows).length > 0 && failing(rows).length < rows.length);
  for (const row of failing(rows)) {
    assert.equal(row.captured.status, 500);
    assert.equal(row.replayed.status, 500);
    assert.equal(row.replayed.shows, true);
    assert.ok(row.replayed.latency_ms > 0);
    assert.ok(row.last_good.status < 300, `last good ${row.last_good.status}`);
    assert.equal(row.match, 'same', 'the same failure again');
  }
  const sent = rows.flatMap((row) => [row.replayed, row.last_good ?? { answers: [] }])
    .flatMap((figure) => figure.answers).reduce((sum, each) => sum + each.count, 0);
  assert.equal(sent, 5 * 6 * 3, 'every request of every arm is counted once');
});

test('the proof of the incident is one line that leads to the difference', { skip }, async () => {
  await open(`/incidents/${incident.id}`);

  const line = page.locator('a:has-text("Captured 500, replayed 500 in 30 of 30, last good 20")');
  await line.click();
  await page.waitForSelector('[aria-label="Captured, replayed and last good in figures"]');

  assert.equal(address().searchParams.get('tab'), 'replayed');
  assert.equal(address().searchParams.get('run'), run.id);
  const figures = await page.innerText('[aria-label="Captured, replayed and last good in figures"]');
  assert.match(figures, /Status\s+HTTP 500\s+HTTP 500\s+HTTP 20\d/);
  assert.match(figures, /which shows it/);
  assert.match(await page.innerText('#exchange'), /as captured/);
});

test('what the last good version says differs, field by field', { skip }, async () => {
  await page.click('button:has-text("last good \u2192 replayed")');

  assert.equal(address().searchParams.get('pair'), 'last_good-replayed');
  const fields = await page.innerText('[aria-label="Fields that differ"]');
  assert.match(fields, /status\s+20\d\s+500\s+changed/);
  assert.ok(await page.locator('.diff-removed').count() > 1);
  await look(page, 'answers-difference');
});

test('a field can be left out of the comparison, and the address says so', { skip }, async () => {
  const before = await page.innerText('#exchange');
  await page.click('button:has-text("ignore status")');
  await page.waitForSelector('text=count it again: status');

  assert.equal(address().searchParams.get('ignore'), 'status');
  assert.match(await page.innerText('[aria-label="Fields that differ"]'), /does not count: the rule status/);
  assert.notEqual(await page.innerText('#exchange'), before);
  await page.click('button:has-text("count it again: status")');
  await page.waitForSelector('button:has-text("ignore status")');
  assert.equal(address().searchParams.get('ignore'), null);
});

test('the whole answer can be read, laid out and as it came, and the request copied as curl', { skip }, async () => {
  await page.click('button:has-text("Replayed answer")');
  await page.waitForSelector('[aria-label="Replayed body"]');

  assert.equal(address().searchParams.get('show'), 'replayed');
  assert.match(await page.innerText('[aria-label="Replayed body"]'), /error/);
  assert.ok(await page.locator('button:has-text("Copy as curl")').isVisible());
  await look(page, 'answers-whole');
});

test('another exchange keeps the view; one that is not measured says why', { skip }, async () => {
  const rows = await world.session.list(`/runs/${run.id}/answers`);
  const control = rows.find((row) => row.role === 'control');
  await open(`/evidence/${run.evidence_id}?x=${control.exchange + 1}`);
  await page.keyboard.press('r');
  await page.waitForSelector('[aria-label="Captured, replayed and last good in figures"]');

  assert.equal(address().searchParams.get('tab'), 'replayed');
  assert.match(await page.innerText('#exchange'), /HTTP 20\d/);

  const { exchanges } = (await world.session.get(`/evidence/${run.evidence_id}/manifest`)).item;
  const other = exchanges.findIndex((each) => each.role === 'context');
  if (other < 0) return;
  await open(`/evidence/${run.evidence_id}?x=${other + 1}&tab=replayed`);
  await page.waitForSelector('text=Nothing is kept of it in this run.');
});

test('the run says how much worse, how sure that is, and each exchange leads to its difference', { skip }, async () => {
  await open(`/runs/${run.id}`);

  const arms = await page.innerText('[aria-label="The failing requests beside what they are compared with"]');
  assert.match(arms, /Last good version decides/);
  assert.match(arms, /\+100 %\s+worse\s+in 5 of 5 trials, weakest p = 0\.0011|\+100 %\s+worse\s+in 5 of 5 trials/);
  assert.match(arms, /n 30/);
  const answers = page.locator('[aria-label="What targets answered, beside what was captured"]');
  assert.match(await answers.innerText(), /500 in \d+ of \d+/);
  await look(page, 'answers-run');

  await answers.locator('a').first().click();
  await page.waitForSelector('[aria-label="Captured, replayed and last good in figures"]');
  assert.equal(address().searchParams.get('run'), run.id);
});

test('nothing of it was refused by the page\'s own policy', { skip }, () => {
  assert.deepEqual(browser.complaints, []);
});
