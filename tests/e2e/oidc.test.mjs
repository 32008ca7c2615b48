// Signing in through a real provider of identities (oidc-provider), as a browser does.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { Browser } from './support/browser.mjs';
import { IdentityProvider } from './support/identityProvider.mjs';
import { findFreePort, Reprise, skipReason } from './support/serverProcess.mjs';

const files = mkdtempSync(path.join(tmpdir(), 'reprise-oidc-'));
test.after(() => rmSync(files, { recursive: true, force: true }));

/** A provider that signs with `algorithm` and a server that believes it. */
async function startBoth(t, algorithm) {
  const [dashboardPort, providerPort] = [await findFreePort(), await findFreePort()];
  const provider = new IdentityProvider(algorithm);
  await provider.start(providerPort, `http://127.0.0.1:${dashboardPort}/api/v1/auth/oidc/return`);
  const secret = path.join(files, `secret-${algorithm}-${providerPort}`);
  writeFileSync(secret, `${provider.client.secret}\n`);
  const reprise = new Reprise({
    ports: { dashboard: dashboardPort, otlpGrpc: 0, otlpHttp: 0 },
    auth: {
      oidc: {
        issuer: provider.issuer, client_id: provider.client.id, client_secret_file: secret, label: 'Example ID',
        scopes: ['profile', 'groups'], role_map: ['staff=viewer', 'sre=operator', 'leads=approver'],
      },
    },
  });
  const session = await reprise.start();
  t.after(async () => {
    await reprise.stop();
    reprise.removeData();
    await provider.stop();
  });
  return { provider, reprise, session, way: `${reprise.dashboard}/api/v1/auth/oidc` };
}

for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
  test(`a person signs in with ${algorithm}; their roles follow their groups`, { skip: skipReason }, async (t) => {
    const { provider, reprise, way } = await startBoth(t, algorithm);
    provider.person = { sub: '42', name: 'ada', groups: ['staff', 'sre', 'chess club'] };

    const trail = await new Browser().follow(way);
    assert.equal(trail.at(-1), `${reprise.dashboard}/`, trail.join('\n'));

    const browser = new Browser();
    await browser.follow(way);
    const me = await browser.me(reprise.dashboard);
    assert.equal(me.name, 'ada');
    assert.deepEqual(me.roles, ['viewer', 'operator']);

    provider.person.groups = ['staff', 'leads'];
    const later = new Browser();
    await later.follow(way);
    const now = await later.me(reprise.dashboard);
    assert.equal(now.id, me.id);
    assert.deepEqual(now.roles, ['viewer', 'approver']);
  });
}

test('what must not work does not', { skip: skipReason }, async (t) => {
  const { provider, reprise, way } = await startBoth(t, 'ES256');
  const isReturn = (url) => url.startsWith(`${way}/return`);
  const refusal = (url) => new URL(url).hash;

  await t.test('nobody comes in without a group on the map', async () => {
    provider.person = { sub: '7', name: 'eve', groups: ['sales'] };
    const browser = new Browser();
    const trail = await browser.follow(way);
    assert.equal(refusal(trail.at(-1)), '#/login?refused=oidc_no_role');
    assert.equal(await browser.me(reprise.dashboard), undefined);
  });

  provider.person = { sub: '42', name: 'ada', groups: ['staff'] };

  await t.test('a return that is played again, or in another browser, signs nobody in', async () => {
    const browser = new Browser();
    const back = (await browser.follow(way, isReturn)).at(-1);
    const thief = new Browser();
    assert.equal(refusal((await thief.send(back)).location), '#/login?refused=oidc_state');
    const window = browser.copy();
    assert.equal((await browser.send(back)).location, `${reprise.dashboard}/`);
    assert.equal(refusal((await window.send(back)).location), '#/login?refused=oidc_state');
    assert.equal(await window.me(reprise.dashboard), undefined);
  });

  await t.test('a code of another sign-in fails at the provider', async () => {
    const browser = new Browser();
    const back = new URL((await browser.follow(way, isReturn)).at(-1));
    const victim = new Browser();
    const theirs = new URL((await victim.follow(way, isReturn)).at(-1));
    theirs.searchParams.set('code', back.searchParams.get('code'));
    assert.equal(refusal((await victim.send(theirs.href)).location), '#/login?refused=oidc_refused');
  });

  await t.test('the sign-in page is told what the button says', async () => {
    assert.equal((await new Browser().send(`${reprise.dashboard}/api/v1/auth/ways`)).body.item.oidc, 'Example ID');
  });
});

test('proving it again through the provider renews the session', { skip: skipReason }, async (t) => {
  const { provider, reprise, way } = await startBoth(t, 'RS256');
  provider.person = { sub: '42', name: 'ada', groups: ['staff'] };
  const browser = new Browser();
  await browser.follow(way);
  const me = await browser.me(reprise.dashboard);
  const stolen = browser.copy();
  assert.equal((await stolen.me(reprise.dashboard)).id, me.id);

  const trail = await browser.follow(`${way}?again=1`);

  assert.equal(trail.at(-1), `${reprise.dashboard}/`, trail.join('\n'));
  assert.equal((await browser.me(reprise.dashboard)).id, me.id);
  assert.equal(await stolen.me(reprise.dashboard), undefined, 'the old token is worth nothing');
});
