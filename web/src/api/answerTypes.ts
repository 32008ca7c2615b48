import type { Exchange } from "./types.ts";

// What a run's targets answered, beside what was captured. As in types.ts.

export interface StatusCount {
  /** 0: no answer. */
  status: number;
  count: number;
}

export interface AnswerFigure {
  answered: boolean;
  status: number;
  /** From the planned send time to the last byte. */
  latency_ms: number;
  /** Why there is no answer. */
  failure?: string;
  /** Whose answer it is. */
  trial: number;
  /** That trial shows the signal. */
  shows: boolean;
  /** In so many trials the request was sent. */
  trials: number;
  /** Of all of them. */
  answers: StatusCount[];
}

export interface KeptAnswer extends AnswerFigure {
  headers: Exchange["response_headers"];
  headers_left_out: number;
  body: string;
  /** As it came, before redaction. */
  body_bytes: number;
  body_left_out: boolean;
  redacted_fields: string[];
}

export interface CapturedFigure {
  status: number;
  latency_ms: number;
}

export interface CapturedAnswer extends CapturedFigure {
  at: string;
  headers: Exchange["response_headers"];
  body: string;
  redacted_fields: string[];
}

export type AnswerMatch = "same" | "changed" | "no_answer";

/** Row of GET /runs/{id}/answers. */
export interface RunAnswer {
  /** Its place in the bundle, from 0. */
  exchange: number;
  role: Exchange["role"];
  method: string;
  path: string;
  route: string;
  captured: CapturedFigure;
  replayed: AnswerFigure;
  last_good?: AnswerFigure;
  match: AnswerMatch;
  /** Fields that differ and count, and that differ and do not. */
  differences: number;
  ignored: number;
}

export interface AnswerDifference {
  /** "status", "header.content-type", "body/items/0/id", "body:12". */
  path: string;
  kind: "missing" | "added" | "type" | "value" | "order";
  left: string;
  right: string;
  cause?: string;
  ignored: boolean;
  why?: string;
}

export type AnswerSide = "captured" | "replayed" | "last_good";

export interface AnswerComparison {
  left: AnswerSide;
  right: AnswerSide;
  matches: boolean;
  differences: AnswerDifference[];
  /** Differences over the limit. */
  left_out: number;
  /** Both sides know it; otherwise it is not compared. */
  has_status: boolean;
  has_headers: boolean;
  has_body: boolean;
}

/** GET /runs/{id}/answers/{exchange} */
export interface RunAnswerDetail {
  run_id: string;
  evidence_id: string;
  exchange: number;
  role: Exchange["role"];
  method: string;
  path: string;
  route: string;
  curl: string;
  captured: CapturedAnswer;
  replayed: KeptAnswer;
  last_good?: KeptAnswer;
  match: AnswerMatch;
  comparisons: AnswerComparison[];
}
