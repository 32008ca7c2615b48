// A small HTTP server for the examples: routes with {parameters}, JSON in and out, every exchange
// captured but those below /admin/. Prints one line when it is ready.

import http from 'node:http';

import { SpanStatusCode } from '@opentelemetry/api';

import { findRequestSpan } from './telemetry.mjs';

const requestBodyBytesMax = 64 * 1024;

/** A failure with a status of its own; anything else a handler throws is a 500 with its stack. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Of {"GET /orders/{id}": handler}. A handler gets {params, query, body, request}, answers a value. */
export function compileRoutes(routes) {
  return Object.entries(routes).map(([key, handler]) => {
    const [method, template] = key.split(' ');
    return { method, template, segments: template.split('/'), handler };
  });
}

export function findRoute(compiled, method, path) {
  const segments = path.split('/');
  for (const route of compiled) {
    if (route.method !== method || route.segments.length !== segments.length) continue;
    const params = {};
    const matches = route.segments.every((wanted, index) => {
      if (!wanted.startsWith('{')) return wanted === segments[index];
      params[wanted.slice(1, -1)] = segments[index];
      return segments[index] !== '';
    });
    if (matches) return { route, params };
  }
  return undefined;
}

function readBody(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > requestBodyBytesMax) {
        request.resume();
        reject(new HttpError(413, `body is larger than ${requestBodyBytesMax} bytes`));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

function parseJson(text) {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `body is not JSON: ${error.message}`);
  }
}

function describeFailure(error, span) {
  if (error instanceof HttpError) return { status: error.status, value: { error: error.message } };
  span?.recordException(error);
  span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  const stack = (error.stack ?? '').split('\n').slice(1, 6).map((line) => line.trim());
  return { status: 500, value: { error: `${error.name}: ${error.message}`, stack } };
}

async function answer(compiled, request, exchange) {
  const url = new URL(request.url, 'http://service');
  const found = findRoute(compiled, request.method, url.pathname);
  exchange.requestBody = await readBody(request);
  if (!found) throw new HttpError(404, `no ${request.method} ${url.pathname} here`);
  exchange.span?.setAttribute('http.route', found.route.template);
  exchange.span?.updateName(`${request.method} ${found.route.template}`);
  return found.route.handler({
    params: found.params,
    query: url.searchParams,
    body: parseJson(exchange.requestBody),
    request,
  });
}

async function serve(compiled, forwarder, request, response) {
  const exchange = {
    direction: 'IN', method: request.method, url: request.url, startMs: performance.now(),
    requestHeaders: request.headers, span: findRequestSpan(request),
  };
  let status = 200;
  let value;
  try {
    value = await answer(compiled, request, exchange);
  } catch (error) {
    ({ status, value } = describeFailure(error, exchange.span));
  }
  const body = JSON.stringify(value);
  response.on('close', () => {
    if (!forwarder || request.url.startsWith('/admin/')) return;
    forwarder.addHttp({
      ...exchange, endMs: performance.now(), status, statusText: http.STATUS_CODES[status],
      responseHeaders: response.getHeaders(), responseBody: body,
    });
  });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Listens on loopback, prints `ready: <name> http://127.0.0.1:<port>`, answers {url, close}. */
export async function startServer({ name, port, routes, forwarder }) {
  const compiled = compileRoutes(routes);
  const server = http.createServer((request, response) => {
    serve(compiled, forwarder, request, response).catch((error) => response.destroy(error));
  });
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', 1024, resolve);
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  console.log(`ready: ${name} ${url}`);
  return {
    url,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
