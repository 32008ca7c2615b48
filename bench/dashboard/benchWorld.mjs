// A server with nothing in it, a browser that is signed in, and senders whose windows make signals.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { hideEnvironment, startProcess } from '../../examples/common/childProcess.mjs';
import { Session } from '../../examples/demo/api.mjs';
import { chromium } from '../../web/node_modules/playwright-core/index.mjs';
import { showAnother } from '../../tests/e2e/support/dashboardBrowser.mjs';
import { SignalSender } from './signalSender.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.REPRISE_BINARY ?? path.join(root, 'build/ci/server/app/reprise');
const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const windowS = 1;

const nowMs = () => performance.timeOrigin + performance.now();

export class BenchWorld {
  #dir = mkdtempSync(path.join(tmpdir(), 'reprise-dashboard-'));
  #server;
  #browser;
  dashboard;
  otlpHttp;
  session;

  async start() {
    for (const [program, how] of [[binary, 'scripts/lib/build.sh'], [chromiumPath, 'scripts/lib/install.sh test']]) {
      if (!existsSync(program)) throw new Error(`${program} is missing; ${how} makes it`);
    }
    this.#server = startProcess('reprise', binary, [
      'serve', '--server.listen', '127.0.0.1:0', '--server.data_dir', path.join(this.#dir, 'data'),
      '--intake.otlp_grpc', '127.0.0.1:0', '--intake.otlp_http', '127.0.0.1:0',
      // A window ends with the first record after it: what is measured begins with that record.
      '--windows.length', `${windowS}s`, '--windows.lateness', '0 ms', '--windows.idle_close', '1h',
    ], { env: hideEnvironment('REPRISE_') });
    [, this.dashboard] = await this.#server.waitLine(/^dashboard: (http:\S+)/);
    const [, link] = await this.#server.waitLine(/^sign in: (http:\S+)/);
    this.session = new Session(this.dashboard);
    await this.session.signIn(link);
    this.otlpHttp = `http://${(await this.session.item('/overview')).otlp_http}`;
    const args = ['--no-sandbox', '--disable-gpu', '--disable-features=LocalNetworkAccessChecks'];
    this.#browser = await chromium.launch({ executablePath: chromiumPath, args });
    return this;
  }

  /** A window of the browser, signed in by a link of its own. */
  async open(at = '/') {
    const { link } = await this.session.post('/users', { name: `viewer-${Date.now()}`, roles: ['viewer'] });
    const page = await (await this.newContext()).newPage();
    const { hash } = new URL(link);
    await page.goto(`${this.dashboard}${at}${hash}`);
    await page.waitForSelector('nav.side');
    return page;
  }

  /** With REPRISE_WEB_DIST the dashboard comes from there, for trying a change; times of loading mean nothing then. */
  async newContext(options) {
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    if (process.env.REPRISE_WEB_DIST) await showAnother(context, this.dashboard, process.env.REPRISE_WEB_DIST);
    return context;
  }

  /** Their records begin `agoMs` ago: more windows than seconds go by only in the past, records ahead of the clock wait. */
  senders(count, statements, name = 'service', agoMs = 2000) {
    const beganMs = Date.now() - agoMs;
    return Array.from({ length: count }, (_, number) => new SignalSender({
      otlpHttp: this.otlpHttp, service: `${name}-${number}`, statements, windowS, beganMs,
    }));
  }

  /** Messages written to live channels since the start. */
  async liveMessages() {
    const text = await (await fetch(`${this.dashboard}/metrics`)).text();
    return Number(/^reprise_live_messages_total (\d+)$/m.exec(text)[1]);
  }

  async stop() {
    await this.#browser?.close();
    await this.#server?.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** Each sender closes a window a second, one after the other, until `untilMs`; nothing is made up for when late. */
export async function sendSteadily(senders, untilMs) {
  const gapMs = 1000 / senders.length;
  let dueMs = nowMs();
  for (let turn = 0; nowMs() < untilMs; turn += 1) {
    await senders[turn % senders.length].sendWindow();
    dueMs = Math.max(dueMs + gapMs, nowMs());
    await pause(Math.max(0, dueMs - nowMs()));
  }
}
