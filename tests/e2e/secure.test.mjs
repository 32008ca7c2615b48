// The built server under TLS, with client certificates and bearer tokens, against the public SDK and curl.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import test from 'node:test';

import { Certificates } from './support/certificates.mjs';
import { readMetrics, Reprise, skipReason } from './support/serverProcess.mjs';
import { protocols, send } from './support/sdkSender.mjs';

const token = '0123456789abcdef0123456789abcdef';

let files;
let reprise;
test.before(async () => {
  if (skipReason) return;
  files = new Certificates();
  writeFileSync(files.file('tokens'), `# who may send\ne2e:${token}\n`);
  reprise = new Reprise({
    intake: {
      tokens_file: files.file('tokens'),
      tls: { cert_file: files.serverCert, key_file: files.serverKey, client_ca_file: files.authority },
    },
  });
  await reprise.start();
});
test.after(async () => {
  await reprise?.stop();
  reprise?.removeData();
  files?.remove();
});

const secure = (url) => url.replace('http:', 'https:').replace('127.0.0.1', 'localhost');
const urls = () => ({ grpc: secure(reprise.otlpGrpc), http: secure(reprise.otlpHttp) });

async function records(signal) {
  return (await readMetrics(reprise.dashboard)).get(`reprise_intake_records_total{signal="${signal}"}`) ?? 0;
}

for (const protocol of protocols) {
  for (const signal of ['traces', 'logs', 'metrics']) {
    test(`${signal} over ${protocol} with certificate and token are taken`, { skip: skipReason }, async () => {
      const before = await records(signal);

      await send({
        signal, protocol, compression: 'gzip', temporality: 'DELTA', service: 'e2e-secure', count: 50, urls: urls(),
        environment: {
          OTEL_EXPORTER_OTLP_CERTIFICATE: files.authority,
          OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: files.clientCert,
          OTEL_EXPORTER_OTLP_CLIENT_KEY: files.clientKey,
          OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${token}`,
        },
      });

      assert.ok(await records(signal) > before);
    });
  }
}

function curl(...args) {
  const all = ['--silent', '--show-error', '--max-time', '10', '--write-out', '\n%{http_code}', '--cacert',
    files.authority, '--header', 'content-type: application/json', '--data', '{}', ...args,
    `${secure(reprise.otlpHttp)}/v1/traces`];
  const { status, stdout } = spawnSync('curl', all, { encoding: 'utf8' });
  const at = stdout.lastIndexOf('\n');
  return { exit: status, status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

test('curl: without a certificate there is no answer, without a token 401', { skip: skipReason }, () => {
  assert.notEqual(curl('--header', `authorization: Bearer ${token}`).exit, 0);

  const certificate = ['--cert', files.clientCert, '--key', files.clientKey];
  const stranger = curl(...certificate, '--header', 'authorization: Bearer wrong-wrong-wrong-wrong');
  assert.equal(stranger.status, 401);
  assert.equal(JSON.parse(stranger.body).code, 16);
  assert.equal(curl(...certificate, '--header', `authorization: Bearer ${token}`).status, 200);
  assert.equal(curl(...certificate, '--header', `authorization: Bearer ${token}`, '--tls-max', '1.2').status, 200);
  assert.notEqual(curl(...certificate, '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0').exit, 0);
});

function get(url) {
  return new Promise((resolve, reject) => {
    https.get(url, { ca: readFileSync(files.authority) }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer));
    }).on('error', reject);
  });
}

test('the dashboard under TLS names itself by https', { skip: skipReason }, async () => {
  const other = new Reprise({ server: { tls: { cert_file: files.serverCert, key_file: files.serverKey } } });
  try {
    const [, dashboard] = await other.launch().waitLine(/^dashboard: (https:\S+)/);

    const answer = await get(`${dashboard}/healthz`);

    assert.equal(answer.statusCode, 200);
    assert.match(answer.headers['strict-transport-security'], /max-age/);
  } finally {
    await other.stop();
    other.removeData();
  }
});

test('a certificate that cannot serve stops the start and is named', { skip: skipReason }, async () => {
  const other = new Reprise({ intake: { tls: { cert_file: files.file('none.pem'), key_file: files.serverKey } } });
  try {
    const ended = await other.launch().exited;

    assert.notEqual(ended.code, 0);
    assert.ok(other.output().some((line) => line.includes('none.pem') && line.includes('intake.tls')));
  } finally {
    other.removeData();
  }
});
