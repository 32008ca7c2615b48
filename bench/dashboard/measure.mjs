// What a person waits for at the dashboard, in Chromium, against the server.
//   node bench/dashboard/measure.mjs
// Takes build/ci/server/app/reprise (scripts/lib/build.sh) or what REPRISE_BINARY names. Prints one figure a line.

import { setTimeout as pause } from 'node:timers/promises';

import { Report } from '../../examples/demo/report.mjs';
import { manyRows, sendTrace } from '../../tests/e2e/support/traceSender.mjs';
import { BenchWorld, sendSteadily } from './benchWorld.mjs';
import { watchFirst, watchFrames, watchInteractions, watchRows } from './pageProbes.mjs';

const rounds = 7;
const signalsMeasured = 200;
const loadS = 20;
const frameMs = 1000 / 60;
const spanCount = 10_000;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const analysedWithinS = 60;
const throttle = 4;

const sorted = (values) => [...values].sort((a, b) => a - b);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];

function put(name, values, share, unit) {
  const value = Number(at(values, share).toFixed(2));
  const figure = { name, value, unit };
  // Rounds of one and the same thing; of a distribution the spread says nothing.
  if (share === 0.5) figure.spread = Number(((at(values, 1) - at(values, 0)) / at(values, 0.5)).toFixed(3));
  console.log(JSON.stringify(figure));
}

/** From the moment before the record that ends a window is sent, to the frame that shows the window's signal. */
async function measureSignals(world) {
  const page = await world.open('/signals');
  await page.locator('.live:not(.live-not)').waitFor();
  await page.evaluate(watchRows, '/signals/');
  const [sender] = world.senders(1, 1, 'measured', signalsMeasured * 1000);
  await sender.sendWindow();
  const waits = [];
  const known = new Set();
  for (let number = 0; number < signalsMeasured; number += 1) {
    // At no fixed distance to anything that is done once a second.
    await pause(60 + 23 * (number % 17));
    const sentMs = await sender.sendWindow();
    const row = await page.waitForFunction((old) => {
      const found = Object.entries(window.rowsPainted).find(([href, painted]) => painted > 0 && !old.includes(href));
      return found ?? false;
    }, [...known]);
    const [href, paintedMs] = await row.jsonValue();
    known.add(href);
    waits.push(paintedMs - sentMs);
  }
  await page.context().close();
  put('signal_to_screen_p50_ms', waits, 0.5, 'ms');
  put('signal_to_screen_p99_ms', waits, 0.99, 'ms');
}

/** Frames of a list that follows what comes, while 200 events a second come. */
async function measureFrames(world) {
  const page = await world.open('/signals');
  await page.locator('.live:not(.live-not)').waitFor();
  const senders = world.senders(10, 10, 'busy');
  await sendSteadily(senders, Date.now() + 3000);
  await page.evaluate(watchFrames);
  const before = await world.liveMessages();
  const from = performance.now();
  await sendSteadily(senders, Date.now() + loadS * 1000);
  const tookS = (performance.now() - from) / 1000;
  const gaps = await page.evaluate(() => window.frameGaps);
  const events = (await world.liveMessages() - before) / tookS;
  // A gap of two frames is one that was dropped.
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / frameMs) - 1), 0);
  await page.context().close();
  put('events_200_fps', [gaps.length / tookS], 0, '1/s');
  put('events_200_frame_p99_ms', gaps, 0.99, 'ms');
  put('events_200_dropped_share', [dropped / (dropped + gaps.length)], 0, 'of frames');
  put('events_200_events_per_s', [events], 0, '1/s');
}

async function measureLoads(world) {
  const signedIn = await (await world.open()).context().storageState();
  const load = async (slower) => {
    const context = await world.newContext({ storageState: signedIn });
    const page = await context.newPage();
    await page.addInitScript(watchFirst, 'main .numbers');
    if (slower > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slower });
    await page.goto(world.dashboard);
    await page.waitForFunction(() => window.firstSeenMs > 0);
    const found = await page.evaluate(() => ({
      painted: performance.getEntriesByName('first-contentful-paint')[0].startTime, filled: window.firstSeenMs,
    }));
    await context.close();
    return found;
  };
  const quick = [];
  const slow = [];
  for (let round = 0; round < rounds; round += 1) {
    quick.push(await load(1));
    slow.push(await load(throttle));
  }
  put('first_paint_ms', quick.map((each) => each.painted), 0.5, 'ms');
  put('first_overview_ms', quick.map((each) => each.filled), 0.5, 'ms');
  put('interactive_throttled_ms', slow.map((each) => each.filled), 0.5, 'ms');
}

async function measureTrace(world) {
  await sendTrace(world.otlpHttp, { service: 'crawler', traceId, rows: manyRows(spanCount), beganMs: Date.now() - 90_000 });
  await new Report().until('trace', analysedWithinS, async () => (await world.session.list('/traces?service=crawler'))
    .find((each) => each.trace_id === traceId));
  const page = await world.open();
  const took = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.goto(`${world.dashboard}/traces/${traceId}?fold=none`);
    await page.waitForFunction(() => performance.getEntriesByName('waterfall-painted').length > 0);
    took.push(await page.evaluate(() => performance.measure('w', 'waterfall-begun', 'waterfall-painted').duration));
  }
  await page.context().close();
  put('spans_10k_ms', took, 0.5, 'ms');
}

/** Keys and clicks as somebody would use them who looks through what came. */
async function measureInteractions(world) {
  const page = await world.open('/incidents');
  await page.locator('main tbody tr').first().waitFor();
  await page.evaluate(watchInteractions);
  const { keyboard } = page;
  for (let round = 0; round < rounds; round += 1) {
    for (const key of ['j', 'j', 'k', 'Enter']) await keyboard.press(key);
    await page.waitForURL(/\/incidents\/\w+$/);
    await page.locator('h1.big').waitFor();
    await keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').or(page.getByRole('dialog').locator('input')).first().waitFor();
    await keyboard.type('busy');
    await keyboard.press('Escape');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Signals/ }).click();
    await page.locator('main tbody tr').first().waitFor();
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.getByRole('button', { name: /^(Pause|Follow)$/ }).click();
    await keyboard.press('j');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Incidents/ }).click();
    await page.locator('main tbody tr').first().waitFor();
  }
  const found = Object.values(await page.evaluate(() => window.interactions));
  await page.context().close();
  put('interaction_p98_ms', found.length === 0 ? [16] : found, 0.98, 'ms');
}

const world = await new BenchWorld().start();
try {
  await measureSignals(world);
  await measureFrames(world);
  await measureInteractions(world);
  await measureLoads(world);
  await measureTrace(world);
} finally {
  await world.stop();
}
