// A sender of alarms that signs by the Standard Webhooks specification and remembers what it was told: each alarm is sent
// until it is acknowledged, always under the same id.

import { createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';

export class AlarmSender {
  #url;
  #key = randomBytes(32);
  #open = new Map();
  acknowledged = new Set();
  answers = new Map();

  /** What stands in the file of intake.hooks.generic. */
  get secret() {
    return `whsec_${this.#key.toString('base64')}\n`;
  }

  /** Where to, again after each start of the server. */
  direct(dashboard, source) {
    this.#url = `${dashboard}/api/v1/hooks/generic/${source}`;
  }

  add(alarm) {
    this.#open.set(alarm.id, JSON.stringify(alarm));
  }

  get waiting() {
    return this.#open.size;
  }

  /** Sends what is not acknowledged, twice at once, as impatient senders do. */
  async flush() {
    await Promise.all([...this.#open].flatMap(([id, body]) => [this.#send(id, body), this.#send(id, body)]));
  }

  async #send(id, body) {
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', this.#key).update(`${id}.${time}.${body}`).digest('base64');
    const status = await this.#post(body, {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(time),
      'webhook-signature': `v1,${signature}`,
    });
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status !== 202 && status !== 200) return;
    this.acknowledged.add(id);
    this.#open.delete(id);
  }

  #post(body, headers) {
    return new Promise((resolve) => {
      const req = http.request(this.#url, { method: 'POST', headers, timeout: 10_000 }, (res) => {
        res.resume();
        res.on('end', () => resolve(res.statusCode));
        res.on('error', () => resolve(0));
      });
      req.on('timeout', () => req.destroy());
      req.on('error', () => resolve(0));
      req.end(body);
    });
  }
}
