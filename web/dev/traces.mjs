// Part of the tests: answers about traces in the shapes of src/api/traceTypes.ts, for looking at the screens without a
// server. Nothing of this is in the product.

const ms = 1_000_000;
const classes = ["waiting_human", "waiting_queue", "waiting_backoff", "waiting_tool", "io", "compute", "untracked"];
const at = (secondsAgo) => new Date(Date.now() - secondsAgo * 1000).toISOString();
const hex = (n, digits) => n.toString(16).padStart(digits, "0");

const timesOf = (path) => Object.fromEntries(classes.map((spent) => [spent, path.filter((part) => part.spent === spent).reduce((sum, part) => sum + part.end_ns - part.start_ns, 0)]));

/** [name, parent, start ms, duration ms, more]: the place of a row is the number of its span. */
function spansOf(rows, service) {
  return rows.map(([name, parent, start, took, more = {}], i) => {
    const { attributes = {}, ...rest } = more;
    return {
      id: hex(i + 1, 16), ...(parent < 0 ? {} : { parent: hex(parent + 1, 16) }), name, service, role: "plain", kind: "internal", start_ns: Math.round(start * ms), duration_ns: Math.round(took * ms), failed: false,
      attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: String(value), bytes: String(value).length })), ...rest,
    };
  });
}

const part = (span, start, end, spent) => ({ span, start_ns: start * ms, end_ns: end * ms, spent });
const figures = (more) => ({
  members: 0, peak: 0, median_ns: 0, longest_ns: 0, queue_longest_ns: 0, straggler_delay_ns: 0, chain_depth: 0, chain_share: 0, calls: 0, tasks: 0, exhausted: 0, backoff_ns: 0, steps: 0,
  think_ns: 0, tool_ns: 0, waited_human_ns: 0, ...more,
});

function summaryOf(trace_id, service, name, pattern, wall, secondsAgo, times, more) {
  return {
    trace_id, service, operation: { id: hex(9, 16), source: "span", kind: "internal", service, protocol: "", method: "", route: name, name }, started_at: at(secondsAgo), wall_ns: wall * ms, pattern,
    span_count: 20, failed_count: 0, service_count: 1, is_complete: true, has_spans: true, times, findings: [], figures: figures({}), ...more,
  };
}

function digestSpans() {
  const rows = [["workflow: digest", -1, 0, 4812, { role: "workflow" }], ["planner", 0, 0, 406, { role: "planner", agent: "planner" }], ["llm plan", 1, 6, 380, { role: "llm", kind: "client" }], ["fetch", 0, 412, 1952, { role: "planner", agent: "fetcher", attributes: { "ati.fanout": 8, "ati.concurrency": 4 } }]];
  [[412, 384], [412, 456], [412, 330], [412, 503], [740, 424], [800, 1564], [868, 422], [915, 427]].forEach(([start, took], i) => {
    rows.push([`worker:${i}`, 3, start, took, { role: "worker", agent: `worker:${i}`, index: i }]);
    const worker = rows.length - 1;
    if (i !== 5) return rows.push(["messages.get", worker, start + 10, took - 20, { role: "tool", kind: "client", tool: "messages.get", status: 200 }]);
    const limited = { failed: true, status: 429, error_type: "RateLimited", error_message: "too many requests for this mailbox", events: [{ name: "exception", at_ns: 1008 * ms, attributes: [{ key: "exception.type", value: "RateLimited", bytes: 11 }, { key: "exception.message", value: "too many requests for this mailbox", bytes: 34 }] }] };
    rows.push(["messages.get", worker, 800, 212, { role: "tool", kind: "client", tool: "messages.get", attempt: 0, ...limited }]);
    rows.push(["messages.get", worker, 1212, 186, { role: "tool", kind: "client", tool: "messages.get", attempt: 1, ...limited, attributes: { "http.request.method": "GET", "url.full": "https://mail.example/messages/18", "ati.retry.reason": "rate_limit" } }]);
    rows.push(["messages.get", worker, 1798, 552, { role: "tool", kind: "client", tool: "messages.get", attempt: 2, status: 200 }]);
  });
  const confirm = rows.length;
  rows.push(["confirm digest", 0, 2376, 1518, { role: "human", attributes: { "ati.wait.kind": "human" } }], ["aggregate", 0, 3894, 282], ["llm summarise", 0, 4180, 522, { role: "llm", kind: "client" }], ["checkpoint", 0, 4706, 94], ["INSERT digests", confirm + 3, 4712, 82, { role: "io", kind: "db" }]);
  return spansOf(rows, "radar");
}

const digestId = "5b8e1f0c4d7a49b2a1c3e5f70912c41d";
const slowerId = "5b8e1f0c4d7a49b2a1c3e5f70912c41e";
const largeId = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

