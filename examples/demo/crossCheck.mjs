// Compares what the reproduce run computed from the client spans of its trials with what the upstream
// wrote down itself when those trials arrived.

import { summariseByTrace } from '../radar/arrivals.mjs';
import { MissingArrow } from './report.mjs';

// A span starts in the client, an arrival is seen by the upstream; a burst may gain or lose a few
// calls at the edge of its 50 ms on the way.
const arrivalsTolerance = 0.05;

function numberOf(result, name) {
  const entry = result.numbers.find((candidate) => candidate.name === name);
  if (!entry) {
    throw new MissingArrow('cross-check', `the run's result has no number ${name}, only `
      + result.numbers.map((candidate) => candidate.name).join(', '));
  }
  return entry.value;
}

async function fetchJson(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

function worst(summaries) {
  const most = (name) => Math.max(0, ...summaries.map((summary) => summary[name]));
  return {
    syncs: summaries.length,
    peak: most('peak_in_flight'),
    arrivals: most('max_arrivals_50ms'),
    throttled: most('throttled'),
  };
}

export async function checkBurst(report, run, upstreamUrl) {
  const { arrivals } = await fetchJson(`${upstreamUrl}/arrivals?replay=${encodeURIComponent(run.id)}`);
  const inbox = arrivals.filter((record) => record.mailbox === 'inbox');
  if (inbox.length === 0) throw new MissingArrow('cross-check', 'the upstream saw no request with the mark of the run');
  const seen = worst(summariseByTrace(inbox));
  const claimed = {
    peak: numberOf(run.result, 'peak_in_flight'), arrivals: numberOf(run.result, 'max_arrivals_50ms'),
  };
  report.say('cross-check', `the run says peak ${claimed.peak} in flight, ${claimed.arrivals} arrivals in 50 ms; `
    + `the upstream's record of its ${seen.syncs} syncs says ${seen.peak} and ${seen.arrivals}, `
    + `${seen.throttled} throttled`);
  if (claimed.peak !== seen.peak) throw new MissingArrow('cross-check', 'the peaks differ');
  if (Math.abs(claimed.arrivals - seen.arrivals) > arrivalsTolerance * seen.arrivals) {
    throw new MissingArrow('cross-check', 'the arrivals differ by more than 5 %');
  }
}

/** The same sync after the fix, measured by the upstream. */
export async function measurePool(report, radarUrl, upstreamUrl, pool) {
  const post = (path, body) => fetchJson(`${radarUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
  await post('/admin/deploy', { pool });
  const { recorded } = await fetchJson(`${upstreamUrl}/arrivals?after=999999999`);
  await post('/sync', { mailbox: 'inbox' });
  const { arrivals } = await fetchJson(`${upstreamUrl}/arrivals?after=${recorded}`);
  const seen = worst(summariseByTrace(arrivals.filter((record) => record.mailbox === 'inbox')));
  report.say('with fix', `a pool of ${pool}: peak ${seen.peak} in flight, ${seen.arrivals} arrivals in 50 ms, `
    + `${seen.throttled} throttled`);
}
