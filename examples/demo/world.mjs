// The processes of the demo: the server, the example services, the traffic. All on loopback.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { hideEnvironment, startProcess, startService } from '../common/childProcess.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const examples = path.dirname(here);
const repository = path.dirname(examples);

/** Window of 1 s instead of 60 s, so that the demo takes minutes; everything else is the default. */
export const windowS = 1;

export function portsFrom(base) {
  return {
    dashboard: base, otlpGrpc: base + 1, otlpHttp: base + 2, shop: base + 3, radar: base + 4, upstream: base + 5,
    // Only with --prove: who observes trials, and the services that report to it.
    observer: base + 6, observedShop: base + 7, observedRadar: base + 8,
  };
}

export function configText(ports, dataDir) {
  return [
    'server:',
    `  listen: 127.0.0.1:${ports.dashboard}`,
    `  data_dir: ${JSON.stringify(dataDir)}`,
    'intake:',
    `  otlp_grpc: 127.0.0.1:${ports.otlpGrpc}`,
    `  otlp_http: 127.0.0.1:${ports.otlpHttp}`,
    'windows:',
    `  length: ${windowS}s`,
    '  lateness: 1s',
    '  idle_close: 2s',
    'replay:',
    // All five by default; a machine that builds something meanwhile may hide a difference of latency in one.
    '  trials_to_reproduce: 4',
    `  targets: ["http://127.0.0.1:${ports.shop}", "http://127.0.0.1:${ports.radar}"]`,
    '',
  ].join('\n');
}

function checkFree(port) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    const taken = new Error(`port ${port} is taken; choose others with --port-base N (N to N+8 are used)`);
    probe.once('error', () => reject(taken));
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });
}

/** `temporary`: below the system's temporary directory, else ./data/demo, emptied. */
export function prepareDataDir(temporary) {
  if (temporary) return mkdtempSync(path.join(tmpdir(), 'reprise-demo-'));
  const dir = path.join(repository, 'data', 'demo');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  return dir;
}

export class World {
  #processes = [];
  binary;
  dir;
  ports;
  dataDir;
  server;
  shop;
  radar;
  upstream;
  traffic;

  constructor(binary, dir, portBase) {
    this.binary = binary;
    this.dir = dir;
    this.dataDir = path.join(dir, 'data');
    this.ports = portsFrom(portBase);
  }

  /** {dashboard, signIn}: both as the server prints them. */
  async startServer() {
    for (const port of Object.values(this.ports)) await checkFree(port);
    mkdirSync(this.dataDir, { recursive: true });
    const config = path.join(this.dir, 'reprise.yaml');
    writeFileSync(config, configText(this.ports, this.dataDir));
    this.server = this.#keep(startProcess('reprise', this.binary, ['serve', '--config', config], {
      // The server reads REPRISE_*; the demo shall be the same whatever is set in this shell.
      env: hideEnvironment('REPRISE_'),
      log: path.join(this.dir, 'server.log'),
    }));
    const [, dashboard] = await this.server.waitLine(/^dashboard: (http:\S+)/);
    const [, signIn] = await this.server.waitLine(/^sign in: (http:\S+)/);
    return { dashboard, signIn };
  }

  /** The shop reports over OTLP/HTTP with gzip, radar over OTLP/gRPC: both doors are in use. */
  async startExamples() {
    this.upstream = await this.#startExample('upstream', 'radar/upstream.mjs', { UPSTREAM_PORT: this.ports.upstream });
    this.radar = await this.#startExample('radar', 'radar/service.mjs', {
      RADAR_PORT: this.ports.radar,
      RADAR_UPSTREAM: this.upstream.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.ports.otlpGrpc}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    this.shop = await this.#startExample('shop', 'shop/service.mjs', {
      SHOP_PORT: this.ports.shop,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.ports.otlpHttp}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
  }

  /** A second shop or radar with the defects, which reports to whoever listens on the observer's port. */
  async startObserved(service) {
    const own = {
      shop: ['shop/service.mjs', { SHOP_PORT: this.ports.observedShop, SHOP_VERSION: '2' }],
      radar: ['radar/service.mjs', { RADAR_PORT: this.ports.observedRadar, RADAR_UPSTREAM: this.upstream?.url }],
    };
    const [script, env] = own[service];
    return this.#startExample(`observed-${service}`, script, {
      ...env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.ports.observer}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      // Between two observers nobody listens; what is left over then must not hold up what comes next.
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    });
  }

  /** `faultS` 0 = until stopped. */
  startTraffic(baselineS, faultS) {
    this.traffic = this.#keep(startProcess('traffic', process.execPath, [
      path.join(examples, 'traffic.mjs'), '--shop', this.shop.url, '--radar', this.radar.url,
      '--baseline-s', String(baselineS), '--fault-s', String(faultS),
    ], { log: path.join(this.dir, 'traffic.log') }));
  }

  /**
   * Runs a program to its end; {code, lines}. Its output goes into a log of that name. What does not
   * end within the limit is stopped, with the code null.
   */
  async runTool(name, command, args, limitS, env = {}) {
    const started = this.#keep(startProcess(name, command, args, {
      env: { ...hideEnvironment('REPRISE_'), ...env }, log: path.join(this.dir, `${name}.log`),
    }));
    const timer = setTimeout(() => started.stop(), limitS * 1000);
    const ended = await started.exited;
    clearTimeout(timer);
    this.#processes.splice(this.#processes.indexOf(started), 1);
    if (ended.error) throw new Error(`${command} cannot be started: ${ended.error}`);
    return { code: ended.code, lines: started.lines };
  }

  /** {now, peak} of the server's resident memory in MiB. */
  serverMemory() {
    const status = readFileSync(`/proc/${this.server.pid}/status`, 'utf8');
    const mib = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1024;
    return { now: mib('VmRSS'), peak: mib('VmHWM') };
  }

  /** Stops everything, the server last so that it gets the last exports; answers how the server ended. */
  async stop() {
    let last;
    for (const started of this.#processes.splice(0).reverse()) last = await started.stop();
    return last;
  }

  removeData() {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #keep(started) {
    this.#processes.push(started);
    return started;
  }

  async #startExample(name, script, env) {
    const shared = { OTEL_BSP_SCHEDULE_DELAY: '300' };
    return this.#keep(await startService(name, path.join(examples, script), {
      env: { ...shared, ...env }, log: path.join(this.dir, `${name}.log`),
    }));
  }
}
