// Looks at one screen after the other: has it everything it asked for, is it readable, does it stay within the window,
// and did anything happen that must not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { violations } from './dashboardBrowser.mjs';

/** What nobody should read anywhere. */
const nonsense = /\bNaN\b|\bundefined\b|Invalid Date|\[object |\bInfinity\b|\bnull\b/;

/** Every part of the settings, as the dashboard itself lists them. */
const places = readFileSync(new URL('../../../web/src/lib/settings/places.ts', import.meta.url), 'utf8');
const settingsParts = [...places.matchAll(/\{ id: "(\w+)", text:/g)].map((match) => match[1]);

const readyMs = 30_000;
const anyId = '01J8ZQ4ZC7QK6V0E1T2Y3X4W5V';

/** Every screen, [name, path]; what is not known stands for what is not there. */
export function allScreens({
  service = 'nobody', signal = anyId, incident = anyId, run = anyId, approval = anyId, evidence = anyId, trace = 'f'.repeat(32),
} = {}) {
  return [
    ['overview', '/'], ['services', '/services'], ['service', `/services/${encodeURIComponent(service)}`],
    ['signals', '/signals'], ['signal', `/signals/${signal}`], ['incidents', '/incidents'],
    ['incident', `/incidents/${incident}`], ['runs', '/runs'], ['run', `/runs/${run}`], ['approvals', '/approvals'],
    ['approval', `/approvals/${approval}`], ['evidence', `/evidence/${evidence}`], ['traces', '/traces'],
    ['trace', `/traces/${trace}`], ['patterns', '/traces/patterns'], ['settings', '/settings'],
    ...settingsParts.map((part) => [`settings ${part}`, `/settings/${part}`]),
    ['audit', '/audit'], ['dead letters', '/dead-letters'], ['not found', '/nowhere'],
  ];
}

/** What came or changed its size is drawn then, and what that asks for has been asked for. */
const twoFrames = () => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });

export class ScreenWatch {
  #page;
  #base;
  #underWay = new Set();
  /** Dialogs, broken policies, errors, requests to others. */
  complaints = [];

  /** `tolerated` is what the console may say. */
  static async of(page, base, { tolerated = /status of 4\d\d/ } = {}) {
    const watch = new ScreenWatch();
    watch.#page = page;
    watch.#base = base;
    page.on('pageerror', (error) => watch.complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      watch.complaints.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() === 'error' && !tolerated.test(message.text())) watch.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(base) && !/^(data|blob):/.test(url)) watch.complaints.push(`asked ${url}`);
      if (url.includes('/api/') && !url.includes('/live')) watch.#underWay.add(request);
    });
    for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => watch.#underWay.delete(request));
    await page.exposeFunction('tellOfViolation', (text) => watch.complaints.push(`policy: ${text}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        window.tellOfViolation(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    return watch;
  }

  async open(path) {
    await this.#page.goto(this.#base + path, { waitUntil: 'commit' });
    // What the screen before had asked for is nobody's any more, and its end is not always told.
    this.#underWay.clear();
    await this.ready();
  }

  /** Until there is a heading, or what went wrong, and nothing that was asked for is still on its way. */
  async ready() {
    await this.#page.waitForSelector('main h1, main [role=alert]', { state: 'attached' }).catch((error) => {
      assert.fail(`${this.#page.url()}: ${error.message}`);
    });
    const deadline = performance.now() + readyMs;
    for (let quiet = 0; quiet < 2;) {
      if (performance.now() > deadline) {
        assert.fail(`still under way: ${[...this.#underWay].map((request) => request.url()).join(', ')}`);
      }
      await this.#page.evaluate(twoFrames);
      quiet = this.#underWay.size === 0 ? quiet + 1 : 0;
    }
    await this.#page.waitForSelector('.skeleton', { state: 'detached' });
  }

  async theme(colorScheme) {
    await this.#page.emulateMedia({ colorScheme });
  }

  /** At this width: nothing sticks out sideways. */
  async checkWidth(where, width) {
    await this.#page.setViewportSize({ width, height: 900 });
    await this.#page.evaluate(twoFrames);
    const { wide, pressed } = await this.#page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      // A heading that others leave no room has a letter or two on each line.
      const headings = [...document.querySelectorAll('main h1:not(.unseen), main h2:not(.unseen)')];
      const isPressed = (each) => each.textContent.length > 8 && each.clientWidth > 0 && each.clientWidth < 60;
      return { wide: scrollWidth - clientWidth, pressed: headings.filter(isPressed).map((each) => each.textContent) };
    });
    assert.equal(wide, 0, `${where} scrolls sideways by ${wide} px at ${width} px`);
    assert.deepEqual(pressed, [], `${where}: headings without room at ${width} px`);
  }

  async checkAxe(where, except = []) {
    assert.deepEqual((await violations(this.#page)).filter(([rule]) => !except.includes(rule)), [], where);
  }

  /** What stands there is meant for people. */
  async checkText(where) {
    const text = await this.#page.evaluate(() => {
      const copy = document.querySelector('main').cloneNode(true);
      for (const code of copy.querySelectorAll('pre, code, textarea, .payload')) code.remove();
      return copy.textContent;
    });
    assert.doesNotMatch(text, nonsense, where);
    return text;
  }

  /** Nothing that must not happen did, up to now. */
  checkQuiet(where) {
    assert.deepEqual(this.complaints, [], where);
  }
}
