import type { Exchange, Operation } from "./types.ts";

// The shapes of evidence bundles and of an operation's windows. As in types.ts.

export interface ManifestFile {
  path: string;
  bytes: number;
  sha256: string;
}

export interface ManifestExchange extends ManifestFile {
  role: Exchange["role"];
  source: string;
  kind: string;
  protocol: string;
  method: string;
  route: string;
  /** Can be sent again. */
  complete: boolean;
  /** Of a setup: what it is needed for. */
  reason?: string;
  redacted_fields: string[];
  /** How many more than are listed. */
  redacted_fields_cut?: number;
  /** 0 without one, as of a statement; older servers do not say. */
  status?: number;
  outcome?: string;
}

/** GET /evidence/{id}/manifest */
export interface EvidenceManifest {
  format: number;
  producer: string;
  evidence: Record<string, string>;
  /** How the exchanges were chosen, one sentence. */
  selection: string;
  minimised?: Record<string, unknown>;
  redaction: { version: string; fields: { field: string; exchanges: number }[] };
  counts: { failing: number; trigger: number; control: number; setup: number; context: number; exchanges: number; cut: number };
  cut: { role: string; cap: string; exchanges: number }[];
  /** Left out before the bundle was composed. */
  cut_before: number;
  signal: ManifestFile;
  /** In the order of the exchanges. */
  exchanges: ManifestExchange[];
}

export interface OperationPoint {
  at: string;
  length_s: number;
  requests: number;
  failing: number;
  p50_ms: number;
  p95_ms: number;
  /** A signal was raised on it. */
  anomalous: boolean;
}

/** The spread of calm windows. */
export interface SeriesBand {
  low: number;
  high: number;
  middle: number;
}

/** GET /services/{name}/operations/{operation}/series?since&until */
export interface OperationSeries {
  operation: Operation;
  points: OperationPoint[];
  failing_share?: SeriesBand;
  p95_ms?: SeriesBand;
  requests?: SeriesBand;
  /** Older windows of the range were left out. */
  more: boolean;
}
