// GET requests to another service over kept-alive connections, each a client span and an outbound
// RRPair. The spans are made here rather than by the HTTP instrumentation, whose bookkeeping for
// 200 simultaneous requests takes as long as the requests themselves.

import http from 'node:http';

import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const socketsMax = 256;
const answerTimeoutMs = 10_000;

/** An agent with `count` connections to `url` already open. */
export async function openConnections(url, count) {
  const agent = new http.Agent({
    keepAlive: true, maxSockets: socketsMax, maxFreeSockets: socketsMax, timeout: answerTimeoutMs,
  });
  await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    http.get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  })));
  return agent;
}

export class UpstreamClient {
  #base;
  #agent;
  #forwarder;
  #tracer = trace.getTracer('upstream-client', '1');

  constructor(baseUrl, agent, forwarder) {
    this.#base = new URL(baseUrl);
    this.#agent = agent;
    this.#forwarder = forwarder;
  }

  /** {status, text}. Rejects on a transport error or after 10 s of silence. */
  get(path, headers = {}) {
    const call = { direction: 'OUT', method: 'GET', url: path, startMs: performance.now() };
    call.span = this.#startSpan(path, headers['x-replay']);
    call.requestHeaders = { ...headers, host: this.#base.host };
    propagation.inject(trace.setSpan(context.active(), call.span), call.requestHeaders);
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: this.#base.hostname, port: this.#base.port, path, headers: call.requestHeaders, agent: this.#agent,
      });
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => { text += chunk; });
        response.on('end', () => {
          this.#finish(call, response, text);
          resolve({ status: response.statusCode, text });
        });
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${answerTimeoutMs} ms`)));
      request.on('error', (error) => {
        this.#finish(call, undefined, error.message);
        reject(error);
      });
      request.end();
    });
  }

  close() {
    this.#agent.destroy();
  }

  #startSpan(path, replay) {
    const attributes = {
      'http.request.method': 'GET',
      'url.full': `${this.#base.origin}${path}`,
      'server.address': this.#base.hostname,
      'server.port': Number(this.#base.port),
    };
    if (replay !== undefined) attributes['http.request.header.x-replay'] = [replay];
    return this.#tracer.startSpan('GET', { kind: SpanKind.CLIENT, attributes });
  }

  #finish(call, response, text) {
    call.endMs = performance.now();
    call.status = response?.statusCode ?? 0;
    call.statusText = response?.statusMessage ?? 'no response';
    call.responseHeaders = response?.headers;
    call.responseBody = text;
    if (response) call.span.setAttribute('http.response.status_code', call.status);
    if (call.status === 0 || call.status >= 400) {
      call.span.setAttribute('error.type', response ? String(call.status) : text);
      call.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    call.span.end();
    this.#forwarder.addHttp(call);
  }
}
