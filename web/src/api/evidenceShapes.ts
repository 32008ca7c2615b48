import { flag, list, number, object, optional, text } from "./check.ts";

// What an answer about evidence or an operation's windows must have. Same names as in evidenceTypes.ts.

export const evidenceManifest = object({
  format: number, producer: text, selection: text, redaction: object({ version: text, fields: list(object({ field: text, exchanges: number })) }),
  counts: object({ failing: number, control: number, exchanges: number, cut: number }),
  cut: list(object({ role: text, cap: text, exchanges: number })), cut_before: number,
  exchanges: list(object({ path: text, sha256: text, bytes: number, role: text, method: text, route: text, complete: flag, redacted_fields: list(text), status: optional(number), outcome: optional(text) })),
});

const band = optional(object({ low: number, high: number, middle: number }));

export const operationSeries = object({
  operation: object({ id: text, service: text, name: text }), more: flag, failing_share: band, p95_ms: band, requests: band,
  points: list(object({ at: text, length_s: number, requests: number, failing: number, p50_ms: number, p95_ms: number, anomalous: flag })),
});