function digest(id, secondsAgo, slower) {
  const spans = digestSpans();
  const of = (name, nth = 0) => spans.map((span, i) => ({ span, i })).filter(({ span }) => span.name === name)[nth].i;
  const slow = of("worker:5");
  const gets = spans.map((span, i) => ({ span, i })).filter(({ span }) => span.parent === spans[slow].id).map(({ i }) => i);
  const path = [
    part(1, 0, 6, "compute"), part(2, 6, 386, "waiting_tool"), part(1, 386, 412, "compute"), part(slow, 412, 800, "waiting_queue"), part(gets[0], 800, 1012, "waiting_tool"), part(slow, 1012, 1212, "waiting_backoff"),
    part(gets[1], 1212, 1398, "waiting_tool"), part(slow, 1398, 1798, "waiting_backoff"), part(gets[2], 1798, 2350, "waiting_tool"), part(slow, 2350, 2376, "compute"), part(of("confirm digest"), 2376, 3894, "waiting_human"),
    part(of("aggregate"), 3894, 4180, "compute"), part(of("llm summarise"), 4180, 4706, "waiting_tool"), part(of("checkpoint"), 4706, 4712, "compute"), part(of("INSERT digests"), 4712, 4794, "io"), part(0, 4794, 4812, "compute"),
  ];
  const workers = spans.map((span, i) => ({ span, i })).filter(({ span }) => span.role === "worker");
  const end = (span) => span.start_ns + span.duration_ns;
  const last = Math.max(...workers.map(({ span }) => end(span)));
  const fanout = {
    parent: 3, members: 8, peak: 4, limit: 4, waves: 2, median_ns: 425 * ms, longest_ns: 1564 * ms, queue_ns: 1680 * ms, queue_longest_ns: 503 * ms, join_ns: 1200 * ms, slow: { span: slow, tool_span: gets[2], duration_ns: 1564 * ms, limit_ns: 905 * ms, delay_ns: 1022 * ms, parent_share: 0.52 },
    branches: workers.map(({ span, i }) => ({ span: i, queue_ns: span.start_ns - 412 * ms, service_ns: span.duration_ns, slack_ns: last - end(span) })),
  };
  const findings = [
    { kind: "fanout_straggler", span: slow, agent: "worker:5", service: "radar", observed: 1564 * ms, expected: 905 * ms, unit: "ns", confidence: 0.92, explanation: "worker:5 ends 1,022 ms after the second-slowest of 8: two 429 answers and 600 ms of backoff.",
      advice: { title: "Start the slow call sooner, or give it less to do", reason: "The whole fan-out waits 1,022 ms for worker:5 alone, 52 % of its time.", change: "Ask for both pages in one call, or begin worker:5 in the first wave." } },
    { kind: "retry_storm", span: gets[1], agent: "worker:5", service: "radar", observed: 1.25, expected: 1.05, unit: "ratio", confidence: 0.7, explanation: "10 attempts were made for 8 tasks of messages.get: 1.25 for each.",
      advice: { title: "Send fewer at once", reason: "429 came when four ran at the same time.", change: "Lower the limit of the fan-out from 4 to 2, or honour Retry-After." } },
  ];
  if (slower) {
    spans.push({ ...spans[of("checkpoint")], id: hex(99, 16), name: "warm cache", start_ns: 4000 * ms, duration_ns: 100 * ms });
    spans[of("llm summarise")].duration_ns += 310 * ms;
  }
  const summary = summaryOf(id, "radar", "workflow: digest", "fanout", slower ? 5122 : 4812, secondsAgo, timesOf(path), {
    agent: "planner", span_count: spans.length, failed_count: 2, findings: slower ? [] : findings.map((each) => each.kind), figures: figures({ members: 8, peak: 4, limit: 4, median_ns: 425 * ms, longest_ns: 1564 * ms, calls: 10, tasks: 8, straggler: "worker:5" }), is_complete: !slower,
  });
  const report = { trace_id: id, started_at: summary.started_at, wall_ns: summary.wall_ns, pattern: "fanout", span_count: spans.length, failed_count: 2, root: 0, times: summary.times, path_count: path.length, path, fanouts: [fanout], findings: slower ? [] : findings, clamped: slower ? 1 : 0, skew_ns: slower ? 3 * ms : 0 };
  return { summary, report, spans };
}

