// Calls of every kind as OTLP-JSON, all within one second, so that they are in one window.

const host = 'http://shop.test:8080';

function attribute([key, value]) {
  return { key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } };
}

const kinds = { server: 2, client: 3, producer: 4 };
const calls = [
  ['server', 'GET /items/{id}', (n) => ({
    'http.request.method': 'GET', 'http.route': '/items/{id}', 'url.path': `/items/${n}`,
    'http.response.status_code': n % 10 === 0 ? 500 : 200,
  })],
  ['server', 'POST /orders', () => ({
    'http.request.method': 'POST', 'http.route': '/orders', 'url.path': '/orders', 'http.response.status_code': 201,
  })],
  ['client', 'GET', (n) => ({
    'http.request.method': 'GET', 'url.full': `${host}/stock/${n}`, 'server.address': 'shop.test', 'server.port': 8080,
    'http.response.status_code': n % 7 === 0 ? 429 : 200,
  })],
  ['client', 'SELECT items', (n) => ({
    'db.system.name': 'postgresql', 'db.query.text': `SELECT name FROM items WHERE id = ${n}`,
  })],
  ['client', 'pay.v1.Cards/Charge', (n) => ({
    'rpc.system': 'grpc', 'rpc.service': 'pay.v1.Cards', 'rpc.method': 'Charge',
    'rpc.grpc.status_code': n % 5 === 0 ? 14 : 0,
  })],
  ['producer', 'send orders', () => ({
    'messaging.system': 'kafka', 'messaging.operation.name': 'send', 'messaging.destination.name': 'orders',
  })],
];

/** Sends them one after the other to the OTLP/HTTP endpoint `url`. */
export async function post(url, signal, requests) {
  for (const request of requests) {
    const answer = await fetch(`${url}/v1/${signal}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request),
    });
    if (answer.status !== 200) throw new Error(`the Collector answered ${answer.status}: ${await answer.text()}`);
  }
}

const hex = (n, digits) => n.toString(16).padStart(digits, '0');

/** `count` spans of `service` within the second from `fromMs`, in requests of `perRequest`. */
export function makeSpanRequests({ service, count, perRequest, fromMs }) {
  const spanOf = (n) => {
    const [kind, name, attributes] = calls[n % calls.length];
    const startNs = BigInt(fromMs) * 1_000_000n + BigInt(n) * BigInt(Math.floor(900_000_000 / count));
    return {
      traceId: hex(n + 1, 32), spanId: hex(n + 1, 16), name, kind: kinds[kind], startTimeUnixNano: String(startNs),
      endTimeUnixNano: String(startNs + BigInt(1 + (n % 40)) * 1_000_000n),
      attributes: Object.entries(attributes(n)).map(attribute), status: {},
    };
  };
  const resource = { attributes: [attribute(['service.name', service])] };
  return cut(count, perRequest).map((numbers) => ({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'interop' }, spans: numbers.map(spanOf) }] }],
  }));
}

const exchanges = [
  (n, note) => ({
    l7protocol: 'http', direction: 'IN', command: 'GET', location: `/items/${n}`, status: n % 5 === 0 ? '500' : 'OK',
    http: {
      request: { method: 'GET', url: `/items/${n}`, host: 'shop.test:8080', headers: { Accept: 'application/json' } },
      response: { statusCode: n % 5 === 0 ? 500 : 200, headers: {}, body: `{"name":"tea","note":"${note}"}` },
    },
  }),
  (n, note) => ({
    l7protocol: 'http', direction: 'OUT', command: 'POST', location: `/charges/${n}`, status: 'OK',
    http: {
      request: { method: 'POST', url: `${host}/charges/${n}`, headers: {}, body: `{"cents":250,"note":"${note}"}` },
      response: { statusCode: 201, headers: {} },
    },
  }),
  (n) => ({
    l7protocol: 'postgres', direction: 'OUT', command: `SELECT name FROM items WHERE id = ${n}`, location: 'items',
    status: 'OK',
  }),
  (n) => ({ l7protocol: 'redis', direction: 'OUT', command: 'GET', location: `user:${n}:cart`, status: 'OK' }),
];

function toValue(plain) {
  if (typeof plain === 'string') return { stringValue: plain };
  if (typeof plain === 'number') return Number.isInteger(plain) ? { intValue: String(plain) } : { doubleValue: plain };
  return { kvlistValue: { values: Object.entries(plain).map(([key, value]) => ({ key, value: toValue(value) })) } };
}

/**
 * `count` RRPairs as log records of `service` within the second from `fromMs`, in requests of `perRequest`; bodies of
 * HTTP are some `bodyBytes` long.
 */
export function makePairRequests({ service, count, perRequest, fromMs, bodyBytes = 0 }) {
  const note = 'x'.repeat(bodyBytes);
  const recordOf = (n) => {
    const atMs = fromMs + Math.floor((900 * n) / count);
    return {
      timeUnixNano: `${atMs}000000`,
      body: toValue({
        msgType: 'rrpair', ts: new Date(atMs).toISOString(), duration: 1.5 + (n % 40), service,
        ...exchanges[n % exchanges.length](n, note),
      }),
    };
  };
  const resource = { attributes: [attribute(['service.name', service])] };
  return cut(count, perRequest).map((numbers) => ({
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'interop' }, logRecords: numbers.map(recordOf) }] }],
  }));
}

function cut(count, perRequest) {
  const parts = [];
  for (let from = 0; from < count; from += perRequest) {
    parts.push(Array.from({ length: Math.min(perRequest, count - from) }, (_, index) => from + index));
  }
  return parts;
}
