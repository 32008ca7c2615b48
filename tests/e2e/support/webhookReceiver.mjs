// A test part: takes webhooks as their receiver would, verified with the specification's own library over the raw
// bytes. Refuses as many requests as it is told to.

import http from 'node:http';
import { createRequire } from 'node:module';

const load = createRequire(new URL('../package.json', import.meta.url));
const { Webhook } = load('standardwebhooks');

export class WebhookReceiver {
  #server;
  #secret;
  /** What was taken: {id, type, data, timestamp}, each request once. */
  taken = [];
  /** Why a request was not believed. */
  faults = [];
  /** So many requests are answered 503 before one is taken. */
  refuse = 0;
  refused = 0;

  async start() {
    this.#server = http.createServer((request, response) => this.#take(request, response));
    await new Promise((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.#server.address().port}/hook`;
    return this;
  }

  /** Shown once, when the webhook was made. */
  believe(secret) {
    this.#secret = secret;
  }

  ids(type) {
    return new Set(this.taken.filter((one) => one.type === type).map((one) => one.id));
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (this.refuse > 0) {
      this.refuse -= 1;
      this.refused += 1;
      response.writeHead(503, { 'retry-after': '1' }).end('not now');
      return;
    }
    try {
      const notice = new Webhook(this.#secret).verify(Buffer.concat(chunks), request.headers);
      this.taken.push({ id: request.headers['webhook-id'], ...notice });
      response.writeHead(204).end();
    } catch (error) {
      this.faults.push(error.message);
      response.writeHead(400).end(error.message);
    }
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
