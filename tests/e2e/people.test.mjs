// Passwords, API tokens, service accounts and the audit, on the built server and its command line.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { Browser } from './support/browser.mjs';
import { Reprise, skipReason } from './support/serverProcess.mjs';

const password = 'correct horse battery';

async function signInByLink(reprise) {
  const [, link] = await reprise.waitLine(/^sign in: (http:\S+)/);
  const browser = new Browser();
  const [dashboard, token] = link.split('/#/login?token=');
  const answer = await browser.send(`${dashboard}/api/v1/auth/link`, { method: 'POST', body: { token } });
  assert.equal(answer.status, 200);
  browser.csrf = answer.body.item.csrf;
  return { browser, api: `${dashboard}/api/v1` };
}

async function launch(options) {
  const reprise = new Reprise(options);
  reprise.launch();
  return { reprise, ...await signInByLink(reprise) };
}

const ask = (url, token, options = {}) => new Browser().send(url, {
  ...options, headers: { authorization: `Bearer ${token}` },
});

test('the first administrator sets a password and signs in with it', { skip: skipReason }, async (t) => {
  const { reprise, browser, api } = await launch();
  t.after(async () => { await reprise.stop(); reprise.removeData(); });

  assert.equal((await browser.send(`${api}/me/password`, { method: 'PUT', body: { password } })).status, 200);
  const other = new Browser();
  const login = (body) => other.send(`${api}/auth/login`, { method: 'POST', body });
  assert.equal((await login({ name: 'admin', password: 'admin' })).body.code, 'credentials_refused');
  assert.equal((await login({ name: 'admin', password })).status, 200);
  assert.equal((await other.me(api.replace('/api/v1', ''))).name, 'admin');
});

test('a service account works with a token of the command line until it is revoked', { skip: skipReason }, async (t) => {
  const { reprise } = await launch();
  t.after(async () => { await reprise.stop(); reprise.removeData(); });
  await reprise.stop();

  assert.equal((await reprise.command('admin', 'user', 'add', 'ci', '--service', '--roles', 'viewer,operator')).code, 0);
  const approver = await reprise.command('admin', 'user', 'add', 'robot', '--service', '--roles', 'approver');
  assert.equal(approver.code, 64);
  const create = (...more) => reprise.command('admin', 'token', 'create', 'ci', '--name', 'e2e', ...more);
  assert.equal((await create('--scopes', 'runs:read', '--days', '400')).code, 65);
  assert.equal((await create('--scopes', 'admin:read')).code, 65, 'the account has no such role');
  const made = await create('--scopes', 'runs:read,runs:write', '--days', '7', '--json');
  const { id, token } = JSON.parse(made.stdout);
  assert.match((await reprise.command('admin', 'token', 'list')).stdout, new RegExp(`${id} .*runs:read.*usable`));

  await reprise.start();
  assert.equal((await ask(`${reprise.dashboard}/api/v1/runs`, token)).status, 200);
  const decide = await ask(`${reprise.dashboard}/api/v1/approvals/01J/approve`, token, { method: 'POST', body: {} });
  assert.equal(decide.body.code, 'not_a_person');
  await reprise.stop();
  assert.equal((await reprise.command('admin', 'token', 'revoke', id)).code, 0);
  await reprise.start();
  assert.equal((await ask(`${reprise.dashboard}/api/v1/runs`, token)).body.code, 'token_invalid');
});

test('an older copy of the database is found out by the checkpoints', { skip: skipReason }, async (t) => {
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'reprise-checkpoints-'));
  const file = path.join(elsewhere, 'checkpoints.jsonl');
  const reprise = new Reprise({ audit: { checkpoint_file: file } });
  t.after(async () => {
    await reprise.stop();
    reprise.removeData();
    rmSync(elsewhere, { recursive: true, force: true });
  });
  const database = path.join(reprise.dataDir, 'reprise.db');
  const verify = (...more) => reprise.command('admin', 'audit', 'verify', ...more);
  await reprise.start();
  await reprise.waitLine(/http\.audit: checkpoint \{"seq":/);
  await reprise.stop();
  assert.equal((await verify()).code, 0);
  cpSync(database, path.join(elsewhere, 'older.db'));

  const session = await reprise.start();
  for (let i = 0; i < 110; i += 1) await session.post(`/users/${session.me.id}/link`);
  await reprise.waitLine(/http\.audit: checkpoint \{"seq":1\d\d,/);
  await reprise.stop();
  const whole = await verify();
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(whole.stdout, /rows are as they were written; \d+ signed checkpoints/);
  const out = path.join(elsewhere, 'audit.jsonl');
  assert.equal((await reprise.command('admin', 'audit', 'export', '--out', out)).code, 0);
  assert.ok(readFileSync(out, 'utf8').trim().split('\n').length > 110);

  cpSync(path.join(elsewhere, 'older.db'), database);
  const older = await verify();
  assert.equal(older.code, 65);
  assert.match(older.stderr, /audit row \d+: rows up to 1\d\d are missing/);

  const keys = path.join(reprise.dataDir, 'keys');
  const [name] = readdirSync(keys).filter((each) => each.endsWith('.pub'));
  renameSync(path.join(keys, name), path.join(elsewhere, name));
  assert.match((await verify()).stderr, /not signed with a known key/);
  assert.match((await verify('--public-key', path.join(elsewhere, name))).stderr, /rows up to 1\d\d are missing/);
});
