import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { checkBundle, readTarGz, sha256 } from '../demo/evidence.mjs';

function tarEntry(name, content, type = '0') {
  const data = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write(`${data.length.toString(8).padStart(11, '0')} `, 124);
  header.write(type, 156);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

function bundle(files, manifestFiles) {
  const manifest = JSON.stringify({
    exchanges: manifestFiles ?? Object.entries(files).map(([name, content]) => ({ path: name, sha256: sha256(content) })),
  });
  const contents = Object.entries({ 'manifest.json': manifest, ...files });
  const entries = contents.map(([name, content]) => tarEntry(name, content));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

const files = { 'signal.json': '{}', 'shop/1_a.json': '{"msgType":"rrpair"}' };
const evidenceOf = (bytes) => ({ sha256: sha256(bytes), failing: 1, control: 0 });

test('a bundle whose hashes are right is counted', () => {
  const bytes = bundle(files);

  assert.deepEqual(checkBundle(bytes, evidenceOf(bytes)), { files: 3, exchanges: 1, failing: 1, control: 0 });
});

const other = 'f'.repeat(64);
const badBundles = [
  ['another hash than the server states', bundle(files), { sha256: other }, /SHA-256 that the server states/],
  ['no manifest', gzipSync(Buffer.concat([tarEntry('signal.json', '{}'), Buffer.alloc(1024)])), {}, /no manifest/],
  ['no signal', bundle({ 'shop/1_a.json': '{}' }), {}, /no signal.json/],
  ['no exchange', bundle({ 'signal.json': '{}' }), {}, /no exchange/],
  ['a changed exchange', bundle(files, [{ path: 'shop/1_a.json', sha256: other }]), {}, /SHA-256 of the manifest/],
  ['a missing exchange', bundle(files, [{ path: 'shop/2_b.json', sha256: other }]), {}, /does not hold it/],
  ['an unlisted exchange', bundle(files, []), {}, /lists 0 files of 1/],
];
for (const [what, bytes, evidence, message] of badBundles) {
  test(`a bundle with ${what} is refused`, () => {
    assert.throws(() => checkBundle(bytes, { ...evidenceOf(bytes), ...evidence }), message);
  });
}

test('names too long for the header come from the extended one, directories are left out', () => {
  const name = `${'d'.repeat(120)}/a.json`;
  const record = ` path=${name}\n`;
  const length = record.length + 3;
  const archive = gzipSync(Buffer.concat([
    tarEntry('PaxHeader', `${length}${record}`, 'x'), tarEntry('cut', 'text'), tarEntry('dir/', '', '5'),
    Buffer.alloc(1024),
  ]));

  assert.deepEqual([...readTarGz(archive).keys()], [name]);
});

test('an archive that ends inside a file is refused', () => {
  const whole = tarEntry('a', 'x'.repeat(600));

  assert.throws(() => readTarGz(gzipSync(whole.subarray(0, 700))), /ends inside a/);
});
