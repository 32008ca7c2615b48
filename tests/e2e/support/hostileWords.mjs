// What somebody may have put into a name, a header or a body, and senders that pass it on as it is.

export const hostileWords = {
  markup: '<img src=x onerror="alert(1)"><svg onload=alert(2)><a href=javascript:alert(3)>here</a>',
  script: '</script><script>fetch("https://evil.example/")</script><style>*{display:none}</style>',
  attribute: '" onmouseover="alert(4)" style="position:fixed" x="',
  link: 'javascript:alert(5)//https://evil.example/%0d%0a',
  template: '{{constructor.constructor("alert(6)")()}} ${7*7} %s %n',
  bidi: 'invoice\u202egnp.exe\u2066 and \u2069back\u200f',
  control: 'bell\u0007 back\u0008 \u001b[31mred\u001b[0m nul\u0000 del\u007f',
  hebrew: '\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627',
  stacked: `Z${'\u0335\u0321\u034f\u0489'.repeat(60)}algo`,
  emoji: '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u{1f3f3}\ufe0f\u200d\u{1f308}',
  surrogate: 'half \ud800 a pair \udfff',
  path: '../../../../etc/passwd?a=b&c=#d',
  unbroken: 'w'.repeat(3000),
  long: 'very long '.repeat(100_000),
};

export const hostileNames = Object.keys(hostileWords);

/** Characters that hide or reorder others, or that a terminal obeys; on screen they are named. */
export const hiding = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

function valueOf(value) {
  if (typeof value === 'number') return { intValue: String(value) };
  if (typeof value === 'string') return { stringValue: value };
  return { kvlistValue: { values: Object.entries(value).map(([key, of]) => ({ key, value: valueOf(of) })) } };
}

const attributesOf = (values) => Object.entries(values).map(([key, value]) => ({ key, value: valueOf(value) }));
const hex = (number, digits) => number.toString(16).padStart(digits, '0');

async function post(url, body) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await answer.arrayBuffer();
  return answer.status;
}

let spans = 0;

/** `count` failing requests as spans; answers the status. What is undefined is left out. */
export function sendSpans(otlpHttp, { service, name, attributes, atMs, count = 12 }) {
  const made = Array.from({ length: count }, () => {
    spans += 1;
    const began = BigInt(Math.round(atMs)) * 1_000_000n + BigInt(spans);
    return {
      traceId: hex(spans, 32), spanId: hex(spans, 16), ...(name !== undefined && { name }), kind: 2,
      startTimeUnixNano: String(began), endTimeUnixNano: String(began + 5_000_000n), status: { code: 2, message: name?.slice(0, 1000) },
      attributes: attributesOf({ 'http.request.method': 'GET', 'http.response.status_code': 500, ...attributes }),
    };
  });
  const resource = service === undefined ? {} : { attributes: attributesOf({ 'service.name': service }) };
  return post(`${otlpHttp}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans: made }] }] });
}

/** Failing exchanges of one service whose headers and bodies say `words`. */
export function sendExchanges(otlpHttp, { service, words, atMs, count = 12 }) {
  const records = Array.from({ length: count }, (_, number) => ({
    timeUnixNano: String(BigInt(Math.round(atMs)) * 1_000_000n),
    body: valueOf({
      msgType: 'rrpair', ts: new Date(atMs + number).toISOString(), l7protocol: 'http', duration: 3, direction: 'IN',
      command: 'POST', location: `/notes/${number}?q=${words}`, status: words, service,
      http: {
        request: { method: 'POST', url: `/notes/${number}`, headers: { 'x-note': words, [words.slice(0, 40)]: 'a name' }, body: words },
        response: { statusCode: 500, headers: { 'content-type': 'text/html', 'x-error': words }, body: `<p>${words}</p>` },
      },
    }),
  }));
  return post(`${otlpHttp}/v1/logs`, { resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords: records }] }] });
}
