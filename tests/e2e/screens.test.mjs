// In a real browser: every screen in both themes, filled, empty and with a server that answers errors or not at all, from
// a small phone to a wall. REPRISE_ALL_SCREENS=1 looks for barriers at each combination; without it each screen is looked
// at where another look could find something else.

import assert from 'node:assert/strict';
import test from 'node:test';

import { DashboardBrowser, skip } from './support/dashboardBrowser.mjs';
import { Reprise } from './support/serverProcess.mjs';
import { allScreens, ScreenWatch } from './support/screenWatch.mjs';
import { ShopWorld } from './support/shopWorld.mjs';
import { agentRows, fanoutRows, sendTrace } from './support/traceSender.mjs';

const whole = process.env.REPRISE_ALL_SCREENS === '1';
const widths = [320, 1280, 1440, 3840];
/** Contrast is a matter of the theme, what is hidden one of the width; empty and failing screens are made of the same. */
const looks = {
  filled: [['light', 1440], ['dark', 320]], empty: [['dark', 320]], failing: [['light', 1440]],
};
if (whole) for (const state of Object.keys(looks)) looks[state] = [320, 1440, 3840].flatMap((width) => [['light', width], ['dark', width]]);
/** More parts than that no screen asks for. */
const triesMax = 6;
const problem = { type: 'about:blank', status: 500, code: 'internal', title: 'Internal error', request_id: 'req-1' };
const traceId = '5b8e1f0c4d7a49b2a1c3e5f70912c41d';

const world = new ShopWorld();
const browser = new DashboardBrowser();
let empty;
let screens;
let page;
let watch;

test.before(async () => {
  if (skip) return;
  await browser.start();
  await world.start({ trials: 2, trialRequests: 6, intake: { alarm_evidence_wait: '0s' } });
  await fill();
  const roles = ['viewer', 'operator', 'approver', 'admin'];
  ({ page, watch } = await signedIn((await world.session.post('/users', { name: 'reader', roles })).link));
});
test.after(async () => {
  if (skip) return;
  await browser.stop();
  await world.stop();
  await empty?.stop();
  empty?.removeData();
});

/** Something of everything that can be shown. */
async function fill() {
  const { session, reprise } = world;
  await world.placeOrders();
  await sendTrace(reprise.otlpHttp, { service: 'radar', traceId, rows: fanoutRows(1500), beganMs: Date.now() - 90_000 });
  await sendTrace(reprise.otlpHttp, {
    service: 'helper', traceId: '00f067aa0ba902b74bf92f3577b34da6', rows: agentRows(), beganMs: Date.now() - 90_000,
  });
  await session.post('/webhooks', { url: 'https://hooks.example.com/reprise', types: ['incident.opened'] });
  await session.post('/tokens', { name: 'ci', scopes: ['runs:read'], days: 7 });
  const alarm = { error_type: 'Timeout', title: 'mails wait', description: 'mails wait', severity: 'medium' };
  await session.post('/events', { service: 'mailer', ...alarm });
  const incident = await world.until('incident', async () => (await session.list('/incidents'))
    .find((each) => each.service === 'shop' && each.kinds.includes('error_rate')));
  const run = await world.until('verdict', async () => (await session.list(`/runs?incident=${incident.id}`))
    .find((each) => each.kind === 'reproduce' && each.verdict));
  const approval = await world.until('approval', async () => (await session.list('/approvals?state=pending'))
    .find((each) => each.incident_id === incident.id));
  await world.until('traces', async () => (await session.list('/traces')).find((each) => each.trace_id === traceId));
  const [signal] = (await session.list('/signals')).filter((each) => each.incident_id === incident.id);
  screens = allScreens({
    service: 'shop', signal: signal.id, incident: incident.id, run: run.id, approval: approval.id, evidence: run.evidence_id,
    trace: traceId,
  });
}

async function signedIn(link, tolerated) {
  const opened = await browser.signIn(link);
  return { page: opened, watch: await ScreenWatch.of(opened, new URL(link).origin, { tolerated }) };
}

/** One screen after the other, at every width and look. */
async function lookAtAll(at, state, among) {
  for (const [name, path] of among) {
    await at.open(path);
    for (const width of widths) {
      await at.checkWidth(`${name}, ${state}`, width);
      for (const [theme] of looks[state].filter((look) => look[1] === width)) {
        await at.theme(theme);
        await at.checkAxe(`${name}, ${state}, ${theme}, ${width} px`);
      }
    }
    await at.checkText(`${name}, ${state}`);
    at.checkQuiet(`${name}, ${state}`);
  }
}

