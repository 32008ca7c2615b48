// Where things stand on three screens, with recorded answers, against what somebody has looked at and accepted
// (tests/e2e/layout.json). Boxes instead of pixels: fonts differ from machine to machine, the grid does not.
// REPRISE_ACCEPT=1 writes what is there now.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

import { startProcess } from '../../examples/common/childProcess.mjs';
import { chromium } from '../../web/node_modules/playwright-core/index.mjs';
import { skip } from './support/dashboardBrowser.mjs';

const accepted = new URL('layout.json', import.meta.url);
const web = new URL('../../web/', import.meta.url);
const widths = [1440, 390];
/** Columns come from the grid; heights also from where the lines of a text break. */
const acrossPx = 2;
const heightRatio = 1.6;
const slackPx = 40;

/** Named parts of the screen: what it is called, its box, and its colours. */
function readParts() {
  const nameOf = (part) => part.getAttribute('aria-label') ?? part.querySelector('h1, h2, .number-name')?.textContent
    ?? part.textContent;
  const parts = document.querySelectorAll('nav.side, header.top, main h1, main .card, .numbers > a, .inbox, .inbox-item, .decide');
  return [...parts].filter((part) => part.getBoundingClientRect().height > 0).map((part) => {
    const { x, y, width, height } = part.getBoundingClientRect();
    const name = `${part.localName} ${nameOf(part).replace(/\d.*$/s, '').trim().slice(0, 40)}`;
    return { name, box: [x, y + (part.closest('nav.side') ? 0 : scrollY), width, height].map(Math.round) };
  });
}

function readColours() {
  const of = (selector) => {
    const { color, backgroundColor, borderTopColor } = getComputedStyle(document.querySelector(selector));
    return [color, backgroundColor, borderTopColor];
  };
  return { page: of('body'), card: of('main .card'), navigation: of('nav.side a[aria-current]'), heading: of('main h1') };
}

async function readScreens(page, base) {
  const found = {};
  await page.goto(`${base}/#/login?token=filled`);
  await page.waitForSelector('nav.side');
  const ids = await page.evaluate(async () => Object.fromEntries(await Promise.all(['incidents', 'approvals'].map(
    async (kind) => [kind, (await (await fetch(`/api/v1/${kind}`)).json()).items[0].id],
  ))));
  const screens = [
    ['overview', '/'], ['incident', `/incidents/${ids.incidents}`], ['approval', `/approvals/${ids.approvals}`],
  ];
  for (const [name, path] of screens) {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(base + path);
      await page.waitForLoadState('networkidle');
      found[`${name} ${width}`] = await page.evaluate(readParts);
      if (width !== widths[0]) continue;
      found[`${name} light`] = await page.evaluate(readColours);
      await page.emulateMedia({ colorScheme: 'dark' });
      found[`${name} dark`] = await page.evaluate(readColours);
      assert.deepEqual(await page.evaluate(readParts), found[`${name} ${width}`], `${name} stands elsewhere in the dark`);
    }
  }
  return found;
}

function compare(where, parts, known) {
  const change = `accept it with REPRISE_ACCEPT=1 when it is meant`;
  assert.deepEqual(parts.map((part) => part.name), known.map((part) => part.name), `${where}: other parts; ${change}`);
  for (const [at, { name, box }] of parts.entries()) {
    const [x, , width, height] = box;
    const [knownX, , knownWidth, knownHeight] = known[at].box;
    const text = `${where}, ${name}: [${box}] was [${known[at].box}]; ${change}`;
    const isText = name.startsWith('h1');
    assert.ok(Math.abs(x - knownX) <= acrossPx && (isText || Math.abs(width - knownWidth) <= acrossPx), text);
    assert.ok(height <= knownHeight * heightRatio + slackPx && knownHeight <= height * heightRatio + slackPx, text);
  }
}

/** Cards that lie over each other hide something, whatever the fonts. */
function checkApart(where, parts) {
  const cards = parts.filter((part) => part.name.startsWith('section') && !/Inbox|Decide/.test(part.name));
  for (const [at, one] of cards.entries()) {
    for (const other of cards.slice(at + 1)) {
      const [x, y, width, height] = one.box;
      const [otherX, otherY, otherWidth, otherHeight] = other.box;
      const apart = x + width <= otherX + 1 || otherX + otherWidth <= x + 1 || y + height <= otherY + 1 || otherY + otherHeight <= y + 1;
      assert.ok(apart, `${where}: ${one.name} [${one.box}] and ${other.name} [${other.box}]`);
    }
  }
}

test('overview, incident and approval stand where they were accepted, in both themes', { skip }, async (t) => {
  const built = spawnSync(process.execPath, [fileURLToPath(new URL('build.mjs', web))], { encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  const server = startProcess('recorded answers', process.execPath, [fileURLToPath(new URL('dev/server.mjs', web)), '0']);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'],
  });
  t.after(async () => {
    await browser.close();
    await server.stop();
  });
  const [, base] = await server.waitLine(/^(http:\/\/[\d.:]+)\//);
  const found = await readScreens(await browser.newPage({ reducedMotion: 'reduce' }), base);
  for (const [where, parts] of Object.entries(found)) if (Array.isArray(parts)) checkApart(where, parts);
  if (process.env.REPRISE_ACCEPT === '1') {
    const lines = Object.entries(found).map(([where, parts]) => `"${where}": ${Array.isArray(parts)
      ? `[\n${parts.map((part) => `  ${JSON.stringify(part)}`).join(',\n')}\n]` : JSON.stringify(parts)}`);
    writeFileSync(accepted, `{\n${lines.join(',\n')}\n}\n`);
    return;
  }
  const known = JSON.parse(readFileSync(accepted, 'utf8'));
  assert.deepEqual(Object.keys(found), Object.keys(known));
  for (const [where, parts] of Object.entries(found)) {
    if (Array.isArray(parts)) compare(where, parts, known[where]);
    else assert.deepEqual(parts, known[where], `${where}: other colours; accept them with REPRISE_ACCEPT=1 when they are meant`);
  }
});
