// In a real browser, against the real server with real traffic: from an incident to what was captured of it, two
// exchanges beside each other, the run with a long log, the service's charts; by keyboard; in both themes; and the
// server goes away and comes back.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { chromium } from '../../web/node_modules/playwright-core/index.mjs';
import { findFreePort, skipReason } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = skipReason || (existsSync(chromiumPath) ? false : `${chromiumPath} is missing (CHROMIUM names another)`);
const waitMs = 30_000;
const logLines = 100_000;
const linesPerAnswer = 5000;
const axe = readFileSync(new URL('../../web/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const complaints = [];
const world = new ShopWorld();
let away = false;  // While the server is, the browser says so in its console.
let browser;
let page;
let debug;
let incident;
let run;

test.before(async () => {
  if (skip) return;
  await world.start({ trials: 2, trialRequests: 6, dashboard: await findFreePort() });
  await world.placeOrders();
  incident = await world.until('incident', async () => (await world.session.list('/incidents'))
    .find((each) => each.service === 'shop' && each.kinds.includes('error_rate')));
  run = await world.until('verdict', async () => (await world.session.list(`/runs?incident=${incident.id}`))
    .find((each) => each.kind === 'reproduce' && each.verdict));
  const roles = ['viewer', 'operator', 'approver'];
  const { link } = await world.session.post('/users', { name: 'reader', roles });
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(waitMs);
  debug = await context.newCDPSession(page);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !away) complaints.push(message.text());
  });
  page.on('dialog', (dialog) => complaints.push(`a dialog says ${dialog.message()}`));
  await page.goto(link);
  await page.waitForSelector('nav.side');
});
test.after(async () => {
  await browser?.close();
  if (!skip) await world.stop();
});

const address = () => new URL(page.url());
const text = (selector) => page.innerText(selector);

async function open(path) {
  await page.goto(world.reprise.dashboard + path);
  await page.waitForSelector('.live:has-text("Live")');
  await page.waitForFunction(() => document.querySelector('.skeleton') === null);
}

async function violations() {
  // The policy of the page keeps other scripts out; this one comes in through the debugger.
  await debug.send('Runtime.evaluate', { expression: axe });
  const expression = `axe.run(document, { runOnly: ${JSON.stringify(axeTags)} }).then((found) =>
    JSON.stringify(found.violations.map((each) => each.id + ': ' + each.nodes[0].target.join(' '))))`;
  const asked = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await debug.send('Runtime.evaluate', asked);
  assert.equal(exceptionDetails, undefined);
  return JSON.parse(result.value);
}

