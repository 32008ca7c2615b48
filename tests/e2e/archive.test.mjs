// Evidence in an S3 bucket: what Reprise writes Amazon's SDK reads, and the other way round; and what happens when
// the bucket cannot be reached, is not there or does not believe us.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';

import { Report } from '../../examples/demo/report.mjs';
import { Certificates } from './support/certificates.mjs';
import { S3Gate, keys } from './support/s3Gate.mjs';
import { readMetrics, Reprise, skipReason } from './support/serverProcess.mjs';
import { ShopWorld } from './support/shopWorld.mjs';

const {
  DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand,
} = createRequire(new URL('package.json', import.meta.url))('@aws-sdk/client-s3');
const { Database } = createRequire(new URL('../../examples/package.json', import.meta.url))('node-sqlite3-wasm');

const bucket = 'evidence';
const report = new Report();
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const world = new ShopWorld();

let gate;
let files;
let sdk;
test.before(async () => {
  if (skipReason) return;
  files = new Certificates();
  writeFileSync(files.file('access'), `${keys.accessKeyId}\n`);
  writeFileSync(files.file('secret'), `${keys.secretAccessKey}\n`);
  writeFileSync(files.file('wrong'), 'not-the-secret\n');
  gate = await new S3Gate({ buckets: [bucket] }).start();
  sdk = gate.client();
});
test.after(async () => {
  await world.stop();
  sdk?.destroy();
  await gate?.stop();
  files?.remove();
});

const secrets = () => ({ access_key_file: files.file('access'), secret_key_file: files.file('secret') });
const keyOf = (name) => ({ Bucket: bucket, Key: `reprise/${name}` });

async function read(name) {
  const { Body } = await sdk.send(new GetObjectCommand(keyOf(name)));
  return Buffer.from(await Body.transformToByteArray());
}

const write = (name, bytes) => sdk.send(new PutObjectCommand({ ...keyOf(name), Body: bytes }));

async function names(prefix) {
  const { Contents = [] } = await sdk.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `reprise/${prefix}` }));
  return Contents.map((one) => one.Key.slice('reprise/'.length));
}

const metric = async (name) => (await readMetrics(world.reprise.dashboard)).get(name) ?? 0;

let evidence;

/** Two signals of one window may share a fingerprint: the hash tells their bundles apart. */
async function findName() {
  for (const name of await names('evidence/')) {
    if (name.includes(evidence.fingerprint) && sha256(await read(name)) === evidence.sha256) return name;
  }
  throw new Error(`no bundle of ${evidence.id} in the bucket`);
}

async function download() {
  return world.session.download(`/evidence/${evidence.id}/download`);
}

test('evidence waits on the disk while the bucket is down, and moves when it is back', { skip: skipReason }, async () => {
  await gate.shut();
  await world.start({ archive: gate.config(bucket, secrets()) });
  await world.placeOrders();
  evidence = await world.until('evidence', async () => {
    for (const incident of await world.session.list('/incidents')) {
      const [found] = (await world.session.item(`/incidents/${incident.id}`)).evidence;
      if (found) return found;
    }
    return undefined;
  });
  await world.until('waiting', async () => (
    await metric('reprise_archive_upload_failures_total{reason="unreachable"}') > 0 ? true : undefined));
  assert.ok(await metric('reprise_archive_waiting') >= 1);
  const local = await download();
  assert.equal(sha256(local), evidence.sha256);

  await gate.open();
  await world.until('upload', async (state) => {
    state.note = `${await metric('reprise_archive_waiting')} objects wait`;
    return await metric('reprise_archive_uploads_total') > 0 && await metric('reprise_archive_waiting') === 0
      ? true : undefined;
  });

  const name = await findName();
  assert.ok((await read(name)).equals(local));
  assert.ok(!existsSync(path.join(world.reprise.dataDir, name)), 'the local copy is gone');
  assert.ok((await download()).equals(local));
  const exchanges = await world.session.list(`/evidence/${evidence.id}/exchanges`);
  assert.ok(exchanges.some((one) => one.status === 500));
  assert.ok(await metric('reprise_archive_fetches_total') >= 2);
});

test('findings of the window lie beside the evidence', { skip: skipReason }, async () => {
  const found = await Promise.all((await names('findings/shop/')).map(async (name) => JSON.parse(await read(name))));

  const all = found.flatMap((one) => one.signals);
  assert.ok(found.every((one) => one.format === 1 && one.service === 'shop' && one.counts.signals > 0));
  assert.ok(all.some((signal) => signal.evidence?.id === evidence.id && signal.evidence.sha256 === evidence.sha256));
});

test('what the SDK wrote is read when it is the bundle, and refused when it is not', { skip: skipReason }, async () => {
  const name = await findName();
  const good = await read(name);
  await write(name, Buffer.concat([good.subarray(0, -1), Buffer.from([good.at(-1) ^ 1])]));
  await assert.rejects(download(), { status: 500, code: 'bundle_damaged' });

  await write(name, good);

  assert.ok((await download()).equals(good));
  gate.faults.push(...Array(3).fill([503, 'SlowDown', 'reduce your rate']));
  assert.ok((await download()).equals(good));
});

