// In a real browser, against the real server with real traffic: what happens is seen without loading a page again, from
// the signal to the ticket, by mouse and by keyboard alone; and whatever becomes of the line (cut 500 times, closed to
// WebSockets, slow), of the server (killed, newer) and of the session, the screen comes back to what the API says.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Session } from '../../examples/demo/api.mjs';
import { DashboardBrowser, settle, skip } from './support/dashboardBrowser.mjs';
import { LineProxy } from './support/lineProxy.mjs';
import { findFreePort } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const password = 'correct horse battery';
/** The first wait after a cut is at most this; later ones double up to 30 s. */
const longestWaitMs = 30_000;
const disconnects = 500;
const watchedLists = ['/incidents?status=all', '/signals', '/approvals', '/runs', '/'];

const world = new ShopWorld();
const browser = new DashboardBrowser();
let line;
let ann;  // May do everything but look after people.
let bob;  // May release.
let released;

test.before(async () => {
  if (skip) return;
  const dashboard = await findFreePort();
  line = await new LineProxy(dashboard).start();
  await world.start({
    trials: 2, trialRequests: 6, dashboard, server: { public_url: line.url }, intake: { alarm_evidence_wait: '0s' },
  });
  await browser.start();
  // The server is killed and its line cut: the console says so, and nothing else.
  browser.tolerated = /status of 4\d\d|WebSocket|status of 503|net::ERR_(CONNECTION|EMPTY_RESPONSE)/;
  ann = await browser.signIn(await newPerson('ann', ['viewer', 'operator', 'approver']));
  bob = await browser.signIn(await newPerson('bob', ['viewer', 'approver']));
});
test.after(async () => {
  if (skip) return;
  await browser.stop();
  await world.stop();
  await line.stop();
});

async function newPerson(name, roles) {
  return (await world.session.post('/users', { name, roles })).link;
}

async function linkOf(name) {
  const found = (await world.session.list('/users')).find((each) => each.name === name);
  return (await world.session.post(`/users/${found.id}/link`)).link;
}

/** A problem of its own that somebody tells of: it waits for a person. */
let alarms = 0;
async function raiseAlarm(words) {
  alarms += 1;
  const service = `alarmed-${alarms}`;
  await world.session.post('/events', {
    service, error_type: words.split(' ')[0], title: words, description: words, severity: 'medium',
  });
  return world.until(`incident of ${service}`, async () => (await world.session.list('/incidents'))
    .find((each) => each.service === service && each.status === 'needs_human'));
}

async function askForRelease(words) {
  const incident = await raiseAlarm(words);
  await world.session.post(`/incidents/${incident.id}/publish`, { comment: 'worth a ticket' });
  return world.until('approval', async () => (await world.session.list('/approvals?state=pending'))
    .find((each) => each.incident_id === incident.id));
}

const go = (page, path) => page.goto(line.url + path);
const pill = (page, text) => page.waitForSelector(`.live:has-text("${text}")`);
const screenOf = (page) => new URL(page.url()).pathname;
const idOf = (page) => screenOf(page).split('/')[2];
const main = (page) => page.getByRole('main');
const place = (page, name) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();

/** What a list shows, without times, which go on by themselves. */
const rowsOn = (page) => page.evaluate(() => [...document.querySelectorAll('main tbody tr, main .inbox-item')].map((row) => {
  const copy = row.cloneNode(true);
  for (const time of copy.querySelectorAll('time, .nowrap')) time.remove();
  return `${row.querySelector('a')?.getAttribute('href') ?? row.getAttribute('href')} ${copy.textContent}`;
}).sort());

test('a signal arrives while somebody looks, and leads to the release that waits for it', { skip }, async () => {
  await place(ann, 'Signals');
  await main(ann).getByText('No signal so far.').waitFor();
  await pill(ann, 'Live');
  await world.placeOrders();

  await main(ann).getByRole('link', { name: /^Error rate: POST \/orders/ }).first().click();
  await ann.waitForURL(/\/signals\/\w+$/);
  await main(ann).getByRole('link', { name: /incident/i }).first().click();
  await ann.waitForURL(/\/incidents\/\w+$/);
  await world.until('proof', async (state) => {
    const { item } = await world.session.get(`/incidents/${idOf(ann)}`);
    state.note = `the incident is ${item.status} ${item.phase} ${item.reason}`;
    return item.approval;
  });
  await main(ann).getByRole('link', { name: 'Review release' }).click();
  await ann.waitForURL(/\/approvals\/\w+$/);

  const { item } = await world.session.get(`/approvals/${idOf(ann)}`);
  assert.equal(item.state, 'pending');
  assert.match(await main(ann).getByRole('heading', { level: 1 }).innerText(), new RegExp(item.content.title.slice(0, 20)));
  released = item;
});

