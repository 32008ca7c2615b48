// From an incident to the smallest requests that still show it: downloads the bundle, lets the server's
// own program look for them, and runs what it wrote on its own, with the defect and with the fix.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { MissingArrow } from './report.mjs';

const signalLimitS = 60;
const minimiseLimitS = 240;
const reproducerLimitS = 90;
const namedRemovalsMax = 3;

const shows = 1;
const passes = 0;

/** Exit codes and programs of the forms that are written: docs/minimise.md. */
const forms = {
  curl: { ending: 'sh', command: 'bash', args: [] },
  pytest: { ending: 'py', command: 'python3', args: [] },
};

/**
 * From where on a figure shows the defect, by the signal that found it. Its gate may lie close to what is normal, since
 * it is meant for many requests; one request on a busy machine needs more distance.
 */
function threshold({ gate, observed }) {
  return Math.max(gate, observed / 2);
}

/** The defects that the answers show, and what holds while each is there. */
const answerBugs = [
  { service: 'shop', kind: 'error_rate', operation: 'POST /orders', still: () => 'status==500' },
  {
    service: 'shop',
    kind: 'latency',
    operation: 'GET /products',
    still: (signal) => `latency>${Math.ceil(threshold(signal) / 1e6)}ms`,
  },
];

/** The defects that only the service's own spans show: how many calls it makes, and how densely. */
const callBugs = [
  {
    service: 'shop',
    kind: 'n_plus_one',
    still: (signal) => `calls>=${Math.ceil(threshold(signal))}`,
    fix: { version: 1 },
  },
  {
    service: 'radar',
    kind: 'rate_limit_burst',
    still: (signal) => `arrivals>=${Math.ceil(threshold(signal))}`,
    fix: { pool: 10 },
  },
];

/** The newest signal of the defect that has a bundle. */
async function findSignal(session, report, { service, kind, operation }) {
  return report.until('signal', signalLimitS, async (state) => {
    const known = await session.list(`/signals?service=${service}&kind=${kind}`);
    const about = known.filter((candidate) => operation === undefined || candidate.operation.name === operation);
    state.note = `${about.length} ${kind} signals on ${operation ?? `any call of ${service}`}, none with a bundle`;
    return about.find((candidate) => candidate.evidence_id && candidate.incident_id);
  });
}

/** The incident's bundle as a file below `directory`, and the condition that the signal gives. */
async function prepare(session, report, bug, directory) {
  const signal = await findSignal(session, report, bug);
  const bundle = path.join(directory, `${bug.kind}.tar.gz`);
  const bytes = await session.download(`/evidence/${signal.evidence_id}/download`);
  writeFileSync(bundle, bytes);
  const still = bug.still(signal);
  report.say('evidence', `${bug.kind} on ${signal.operation.name}, incident ${signal.incident_id}: `
    + `${bytes.length} bytes in ${path.basename(bundle)}; the problem shows while ${still}`);
  return { ...bug, directory, bundle, still };
}

