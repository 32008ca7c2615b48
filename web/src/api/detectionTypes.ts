import type { Severity } from "./types.ts";

// What raises a signal in a service, what would be raised by other settings, and what is not told although it is seen.

export interface DetectionSettings {
  latency_ratio_min?: number;
  latency_rise_min_ms?: number;
  /** 0 to 1 */
  error_rise_min?: number;
  errors_min?: number;
  slow_query_low_ms?: number;
  n_plus_one_calls_min?: number;
  burst_ratio_min?: number;
  requests_min?: number;
  windows_min?: number;
  occurrences_min?: number;
  /** Kinds of signals that are not raised. */
  kinds_off?: string[];
}

export interface ValueRange {
  min: number;
  max: number;
}

/** GET /services/{name}/detection */
export interface Detection {
  service: string;
  version: number;
  /** Only what is set for this service. */
  settings: DetectionSettings;
  /** The server's own, every field. */
  inherited: DetectionSettings;
  ranges: Record<string, ValueRange>;
  /** All kinds that can be switched off. */
  kinds: string[];
}

/** One alarm: windows in a row that said the same. */
export interface Finding {
  kind: string;
  severity: Severity;
  operation_id: string;
  operation: string;
  from: string;
  to: string;
  windows: number;
  sentence: string;
}

export interface RaisedCount {
  signals: number;
  alarms: number;
}

/** POST /detection/backtest */
export interface Backtest {
  service: string;
  from: string;
  to: string;
  windows: number;
  operations: number;
  present: RaisedCount;
  proposed: RaisedCount;
  added: Finding[];
  removed: Finding[];
  kept: number;
  not_rerun: { kind: string; why: string }[];
  /** Not everything that is stored was read, or not every finding is listed. */
  cut: boolean;
}

/** POST /detection/backtest; without `from` the last seven days that are stored. */
export interface BacktestRequest {
  service: string;
  settings: DetectionSettings;
  from?: string;
  to?: string;
}

/** POST /suppressions; what is left out fits every signal. */
export interface NewSuppression {
  service: string;
  operation_id?: string;
  kind?: string;
  fingerprint?: string;
  reason: string;
  /** Absent: until it is lifted. */
  until?: string;
}

/** GET /suppressions */
export interface Suppression extends NewSuppression {
  id: string;
  operation?: string;
  created_at: string;
  created_by: string;
  hits: number;
  last_hit_at?: string;
  state: "active" | "expired" | "lifted";
  lifted_at?: string;
  lifted_by?: string;
}
