import { runAnswer, runAnswerDetail } from "./answerShapes.ts";
import type { Check } from "./check.ts";
import { evidenceManifest, operationSeries } from "./evidenceShapes.ts";
import * as shapes from "./shapes.ts";
import { traceDetail, tracePattern, traceSummary } from "./traceShapes.ts";
import type { Item, Page } from "./types.ts";
import { emptyRows } from "../state/resources.ts";
import type { LaterData, ResourceData, ResourceKind, Rows } from "../state/resources.ts";

/** How one kind of answer is checked and what of it goes into the store. */
export interface Endpoint<K extends ResourceKind> {
  check: Check;
  take: (body: unknown) => { data: ResourceData[K]; asOfSeq: number };
}

export function ofPage<K extends ResourceKind, T>(row: Check): Endpoint<K> {
  return {
    check: shapes.page(row),
    take: (body) => {
      const page = body as Page<T>;
      const rows: Rows<T> = { ...emptyRows<T>(), items: page.items };
      if (page.next) rows.next = page.next;
      return { data: rows as unknown as ResourceData[K], asOfSeq: page.as_of_seq };
    },
  };
}

export function ofItem<K extends ResourceKind>(row: Check): Endpoint<K> {
  return {
    check: shapes.item(row),
    take: (body) => {
      const item = body as Item<ResourceData[K]>;
      return { data: item.item, asOfSeq: item.as_of_seq };
    },
  };
}

const first: { [K in Exclude<ResourceKind, keyof LaterData>]: Endpoint<K> } = {
  overview: ofItem<"overview">(shapes.overview),
  incidents: ofPage(shapes.incident),
  incident: ofItem<"incident">(shapes.incidentDetail),
  timeline: ofPage(shapes.incidentEvent),
  signals: ofPage(shapes.signal),
  signal: ofItem<"signal">(shapes.signal),
  runs: ofPage(shapes.run),
  run: ofItem<"run">(shapes.runDetail),
  run_events: ofPage(shapes.runEvent),
  run_answers: ofPage(runAnswer),
  run_answer: ofItem<"run_answer">(runAnswerDetail),
  approvals: ofPage(shapes.approval),
  snoozes: ofPage(shapes.snooze),
  approval: ofItem<"approval">(shapes.approvalDetail),
  services: ofPage(shapes.service),
  service: ofItem<"service">(shapes.service),
  operations: ofPage(shapes.operationState),
  exchanges: ofPage(shapes.exchange),
  evidence: ofItem<"evidence">(shapes.evidence),
  manifest: ofItem<"manifest">(evidenceManifest),
  operation_series: ofItem<"operation_series">(operationSeries),
  traces: ofPage(traceSummary),
  trace: ofItem<"trace">(traceDetail),
  trace_patterns: ofPage(tracePattern),
};

export const endpoints = first as { [K in ResourceKind]: Endpoint<K> };

/** The rest, by the screens that need them: they are fetched later. */
export function addEndpoints<K extends keyof LaterData>(more: { [P in K]: Endpoint<P> }): void {
  Object.assign(endpoints, more);
}

const segment = encodeURIComponent;

/** Query text with the empty values left out, in the given order. */
export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`;
}

export const paths = {
  overview: "/overview",
  incidents: (query: Record<string, string | undefined>) => withQuery("/incidents", query),
  incident: (id: string) => `/incidents/${segment(id)}`,
  timeline: (id: string) => `/incidents/${segment(id)}/timeline`,
  signals: (query: Record<string, string | undefined>) => withQuery("/signals", query),
  signal: (id: string) => `/signals/${segment(id)}`,
  runs: (query: Record<string, string | undefined>) => withQuery("/runs", query),
  run: (id: string) => `/runs/${segment(id)}`,
  runEvents: (id: string) => `/runs/${segment(id)}/events`,
  runAnswers: (id: string) => `/runs/${segment(id)}/answers?limit=200`,
  runAnswer: (id: string, exchange: number, query: Record<string, string | undefined> = {}) => withQuery(`/runs/${segment(id)}/answers/${exchange}`, query),
  approvals: (query: Record<string, string | undefined>) => withQuery("/approvals", query),
  snoozes: "/approvals/snoozes",
  approval: (id: string) => `/approvals/${segment(id)}`,
  services: "/services",
  service: (name: string) => `/services/${segment(name)}`,
  operations: (name: string) => `/services/${segment(name)}/operations`,
  operationSeries: (name: string, operation: string, query: Record<string, string | undefined>) => withQuery(`/services/${segment(name)}/operations/${segment(operation)}/series`, query),
  evidence: (id: string) => `/evidence/${segment(id)}`,
  manifest: (id: string) => `/evidence/${segment(id)}/manifest`,
  exchangeAt: (evidence: string, index: number) => withQuery(`/evidence/${segment(evidence)}/exchanges`, { after: String(index - 1), limit: "1" }),
  exchanges: (evidence: string) => `/evidence/${segment(evidence)}/exchanges`,
  traces: (query: Record<string, string | undefined>) => withQuery("/traces", query),
  trace: (id: string) => `/traces/${segment(id)}`,
  tracePatterns: (service: string) => withQuery("/traces/patterns", { service }),
  download: (evidence: string) => `/api/v1/evidence/${segment(evidence)}/download`,
};
