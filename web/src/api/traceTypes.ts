import type { Operation, SignalKind } from "./types.ts";

// Traces as the server answers them. Durations are nanoseconds; places in a trace count from its start. What a
// report names by a number is the place of a span in `spans`.

export type TimeClass = "waiting_human" | "waiting_queue" | "waiting_backoff" | "waiting_tool" | "io" | "compute" | "untracked";
export type Pattern = "none" | "fanout" | "chain" | "retry" | "dag" | "react" | "human" | "rag" | "stream";

export interface TraceTimes {
  waiting_human: number;
  waiting_queue: number;
  waiting_backoff: number;
  waiting_tool: number;
  io: number;
  compute: number;
  untracked: number;
}

/** What is compared over many traces; absent where a trace has no such thing. */
export interface TraceFigures {
  members: number;
  peak: number;
  limit?: number;
  median_ns: number;
  longest_ns: number;
  queue_longest_ns: number;
  straggler_delay_ns: number;
  straggler?: string;
  chain_depth: number;
  chain_share: number;
  calls: number;
  tasks: number;
  exhausted: number;
  backoff_ns: number;
  steps: number;
  think_ns: number;
  tool_ns: number;
  waited_human_ns: number;
  payload_kb?: number;
  generation_ns?: number;
  first_token_ns?: number;
  tokens?: number;
  largest_gap_ns?: number;
  rate_during?: number;
  rate_after?: number;
  tail_ns?: number;
}

export interface TraceSummary {
  trace_id: string;
  service: string;
  operation: Operation;
  agent?: string;
  started_at: string;
  wall_ns: number;
  pattern: Pattern;
  span_count: number;
  failed_count: number;
  service_count: number;
  is_complete: boolean;
  has_spans: boolean;
  times: TraceTimes;
  findings: SignalKind[];
  figures: TraceFigures;
}

/** One span as it is kept: redacted, its times counted from the trace's start. */
export interface TraceSpan {
  id: string;
  parent?: string;
  start_ns: number;
  duration_ns: number;
  name: string;
  service: string;
  kind?: string;
  role?: string;
  failed?: boolean;
  status?: number;
  agent?: string;
  tool?: string;
  attempt?: number;
  step?: number;
  index?: number;
  error_type?: string;
  error_message?: string;
  attributes?: SpanAttribute[];
  attributes_left_out?: number;
  events?: SpanEvent[];
  events_left_out?: number;
  /** Attributes and events are not kept: the trace was too large for them. */
  cut?: boolean;
}

export interface SpanAttribute {
  key: string;
  /** Redacted, and its beginning only where it is longer than is kept. */
  value: string;
  /** How long it was. */
  bytes: number;
  sha256?: string;
}

export interface SpanEvent {
  name: string;
  at_ns: number;
  attributes: SpanAttribute[];
}

export interface PathPart {
  span?: number;
  start_ns: number;
  end_ns: number;
  spent: TimeClass;
}

export interface Branch {
  span: number;
  queue_ns: number;
  service_ns: number;
  slack_ns: number;
}

export interface Straggler {
  span: number;
  tool_span?: number;
  duration_ns: number;
  limit_ns: number;
  delay_ns: number;
  parent_share: number;
}

export interface Fanout {
  parent?: number;
  members: number;
  peak: number;
  limit?: number;
  waves: number;
  median_ns: number;
  longest_ns: number;
  queue_ns: number;
  queue_longest_ns: number;
  join_ns: number;
  slow?: Straggler;
  join?: number;
  branches: Branch[];
}

export interface Recommendation {
  title: string;
  reason: string;
  change: string;
}

export interface Finding {
  kind: SignalKind;
  span?: number;
  agent: string;
  service: string;
  observed: number;
  expected: number;
  unit: string;
  confidence: number;
  explanation: string;
  advice: Recommendation;
}

/** As much of a report as a screen shows; it has more. */
export interface TraceReport {
  trace_id: string;
  started_at: string;
  wall_ns: number;
  pattern: Pattern;
  span_count: number;
  failed_count: number;
  origin_count?: number;
  first_origin?: number;
  depth?: number;
  root?: number;
  truncated?: boolean;
  has_root?: boolean;
  roots_extra?: number;
  parents_missing?: number;
  duplicates?: number;
  cycles?: number;
  negative?: number;
  clamped?: number;
  skew_ns?: number;
  times: TraceTimes;
  path_count: number;
  path: PathPart[];
  fanouts: Fanout[];
  findings: Finding[];
}

export interface TraceDetail {
  summary: TraceSummary;
  report?: TraceReport;
  spans?: TraceSpan[];
}

export interface StragglerCount {
  name: string;
  traces: number;
}

/** y = intercept + slope * x, with Pearson's r. */
export interface FittedLine {
  slope: number;
  intercept: number;
  r: number;
  points: number;
}

export interface StepVariance {
  total_ns2: number;
  by_steps_ns2: number;
  by_time_ns2: number;
}

export interface PatternReport {
  pattern: Pattern;
  traces: number;
  failed: number;
  incomplete: number;
  first_at?: string;
  last_at?: string;
  wall_mean_ns: number;
  wall_p50_ns: number;
  wall_p90_ns: number;
  wall_p99_ns: number;
  wall_max_ns: number;
  time_shares: TraceTimes;
  typical: TraceFigures;
  stragglers: StragglerCount[];
  amplification?: number;
  exhausted_traces: number;
  payload_line?: FittedLine;
  steps?: StepVariance;
}

export interface TracePattern {
  service: string;
  agent: string;
  pattern: Pattern;
  report: PatternReport;
}
