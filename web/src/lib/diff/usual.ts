// Differences that two calls of the same kind always have: times, ids, tokens. They are shown, but quietly. Pure.

const headers = new Set([
  "date", "age", "etag", "expires", "last-modified", "x-request-id", "x-correlation-id", "x-trace-id", "traceparent", "tracestate",
  "content-length", "server-timing", "x-response-time", "x-runtime", "set-cookie", "idempotency-key",
]);

const shapes = [
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?$/,
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
  /^(?=.*[a-f])[0-9a-f]{16,}$/i,
  /^1[0-9]{9}([0-9]{3}|[0-9]{6}|[0-9]{9})?$/,
];

function bare(text: string): string {
  return text.startsWith("\"") && text.endsWith("\"") && text.length > 1 ? text.slice(1, -1) : text;
}

/** Both are a time, or both are an id of the same form. */
export function isUsualValue(left: string, right: string): boolean {
  const [a, b] = [bare(left), bare(right)];
  return shapes.some((shape) => shape.test(a) && shape.test(b));
}

export function isUsualHeader(name: string): boolean {
  return headers.has(name.toLowerCase());
}
