// A client that remembers what it was told: batches of spans over OTLP/HTTP, sent until they are
// acknowledged, as exporters do.

import http from 'node:http';
import { setTimeout as backOff } from 'node:timers/promises';

const answerTimeoutMs = 15_000;
const backOffMs = 50;  // A client's own pause between two tries.

let nextTrace = 1;

/** One export request as JSON; no two are alike. Its spans begin now. */
export function makeBatch(service, spans) {
  const startNs = `${Date.now()}000000`;
  const endNs = `${Date.now() + 5}000000`;
  const list = [];
  for (let index = 0; index < spans; index += 1) {
    const id = (nextTrace += 1).toString(16).padStart(16, '0');
    list.push(
      `{"traceId":"${id}${id}","spanId":"${id}","kind":2,"name":"GET /items/{id}","startTimeUnixNano":"${startNs}",`
      + `"endTimeUnixNano":"${endNs}","attributes":[`
      + '{"key":"http.request.method","value":{"stringValue":"GET"}},'
      + '{"key":"http.route","value":{"stringValue":"/items/{id}"}},'
      + '{"key":"http.response.status_code","value":{"intValue":"200"}}]}',
    );
  }
  return '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":'
    + `"${service}"}}]},"scopeSpans":[{"spans":[${list.join(',')}]}]}]}`;
}

/** {status, retryAfter, body}; status 0 when no answer came. */
export function post(url, body, agent) {
  return new Promise((resolve) => {
    const request = http.request(url, {
      method: 'POST', agent, timeout: answerTimeoutMs, headers: { 'content-type': 'application/json' },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => resolve({
        status: response.statusCode, retryAfter: response.headers['retry-after'], body: text,
      }));
      response.on('error', () => resolve({ status: 0 }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ status: 0 }));
    request.end(body);
  });
}

/** Sends batches of one service, one after the other, until it is stopped. */
export class LedgerSender {
  #url;
  #spans;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #stopping = false;
  #running;
  #onAcknowledged;
  service;
  acknowledged = 0;
  refused = 0;
  unanswered = 0;

  /** `onAcknowledged` is called after each batch that was taken. */
  constructor(baseUrl, service, spans, onAcknowledged = () => undefined) {
    this.#onAcknowledged = onAcknowledged;
    this.#url = `${baseUrl}/v1/traces`;
    this.service = service;
    this.#spans = spans;
  }

  start() {
    this.#running = this.#run();
  }

  /** Resolves when the batch that was under way is acknowledged, too. */
  async stop() {
    this.#stopping = true;
    await this.#running;
    this.#agent.destroy();
  }

  /** Spans that were acknowledged: each is to be counted once. */
  get spans() {
    return this.acknowledged * this.#spans;
  }

  async #run() {
    while (!this.#stopping) {
      const body = makeBatch(this.service, this.#spans);
      await this.#sendUntilTaken(body);
    }
  }

  async #sendUntilTaken(body) {
    for (;;) {
      const answer = await post(this.#url, body, this.#agent);
      if (answer.status === 200) {
        this.acknowledged += 1;
        this.#onAcknowledged();
        return;
      }
      if (answer.status === 0) this.unanswered += 1;
      else if (answer.status === 429 || answer.status === 503) this.refused += 1;
      else throw new Error(`${this.service}: ${answer.status} ${answer.body}`);
      await backOff(backOffMs);
    }
  }
}