test('the server is killed under an open page, which comes back by itself and goes on', { skip }, async () => {
  await go(bob, '/incidents');
  await pill(bob, 'Live');
  const crash = world.crash();
  await Promise.all([ann, bob].map((page) => page.waitForSelector('.live-not')));
  assert.equal(await main(bob).locator('tbody tr').count(), 1, 'what was known stays on screen');
  await crash;
  await Promise.all([ann, bob].map((page) => pill(page, 'Live')));

  await raiseAlarm('queue is stuck since the restart');
  await bob.getByRole('button', { name: '1 new incident, show' }).click();
  const titles = (await world.session.list('/incidents')).map((each) => each.title).sort();
  await main(bob).getByRole('link', { name: 'queue is stuck since the restart' }).waitFor();
  assert.deepEqual((await main(bob).locator('tbody a.strong').allInnerTexts()).sort(), titles);
  assert.equal((await world.session.item(`/approvals/${released.id}`)).content_hash, released.content_hash);
});

test('one is rejected with the reason, another is released by somebody else and becomes a ticket', { skip }, async () => {
  const waits = await askForRelease('cache answers with stale prices');
  await go(ann, `/approvals/${waits.id}`);
  await main(ann).getByRole('button', { name: /^Reject/ }).click();
  const reject = main(ann).locator('.confirm').getByRole('button', { name: /^Reject/ });
  assert.equal(await reject.isDisabled(), true, 'a reason is needed');
  await ann.getByLabel('Comment, required').fill('the prices are from a test');
  await reject.click();
  await main(ann).getByText('the prices are from a test').waitFor();
  await world.until('rejection', async () => {
    const { item } = await world.session.get(`/approvals/${waits.id}`);
    return item.state === 'rejected' ? item : undefined;
  });

  const people = [bob, ann].slice(0, released.approvals_needed);
  for (const [count, page] of people.entries()) {
    await go(page, `/approvals/${released.id}`);
    await release(page);
    await approved(released.id, count + 1);
  }
  await go(bob, `/incidents/${released.incident_id}`);
  await main(bob).getByRole('heading', { name: /^Tickets/ }).waitFor();
  await main(bob).getByText(/tickets\/.*\.md/).first().waitFor();
  const tickets = (await world.session.list('/publications')).filter((each) => each.incident_id === released.incident_id);
  assert.deepEqual(tickets.map((each) => each.state), ['published']);
});

/** The second step: it names what is released, and waits for the evidence. */
async function release(page) {
  await main(page).getByRole('button', { name: /^Approve/ }).click();
  await page.getByLabel(/^Comment/).fill('seen the trials');
  const digits = page.getByLabel(/digits of the hash/);
  if (await digits.count() > 0) await digits.fill(released.content_hash.slice(0, 8));
  const send = main(page).locator('.confirm').getByRole('button', { name: `Release ${released.content_hash.slice(0, 8)}` });
  assert.equal(await send.isDisabled(), true, 'not before the evidence was opened');
  await page.getByRole('button', { name: 'Open the evidence' }).first().click();
  await send.click();
  await page.waitForSelector('.confirm', { state: 'detached' });
  // What is decided may be held back for some seconds, in which it can be undone.
  const now = page.getByRole('button', { name: 'Send now' }).first();
  if (await now.count() > 0) await now.click();
}

/** Until `count` people have approved it, or enough. */
function approved(id, count) {
  return world.until('approval', async (state) => {
    const { item } = await world.session.get(`/approvals/${id}`);
    state.note = `${item.approvals_given} approved, ${item.state}`;
    return item.approvals_given >= count || item.state !== 'pending' ? item : undefined;
  });
}

