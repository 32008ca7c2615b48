import { all, flag, list, number, object, optional, text } from "./check.ts";

// What each answer about traces must have for its screen to be drawn. Same names as in traceTypes.ts.

const times = object({
  waiting_human: number, waiting_queue: number, waiting_backoff: number, waiting_tool: number, io: number, compute: number, untracked: number,
});

export const traceSummary = object({
  trace_id: text, service: text, operation: object({ name: text }), agent: optional(text), started_at: text, wall_ns: number, pattern: text,
  span_count: number, failed_count: number, service_count: number, is_complete: flag, has_spans: flag, times, findings: list(text),
  figures: object({ members: number, peak: number, calls: number, tasks: number, steps: number }),
});

const advice = object({ title: text, reason: text, change: text });

const report = object({
  wall_ns: number, times, path_count: number, path: list(object({ span: optional(number), start_ns: number, end_ns: number, spent: text })),
  fanouts: list(object({ members: number, branches: list(object({ span: number, queue_ns: number, slack_ns: number })) })),
  findings: list(object({ kind: text, span: optional(number), explanation: text, confidence: number, advice })),
});

const attributes = list(object({ key: text, value: text, bytes: number }));

const span = object({
  id: text, parent: optional(text), name: text, service: text, start_ns: number, duration_ns: number, attributes: optional(attributes),
  events: optional(list(object({ name: text, at_ns: number, attributes }))),
});

export const traceDetail = object({ summary: traceSummary, report: optional(report), spans: optional(list(span)) });

const patternReport = all(
  object({ pattern: text, traces: number, failed: number, incomplete: number, exhausted_traces: number, typical: object({ members: number }), stragglers: list(object({ name: text, traces: number })) }),
  object({ wall_mean_ns: number, wall_p50_ns: number, wall_p90_ns: number, wall_p99_ns: number, wall_max_ns: number, time_shares: times }),
);

export const tracePattern = object({ service: text, agent: text, pattern: text, report: patternReport });
