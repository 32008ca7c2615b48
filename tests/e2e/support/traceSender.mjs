// Whole traces as OTLP/HTTP JSON: a fan-out with a straggler, an agent's run, one of very many spans.

const batchSpans = 2000;

const valueOf = (value) => (typeof value === 'string' ? { stringValue: value } : { intValue: String(value) });
const attributesOf = (values) => Object.entries(values).map(([key, value]) => ({ key, value: valueOf(value) }));
const spanId = (n) => n.toString(16).padStart(16, '0');

/** Spans by [name, parent's number or -1, start in ms, duration in ms, attributes, failed]. */
export async function sendTrace(otlpHttp, { service, traceId, beganMs, rows }) {
  const began = BigInt(beganMs) * 1_000_000n;
  const ns = (ms) => String(began + BigInt(Math.round(ms * 1e6)));
  const spans = rows.map(([name, parent, start, took, attributes = {}, failed = false], i) => ({
    traceId, spanId: spanId(i + 1), ...(parent >= 0 && { parentSpanId: spanId(parent + 1) }), name, kind: 1,
    startTimeUnixNano: ns(start), endTimeUnixNano: ns(start + took), attributes: attributesOf(attributes),
    status: { code: failed ? 2 : 1 },
  }));
  for (let from = 0; from < spans.length; from += batchSpans) {
    const answer = await fetch(`${otlpHttp}/v1/traces`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [{
          resource: { attributes: attributesOf({ 'service.name': service }) },
          scopeSpans: [{ scope: { name: 'e2e' }, spans: spans.slice(from, from + batchSpans) }],
        }],
      }),
    });
    if (!answer.ok) throw new Error(`/v1/traces answered ${answer.status}: ${await answer.text()}`);
  }
}

/** Twelve workers, four at once; the last of them takes five times as long because of one call. */
export function fanoutRows(slowMs) {
  const rows = [
    ['digest', -1, 0, 1200 + slowMs, { 'ati.span.kind': 'workflow', 'ati.agent.id': 'planner' }],
    ['fetch all', 0, 10, 1100 + slowMs, { 'ati.span.kind': 'planner', 'ati.fanout': 12, 'ati.concurrency': 4 }],
  ];
  for (let i = 0; i < 12; i += 1) {
    const start = 20 + 300 * Math.floor(i / 4);
    const took = i === 11 ? slowMs : 280;
    rows.push([`worker:${i}`, 1, start, took, { 'ati.span.kind': 'worker', 'ati.worker.index': i }]);
    const call = { 'ati.span.kind': 'tool_call', 'ati.tool.name': 'messages.get' };
    rows.push(['messages.get', rows.length - 1, start + 5, took - 10, call]);
  }
  return rows;
}

/** Five steps of an agent, each a thought and a call of a tool; the last call fails. */
export function agentRows() {
  const rows = [['answer', -1, 0, 2600, { 'ati.span.kind': 'planner', 'ati.agent.id': 'assistant' }]];
  for (let step = 0; step < 5; step += 1) {
    const start = 10 + 500 * step;
    rows.push([`step ${step}`, 0, start, 480, { 'ati.span.kind': 'internal', 'ati.step': step }]);
    const parent = rows.length - 1;
    rows.push(['chat', parent, start + 5, 300, { 'gen_ai.operation.name': 'chat' }]);
    const call = { 'ati.span.kind': 'tool_call', 'ati.tool.name': 'search', 'query.text': `part ${step}` };
    rows.push(['search', parent, start + 310, 160, call, step === 4]);
  }
  return rows;
}

/** `count` spans: workers with a hundred calls each. */
export function manyRows(count) {
  const rows = [['crawl', -1, 0, 60_000]];
  let worker = 0;
  while (rows.length < count) {
    const calls = (rows.length - 1) % 101;
    if (calls === 0) {
      rows.push([`crawler ${worker}`, 0, 10 * worker, 58_000]);
      worker += 1;
    } else {
      rows.push([`page ${calls}`, 1 + (worker - 1) * 101, 10 * worker + 570 * calls, 500]);
    }
  }
  return rows;
}
