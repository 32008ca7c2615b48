import type { ApprovalSnooze } from "../api/snoozeTypes.ts";
import type { TraceDetail, TracePattern, TraceSummary } from "../api/traceTypes.ts";
import type { RunAnswer, RunAnswerDetail } from "../api/answerTypes.ts";
import type { EvidenceManifest, OperationSeries } from "../api/evidenceTypes.ts";
import type { AuditRow, DeadLetter, Integration, Session, Token } from "../api/settingsTypes.ts";
import type { Delivery, Hook, PollSource, Publication, ServicePolling, SlackPerson, User, Webhook } from "../api/types.ts";
import type { Alarm, EventDismissal, HeldEvent } from "../api/alarmTypes.ts";
import type { Detection, Suppression } from "../api/detectionTypes.ts";
import type {
  Approval, ApprovalDetail, Exchange, Incident, IncidentDetail, IncidentEvent, OperationState, Overview, Problem, Run,
  RunDetail, RunEvent, Service, Signal, Evidence,
} from "../api/types.ts";

/** A list answer plus what arrived live since and is not shown yet: nothing moves what is being read. */
export interface Rows<T> {
  items: T[];
  next?: string;
  /** Newest first, at most freshMax; freshMore counts what did not fit. */
  fresh: T[];
  freshMore: number;
}

/** What settings, the audit and the dead letters ask for; how it is read comes with their code. */
export interface LaterData {
  users: Rows<User>;
  sessions: Rows<Session>;
  tokens: Rows<Token>;
  webhooks: Rows<Webhook>;
  deliveries: Rows<Delivery>;
  hooks: Rows<Hook>;
  slack_people: Rows<SlackPerson>;
  poll_sources: Rows<PollSource>;
  poll_services: Rows<ServicePolling>;
  publications: Rows<Publication>;
  dead_letters: Rows<DeadLetter>;
  audit: Rows<AuditRow>;
  integrations: Rows<Integration>;
  detection: Detection;
  suppressions: Rows<Suppression>;
  alarms: Rows<Alarm>;
  held_events: Rows<HeldEvent>;
  dismissals: Rows<EventDismissal>;
}

/** What a screen can ask for; the kind decides the path, the shape and how live events change it. */
export interface ResourceData extends LaterData {
  overview: Overview;
  incidents: Rows<Incident>;
  incident: IncidentDetail;
  timeline: Rows<IncidentEvent>;
  signals: Rows<Signal>;
  signal: Signal;
  runs: Rows<Run>;
  run: RunDetail;
  run_events: Rows<RunEvent>;
  run_answers: Rows<RunAnswer>;
  run_answer: RunAnswerDetail;
  approvals: Rows<Approval>;
  snoozes: Rows<ApprovalSnooze>;
  approval: ApprovalDetail;
  services: Rows<Service>;
  service: Service;
  operations: Rows<OperationState>;
  exchanges: Rows<Exchange>;
  evidence: Evidence;
  manifest: EvidenceManifest;
  operation_series: OperationSeries;
  traces: Rows<TraceSummary>;
  trace: TraceDetail;
  trace_patterns: Rows<TracePattern>;
}

export type ResourceKind = keyof ResourceData;

export interface Resource<K extends ResourceKind = ResourceKind> {
  kind: K;
  /** The API path with its query: also the key in the store. */
  path: string;
  phase: "loading" | "ready" | "failed";
  /** Kept while loading again and after a failure. */
  data?: ResourceData[K];
  problem?: Problem;
  /** Events up to here are contained. */
  asOfSeq: number;
  /** The last event that concerned this; an answer older than that is loaded once more. */
  touchedSeq: number;
  /** Something changed that only the server can tell: load again. */
  stale: boolean;
  /** Events were missed while an answer was under way: that answer may be older than they are, or of another history. */
  outrun?: boolean;
  /** Of a list whose events say only that there is something new: the last such event, and up to which it was looked for. */
  newsSeq?: number;
  peekedSeq?: number;
  /** Grows with every answer or failure; lets a screen notice. */
  loads: number;
  /** Unix ms of the last answer. */
  loadedAt: number;
}

/** Rows held per list; older pages are dropped from the end. */
export const rowsMax = 2000;
/** Lines held of one run's log. */
export const linesMax = 100_000;
/** Rows waiting behind "n new". */
export const freshMax = 200;
/** Answers kept in the store; the one not used for longest goes first. */
export const resourcesMax = 48;
/** Of these, traces with all their spans, which are large: two that are compared and the one before. */
export const tracesMax = 3;
/** Points of the traffic chart. */
export const trafficMax = 240;

export function emptyRows<T>(): Rows<T> {
  return { items: [], fresh: [], freshMore: 0 };
}
