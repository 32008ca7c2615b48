// The built server as a process of its own, on ports that the system chooses.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { hideEnvironment, startProcess } from '../../../examples/common/childProcess.mjs';
import { Session } from '../../../examples/demo/api.mjs';

export const binary = process.env.REPRISE_BINARY;

/** Why the tests cannot run, for node:test's `skip`; false when they can. */
export const skipReason = binary ? false : 'REPRISE_BINARY names no server';

const config = (dataDir) => `
server:
  listen: 127.0.0.1:0
  data_dir: ${JSON.stringify(dataDir)}
intake:
  otlp_grpc: 127.0.0.1:0
  otlp_http: 127.0.0.1:0
windows:
  length: 1s
  lateness: 1s
  idle_close: 1s
`;

/** {dashboard, otlpGrpc, otlpHttp, session, pid, stop}; the session is the first person's. */
export async function startReprise() {
  const dir = mkdtempSync(path.join(tmpdir(), 'reprise-e2e-'));
  const file = path.join(dir, 'reprise.yaml');
  writeFileSync(file, config(path.join(dir, 'data')));
  const server = startProcess('reprise', binary, ['serve', '--config', file], { env: hideEnvironment('REPRISE_') });
  try {
    const [, dashboard] = await server.waitLine(/^dashboard: (http:\S+)/);
    const [, link] = await server.waitLine(/^sign in: (http:\S+)/);
    const session = new Session(dashboard);
    await session.signIn(link);
    const overview = await session.item('/overview');
    return {
      dashboard,
      session,
      otlpGrpc: overview.otlp_grpc,
      otlpHttp: overview.otlp_http,
      pid: server.pid,
      /** Answers how the server ended at SIGTERM: {code, signal}. */
      async stop() {
        const ended = await server.stop();
        rmSync(dir, { recursive: true, force: true });
        return ended;
      },
    };
  } catch (error) {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** "http://host:port" of an address with or without its scheme. */
export function urlOf(address) {
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
