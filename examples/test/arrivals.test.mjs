import assert from 'node:assert/strict';
import test from 'node:test';

import { maxArrivals, peakInFlight, summariseByTrace } from '../radar/arrivals.mjs';

/** The ideal sync of 200 messages: two pages of 100 in sequence, `pool` calls at a time. */
function idealSync(latencyMs, pool) {
  const calls = [];
  let startMs = 0;
  for (let page = 0; page < 2; page += 1) {
    for (let done = 0; done < 100; done += pool) {
      for (let index = 0; index < pool; index += 1) calls.push({ startMs, endMs: startMs + latencyMs });
      startMs += latencyMs;
    }
  }
  return calls;
}

for (const latencyMs of [17, 20, 24]) {
  test(`the ideal sync at ${latencyMs} ms peaks at 100 in flight and 200 arrivals, with a pool at 10 and 30`, () => {
    assert.equal(peakInFlight(idealSync(latencyMs, 100)), 100);
    assert.equal(maxArrivals(idealSync(latencyMs, 100), 50), 200);
    assert.equal(peakInFlight(idealSync(latencyMs, 10)), 10);
    assert.equal(maxArrivals(idealSync(latencyMs, 10), 50), 30);
  });
}

test('at 25 ms the pool of 10 fits only twice into the half-open window', () => {
  assert.equal(maxArrivals(idealSync(25, 10), 50), 20);
});

test('nothing that arrives is a peak of 0', () => {
  assert.equal(peakInFlight([]), 0);
  assert.equal(maxArrivals([], 50), 0);
});

test('a call that ends as another starts does not overlap it', () => {
  assert.equal(peakInFlight([{ startMs: 0, endMs: 10 }, { startMs: 10, endMs: 20 }]), 1);
});

test('records are summarised per trace, throttled ones included', () => {
  const record = (traceId, at, status) => ({
    trace_id: traceId, arrived_mono_ms: at, ended_mono_ms: at + 20, status,
  });

  const summaries = summariseByTrace([record('a', 0, 200), record('b', 1, 200), record('a', 2, 429)]);

  assert.deepEqual(summaries, [
    { calls: 2, throttled: 1, peak_in_flight: 2, max_arrivals_50ms: 2 },
    { calls: 1, throttled: 0, peak_in_flight: 1, max_arrivals_50ms: 1 },
  ]);
});
