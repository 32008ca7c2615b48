// The REST API as one signed-in person.

import http from 'node:http';

const answerTimeoutMs = 10_000;

/** An answer of the API that is no success: carries status, code and detail of its problem. */
export class ApiProblem extends Error {
  constructor(method, path, status, problem) {
    const what = problem.detail ?? problem.title ?? 'no detail';
    super(`${method} ${path} answered ${status} ${problem.code ?? ''}: ${what}`);
    this.status = status;
    this.code = problem.code ?? '';
    this.detail = problem.detail ?? '';
  }
}

function exchange(url, method, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false, timeout: answerTimeoutMs }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({
        status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks),
      }));
      response.on('error', reject);
    });
    const silent = new Error(`${method} ${url}: no answer within ${answerTimeoutMs / 1000} s`);
    request.on('timeout', () => request.destroy(silent));
    request.on('error', reject);
    request.end(body);
  });
}

export class Session {
  #base;
  #cookie = '';
  #csrf = '';
  me;

  constructor(base) {
    this.#base = base;
  }

  /** Uses up the one-time link. */
  async signIn(link) {
    const token = new URL(link).hash.split('token=')[1];
    const answer = await this.#send('POST', '/auth/link', { token });
    this.#cookie = (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
    const value = JSON.parse(answer.bytes);
    this.me = value.item ?? value;
    this.#csrf = this.me.csrf;
    return this.me;
  }

  async get(path) {
    return JSON.parse((await this.#send('GET', path)).bytes);
  }

  async item(path) {
    return (await this.get(path)).item;
  }

  /** Every page of a list. */
  async list(path) {
    const items = [];
    let next;
    do {
      const joint = path.includes('?') ? '&' : '?';
      const page = await this.get(next === undefined ? path : `${path}${joint}after=${encodeURIComponent(next)}`);
      items.push(...page.items);
      next = page.next;
    } while (next !== undefined);
    return items;
  }

  async download(path) {
    return (await this.#send('GET', path)).bytes;
  }

  async post(path, body, version) {
    return this.#change('POST', path, body, version);
  }

  async put(path, body, version) {
    return this.#change('PUT', path, body, version);
  }

  async #change(method, path, body, version) {
    const headers = version === undefined ? {} : { 'if-match': `"${version}"` };
    const answer = await this.#send(method, path, body ?? {}, headers);
    return answer.bytes.length > 0 ? JSON.parse(answer.bytes) : undefined;
  }

  async #send(method, path, body, more = {}) {
    const headers = { accept: 'application/json', ...more };
    if (this.#cookie) headers.cookie = this.#cookie;
    let text;
    if (body !== undefined) {
      text = JSON.stringify(body);
      Object.assign(headers, {
        'content-type': 'application/json', 'content-length': Buffer.byteLength(text), origin: this.#base,
      });
      if (this.#csrf) headers['x-csrf-token'] = this.#csrf;
    }
    const answer = await exchange(`${this.#base}/api/v1${path}`, method, headers, text);
    if (answer.status >= 200 && answer.status < 300) return answer;
    let problem = {};
    try {
      problem = JSON.parse(answer.bytes);
    } catch {
      problem.detail = answer.bytes.toString('utf8').slice(0, 200);
    }
    throw new ApiProblem(method, path, answer.status, problem);
  }
}
