// How long after a release its effect begins.
//   node bench/decision_load.mjs [--decisions 50] [--json]
// Takes build/ci/server/app/reprise (scripts/lib/build.sh) or what REPRISE_BINARY names. Each decision releases the ticket
// of an incident of its own; the time is the server's: from the decision to the start of the step that publishes.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { hideEnvironment, startProcess } from '../examples/common/childProcess.mjs';
import { Session } from '../examples/demo/api.mjs';
import { Report } from '../examples/demo/report.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const reprise = process.env.REPRISE_BINARY ?? path.join(root, 'build/ci/server/app/reprise');
const limitS = 120;
const report = new Report();

const { values: asked } = parseArgs({
  options: { decisions: { type: 'string', default: '50' }, json: { type: 'boolean' } },
});
const decisions = Number(asked.decisions);
const dir = mkdtempSync(path.join(tmpdir(), 'reprise-decisions-'));

async function startServer() {
  const server = startProcess('reprise', reprise, [
    'serve', '--server.listen', '127.0.0.1:0', '--server.data_dir', path.join(dir, 'data'),
    '--intake.otlp_grpc', '127.0.0.1:0', '--intake.otlp_http', '127.0.0.1:0', '--intake.alarm_evidence_wait', '0s',
  ], { env: hideEnvironment('REPRISE_') });
  const [, dashboard] = await server.waitLine(/^dashboard: (http:\S+)/);
  const [, link] = await server.waitLine(/^sign in: (http:\S+)/);
  const session = new Session(dashboard);
  await session.signIn(link);
  return { server, session };
}

/** Words of its own, so that no two are one problem. */
function wordsOf(number) {
  const digits = createHash('sha256').update(String(number)).digest('hex');
  return digits.replace(/\d/g, (digit) => 'ghijklmnop'[digit]).match(/.{8}/g).join(' ');
}

async function openIncidents(session) {
  for (let number = 0; number < decisions; number += 1) {
    const words = wordsOf(number);
    await session.post('/events', {
      service: `service-${number}`, error_type: words.slice(0, 8), title: words, description: words, severity: 'medium',
    });
  }
  const waiting = await report.until('incidents', limitS, async (state) => {
    const all = await session.list('/incidents?status=needs_human');
    state.note = `${all.length} of ${decisions} wait for a person`;
    return all.length === decisions ? all : undefined;
  });
  for (const incident of waiting) await session.post(`/incidents/${incident.id}/publish`, { comment: 'to be measured' });
  return report.until('approvals', limitS, async (state) => {
    const all = await session.list('/approvals?state=pending');
    state.note = `${all.length} of ${decisions} wait at the gate`;
    return all.length === decisions ? all : undefined;
  });
}

/** From the decision to the start of its effect, in ms. */
async function decide(session, approval) {
  await session.post(`/approvals/${approval.id}/approve`, {
    content_hash: approval.content_hash, comment: 'go', confirm: approval.content_hash.slice(0, 8),
  });
  const decided = await session.item(`/approvals/${approval.id}`);
  const begun = await report.until('effect', limitS, async () => {
    const events = await session.list(`/runs/${approval.run_id}/events`);
    return events.find((event) => event.type === 'step_started' && event.data.step === 'publish');
  });
  return Date.parse(begun.at) - Date.parse(decided.decided_at);
}

const { server, session } = await startServer();
try {
  const waits = [];
  for (const approval of await openIncidents(session)) waits.push(await decide(session, approval));
  waits.sort((a, b) => a - b);
  const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
  const result = { decisions: waits.length, p50_ms: at(0.5), p99_ms: at(0.99), max_ms: waits.at(-1) };
  console.log(asked.json ? JSON.stringify(result)
    : `${result.decisions} decisions: effect begun after p50 ${result.p50_ms} ms, p99 ${result.p99_ms} ms, at most ${result.max_ms} ms`);
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
