// Detection of a service and suppressions in a real browser, against the real server: what is tried is what the stored
// windows say, what is saved counts, what is suppressed is seen and opens nothing.

import assert from 'node:assert/strict';
import test from 'node:test';

import { DashboardBrowser, look, settle, skip } from './support/dashboardBrowser.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const world = new ShopWorld();
const browser = new DashboardBrowser();
const slower = '.threshold:has-text("Slower by a factor of")';
const failures = '.threshold:has-text("Failures at least")';
let ada;
let signal;

const open = async (page, path) => {
  await page.goto(`${world.reprise.dashboard}${path}`);
  await settle(page);
};
const detection = () => world.session.item('/services/shop/detection');
const newestSignal = async (filter = '') => (
  await world.session.list(`/signals?service=shop&kind=error_rate${filter}`))[0];
// The words of a button, a link or a labelled field; the page itself, which holds them all, has none.
const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  const text = at.matches('button, a') ? at.textContent : '';
  return [at.getAttribute('aria-label'), at.labels?.[0]?.textContent, text].join(' ');
});
const tabTo = async (page, text) => {
  for (let i = 0; i < 90; i += 1) {
    if ((await focused(page)).includes(text)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${text} cannot be reached by Tab`);
};

test.before(async () => {
  if (skip) return;
  await world.start({ trials: 2, trialRequests: 5 });
  await world.placeOrders();
  signal = await world.until('a signal', () => newestSignal());
  await browser.start();
  ada = await browser.signIn((await world.session.post(`/users/${world.session.me.id}/link`)).link);
});

test.after(async () => {
  await browser.stop();
  await world.stop();
});

test('a threshold is changed, tried over what is stored and saved with the keyboard alone', { skip }, async () => {
  await open(ada, '/settings/detection');
  await tabTo(ada, 'shop');
  await ada.keyboard.press('Enter');
  await ada.waitForSelector('h1:has-text("shop is watched with the server\u2019s own thresholds.")');
  await tabTo(ada, 'Failures at least');
  await ada.keyboard.type('0');
  await ada.waitForSelector(`${failures} [role=alert]`);
  await ada.keyboard.press('Backspace');
  await ada.keyboard.type('1000');
  // Enter tries; nothing is saved by it.
  await ada.keyboard.press('Enter');
  await ada.waitForSelector('text=/alarms? (in place of|with either)/');
  assert.match(ada.url(), /[?&]errors_min=1000/);
  assert.deepEqual((await detection()).settings, {});
  await ada.waitForSelector('tr:has-text("Failures at least"):has-text("1000 requests")');
  await look(ada, 'detection-tried');

  await tabTo(ada, 'Save');
  await ada.keyboard.press('Enter');
  await ada.waitForSelector('.toast:has-text("Detection of shop is saved")');
  assert.equal((await detection()).settings.errors_min, 1000);
  await ada.waitForSelector('h1:has-text("shop has 1 threshold of its own.")');
  await ada.click('.toast-undo');
  await ada.waitForSelector('.toast:has-text("Detection of shop is as before.")');
  assert.deepEqual((await detection()).settings, {});
});

test('what an address proposes stands in the form, and a kind is switched off', { skip }, async () => {
  await open(ada, '/settings/detection/shop?latency_ratio_min=2.5&days=1');
  assert.equal(await ada.inputValue(`${slower} input`), '2.5');
  await ada.click(`${slower} button:has-text("Back to")`);
  await ada.uncheck('.check:has-text("Slow query") input');
  await ada.click('button:has-text("Try")');
  await ada.waitForSelector('text=/alarms? (in place of|with either)/');
  await ada.waitForSelector('text=Tried as it stands.');
  await ada.click('button:has-text("Save")');
  await ada.waitForSelector('.toast:has-text("Detection of shop is saved")');
  assert.deepEqual((await detection()).settings, { kinds_off: ['slow_query'] });
});

test('who saves after somebody else sees what they changed', { skip }, async () => {
  await open(ada, '/settings/detection/shop');
  await ada.fill(`${slower} input`, '3');
  const before = await detection();
  await world.session.put('/services/shop/detection', { settings: { errors_min: 7 } }, before.version);
  await ada.click('button:has-text("Save")');
  await ada.waitForSelector('.stale:has-text("Somebody else changed the detection of shop")');
  await ada.waitForSelector('.stale tr:has-text("Failures at least"):has-text("7 requests")');
  assert.deepEqual((await detection()).settings, { errors_min: 7 }, 'nothing of mine was saved');
  await look(ada, 'detection-stale');
  await ada.click('button:has-text("Keep my changes")');
  await ada.click('button:has-text("Save")');
  await ada.waitForSelector('.toast:has-text("Detection of shop is saved")');
  assert.deepEqual((await detection()).settings, { errors_min: 7, latency_ratio_min: 3 });
  const { version } = await detection();
  await world.session.put('/services/shop/detection', { settings: {} }, version);
});

test('a signal is suppressed with a reason; the next one like it is marked and opens nothing', { skip }, async () => {
  await open(ada, `/signals/${signal.id}`);
  await ada.click('button:has-text("Suppress signals like this")');
  const suppress = 'dialog button:has-text("Suppress")';
  assert.equal(await ada.isDisabled(suppress), true, 'a reason is required');
  await look(ada, 'suppress');
  await ada.check('dialog .check:has-text("This kind on this operation") input');
  await ada.fill('dialog textarea', 'Known; fixed with the next release');
  await ada.selectOption('dialog select', '7d');
  await ada.click(suppress);
  await ada.waitForSelector('.toast:has-text("Suppressed.")');
  const [made] = await world.session.list('/suppressions?state=active&service=shop');
  assert.equal(made.operation_id, signal.operation.id);
  assert.equal(made.fingerprint, undefined);

  const incidents = (await world.session.list('/incidents?service=shop')).length;
  await world.placeOrders();
  const quiet = await world.until('a suppressed signal', () => newestSignal('&suppressed=true'));
  assert.equal(quiet.suppressed_by, made.id);
  assert.equal(quiet.incident_id, undefined);
  assert.equal((await world.session.list('/incidents?service=shop')).length, incidents);
  await open(ada, '/signals?suppressed=true');
  await ada.waitForSelector('tbody .chip:has-text("Suppressed")');
  await look(ada, 'signals-suppressed');
  await open(ada, `/signals/${quiet.id}`);
  await ada.waitForSelector('text=Suppressed, opened nothing');
});

test('a suppression is lifted, and back again by undo', { skip }, async () => {
  await open(ada, '/services/shop');
  await ada.click('.facts a:has-text("Suppressions")');
  await ada.waitForSelector('tr:has-text("Known; fixed with the next release")');
  await look(ada, 'suppressions');
  await ada.click('tbody button:has-text("Lift")');
  await ada.waitForSelector('text=No suppression fits this filter.');
  await ada.click('.toast:has-text("Lifted") .toast-undo');
  await ada.waitForSelector('.toast:has-text("It is suppressed again.")');
  await ada.click('tbody button:has-text("Lift")');
  await ada.selectOption('.filter:has-text("State") select', 'lifted');
  await ada.waitForFunction(() => document.querySelectorAll('tbody tr').length === 2);
  assert.deepEqual(await world.session.list('/suppressions?state=active'), []);
});

test('a dialog has the focus before the next frame: nothing typed after the key that opens it is lost', { skip }, async () => {
  await open(ada, '/settings/detection/shop');
  const focused = await ada.evaluate(async () => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true }));
    // Rendering is a microtask; a frame or a timer would be too late for a fast key.
    for (let i = 0; i < 20; i++) await Promise.resolve();
    return document.activeElement.getAttribute('role');
  });
  assert.equal(focused, 'combobox');
  await ada.keyboard.press('Escape');
});

test('printing from the palette begins when the palette has gone', { skip }, async () => {
  await open(ada, '/settings/detection/shop');
  await ada.evaluate(() => {
    window.print = () => document.body.setAttribute('data-printed', String(document.querySelector('dialog') === null));
  });
  await ada.keyboard.press('Control+k');
  await ada.keyboard.type('print');
  await ada.keyboard.press('Enter');
  await ada.waitForSelector('body[data-printed]');
  assert.equal(await ada.getAttribute('body', 'data-printed'), 'true');
});

test('what is configured is listed with how it is doing, and the audit is cut to a time', { skip }, async () => {
  await open(ada, '/settings/integrations');
  await ada.waitForSelector('h1:has-text("1 integration configured; none is failing")');
  await look(ada, 'integrations');
  await open(ada, `/audit?from=${encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString())}`);
  await ada.waitForSelector('text=No row fits this filter.');
  await open(ada, `/audit?to=${encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString())}&action=suppression`);
  assert.ok(await ada.locator('tbody tr').count() >= 4, 'made, lifted, made again, lifted');
  await look(ada, 'audit-time');
});

test('lists of signals and incidents are cut to a stretch of time that the address keeps', { skip }, async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const earlier = new Date(Date.now() - 3_600_000).toISOString();
  for (const [list, what] of [['/signals', 'signal'], ['/incidents?status=all', 'incident']]) {
    const query = list.includes('?') ? '&' : '?';
    await open(ada, `${list}${query}from=${earlier}&to=${later}`);
    await ada.waitForSelector('tbody tr');
    await open(ada, `${list}${query}from=${later}`);
    await ada.waitForSelector(`text=No ${what} fits this filter.`);
    await open(ada, `${list}${query}to=${earlier}`);
    await ada.waitForSelector(`text=No ${what} fits this filter.`);
    assert.notEqual(await ada.inputValue('.filter:has-text("Before") input'), '', 'the field shows what is asked');
  }
});

test('every other state of these screens', { skip }, async () => {
  const vera = await browser.signIn(await world.invite('vera'));
  for (const [page, name, path] of [
    [ada, 'detection-services', '/settings/detection'], [ada, 'detection', '/settings/detection/shop'],
    [ada, 'no-detection', '/settings/detection/nobody'], [ada, 'suppressions-empty', '/settings/suppressions'],
    [vera, 'suppressions-viewer', '/settings/suppressions?state=all'],
    [vera, 'integrations-viewer', '/settings/integrations?state=failing'],
    [vera, 'detection-viewer', '/settings/detection/shop'],
  ]) {
    await open(page, path);
    await look(page, name);
  }
  assert.equal(await vera.locator('.threshold input').first().isDisabled(), true);
  assert.deepEqual(browser.complaints, []);
});