test('a session ends in the middle: signed in again, one is where one was', { skip }, async () => {
  const ours = new Session(line.url);
  await ours.signIn(await linkOf('bob'));
  await ours.put('/me/password', { password });
  // That ended every other session of the person.
  await bob.waitForSelector('main.sign-in');
  assert.equal(screenOf(bob), `/incidents/${released.incident_id}`);
  await bob.getByLabel('Name').fill('bob');
  await bob.getByLabel('Password').fill(password);
  await bob.getByRole('button', { name: 'Sign in', exact: true }).click();
  await main(bob).getByRole('heading', { level: 1, name: /POST \/orders/ }).waitFor();
  assert.equal(screenOf(bob), `/incidents/${released.incident_id}`);

  await go(bob, '/incidents?severity=medium');
  await pill(bob, 'Live');
  const session = (await world.session.list('/sessions?all=true'))
    .find((each) => each.person === 'bob' && each.auth === 'password');
  await bob.evaluate(async (id) => {
    const { item } = await (await fetch('/api/v1/me')).json();
    await fetch(`/api/v1/sessions/${id}`, { method: 'DELETE', headers: { 'X-CSRF-Token': item.csrf } });
  }, session.id);
  await bob.waitForSelector('main.sign-in');
  assert.equal(new URL(bob.url()).search, '?severity=medium');
});

test('with the keyboard alone: from signing in to what was released', { skip }, async () => {
  const waits = await askForRelease('mails are sent twice since noon');
  await go(bob, '/incidents');
  await bob.waitForSelector('main.sign-in');
  const press = async (...keys) => { for (const key of keys) await bob.keyboard.press(key); };
  for (let i = 0; i < 10 && await bob.evaluate(() => document.activeElement.tagName) !== 'INPUT'; i += 1) await press('Tab');
  await bob.keyboard.type('bob');
  await press('Tab');
  await bob.keyboard.type(password);
  await press('Enter');
  await bob.waitForSelector('nav.side');
  await press('g', 'a');
  await bob.waitForSelector('.inbox-item');
  await press('j', 'Enter');
  await bob.waitForURL(`**/approvals/${waits.id}`);
  await bob.waitForSelector('.decide .button');
  await press('a');
  await bob.waitForFunction(() => document.activeElement.id === 'decision-comment');
  await bob.keyboard.type('aar: looks right');
  assert.equal(await bob.inputValue('#decision-comment'), 'aar: looks right', 'letters of a text are no commands');
  await press('Control+Enter');
  await bob.waitForSelector('.confirm', { state: 'detached' });
  const decided = await world.until('release', async () => {
    const { item } = await world.session.get(`/approvals/${waits.id}`);
    return item.state === 'pending' ? undefined : item;
  });
  assert.ok(['approved', 'executed'].includes(decided.state), decided.state);
  await press('g', 'r');
  await bob.waitForSelector('main tbody tr');
  await press('j', 'Enter');
  await bob.waitForURL(`**/runs/${waits.run_id}`);
  await main(bob).getByText(/tickets\/.*\.md/).first().waitFor();
});

test('a newer server is said, with a way to load its dashboard', { skip }, async () => {
  await go(ann, '/incidents');
  await pill(ann, 'Live');
  line.version = '9.9.9';
  line.cutLive();
  const reload = ann.getByText('The server runs a new version.').locator('..').getByRole('button');
  await reload.waitFor();
  await Promise.all([ann.waitForEvent('load'), reload.click()]);
  await pill(ann, 'Live');
  assert.equal(await ann.getByText('The server runs a new version.').count(), 0);
  line.version = undefined;
});

test('where WebSockets are blocked the screens load by themselves and show the same', { skip }, async (t) => {
  t.after(() => { line.lets = true; });
  line.lets = false;
  line.cutLive();
  await ann.context().clock.install();
  await go(ann, '/incidents?status=all');
  for (let tries = 0; tries < 3; tries += 1) {
    await ann.waitForSelector('.live:has-text("Reconnecting"), .live:has-text("Every 5 s")');
    await ann.context().clock.fastForward(longestWaitMs);
  }
  await pill(ann, 'Every 5 s');
  const { title } = await raiseAlarm('imports stop halfway through');
  for (let round = 0; round < 10 && await main(ann).getByRole('link', { name: title }).count() === 0; round += 1) {
    await ann.context().clock.fastForward(5000);
    await settle(ann);
  }
  const ids = (await world.session.list('/incidents')).map((each) => `/incidents/${each.id}`).sort();
  const shown = await main(ann).locator('tbody a.strong').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.deepEqual(shown.sort(), ids);
});

