// A test part: the line between the browser and the server. It can cut the live connections, refuse them, and let the
// server look like a newer one; other connections go through untouched.

import net from 'node:net';

const livePath = /^GET \/api\/v1\/live[ ?]/;
const versionText = /"server_version":"[^"]*"/;

export class LineProxy {
  #server;
  #targetPort;
  #live = new Set();
  #all = new Set();
  /** Whether live connections are let through. */
  lets = true;
  /** What the server calls itself, as long as its own version; undefined leaves that alone. */
  version;
  /** Greetings of the server that went through. */
  greeted = 0;
  /** Live connections that were cut. */
  cuts = 0;

  constructor(targetPort) {
    this.#targetPort = targetPort;
  }

  async start() {
    this.#server = net.createServer((client) => this.#take(client));
    await new Promise((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  /** How many live connections stand. */
  get live() {
    return this.#live.size;
  }

  /** Resets every live connection; answers how many there were. */
  cutLive() {
    const cut = [...this.#live];
    for (const client of cut) client.resetAndDestroy();
    this.cuts += cut.length;
    return cut.length;
  }

  #take(client) {
    this.#all.add(client);
    client.on('error', () => undefined);
    client.on('close', () => this.#all.delete(client));
    client.once('data', (first) => this.#connect(client, first));
  }

  #connect(client, first) {
    const isLive = livePath.test(first.toString('latin1'));
    if (isLive && !this.lets) {
      client.resetAndDestroy();
      return;
    }
    const onward = net.connect(this.#targetPort, '127.0.0.1');
    onward.on('error', () => client.destroy());
    onward.on('close', () => client.destroy());
    client.on('close', () => {
      this.#live.delete(client);
      onward.destroy();
    });
    onward.write(first);
    client.pipe(onward);
    if (!isLive) {
      onward.pipe(client);
      return;
    }
    this.#live.add(client);
    onward.on('data', (bytes) => client.write(this.#seen(bytes)));
  }

  /** Texts of the server are neither masked nor compressed. Another version of the same length keeps their frame. */
  #seen(bytes) {
    const text = bytes.toString('latin1');
    if (!text.includes('"type":"hello"')) return bytes;
    this.greeted += 1;
    if (this.version === undefined) return bytes;
    return Buffer.from(text.replace(versionText, `"server_version":"${this.version}"`), 'latin1');
  }

  async stop() {
    for (const client of this.#all) client.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
