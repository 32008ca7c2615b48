// What the demo prints, and waiting with a deadline.

import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 500;
const progressEveryMs = 10_000;

/** An arrow of the loop that did not happen. */
export class MissingArrow extends Error {
  constructor(arrow, why) {
    super(`${arrow}: ${why}`);
    this.arrow = arrow;
  }
}

export class Report {
  #startMs = performance.now();

  say(topic, text) {
    const seconds = String(Math.round((performance.now() - this.#startMs) / 1000)).padStart(4);
    console.log(`[${seconds} s] ${topic.padEnd(10)} ${text}`);
  }

  /**
   * Calls `look` until it answers something other than undefined. `look` may set `state.note`, which
   * is shown while waiting and in the error.
   */
  async until(arrow, limitS, look) {
    const deadline = performance.now() + limitS * 1000;
    const state = { note: 'nothing seen yet' };
    let progressAt = performance.now() + progressEveryMs;
    for (;;) {
      const found = await look(state);
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new MissingArrow(arrow, `not within ${limitS} s; ${state.note}`);
      if (performance.now() > progressAt) {
        this.say(arrow, `waiting: ${state.note}`);
        progressAt += progressEveryMs;
      }
      await pause(pollMs);
    }
  }
}

export function percent(part, whole) {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : 'none';
}

/** A signal's or trial's number as a person reads it. */
export function quantity(value, unit) {
  if (unit === 'ratio') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'ns') return `${(value / 1e6).toFixed(1)} ms`;
  return String(Math.round(value * 100) / 100);
}