test('on a slow line it is slow, not broken, and nothing is lost', { skip }, async (t) => {
  const slow = await browser.signIn(await linkOf('ann'));
  const debug = await slow.context().newCDPSession(slow);
  await debug.send('Network.enable');
  await debug.send('Network.setCacheDisabled', { cacheDisabled: true });
  await debug.send('Network.emulateNetworkConditions', {
    offline: false, latency: 400, downloadThroughput: 50 * 1024, uploadThroughput: 50 * 1024,
  });
  const from = performance.now();
  await go(slow, '/incidents');
  await main(slow).locator('tbody tr').first().waitFor();
  t.diagnostic(`rows after ${Math.round(performance.now() - from)} ms at 400 ms and 50 KB/s, nothing cached`);
  await pill(slow, 'Live');
  const { title } = await raiseAlarm('reports are empty on mondays');
  await slow.getByRole('button', { name: /new incident/ }).click();
  await main(slow).getByRole('link', { name: title }).click();
  await main(slow).getByRole('button', { name: 'Publish anyway' }).click();
  await slow.getByRole('dialog').getByRole('button', { name: 'Publish anyway' }).click();
  await main(slow).getByRole('link', { name: 'Review release' }).waitFor();
  assert.equal(await slow.getByRole('alert').count(), 0);
  await slow.context().close();
});

test(`after ${disconnects} cuts every list shows what the API says`, { skip }, async (t) => {
  const context = bob.context();
  // Waits of up to 30 s between tries pass at once.
  await context.clock.install();
  const pages = await Promise.all(watchedLists.map(async (path) => {
    const page = await context.newPage();
    await go(page, path);
    await pill(page, 'Live');
    return page;
  }));
  for (const page of [ann, bob]) await page.close();
  await waitUntil(() => line.live === pages.length);
  line.cuts = 0;
  const from = performance.now();
  for (let round = 0; line.cuts < disconnects; round += 1) {
    if (round % 10 === 0) await world.session.post('/events', alarmOf(round));
    const { greeted } = line;
    assert.equal(line.cutLive(), pages.length);
    await Promise.all(pages.map((page) => page.waitForSelector('.live-not')));
    await context.clock.fastForward(longestWaitMs);
    await Promise.all(pages.map((page) => page.waitForSelector('.live:not(.live-not)')));
    assert.ok(line.greeted >= greeted + pages.length, 'each came back');
  }
  t.diagnostic(`${line.cuts} cuts of ${pages.length} pages in ${Math.round(performance.now() - from)} ms`);
  await world.until('incidents', async () => {
    const all = await world.session.list('/incidents');
    return all.filter((each) => each.service.startsWith('flaky')).length === 10 ? all : undefined;
  });

  for (const [at, page] of pages.entries()) {
    const fresh = await context.newPage();
    await go(fresh, watchedLists[at]);
    await settle(fresh);
    await pill(fresh, 'Live');
    await waitUntil(async () => {
      await context.clock.fastForward(2000);
      await page.keyboard.press('n');
      return JSON.stringify(await rowsOn(page)) === JSON.stringify(await rowsOn(fresh));
    }, async () => assert.deepEqual(await rowsOn(page), await rowsOn(fresh), watchedLists[at]));
    await fresh.close();
  }
  assert.deepEqual(browser.complaints, []);
});

const alarmOf = (number) => ({
  service: `flaky-${number}`, error_type: `Timeout${'abcdefghij'[number / 10]}`,
  title: `${'one two three four five six seven eight nine ten'.split(' ')[number / 10]} did not answer`, severity: 'medium',
});

/** Looks again whenever the event loop is free, for as long as a person would wait. */
async function waitUntil(holds, otherwise = () => assert.fail('not within 30 s')) {
  const deadline = performance.now() + 30_000;
  while (!await holds()) {
    if (performance.now() > deadline) await otherwise();
    await new Promise((resolve) => { setImmediate(resolve); });
  }
}
