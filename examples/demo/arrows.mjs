// The arrows of the loop, each checked by the artefact it leaves. Every function throws a
// MissingArrow (or whatever went wrong) when its arrow did not happen.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { checkBundle } from './evidence.mjs';
import { MissingArrow, percent, quantity } from './report.mjs';

/** What the deploy breaks, and the signal that each defect must raise. */
export const expectedSignals = [
  { service: 'shop', kind: 'error_rate', about: 'orders without a discount code fail' },
  { service: 'shop', kind: 'latency', about: 'products of one category are slow' },
  { service: 'shop', kind: 'n_plus_one', about: 'one statement per order' },
  { service: 'radar', kind: 'rate_limit_burst', about: 'a page of messages is fetched all at once' },
];

const signalLimitS = 90;
const incidentLimitS = 15;
const runLimitS = 120;
const ticketLimitS = 30;

const finalStates = new Set(['succeeded', 'dead_letter', 'cancelled', 'timed_out', 'discarded']);

/** One signal of each expected kind, each with an incident; [{...expected, signal}]. */
export async function awaitSignals(session, report) {
  const found = [];
  for (const expected of expectedSignals) {
    const signal = await report.until('signal', signalLimitS, async (state) => {
      const query = `service=${expected.service}&kind=${expected.kind}`;
      const [newest] = await session.list(`/signals?${query}`);
      state.note = `no ${expected.kind} signal of ${expected.service}`;
      return newest;
    });
    report.say('signal', `${signal.kind} on ${signal.operation.name}: ${quantity(signal.observed, signal.unit)} of n = `
      + `${signal.observed_n}, normal ${quantity(signal.baseline, signal.unit)} (severity ${signal.severity})`);
    report.say('', signal.explanation);
    found.push({ ...expected, signal });
  }
  return found;
}

/** The incidents of the expected signals, each once, with details; [{incident, kinds}]. */
export async function awaitIncidents(session, report, found) {
  const incidents = new Map();
  for (const { service, kind } of found) {
    const incident = await report.until('incident', incidentLimitS, async (state) => {
      const open = await session.list(`/incidents?service=${service}`);
      state.note = `${open.length} incidents of ${service}, none with ${kind}`;
      return open.find((candidate) => candidate.kinds.includes(kind));
    });
    if (incidents.has(incident.id)) continue;
    incidents.set(incident.id, incident);
    report.say('incident', `${incident.title} (${incident.kinds.join(', ')}; severity ${incident.severity}, `
      + `${incident.occurrences} occurrences from ${incident.signal_count} signals)`);
  }
  return [...incidents.values()];
}

/** Downloads and opens one bundle of each incident. */
export async function checkEvidence(session, report, incidents) {
  for (const incident of incidents) {
    const evidence = await report.until('evidence', incidentLimitS, async (state) => {
      const detail = await session.item(`/incidents/${incident.id}`);
      state.note = `incident "${incident.title}" has no bundle`;
      return detail.evidence[0];
    });
    const bytes = await session.download(`/evidence/${evidence.id}/download`);
    const bundle = checkBundle(bytes, evidence);
    if (bundle.failing === 0) {
      throw new MissingArrow('evidence', `the bundle of "${incident.title}" holds no failing exchange`);
    }
    report.say('evidence', `${bytes.length} bytes, ${bundle.exchanges} exchanges: ${bundle.failing} failing, `
      + `${bundle.control} control; every hash of the manifest is right`);
  }
}

async function findRun(session, incident) {
  const runs = await session.list(`/runs?incident=${incident.id}`);
  return runs.find((run) => run.kind === 'reproduce');
}

