// The walk through of docs/api.md, typed as it stands there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Reprise, skipReason } from './support/serverProcess.mjs';

const limitMs = 90_000;
const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
let reprise;

test.after(async () => {
  await reprise?.stop();
  reprise?.removeData();
});

test('a person does everything from the API alone, as the documentation says', { skip: skipReason }, async () => {
  const section = page.slice(page.indexOf('## A walk through with curl'));
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]);
  assert.ok(blocks.length > 5, 'the page has its blocks');
  reprise = new Reprise({ intake: { alarm_evidence_wait: '1s' } });
  const link = await reprise.startUnsigned();

  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', blocks.join('\n')], {
    env: { ...process.env, LINK: link }, encoding: 'utf8', timeout: limitMs,
  });

  assert.equal(status, 0, `${stdout}\n${stderr}`);
  for (const expected of [
    '["viewer","operator","approver","admin"]',
    '"status":"needs_human","reason":"no_evidence"',
    '{"owner":"checkout team","tracker":"file:tickets"}',
    'approved',
    'already_decided',
    'file:tickets tickets/',
    '"2.4.1"',
    'scope_required',
    'resolved',
    'user:lead approval.approve',
    'true',
  ]) assert.ok(stdout.includes(expected), `${expected} in:\n${stdout}\n${stderr}`);
});
