// The built server as a process of its own, with a data directory that outlives a crash.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { hideEnvironment, startProcess } from '../../../examples/common/childProcess.mjs';
import { Session } from '../../../examples/demo/api.mjs';

export const binary = process.env.REPRISE_BINARY;

/** Why the tests cannot run, for node:test's `skip`; false when they can. */
export const skipReason = binary ? false : 'REPRISE_BINARY names no server';

/** A port that was free a moment ago, for what must keep its address over a restart. */
export function findFreePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const flow = (keys) => Object.entries(keys).filter(([, value]) => value !== undefined).map(([key, value]) => `\n  ${key}: ${JSON.stringify(value)}`).join('');

const configText = (dataDir, {
  ports, targets, trials, trialRequests, server, intake, windows, archive, runs, auth, audit, sections,
}) => `
server:
  listen: 127.0.0.1:${ports.dashboard}
  data_dir: ${JSON.stringify(dataDir)}${flow(server)}
intake:
  otlp_grpc: 127.0.0.1:${ports.otlpGrpc}
  otlp_http: 127.0.0.1:${ports.otlpHttp}${flow(intake)}
windows:${flow(windows)}
replay:
  targets: ${JSON.stringify(targets)}
  trials: ${trials}
  requests: ${trialRequests}
runs:${flow({ lease: '2s', retry_delay: '500ms', ...runs })}
archive:
  store: ${archive.store ?? 'file'}${flow({ ...archive, store: undefined })}
auth:${flow({ passwords: 'on', ...auth })}
audit:${flow({ checkpoint_file: '', ...audit })}
${Object.entries(sections).map(([name, keys]) => `${name}:${flow(keys)}\n`).join('')}`;

export class Reprise {
  #dir = mkdtempSync(path.join(tmpdir(), 'reprise-e2e-'));
  #server;
  dashboard;
  otlpGrpc;
  otlpHttp;
  dataDir = path.join(this.#dir, 'data');

  /**
   * Ports of 0 are chosen by the system; `targets` is the replay allow-list; `server`, `intake`, `windows`, `archive`,
   * `runs`, `auth` and `audit` are keys of these sections, `sections` holds others whole.
   */
  constructor({
    ports = { dashboard: 0, otlpGrpc: 0, otlpHttp: 0 }, targets = [], trials = 5, trialRequests = 10, server = {},
    intake = {}, windows = { length: '1s', lateness: '1s', idle_close: '1s' }, archive = {}, runs = {},
    auth = {}, audit = {}, sections = {},
  } = {}) {
    const text = configText(this.dataDir, {
      ports, targets, trials, trialRequests, server, intake, windows, archive, runs, auth, audit, sections,
    });
    writeFileSync(path.join(this.#dir, 'reprise.yaml'), text);
  }

  /** Starts the process alone; answers it. */
  launch() {
    const config = path.join(this.#dir, 'reprise.yaml');
    this.#server = startProcess('reprise', binary, ['serve', '--config', config], { env: hideEnvironment('REPRISE_') });
    return this.#server;
  }

  /** Starts it; answers the sign-in link of the first person. */
  async startUnsigned() {
    this.launch();
    [, this.dashboard] = await this.#server.waitLine(/^dashboard: (http:\S+)/);
    const [, link] = await this.#server.waitLine(/^sign in: (http:\S+)/);
    return link;
  }

  /** Starts it, again after a crash; answers a session of the first person. */
  async start() {
    const link = await this.startUnsigned();
    const { dashboard } = this;
    const session = new Session(dashboard);
    await session.signIn(link);
    const overview = await session.item('/overview');
    Object.assign(this, {
      dashboard, otlpGrpc: urlOf(overview.otlp_grpc), otlpHttp: urlOf(overview.otlp_http),
    });
    return session;
  }

  /** Another command with the same configuration; answers {code, stdout, stderr}. The server is stopped, mostly. */
  command(...args) {
    const all = [...args, '--config', path.join(this.#dir, 'reprise.yaml')];
    const env = { ...process.env, ...hideEnvironment('REPRISE_') };
    return new Promise((resolve) => {
      execFile(binary, all, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, stdout, stderr });
      });
    });
  }

  /** As a power cut would: nothing is drained. */
  async crash() {
    this.#server.kill('SIGKILL');
    await this.#server.exited;
  }

  /** Answers how the server ended at SIGTERM: {code, signal}. */
  async stop() {
    return this.#server?.stop();
  }

  /** A line that matches, written already or still to come. */
  waitLine(pattern) {
    return this.#server.waitLine(pattern);
  }

  /** The last lines it wrote. */
  output() {
    return this.#server.lines;
  }

  removeData() {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function urlOf(address) {
  return address.includes('://') ? address : `http://${address}`;
}

/** Values by series, `name{labels}`, of the Prometheus text at /metrics. */
export async function readMetrics(dashboard) {
  const answer = await fetch(`${dashboard}/metrics`);
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  const values = new Map();
  for (const line of (await answer.text()).split('\n')) {
    const match = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (match) values.set(match[1], Number(match[2]));
  }
  return values;
}
