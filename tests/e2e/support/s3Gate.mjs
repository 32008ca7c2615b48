// An S3 server for the tests: s3rver keeps the objects, and before it stands what s3rver leaves out. Each
// request's signature is made again by Amazon's own signer and must be the same, and so must the hash of its body.
// The gate can be shut, answer errors, and take buckets by host name.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const load = createRequire(new URL('../package.json', import.meta.url));
const { Sha256 } = load('@aws-crypto/sha256-js');
const { S3Client } = load('@aws-sdk/client-s3');
const { HttpRequest } = load('@smithy/protocol-http');
const { SignatureV4 } = load('@smithy/signature-v4');
const S3rver = load('s3rver');

export const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
export const region = 'eu-test-1';
const headerForm = new RegExp(
  '^AWS4-HMAC-SHA256 Credential=([^/]+)/\\d{8}/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$',
);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const errorText = (code, message) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

function readQuery(text) {
  const fields = text.split('&').filter(Boolean).map((field) => field.split('='));
  return Object.fromEntries(fields.map(([name, value]) => [name, value ?? ''].map(decodeURIComponent)));
}

/** Why the request is refused: [status, code, message]; undefined when it is as it should be. */
async function findFault(request, body) {
  const [, accessKeyId, signedRegion, names, signature] = headerForm.exec(request.headers.authorization ?? '') ?? [];
  if (!signature) return [403, 'AccessDenied', 'no signature'];
  if (accessKeyId !== keys.accessKeyId) return [403, 'InvalidAccessKeyId', `no key ${accessKeyId}`];
  if (signedRegion !== region) return [400, 'AuthorizationHeaderMalformed', `expecting '${region}'`];
  if (request.headers['x-amz-content-sha256'] !== sha256(body)) {
    return [400, 'XAmzContentSHA256Mismatch', 'the body is not the signed one'];
  }
  const signed = Object.fromEntries(names.split(';').map((name) => [name, request.headers[name]]));
  const [pathname, query = ''] = request.url.split('?');
  const again = new HttpRequest({
    method: request.method, protocol: 'http:', hostname: 'unused', path: pathname, query: readQuery(query),
    headers: signed,
  });
  const signer = new SignatureV4({
    service: 's3', region, credentials: keys, sha256: Sha256, uriEscapePath: false, applyChecksum: false,
  });
  const time = request.headers['x-amz-date'].replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:');
  const { headers } = await signer.sign(again, {
    signingDate: new Date(time), signableHeaders: new Set(names.split(';')),
  });
  const wanted = headerForm.exec(headers.authorization)[4];
  return signature === wanted ? undefined : [403, 'SignatureDoesNotMatch', 'not the signature of this request'];
}

export class S3Gate {
  #dir = mkdtempSync(path.join(tmpdir(), 'reprise-s3-'));
  #store;
  #inner;
  #server;
  #port = 0;
  #tls;
  /** Answered instead of what was asked: [status, code, message], one each. */
  faults = [];
  /** "PUT /bucket/key" as the store saw it, in order. */
  seen = [];

  constructor({ buckets = [], tls } = {}) {
    this.#tls = tls;
    this.#store = new S3rver({
      address: '127.0.0.1', port: 0, silent: true, directory: this.#dir, resetOnClose: true,
      configureBuckets: buckets.map((name) => ({ name, configs: [] })),
    });
  }

  async start() {
    this.#inner = (await this.#store.run()).port;
    return this.open();
  }

  /** On the port it had before. */
  async open() {
    const answer = (request, response) => this.#answer(request, response);
    this.#server = this.#tls ? https.createServer(this.#tls, answer) : http.createServer(answer);
    await new Promise((resolve) => { this.#server.listen(this.#port, '127.0.0.1', resolve); });
    this.#port = this.#server.address().port;
    this.url = this.#tls ? `https://localhost:${this.#port}` : `http://127.0.0.1:${this.#port}`;
    return this;
  }

  /** Nobody listens any more, until open(). */
  async shut() {
    const closed = new Promise((resolve) => { this.#server.close(resolve); });
    this.#server.closeAllConnections();
    await closed;
  }

  async stop() {
    await this.shut();
    await this.#store.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** The public SDK as a client of the same store. */
  client() {
    return new S3Client({ endpoint: this.url, region, credentials: keys, forcePathStyle: true });
  }

  /** For the section `archive` of a configuration. */
  config(bucket, more = {}) {
    return {
      store: 's3', endpoint: this.url, region, bucket, prefix: 'reprise/', ...more,
    };
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const fault = this.faults.shift() ?? await findFault(request, body);
    const byHost = /^([^.]+)\.s3\.localhost:/.exec(request.headers.host);
    const target = byHost ? `/${byHost[1]}${request.url}` : request.url;
    this.seen.push(`${request.method} ${target}`);
    if (!fault) return this.#forward(request, target, body, response);
    response.writeHead(fault[0], { 'content-type': 'application/xml' });
    return response.end(request.method === 'HEAD' ? '' : errorText(fault[1], fault[2]));
  }

  #forward(request, target, body, response) {
    const headers = { ...request.headers, host: `127.0.0.1:${this.#inner}` };
    const on = http.request({
      host: '127.0.0.1', port: this.#inner, method: request.method, path: target, headers, agent: false,
    }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    on.end(body);
  }
}
