// An authority with a server's and a client's certificate, as PEM files in a directory of their own.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class Certificates {
  #dir = mkdtempSync(path.join(tmpdir(), 'reprise-certificates-'));
  authority = this.file('ca.pem');
  serverCert = this.file('server.pem');
  serverKey = this.file('server.key');
  clientCert = this.file('client.pem');
  clientKey = this.file('client.key');

  constructor() {
    openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Test Authority', '-keyout', this.file('ca.key'),
      '-out', this.authority);
    this.#issue('server', 'localhost');
    this.#issue('client', 'sender');
  }

  file(name) {
    return path.join(this.#dir, name);
  }

  remove() {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #issue(name, subject) {
    openssl('req', ...newKey, '-subj', `/CN=${subject}`, '-keyout', this.file(`${name}.key`), '-out',
      this.file(`${name}.csr`));
    writeFileSync(this.file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl('x509', '-req', '-days', '1', '-in', this.file(`${name}.csr`), '-CA', this.authority, '-CAkey',
      this.file('ca.key'), '-CAcreateserial', '-extfile', this.file('names'), '-out', this.file(`${name}.pem`));
  }
}