/** Ten thousand spans: a hundred workers with a hundred calls each. */
function large() {
  const rows = [["crawl", -1, 0, 60_000, { role: "workflow" }]];
  for (let worker = 0; worker < 99; worker++) {
    rows.push([`worker:${worker}`, 0, worker * 3, 59_000 - worker * 7, { role: "worker", agent: `worker:${worker}` }]);
    const parent = rows.length - 1;
    for (let call = 0; call < 100; call++) rows.push([`GET /page/{id}`, parent, worker * 3 + call * 580, 500 + ((worker * call) % 70), { kind: "client", role: "tool", tool: "fetch", failed: (worker * call) % 997 === 1, status: 200 }]);
  }
  const spans = spansOf(rows, "crawler");
  const path = [part(1, 0, 59_000, "waiting_tool"), part(0, 59_000, 60_000, "compute")];
  const summary = summaryOf(largeId, "crawler", "crawl", "fanout", 60_000, 700, timesOf(path), { span_count: spans.length, figures: figures({ members: 99, peak: 99 }) });
  return { summary, spans, report: { trace_id: largeId, started_at: summary.started_at, wall_ns: summary.wall_ns, pattern: "fanout", span_count: spans.length, failed_count: 0, root: 0, times: summary.times, path_count: 2, path, fanouts: [], findings: [] } };
}

function retrieval(i) {
  const kb = 20 + ((i * 37) % 180);
  const generation = 300 + kb * 6 + ((i * 53) % 90);
  const times = { ...timesOf([]), waiting_tool: generation * ms, io: 80 * ms };
  return summaryOf(hex(0xabc000 + i, 32), "answers", "POST /ask", "rag", generation + 80, 900 + i * 20, times, { agent: "answerer", span_count: 6, has_spans: false, figures: figures({ payload_kb: kb, generation_ns: generation * ms }) });
}

const opened = [digest(digestId, 30, false), digest(slowerId, 95, true), large()];
const rows = [...Array.from({ length: 24 }, (_, i) => retrieval(i))];

export const traces = [...opened.map((each) => each.summary), ...rows];
export const findTrace = (id) => opened.find((each) => each.summary.trace_id === id) ?? (rows.some((each) => each.trace_id === id) ? { summary: rows.find((each) => each.trace_id === id) } : undefined);

function pattern(service, agent, name, typical, shares, more) {
  return {
    service, agent, pattern: name, report: {
      pattern: name, traces: 40, failed: 3, incomplete: 1, first_at: at(3600), last_at: at(30), wall_mean_ns: 4700 * ms, wall_p50_ns: 4600 * ms, wall_p90_ns: 5200 * ms, wall_p99_ns: 6900 * ms, wall_max_ns: 7100 * ms,
      time_shares: { ...timesOf([]), ...shares }, typical: figures(typical), stragglers: [], exhausted_traces: 0, ...more,
    },
  };
}

export const patterns = [
  pattern("radar", "planner", "fanout", { members: 8, peak: 4, limit: 4, median_ns: 425 * ms, longest_ns: 1564 * ms, queue_longest_ns: 503 * ms, straggler_delay_ns: 1022 * ms }, { waiting_tool: 0.5, waiting_queue: 0.3, compute: 0.2 }, { stragglers: [{ name: "worker:5 (messages.get)", traces: 9 }, { name: "worker:2", traces: 1 }] }),
  pattern("answers", "answerer", "rag", { payload_kb: 112, generation_ns: 980 * ms }, { waiting_tool: 0.9, io: 0.1 }, { payload_line: { slope: 6.1 * ms, intercept: 340 * ms, r: 0.97, points: 24 } }),
  pattern("helper", "assistant", "react", { steps: 6, think_ns: 5200 * ms, tool_ns: 1900 * ms }, { waiting_tool: 0.95, compute: 0.05 }, { steps: { total_ns2: 100, by_steps_ns2: 81, by_time_ns2: 19 } }),
  pattern("orders", "", "retry", { calls: 14, tasks: 6, backoff_ns: 4200 * ms }, { waiting_backoff: 0.7, waiting_tool: 0.3 }, { amplification: 2.3, exhausted_traces: 4 }),
  pattern("orders", "approver", "human", { waited_human_ns: 3900 * ms }, { waiting_human: 0.85, compute: 0.15 }, {}),
  pattern("chat", "", "stream", { first_token_ns: 420 * ms, tokens: 312, largest_gap_ns: 1800 * ms, rate_during: 11, rate_after: 42, tail_ns: 90 * ms }, { waiting_tool: 1 }, {}),
  pattern("chat", "loader", "chain", { chain_depth: 14, chain_share: 0.94 }, { io: 0.94, compute: 0.06 }, {}),
  pattern("build", "", "dag", { members: 5, peak: 5, median_ns: 700 * ms, longest_ns: 2100 * ms }, { waiting_tool: 0.6, compute: 0.4 }, {}),
];