test('verify tells what is missing, spoilt and of nobody', { skip: skipReason }, async () => {
  assert.equal((await world.reprise.stop()).code, 0);
  const sound = await world.reprise.command('admin', 'evidence', 'verify', '--json');
  assert.equal(sound.code, 0, sound.stdout + sound.stderr);
  const stored = [...await names('evidence/'), ...await names('findings/')];
  assert.equal(JSON.parse(sound.stdout).objects, stored.length);

  const [bundle] = await names('evidence/');
  const [findings] = await names('findings/');
  await sdk.send(new DeleteObjectCommand(keyOf(bundle)));
  await write(findings, Buffer.from('{}'));
  await write('evidence/of nobody & more.tar.gz', Buffer.from('x'));
  const broken = await world.reprise.command('admin', 'evidence', 'verify', '--json');

  assert.equal(broken.code, 3);
  const faults = JSON.parse(broken.stdout).findings.map((one) => [one.fault, one.path]);
  assert.deepEqual(faults.sort(), [
    ['mismatch', findings], ['missing', bundle], ['orphan', 'evidence/of nobody & more.tar.gz'],
  ]);
  const table = await world.reprise.command('admin', 'evidence', 'verify');
  assert.match(table.stdout, /missing +evidence\//);
  assert.match(table.stdout, /, 3 wrong\n$/);
});

/** Puts a file into the data directory of a stopped server and its row into the database, as a commit does. */
function addObject(dataDir, name, bytes) {
  mkdirSync(path.dirname(path.join(dataDir, name)), { recursive: true });
  writeFileSync(path.join(dataDir, name), bytes);
  // On a copy: the lock file of ours has the name that this library's own lock would have.
  const original = path.join(dataDir, 'reprise.db');
  const copy = path.join(dataDir, 'copy.db');
  copyFileSync(original, copy);
  const database = new Database(copy);
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.run(
    `INSERT INTO archive_objects (path, kind, owner_id, created_ns, bytes, sha256, place, attempts, due_ns, error)
     VALUES (?, 'findings', '', ${BigInt(Date.now()) * 1_000_000n}, ?, ?, 'local', 0, 0, '')`,
    [name, bytes.length, sha256(bytes)],
  );
  database.close();
  renameSync(copy, original);
}

test('a large object goes up in parts and is read back whole', { skip: skipReason }, async () => {
  const other = new Reprise({ archive: gate.config(bucket, secrets()) });
  try {
    await other.start();
    await other.stop();
    const large = randomBytes(20 * 1024 * 1024);
    addObject(other.dataDir, 'findings/large/1.json', large);
    gate.seen.length = 0;
    await other.start();
    await report.until('upload', 60, async () => (
      (await readMetrics(other.dashboard)).get('reprise_archive_uploads_total') === 1 ? true : undefined));

    assert.ok((await read('findings/large/1.json')).equals(large));
    const key = `/${bucket}/reprise/findings/large/1.json`;
    const parts = gate.seen.filter((line) => line.startsWith(`PUT ${key}?partNumber=`));
    assert.equal(parts.length, 3);
    assert.ok(gate.seen.includes(`POST ${key}?uploads=`));
    assert.ok(!existsSync(path.join(other.dataDir, 'findings/large/1.json')));
  } finally {
    await other.stop();
    other.removeData();
  }
});

/** What doctor says of the bucket: {code, state, detail}. */
async function doctor(archive) {
  const other = new Reprise({ archive });
  try {
    const { code, stdout, stderr } = await other.command('doctor', '--json');
    const found = JSON.parse(stdout || '[]').find((one) => one.what === 'archive');
    return { code, state: found?.state, detail: found?.detail ?? stderr };
  } finally {
    other.removeData();
  }
}

test('doctor uses a bucket by path, by host and under TLS', { skip: skipReason }, async () => {
  const byHost = gate.url.replace('127.0.0.1', 's3.localhost');
  const tls = { cert: readFileSync(files.serverCert), key: readFileSync(files.serverKey) };
  const secure = await new S3Gate({ buckets: [bucket], tls }).start();
  try {
    assert.equal((await doctor(gate.config(bucket, secrets()))).state, 'ok');
    const host = await doctor(gate.config(bucket, { ...secrets(), endpoint: byHost, addressing: 'host' }));
    assert.equal(host.state, 'ok', host.detail);
    const trusted = await doctor(secure.config(bucket, { ...secrets(), ca_file: files.authority }));
    assert.equal(trusted.state, 'ok', trusted.detail);
    const stranger = await doctor(secure.config(bucket, secrets()));
    assert.equal(stranger.state, 'FAIL');
    assert.match(stranger.detail, /certificate/);
  } finally {
    await secure.stop();
  }
});

test('doctor says why a bucket cannot be used', { skip: skipReason }, async () => {
  const wrongSecret = await doctor(gate.config(bucket, { ...secrets(), secret_key_file: files.file('wrong') }));
  assert.equal(wrongSecret.state, 'FAIL');
  assert.match(wrongSecret.detail, /SignatureDoesNotMatch.*check the access key, the secret key/);
  assert.ok(!wrongSecret.detail.includes('not-the-secret'));

  const wrongKey = await doctor(gate.config(bucket, { ...secrets(), access_key_file: files.file('wrong') }));
  assert.match(wrongKey.detail, /InvalidAccessKeyId/);
  const noBucket = await doctor(gate.config('nowhere', secrets()));
  assert.match(noBucket.detail, /NoSuchBucket.*make the bucket or correct its name/);
  const wrongRegion = await doctor(gate.config(bucket, { ...secrets(), region: 'us-east-1' }));
  assert.match(wrongRegion.detail, /AuthorizationHeaderMalformed/);
  const noFile = await doctor(gate.config(bucket, { ...secrets(), secret_key_file: files.file('none') }));
  assert.match(noFile.detail, /archive.secret_key_file = '.*none' cannot be read/);
});
