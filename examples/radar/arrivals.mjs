// Two different measures of crowding, computed from what arrived: how many calls were in flight at
// once, and how many arrived within any short window. The second may exceed the first.

/** `calls`: [{startMs, endMs}]; intervals are half-open, so a call that ends as another starts does
 *  not overlap it. */
export function peakInFlight(calls) {
  const edges = [];
  for (const call of calls) {
    edges.push({ at: call.startMs, step: 1 }, { at: call.endMs, step: -1 });
  }
  edges.sort((a, b) => a.at - b.at || a.step - b.step);
  let open = 0;
  let peak = 0;
  for (const edge of edges) {
    open += edge.step;
    peak = Math.max(peak, open);
  }
  return peak;
}

/** The most arrivals in any half-open window of `windowMs`. */
export function maxArrivals(calls, windowMs) {
  const times = calls.map((call) => call.startMs).sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  times.forEach((time, index) => {
    while (time - times[first] >= windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** Of one group of records of the upstream: what the demo and the tests compare. */
export function summarise(records, windowMs = 50) {
  const calls = records.map((record) => ({ startMs: record.arrived_mono_ms, endMs: record.ended_mono_ms }));
  return {
    calls: records.length,
    throttled: records.filter((record) => record.status === 429).length,
    peak_in_flight: peakInFlight(calls),
    max_arrivals_50ms: maxArrivals(calls, windowMs),
  };
}

/** Summaries by trace id: one per sync. */
export function summariseByTrace(records) {
  const groups = new Map();
  for (const record of records) {
    const group = groups.get(record.trace_id) ?? [];
    group.push(record);
    groups.set(record.trace_id, group);
  }
  return [...groups.values()].map((group) => summarise(group));
}
