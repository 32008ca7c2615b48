// The capture side of a traffic forwarder: each call that a service answers or makes becomes one
// RRPair, sent as an OTLP log record whose body is a kvlist. Records of outbound calls are held back
// until the inbound call that caused them has been answered, so that a burst is not slowed down by
// describing it.

import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';

export const bodyBytesMax = 16 * 1024;
// Pairs held back at once; more are sent right away.
const heldPairsMax = 4096;

/** Wall-clock time of a performance.now() value, RFC 3339 with microseconds. */
export function wallTime(monotonicMs) {
  const microseconds = Math.round((performance.timeOrigin + monotonicMs) * 1000);
  const text = new Date(Math.floor(microseconds / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(microseconds % 1000).padStart(3, '0')}Z`;
}

function flatHeaders(headers) {
  const flat = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return flat;
}

function cutBody(body) {
  const text = body ?? '';
  return text.length > bodyBytesMax ? text.slice(0, bodyBytesMax) : text;
}

function describeHttp(call) {
  return {
    l7protocol: 'http',
    tech: 'JSON',
    command: call.method,
    location: call.url,
    status: call.status > 0 && call.status < 400 ? 'OK' : call.statusText,
    http: {
      request: {
        method: call.method,
        url: call.url,
        headers: flatHeaders(call.requestHeaders),
        body: cutBody(call.requestBody),
      },
      response: {
        statusCode: call.status,
        headers: flatHeaders(call.responseHeaders),
        body: cutBody(call.responseBody),
      },
    },
  };
}

function describeSql(call) {
  return {
    l7protocol: 'sqlite',
    tech: 'SQLite',
    command: 'Query',
    location: call.statement,
    status: call.error ?? 'OK',
  };
}

export class RrpairForwarder {
  #service;
  #namespace;
  #logger;
  #held = [];

  constructor(service, namespace = 'examples') {
    this.#service = service;
    this.#namespace = namespace;
    this.#logger = logs.getLogger('rrpair-forwarder', '1');
  }

  /** An HTTP call: {direction, method, url, startMs, endMs, status, statusText, requestHeaders,
   *  requestBody, responseHeaders, responseBody, span}; times as performance.now(). */
  addHttp(call) {
    this.#hold(call, describeHttp);
  }

  /** A database statement: {statement, startMs, endMs, error, span}. */
  addSql(call) {
    this.#hold({ ...call, direction: 'OUT' }, describeSql);
  }

  /** Describes and sends what was held back. */
  release() {
    const held = this.#held;
    this.#held = [];
    for (const { call, describe } of held) this.#send(call, describe(call));
  }

  #hold(call, describe) {
    this.#held.push({ call, describe });
    if (call.direction === 'IN' || this.#held.length >= heldPairsMax) this.release();
  }

  #send(call, fields) {
    const spanContext = call.span?.spanContext();
    const pair = {
      msgType: 'rrpair',
      resource: this.#service,
      ts: wallTime(call.startMs),
      duration: call.endMs - call.startMs,
      direction: call.direction,
      service: this.#service,
      namespace: this.#namespace,
      ...fields,
    };
    if (spanContext) {
      pair.traceId = spanContext.traceId;
      pair.spanId = spanContext.spanId;
      const parentSpanId = call.span.parentSpanContext?.spanId;
      if (parentSpanId) pair.parentSpanId = parentSpanId;
    }
    this.#logger.emit({
      timestamp: performance.timeOrigin + call.startMs,
      severityNumber: SeverityNumber.INFO,
      body: pair,
      attributes: { service: this.#service, namespace: this.#namespace },
      context: call.span ? trace.setSpan(ROOT_CONTEXT, call.span) : ROOT_CONTEXT,
    });
  }
}