test('every screen with something on it', { skip }, async () => {
  await lookAtAll(watch, 'filled', screens);
});

test('every screen of a server that has seen nothing yet says what to do', { skip }, async () => {
  empty = new Reprise();
  const first = await signedIn(await empty.startUnsigned());
  await lookAtAll(first.watch, 'empty', allScreens());
  await first.page.context().close();
});

/** Somebody with a page whose requests fail while `fails` says how. */
async function unluckyPerson(kind) {
  const tolerated = /status of [45]\d\d|net::ERR_TIMED_OUT/;
  browser.tolerated = tolerated;
  const roles = ['viewer', 'operator', 'approver', 'admin'];
  const { link } = await world.session.post('/users', { name: `unlucky-${kind}`, roles });
  const person = { ...await signedIn(link, tolerated), fails: false };
  await person.page.route(/\/api\/v1\/(?!me$|auth\/)/, async (route) => {
    if (!person.fails) return route.continue();
    if (kind === 'timeout') return route.abort('timedout');
    return route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) });
  });
  return person;
}

async function checkFailing(kind, among, says) {
  const person = await unluckyPerson(kind);
  const said = person.page.getByRole('main').getByRole('alert');
  for (const [name, path] of among) {
    person.fails = true;
    await lookAtAll(person.watch, 'failing', [[`${name}, ${kind}`, path]]);
    await said.first().waitFor();
    assert.match(await said.first().innerText(), says, name);
    person.fails = false;
    for (let tries = 0; tries < triesMax && await said.count() > 0; tries += 1) {
      await said.first().getByRole('button', { name: 'Retry' }).click();
      await person.watch.ready();
    }
    assert.equal(await said.count(), 0, `${name} comes when asked again`);
    await person.page.waitForSelector('main h1', { state: 'attached' });
  }
  await person.page.context().close();
}

const asking = () => screens.filter(([name]) => !['settings', 'settings account', 'not found'].includes(name));

test('every screen says that the server answers errors, and comes when asked again', { skip }, async () => {
  await checkFailing('error', asking(), /Request req-1/);
});

test('so it does when the server answers nothing', { skip }, async () => {
  const some = ['overview', 'incident', 'audit'];
  await checkFailing('timeout', asking().filter(([name]) => whole || some.includes(name)), /reach|answer/i);
});

test('in forced colours everything that means something is drawn in them', { skip }, async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  for (const name of ['overview', 'incident', 'run', 'approval', 'trace']) {
    await watch.open(screens.find((each) => each[0] === name)[1]);
    // The contrast is that of the colours somebody chose.
    await watch.checkAxe(`${name}, forced colours`, ['color-contrast']);
    const lost = await page.evaluate(() => {
      const paper = getComputedStyle(document.body).backgroundColor;
      const shows = (style) => [style.fill, style.stroke].some((ink) => ink !== 'none' && ink !== paper && ink !== 'rgba(0, 0, 0, 0)');
      const drawn = (each) => each.childElementCount > 0 && each.getBoundingClientRect().width > 0;
      const parts = [...document.querySelectorAll('main svg, nav svg')].filter(drawn);
      return parts.filter((svg) => ![svg, ...svg.querySelectorAll('*')].some((each) => shows(getComputedStyle(each))))
        .map((svg) => svg.outerHTML.slice(0, 120));
    });
    assert.deepEqual(lost, [], `${name}: marks that nobody sees`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
    });
    assert.ok(ring >= 2, `${name}: the focus is seen`);
  }
  await page.emulateMedia({ forcedColors: 'none', colorScheme: 'light' });
});

test('who wants less motion gets none', { skip }, async () => {
  const moving = () => page.evaluate(() => [...document.querySelectorAll('*')].filter((each) => {
    const { transitionDuration, animationDuration, animationName } = getComputedStyle(each);
    const seconds = (text) => Math.max(...text.split(',').map((one) => Number.parseFloat(one) * (one.includes('ms') ? 0.001 : 1)));
    return seconds(transitionDuration) > 0.001 || (animationName !== 'none' && seconds(animationDuration) > 0.001);
  }).length);
  for (const name of ['incident', 'approval']) {
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await watch.open(screens.find((each) => each[0] === name)[1]);
    assert.ok(await moving() > 0, `${name} moves for those who like it`);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    assert.equal(await moving(), 0, name);
  }
  assert.deepEqual(browser.complaints, []);
});