/** Waits for the verdict of each incident's reproduce run; the runs with details. */
export async function awaitVerdicts(session, report, incidents) {
  const runs = [];
  for (const incident of incidents) {
    const run = await report.until('reproduce', runLimitS, async (state) => {
      const summary = await findRun(session, incident);
      state.note = `"${incident.title}": ${summary ? `run is ${summary.state} in step ${summary.step}` : 'no run'}`;
      if (!summary) return undefined;
      const arrived = summary.state === 'waiting_approval' || finalStates.has(summary.state);
      return arrived ? session.item(`/runs/${summary.id}`) : undefined;
    });
    if (run.verdict !== 'reproduced') {
      throw new MissingArrow('reproduce', `"${incident.title}": run ${run.id} is ${run.state}, verdict `
        + `${run.verdict ?? 'none'}; ${run.result?.reason ?? run.error}`);
    }
    const { result } = run;
    const shown = result.trials.filter((trial) => trial.shows).length;
    const show = (value) => quantity(value, result.unit);
    const metrics = result.trials.map((trial) => `${show(trial.metric)}/${show(trial.control)}`);
    report.say('reproduce', `"${incident.title}": reproduced, ${shown} of ${result.trials.length} trials; `
      + `${result.metric} failing/control ${metrics.join(' ')}; `
      + `${result.requests_answered} of ${result.requests_sent} answered`);
    runs.push(run);
  }
  return runs;
}

/** The approvals that the HIGH and CRITICAL runs wait for; nothing of theirs may be published yet. */
export async function checkGate(session, report, runs) {
  const waiting = runs.filter((run) => run.state === 'waiting_approval');
  const dangerous = runs.filter((run) => run.risk === 'high' || run.risk === 'critical');
  for (const run of dangerous) {
    if (run.state !== 'waiting_approval') {
      throw new MissingArrow('gate', `run ${run.id} has risk ${run.risk} and is ${run.state}`);
    }
  }
  if (waiting.length === 0) {
    throw new MissingArrow('gate', `no run waits; risks are ${runs.map((run) => run.risk).join(', ')}`);
  }
  const publications = await session.list('/publications');
  const pending = await session.list('/approvals?state=pending');
  const approvals = [];
  for (const run of waiting) {
    const approval = pending.find((candidate) => candidate.run_id === run.id);
    if (!approval) throw new MissingArrow('gate', `run ${run.id} waits, but no pending approval names it`);
    if (publications.some((publication) => publication.run_id === run.id && publication.state === 'published')) {
      throw new MissingArrow('gate', `run ${run.id} waits, but its ticket is out already`);
    }
    const detail = await session.item(`/approvals/${approval.id}`);
    report.say('gate', `waiting: ${detail.summary} Risk ${detail.risk}, ${detail.approvals_needed} approval(s) needed, `
      + `hash ${detail.content_hash.slice(0, 8)}; no ticket exists yet`);
    approvals.push(detail);
  }
  return approvals;
}

/** The tickets of all runs: published once each, the file there and about the right incident. */
export async function awaitTickets(session, report, runs, dataDir) {
  for (const run of runs) {
    const publication = await report.until('ticket', ticketLimitS, async (state) => {
      const ofRun = (await session.list('/publications')).filter((candidate) => candidate.run_id === run.id);
      if (ofRun.length > 1) throw new MissingArrow('ticket', `run ${run.id} has ${ofRun.length} tickets`);
      state.note = `the ticket of run ${run.id} is ${ofRun[0]?.state ?? 'not asked for'} ${ofRun[0]?.error ?? ''}`;
      return ofRun[0]?.state === 'published' ? ofRun[0] : undefined;
    });
    const file = path.resolve(dataDir, publication.url);
    const text = readFileSync(file, 'utf8');
    if (!/\breproduced\b/i.test(text)) {
      throw new MissingArrow('ticket', `${file} does not say that the problem was reproduced`);
    }
    report.say('ticket', `${publication.url}: ${text.split('\n').length} lines, "${publication.title}"`);
    const ended = await report.until('ticket', ticketLimitS, async (state) => {
      const { state: now } = await session.item(`/runs/${run.id}`);
      state.note = `run ${run.id} is ${now}`;
      return finalStates.has(now) ? now : undefined;
    });
    if (ended !== 'succeeded') throw new MissingArrow('ticket', `run ${run.id} ended ${ended}`);
  }
}

export async function sayTotals(session, report, memory) {
  const overview = await session.item('/overview');
  report.say('server', `${overview.records_total} records taken, ${overview.records_refused} refused `
    + `(${percent(overview.records_refused, overview.records_total + overview.records_refused)}), `
    + `${overview.operations} operations; memory ${memory.now.toFixed(0)} MiB, at most ${memory.peak.toFixed(0)} MiB`);
}
