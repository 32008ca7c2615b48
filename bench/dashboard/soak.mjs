// What half an hour of live updates leaves in the memory of a page.
//   node bench/dashboard/soak.mjs [--minutes 30]
// About 50 events a second reach a page that shows signals; once a minute it goes through other screens and back, then
// what is left after a collection of garbage is read. Prints one figure a line, and each minute on stderr.

import { parseArgs } from 'node:util';

import { BenchWorld, sendSteadily } from './benchWorld.mjs';

const services = 5;
const statements = 5;
/** A list keeps 2,000 rows; until it is full it may grow. */
const warmUpMinutes = 4;
const endsMinutes = 5;

const { values: asked } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Math.max(2, Number(asked.minutes));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function walk(page) {
  const links = page.getByRole('navigation').first();
  for (const [name, url] of [['Overview', '/'], ['Incidents', '/incidents'], ['Signals', '/signals']]) {
    await links.getByRole('link', { name: new RegExp(`^${name}`) }).click();
    await page.waitForURL((at) => at.pathname === url);
    await page.locator('tbody tr').first().waitFor();
  }
}

async function heapMib(debug) {
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize } = await debug.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await debug.send('Memory.getDOMCounters');
  return { mib: usedSize / 2 ** 20, nodes, listeners: jsEventListeners };
}

/** Growth per minute by least squares; of two or more. */
function slope(values) {
  const middle = (values.length - 1) / 2;
  const average = mean(values);
  const weights = values.map((_, minute) => minute - middle);
  const up = weights.reduce((sum, weight, minute) => sum + weight * (values[minute] - average), 0);
  return up / weights.reduce((sum, weight) => sum + weight * weight, 0);
}

const world = await new BenchWorld().start();
try {
  const page = await world.open('/signals');
  const debug = await page.context().newCDPSession(page);
  const senders = world.senders(services, statements);
  const samples = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const before = await world.liveMessages();
    await sendSteadily(senders, Date.now() + 60_000);
    const events = (await world.liveMessages() - before) / 60;
    await walk(page);
    const found = await heapMib(debug);
    samples.push({ ...found, events });
    const text = `${found.mib.toFixed(2)} MiB, ${found.nodes} nodes, ${found.listeners} listeners`;
    console.error(`minute ${minute + 1}: ${text}, ${events.toFixed(0)} events/s`);
  }
  const settled = samples.slice(Math.min(warmUpMinutes, samples.length - 2)).map((each) => each.mib);
  const begin = median(settled.slice(0, endsMinutes));
  const grown = median(settled.slice(-endsMinutes)) - begin;
  const put = (name, value, unit) => console.log(JSON.stringify({ name, value: Number(value.toFixed(3)), unit }));
  put('live_heap_growth_mb_30min', slope(settled) * 30, 'MiB');
  put('live_heap_growth_share', grown / begin, 'of the heap');
  put('live_heap_mib', median(settled.slice(-endsMinutes)), 'MiB');
  put('live_soak_events_per_s', mean(samples.map((each) => each.events)), '1/s');
} finally {
  await world.stop();
}