function plural(count, what) {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** "14 headers, 2 body parts (header accept of request 3, ...)" */
function describeRemoved(result) {
  if (result.removed_count === 0) return 'nothing could go';
  const named = result.removed.slice(0, namedRemovalsMax).map((note) => note.what).join(', ');
  const more = result.removed_count > namedRemovalsMax ? ', ...' : '';
  return `removed: ${plural(result.removed_count, 'part')} (${named}${more})`;
}

function sayResult(report, bug, result) {
  report.say('minimise', `${bug.service} ${bug.kind}: ${result.requests_after} of `
    + `${plural(result.requests_before, 'request')} still show ${bug.still}, `
    + `found in ${plural(result.trials, 'trial')}, shown again in ${result.confirmed} of ${result.confirm_trials}`);
  for (const request of result.smallest.requests) {
    const copies = request.copies > 1 ? ` (${request.copies} at once)` : '';
    report.say('', `sends: ${request.method} ${request.path} ${request.body ?? ''}${copies}`);
  }
  for (const note of result.kept) report.say('', `kept: ${note.what}${note.why ? ` - ${note.why}` : ''}`);
  report.say('', describeRemoved(result));
}

function parseResult(ended) {
  const line = ended.lines.find((candidate) => candidate.startsWith('{'));
  return line === undefined ? undefined : JSON.parse(line);
}

/** Looks for the smallest requests and writes them as `form`; {file, form, result}. */
async function minimise(world, bug, form, against, more = []) {
  const file = path.join(bug.directory, `test_${bug.service}_${bug.kind}.${forms[form].ending}`);
  const ended = await world.runTool(`minimize-${bug.kind}-${form}`, world.binary, [
    'minimize', bug.bundle, '--against', against, '--still', bug.still, '--allow-unsafe', '--json',
    '--export', form, '--out', file, ...more,
  ], minimiseLimitS);
  const result = parseResult(ended);
  if (ended.code !== 0 || result?.end !== 'minimal') {
    throw new MissingArrow('minimise', `${bug.kind} with ${bug.still} ended with ${result?.end ?? 'no result'}, `
      + `exit ${ended.code}; it said:\n  ${ended.lines.slice(-5).join('\n  ')}`);
  }
  return { file, form, result };
}

/** Runs a reproducer as anybody would who was sent the file. */
async function runAlone(world, report, { file, form }, expected, env = {}) {
  const { command, args } = forms[form];
  const ended = await world.runTool(path.basename(file), command, [...args, file], reproducerLimitS, env);
  const said = ended.lines.at(-1) ?? 'nothing';
  if (ended.code !== expected) {
    throw new MissingArrow('reproducer', `${command} ${file} ended with exit ${ended.code}, not ${expected}; `
      + 'it said:\n  ' + ended.lines.slice(-5).join('\n  '));
  }
  report.say('reproducer', `${command} ${path.basename(file)}: exit ${ended.code}, "${said.slice(0, 100)}"`);
}

async function deploy(url, change) {
  const answer = await fetch(`${url}/admin/deploy`, { method: 'POST', body: JSON.stringify(change) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} to the deploy`);
}

/** The defects that a service's answers show: error and latency of the shop. */
async function proveAnswers(world, session, report, directory) {
  const written = [];
  for (const one of answerBugs) {
    const bug = await prepare(session, report, one, directory);
    for (const form of Object.keys(forms)) written.push(await minimise(world, bug, form, world.shop.url));
    sayResult(report, bug, written.at(-1).result);
  }
  await deploy(world.shop.url, { version: 2 });
  for (const reproducer of written) await runAlone(world, report, reproducer, shows);
  await deploy(world.shop.url, { version: 1 });
  report.say('fix', 'version 1 of the shop is deployed again');
  for (const reproducer of written) await runAlone(world, report, reproducer, passes);
  await deploy(world.shop.url, { version: 2 });
}

/**
 * The defects that the service's calls show: N+1 of the shop and the burst of the radar, each against a second
 * process that reports to the program that looks, and later to the reproducer.
 */
async function proveCalls(world, session, report, directory) {
  const observe = `127.0.0.1:${world.ports.observer}`;
  for (const one of callBugs) {
    const bug = await prepare(session, report, one, directory);
    const { url } = await world.startObserved(bug.service);
    report.say('observe', `a second ${bug.service} on ${url} sends its spans to ${observe}`);
    const written = await minimise(world, bug, 'pytest', url, ['--observe', observe]);
    sayResult(report, bug, written.result);
    await runAlone(world, report, written, shows);
    await deploy(url, bug.fix);
    report.say('fix', `${JSON.stringify(bug.fix)} is deployed to the ${bug.service}`);
    await runAlone(world, report, written, passes);
  }
}

/** From each incident to its minimal reproducer; every reproducer shows the defect and passes with the fix. */
export async function proveReproducers(world, session, report) {
  const directory = path.join(world.dir, 'reproducers');
  mkdirSync(directory, { recursive: true });
  await proveAnswers(world, session, report, directory);
  await proveCalls(world, session, report, directory);
}
