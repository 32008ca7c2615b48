// A test part: stands before a real service and can hold its requests back, so that a test decides
// what happens in the middle of a replay.

import http from 'node:http';

export class HoldingProxy {
  #server;
  #target;
  #open = [];
  #holdAfter = Infinity;
  #noticed;
  seen = 0;

  constructor(target) {
    this.#target = target;
    this.#server = http.createServer((request, response) => {
      this.seen += 1;
      const pass = () => this.#forward(request, response);
      if (this.seen <= this.#holdAfter) return pass();
      this.#open.push(pass);
      return this.#noticed();
    });
  }

  async start() {
    await new Promise((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  /** Lets `count` more requests through; resolves when the next one has come and is held. */
  holdAfter(count) {
    this.#holdAfter = this.seen + count;
    return new Promise((resolve) => { this.#noticed = resolve; });
  }

  release() {
    this.#holdAfter = Infinity;
    for (const pass of this.#open.splice(0)) pass();
  }

  #forward(request, response) {
    const { method, url: path, headers } = request;
    const onward = http.request(new URL(path, this.#target), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    // Either side may be gone by then: the server under test is killed while its requests are held.
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  async stop() {
    this.release();
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
