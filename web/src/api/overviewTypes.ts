// What GET /overview says beside the counts; all of it absent on an older server.

export interface RunQueue {
  queued: number;
  running: number;
  waiting_approval: number;
  paused: number;
  oldest_at?: string;
}

/** How late windows were stored after their end, in the last hour. */
export interface WindowLag {
  p50_ms: number;
  p95_ms: number;
  windows: number;
}

export interface Storage {
  database_bytes: number;
  wal_bytes: number;
  evidence_bytes: number;
  free_bytes: number;
}

export interface ServicePoint {
  at: string;
  length_s: number;
  requests: number;
  failing: number;
  p95_ms: number;
}

export interface ServiceMark {
  kind: "deployment" | "fix";
  at: string;
  /** Version, or title of the pull request. */
  text: string;
  incident_id?: string;
}

export interface BusyService {
  service: string;
  requests: number;
  points: ServicePoint[];
  marks: ServiceMark[];
}

/** The switch that stops all runs. */
export interface RunPause {
  paused: boolean;
  reason?: string;
  paused_by?: string;
  since?: string;
}

export interface OverviewWarning {
  about: "approvers" | "slack" | "webhooks" | "replay_targets";
  /** For people: "No one may approve CRITICAL: 2 approvers needed, 1 exists." */
  text: string;
}

export interface OverviewIntegration {
  kind: "webhook" | "slack" | "tracker" | "hook" | "log_store";
  name: string;
  failing: boolean;
  error: string;
  last_ok_at?: string;
}