async function looksRight(where) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await violations(), [], `${where}, ${colorScheme}, ${width} px`);
      const wide = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth - clientWidth;
      });
      assert.ok(wide <= 0, `${where} scrolls sideways by ${wide} px at ${width} px`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

test('an incident leads to the evidence of it, which says what was kept', { skip }, async () => {
  await open(`/incidents/${incident.id}`);

  await page.click('text=All evidence');
  await page.waitForSelector('.exchange-row');
  await page.waitForSelector('#exchange:has-text("POST /orders")');

  assert.match(address().pathname, /^\/evidence\/\w{26}$/);
  assert.match(await text('h1'), /failing exchanges? and \d+ good ones? of shop/);
  assert.match(await text('main'), /Redacted before it was stored/);
  await looksRight('evidence');
});

test('two exchanges are compared by keyboard alone: what the good one has is seen', { skip }, async () => {
  await open(`/evidence/${run.evidence_id}`);
  await page.waitForSelector('.exchange-row');

  await page.keyboard.press('j');
  await page.waitForFunction(() => new URL(location.href).searchParams.get('x') === '2');
  await page.keyboard.press('k');
  await page.keyboard.press('d');
  await page.waitForSelector('.diff .diff-added');

  const added = (await page.locator('.diff .diff-added').allInnerTexts()).join('\n');
  assert.match(added, /"discount_code": "SPRING"/);
  assert.equal(address().searchParams.get('tab'), 'compare');
  await looksRight('comparison');
  await page.reload();
  await page.waitForSelector('.diff .diff-added');
  await page.goBack();
});

test('an exchange is copied as curl and the bundle is had in three forms', { skip }, async () => {
  await open(`/evidence/${run.evidence_id}?tab=curl`);
  await page.waitForSelector('[aria-label="curl command"]');

  assert.match(await text('[aria-label="curl command"]'), /^curl [\s\S]*\/orders/);
  const links = await page.locator('a[download]').evaluateAll((all) => all.map((each) => each.getAttribute('href')));
  const answers = await page.evaluate((urls) => Promise.all(urls.map(async (url) => {
    const answer = await fetch(url);
    return [answer.status, answer.headers.get('content-disposition'), (await answer.text()).slice(0, 40)];
  })), links);
  assert.deepEqual(answers.map(([status]) => status), [200, 200, 200]);
  assert.match(answers[1][1], /\.har"$/);
  assert.match(answers[2][2], /^#!\/bin\/sh/);
});

test('a run says what it measured with its samples, and a step can be chosen to retry from', { skip }, async () => {
  await open(`/runs/${run.id}`);
  await page.waitForSelector('.log-line');

  assert.match(await text('[aria-label="The failing requests beside what they are compared with"]'), /n \d+/);
  await page.keyboard.press('/');
  await page.keyboard.type('trial');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.log-here mark');
  assert.ok(Number(address().searchParams.get('line')) > 0);
  await looksRight('run');
});

test('a log of a hundred thousand lines is found in and scrolled, and only the lines in sight are in the document', { skip }, async () => {
  const textOf = (i) => (i === 77_776 ? 'the needle <b>here</b>' : `request ${i + 1} answered`);
  const lines = Array.from({ length: logLines }, (_, i) => ({
    sequence: i + 1, at: '2026-11-21T03:59:35Z', type: 'log', data: { text: textOf(i) },
  }));
  await page.route(/\/runs\/[^/]+\/events/, async (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get('after') ?? '0');
    const items = lines.slice(after, after + linesPerAnswer);
    const next = after + linesPerAnswer < logLines ? String(after + linesPerAnswer) : undefined;
    await route.fulfill({ json: { items, next, as_of_seq: 0 } });
  });
  await open(`/runs/${run.id}?find=needle`);
  await page.waitForSelector('[aria-label="Log, 100,000 lines"]');

  await page.click('[aria-label="Find the next"]');
  await page.waitForSelector('.log-here');
  const drawn = await page.evaluate(async () => {
    const box = document.querySelector('.virtual-log');
    let most = 0;
    for (let i = 0; i < 120; i += 1) {
      box.scrollTop += 4100;
      await new Promise(requestAnimationFrame);
      most = Math.max(most, document.querySelectorAll('.log-line').length);
    }
    return most;
  });
  await page.unroute(/\/runs\/[^/]+\/events/);

  assert.match(await text('.log-chosen'), /the needle <b>here<\/b>/);
  assert.ok(drawn > 0 && drawn < 100, `${drawn} lines are drawn`);
});

test('the charts of a service are zoomed by keyboard, and the address keeps the stretch', { skip }, async () => {
  await open('/services/shop');
  await page.waitForSelector('.u-over');

  await page.focus('.chart-keys');
  await page.keyboard.press('ArrowLeft');
  assert.match(await text('.chart-point'), /n \d+/);
  await page.click('summary:has-text("Show as table")');
  assert.ok(await page.locator('[aria-label="Windows as a table"] tbody tr').count() > 0);
  await looksRight('service');
  await open('/services/shop?metric=p95&from=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z');
  await page.click('text=Show all');
  await page.waitForSelector('.u-over');
  assert.equal(address().search, '?metric=p95');
});

test('times are in UTC for who wants them, from the palette', { skip }, async () => {
  await open(`/evidence/${run.evidence_id}`);

  await page.keyboard.press('Control+k');
  await page.waitForSelector('.palette-item');
  await page.keyboard.type('utc');
  await page.keyboard.press('Enter');
  await page.waitForSelector('button:has-text("Times in UTC")');

  const [shown, machine] = await page.locator('main time').first().evaluate((each) => [each.innerText, each.dateTime]);
  const isUtc = machine.slice(11, 19) === shown || shown.endsWith(machine.slice(11, 16));
  assert.ok(isUtc, `${machine} is shown as ${shown}`);
  await page.click('button:has-text("Times in UTC")');
});

test('the server goes away and comes back: the screen keeps what it has and is live again', { skip }, async () => {
  await open(`/runs/${run.id}`);
  const before = await text('h1');
  away = true;

  await world.crash();
  await page.waitForSelector('.live:has-text("Live")');
  away = false;

  assert.equal(await text('h1'), before);
  await page.click('a:has-text("Evidence")');
  await page.waitForSelector('.exchange-row');
});

test('nothing broke the policy of the page, failed or opened a dialog', { skip }, () => {
  assert.deepEqual(complaints, []);
});
