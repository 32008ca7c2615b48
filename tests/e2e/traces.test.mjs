// In a real browser, against the real server: traces that were sent are listed, opened, searched, compared, by keyboard
// alone; one of ten thousand spans is painted at once; nobody is shut out and the policy of the page is kept.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { chromium } from '../../web/node_modules/playwright-core/index.mjs';
import { Report } from '../../examples/demo/report.mjs';
import { Reprise, skipReason } from './support/serverProcess.mjs';
import { agentRows, fanoutRows, manyRows, sendTrace } from './support/traceSender.mjs';

const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = skipReason || (existsSync(chromiumPath) ? false : `${chromiumPath} is missing (CHROMIUM names another)`);
const waitMs = 30_000;
const analysedWithinS = 60;
const spanCount = 10_000;
const axe = readFileSync(new URL('../../web/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const sent = {
  slow: { service: 'radar', traceId: '5b8e1f0c4d7a49b2a1c3e5f70912c41d', rows: fanoutRows(1500) },
  quick: { service: 'radar', traceId: '5b8e1f0c4d7a49b2a1c3e5f70912c41e', rows: fanoutRows(290) },
  agent: { service: 'helper', traceId: '00f067aa0ba902b74bf92f3577b34da6', rows: agentRows() },
  large: { service: 'crawler', traceId: '4bf92f3577b34da6a3ce929d0e0e4736', rows: manyRows(spanCount) },
};
const complaints = [];
let reprise;
let browser;
let page;
let debug;

test.before(async () => {
  if (skip) return;
  reprise = new Reprise();
  const link = await reprise.startUnsigned();
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(waitMs);
  debug = await context.newCDPSession(page);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A missing trace is a screen to look at, not a mistake of the page.
    if (message.type() === 'error' && !/status of 404/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(link);
  await page.waitForSelector('nav.side');
  const overview = (await api('/overview')).item;
  const otlpHttp = overview.otlp_http.includes('://') ? overview.otlp_http : `http://${overview.otlp_http}`;
  for (const trace of Object.values(sent)) await sendTrace(otlpHttp, { ...trace, beganMs: Date.now() - 90_000 });
});
test.after(async () => {
  await browser?.close();
  await reprise?.stop();
  reprise?.removeData();
});

const api = (path) => page.evaluate(async (url) => (await fetch(url)).json(), `/api/v1${path}`);
const open = async (path) => {
  await page.goto(reprise.dashboard + path);
  await page.waitForLoadState('networkidle');
};
const address = () => new URL(page.url());

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

test('every trace that was sent is analysed and listed', { skip }, async () => {
  await new Report().until('traces', analysedWithinS, async (state) => {
    const ids = (await api('/traces?limit=200')).items.map((each) => each.trace_id);
    state.note = `${ids.length} of them`;
    return Object.values(sent).every((each) => ids.includes(each.traceId)) ? ids : undefined;
  });

  await open('/traces');
  await page.waitForSelector('tbody a.strong');
  for (const { traceId } of Object.values(sent)) {
    assert.equal(await page.locator(`tbody a[href="/traces/${traceId}"]`).count(), 1);
  }
  await page.getByLabel('Service', { exact: true }).selectOption('helper');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  assert.equal(address().searchParams.get('service'), 'helper', 'the filter is in the address');
});

test('a trace is opened, walked through and left by keyboard alone', { skip }, async () => {
  await open('/traces?service=radar');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=treegrid]');
  const wall = await page.locator('.card-head:has-text("sums to")').innerText();
  assert.match(wall, /sums to \d/);

  await page.focus('[role=treegrid]');
  for (const key of ['Home', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await page.waitForSelector('aside :text("Span id")');
  assert.equal(address().searchParams.get('span'), '0000000000000002');
  await page.keyboard.press('Escape');
  await page.waitForSelector('aside :text("Span id")', { state: 'detached' });
  const before = await page.locator('[role=row]').count();
  for (const key of ['Home', 'ArrowLeft']) await page.keyboard.press(key);
  await page.waitForFunction((rows) => document.querySelectorAll('[role=row]').length < rows, before);
  await page.keyboard.press('ArrowRight');

  await page.keyboard.press('/');
  await page.keyboard.type('worker:11');
  await page.waitForFunction(() => new URL(location.href).searchParams.get('find') === 'worker:11');
  await page.keyboard.press('Enter');
  await page.waitForSelector('aside h2:has-text("worker:11")');
  await page.keyboard.press('g');
  assert.equal(await page.inputValue('#span-find'), 'worker:11g', 'letters typed into a field are no commands');
});

test('the part that is shown is chosen by button, key and mouse, and stands in the address', { skip }, async () => {
  await open(`/traces/${sent.slow.traceId}`);
  await page.click('[aria-label="Closer"]');
  await page.waitForFunction(() => new URL(location.href).searchParams.has('from'));
  await page.keyboard.press('0');
  await page.waitForFunction(() => !new URL(location.href).searchParams.has('from'));
  for (const [key, name, value] of [['c', 'path', 'off'], ['c', 'path', null], ['n', 'span', /^[0-9a-f]{16}$/]]) {
    await page.keyboard.press(key);
    await page.waitForFunction(({ of, is }) => {
      const found = new URL(location.href).searchParams.get(of);
      return is === 'any' ? found !== null : found === is;
    }, { of: name, is: value instanceof RegExp ? 'any' : value });
    assert.ok(value === null || address().searchParams.get(name).match(value), key);
  }
  const chosen = address().searchParams.get('span');
  await page.keyboard.press('n');
  await page.waitForFunction((before) => new URL(location.href).searchParams.get('span') !== before, chosen);
  await page.keyboard.press('Shift+N');
  await page.waitForFunction((before) => new URL(location.href).searchParams.get('span') === before, chosen);
  const box = await page.locator('.minimap').boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 10);
  await page.mouse.up();
  await page.waitForFunction(() => new URL(location.href).searchParams.has('to'));
  const { wall_ns: wall } = (await api(`/traces/${sent.slow.traceId}`)).item.summary;
  const shown = ['from', 'to'].map((name) => Number(address().searchParams.get(name)) * 1e6 / wall);
  assert.ok(Math.abs(shown[0] - 0.25) < 0.02 && Math.abs(shown[1] - 0.5) < 0.02, `${shown}`);
});

test('a span shows what was sent with it', { skip }, async () => {
  await open(`/traces/${sent.agent.traceId}?find=search&span=0000000000000010`);
  const drawer = page.locator('aside .card').first();
  await drawer.locator('text=query.text').waitFor();
  assert.match(await drawer.innerText(), /part 4/);
  assert.match(await drawer.innerText(), /failed/);
});

test('two traces are compared span by span, the largest difference first', { skip }, async () => {
  await open(`/traces/${sent.quick.traceId}?with=${sent.slow.traceId}`);
  await page.waitForSelector('text=The second takes');
  const names = await page.locator('table td.full b').allInnerTexts();
  assert.equal(names.length, sent.slow.rows.length);
  assert.deepEqual(names.slice(0, 4).sort(), ['digest', 'fetch all', 'messages.get', 'worker:11']);
  assert.match(await page.locator('tbody tr').first().innerText(), /\+1\.21 s/);
});

test('of ten thousand spans only those in sight are in the document', { skip }, async () => {
  await open(`/traces/${sent.large.traceId}?fold=none`);
  await page.waitForFunction(() => performance.getEntriesByName('waterfall-painted').length > 0);
  const { rows, said } = await page.evaluate(() => ({
    rows: document.querySelectorAll('[role=row]').length,
    said: document.querySelector('[role=treegrid]').getAttribute('aria-rowcount'),
  }));

  assert.equal(said, String(spanCount + 1));
  assert.ok(rows > 0 && rows < 200, `${rows} rows`);
  await page.focus('[role=treegrid]');
  await page.keyboard.press('End');
  await page.waitForSelector(`[aria-rowindex="${spanCount + 1}"].wf-active`);
});

test('scenario reports tell what traces have in common', { skip }, async () => {
  await open('/traces/patterns');
  await page.waitForSelector('h1:has-text("in common")');
  assert.ok(await page.locator('.pattern-facts').count() >= 2);
});

test('a trace that is not kept says why and leads on', { skip }, async () => {
  await open(`/traces/${'f'.repeat(32)}`);
  await page.waitForSelector('text=is not kept');
  assert.equal(await page.locator('main a.button[href="/traces"]').count(), 1);
});

test('nobody is shut out in either theme, and the policy of the page is never broken', { skip }, async () => {
  const screens = [
    '/traces', '/traces/patterns', `/traces/${sent.slow.traceId}?span=0000000000000002`,
    `/traces/${sent.agent.traceId}?view=agents`, `/traces/${sent.quick.traceId}?with=${sent.slow.traceId}`,
    `/traces/${'f'.repeat(32)}`,
  ];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const path of screens) {
      await open(path);
      assert.deepEqual(await violations(), [], `${path} ${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await open(screens[2]);
  const widths = () => [document.documentElement.scrollWidth, document.documentElement.clientWidth];
  const [content, window] = await page.evaluate(widths);
  assert.equal(content, window, 'nothing scrolls sideways at 320 px');
  assert.deepEqual(complaints, []);
});
