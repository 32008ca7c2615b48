// What people do at the approval gate: what is refused, and how a ticket is released.

import { ApiProblem } from './api.mjs';
import { MissingArrow } from './report.mjs';

const publishAnywayLimitS = 30;

/** The refusal's problem. Throws when the server let it pass. */
async function expectRefusal(what, act, codes) {
  try {
    await act();
  } catch (error) {
    if (error instanceof ApiProblem && codes.includes(error.code)) return error;
    throw new MissingArrow('refusal', `${what} should be refused with ${codes.join(' or ')}; ${error.message}`);
  }
  throw new MissingArrow('refusal', `${what} was accepted`);
}

export async function proveRefusals(session, report, approval) {
  const decide = (verb, body) => () => session.post(`/approvals/${approval.id}/${verb}`, body);
  const hash = approval.content_hash;
  const refused = [
    ['a reject without a comment', decide('reject', { content_hash: hash }), ['comment_required']],
    ['an approval of another content', decide('approve', { content_hash: '0'.repeat(64) }), ['hash_mismatch']],
  ];
  for (const [what, act, codes] of refused) {
    const problem = await expectRefusal(what, act, codes);
    report.say('refusal', `${what}: ${problem.status} ${problem.code}`);
  }
  const after = await session.item(`/approvals/${approval.id}`);
  if (after.state !== 'pending') throw new MissingArrow('refusal', `after the refusals the approval is ${after.state}`);
}

function bodyFor(approval) {
  const body = { content_hash: approval.content_hash, comment: 'Evidence read, numbers checked.' };
  if (approval.risk === 'critical') body.confirm = approval.content_hash.slice(0, 8);
  return body;
}

/** Approves with as many people as it takes. */
export async function release(sessions, report, approval) {
  const needed = approval.approvals_needed - approval.approvals_given;
  for (const session of sessions.slice(0, needed)) {
    await session.post(`/approvals/${approval.id}/approve`, bodyFor(approval));
    report.say('release', `${session.me.name} approved ${approval.content_hash.slice(0, 8)} (risk ${approval.risk})`);
  }
  const after = await sessions[0].item(`/approvals/${approval.id}`);
  if (after.state !== 'approved' && after.state !== 'executed') {
    throw new MissingArrow('release', `after ${needed} approval(s) the request is ${after.state}`);
  }
  const problem = await expectRefusal('a second decision', () => sessions[0].post(`/approvals/${approval.id}/reject`, {
    content_hash: approval.content_hash, comment: 'Too late.',
  }), ['already_decided', 'illegal_transition']);
  report.say('refusal', `a second decision: ${problem.status} ${problem.code}`);
}

/**
 * Four eyes: `starter` stops the release, then asks to publish anyway, which is one level riskier.
 * When that makes it CRITICAL, the starter may not approve and two others must. Answers the runs
 * that publish now.
 */
export async function proveFourEyes(starter, others, report, approval) {
  await starter.post(`/approvals/${approval.id}/stop`, { content_hash: approval.content_hash });
  const incident = await starter.item(`/incidents/${approval.incident_id}`);
  const why = { comment: 'We want the ticket all the same.' };
  await starter.post(`/incidents/${incident.id}/publish`, why, incident.version);
  const asked = await report.until('four eyes', publishAnywayLimitS, async (state) => {
    const pending = await starter.list('/approvals?state=pending');
    state.note = `no approval asked for by publishing incident ${incident.id} anyway`;
    return pending.find((candidate) => candidate.incident_id === incident.id && candidate.id !== approval.id);
  });
  const run = await starter.item(`/runs/${asked.run_id}`);
  if (asked.risk !== 'critical') {
    report.say('four eyes', `publishing anyway has risk ${asked.risk}, so nobody is barred`);
  } else {
    const own = await expectRefusal('the starter\'s own approval', () => starter.post(
      `/approvals/${asked.id}/approve`, bodyFor(asked),
    ), ['self_review']);
    report.say('four eyes', `${starter.me.name} started it and may not approve: ${own.status} ${own.code}`);
    const untyped = await expectRefusal('a CRITICAL approval without the typed hash', () => others[0].post(
      `/approvals/${asked.id}/approve`, { content_hash: asked.content_hash },
    ), ['confirmation_required']);
    report.say('four eyes', `without the typed hash: ${untyped.status} ${untyped.code}`);
  }
  await release(others, report, asked);
  return run;
}
