// Traffic that makes signals at a known rate: services whose statements are slow. A window of a service is closed by
// the first record after it, so that whoever sends decides when it closes; the clock of the records is their own.

import { randomBytes } from 'node:crypto';

/** So many slow calls of a statement in one window are a signal. */
const callsPerSignal = 3;
const slowMs = 450;
/** A statement that stays slow becomes normal after 60 windows; others take its place before that. */
const windowsPerGeneration = 40;

const attribute = (key, value) => ({ key, value: { stringValue: value } });

function slowCall(statement, beganNs) {
  return {
    traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: 'query', kind: 3,
    startTimeUnixNano: String(beganNs), endTimeUnixNano: String(beganNs + BigInt(slowMs) * 1_000_000n),
    attributes: [attribute('db.system.name', 'postgresql'), attribute('db.query.text', statement)],
    status: { code: 1 },
  };
}

export class SignalSender {
  #url;
  #service;
  #statements;
  #windowNs;
  #nowNs;
  #windows = 0;

  /** `statements` slow ones in each window of `windowS`; `beganMs` is when its records begin. */
  constructor({ otlpHttp, service, statements, windowS, beganMs }) {
    this.#url = `${otlpHttp}/v1/traces`;
    this.#service = service;
    this.#statements = statements;
    this.#windowNs = BigInt(windowS) * 1_000_000_000n;
    this.#nowNs = BigInt(beganMs) * 1_000_000n / this.#windowNs * this.#windowNs;
  }

  /**
   * The calls of the next window; their first closes the window before (with windows.lateness of 0). Resolves when the
   * server has taken them and answers when they were sent, in Unix ms.
   */
  async sendWindow() {
    const generation = Math.floor(this.#windows / windowsPerGeneration);
    const spans = [];
    for (let number = 0; number < this.#statements; number += 1) {
      const statement = `SELECT * FROM part_${generation}_${number} WHERE id = 1`;
      // A window is of records by their end; the first of them lies at its beginning.
      for (let call = 0; call < callsPerSignal; call += 1) {
        spans.push(slowCall(statement, this.#nowNs + BigInt(number * 10 + call) * 100_000n));
      }
    }
    this.#windows += 1;
    this.#nowNs += this.#windowNs;
    const body = JSON.stringify({
      resourceSpans: [{
        resource: { attributes: [attribute('service.name', this.#service)] }, scopeSpans: [{ scope: {}, spans }],
      }],
    });
    const sentMs = performance.timeOrigin + performance.now();
    const answer = await fetch(this.#url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!answer.ok) throw new Error(`/v1/traces answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
    return sentMs;
  }
}
