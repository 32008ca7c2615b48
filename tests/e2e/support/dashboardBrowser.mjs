// A real browser on the dashboard: people signed in by links, axe-core on what they see, and every complaint of the
// page itself, broken policies among them.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { chromium } from '../../../web/node_modules/playwright-core/index.mjs';
import { skipReason } from './serverProcess.mjs';

const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why the tests cannot run, for node:test's `skip`; false when they can. */
export const skip = skipReason
  || (existsSync(chromiumPath) ? false : `${chromiumPath} is missing (CHROMIUM names another)`);

const waitMs = 30_000;
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const axe = new URL('../../../web/node_modules/axe-core/axe.min.js', import.meta.url);
const pictures = process.env.REPRISE_PICTURES;
const types = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };

/** REPRISE_WEB_DIST: a dashboard that is worked on, in place of the one that the server embeds. */
export async function showAnother(context, origin, dist) {
  const policy = (await fetch(origin)).headers.get('content-security-policy');
  await context.route((url) => url.origin === origin && !url.pathname.startsWith('/api/'), async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = pathname.startsWith('/assets/') ? pathname : '/index.html';
    const headers = { 'content-type': types[path.extname(file)], 'content-security-policy': policy };
    await route.fulfill({ body: readFileSync(path.join(dist, file)), headers });
  });
}

export class DashboardBrowser {
  #browser;
  /** What went wrong in any page: errors, refused scripts and styles, requests to other hosts. */
  complaints = [];
  /** What the console may say meanwhile: a server that is away on purpose. */
  tolerated = /status of 4\d\d|WebSocket|status of 503/;

  async start() {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-features=LocalNetworkAccessChecks'];
    this.#browser = await chromium.launch({ executablePath: chromiumPath, args });
    return this;
  }

  /** A person with a browser of their own. Answers that refuse something are no complaint. */
  async signIn(link, viewport = { width: 1440, height: 900 }) {
    const context = await this.#browser.newContext({ viewport, reducedMotion: 'reduce', acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(waitMs);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !this.tolerated.test(message.text())) this.complaints.push(message.text());
    });
    const { origin } = new URL(link);
    if (process.env.REPRISE_WEB_DIST) await showAnother(context, origin, process.env.REPRISE_WEB_DIST);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) this.complaints.push(url);
    });
    await page.goto(link);
    await page.waitForSelector('nav.side');
    return page;
  }

  async stop() {
    await this.#browser?.close();
  }
}

/** Waits until nothing loads any more. */
export async function settle(page) {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('.skeleton') && document.querySelector('h1') !== null);
}

// Trusted Types and the policy of the page keep scripts out; axe comes in through the debugger instead.
export async function violations(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then((found) => JSON.stringify(
      found.violations.map((each) => [each.id, each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))])))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return JSON.parse(result.value);
}

/** Both themes, wide and narrow: nothing for axe to say, nothing to scroll sideways. REPRISE_PICTURES keeps pictures. */
export async function look(page, name) {
  for (const [width, height] of [[1440, 900], [360, 740]]) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      // A target that the bar at the top covers by half counts as a small one.
      await page.evaluate(() => window.scrollTo(0, 0));
      await settle(page);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      }
      assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}, ${width}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${name} scrolls sideways at ${width}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });
}
