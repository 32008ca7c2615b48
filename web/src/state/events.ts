import type { LiveEvent, Me, Problem } from "../api/types.ts";
import type { ResourceData, ResourceKind } from "./resources.ts";

export type LivePhase = "off" | "connecting" | "live" | "waiting" | "polling" | "stale";

export interface LiveState {
  phase: LivePhase;
  /** Unix ms: when the next try starts (waiting) or since when nothing is new (stale). */
  at: number;
  /** The server was restarted with another version than this page was built with. */
  newVersion: boolean;
}

/** Everything that changes the store. Server data enters only here. */
export type AppEvent =
  | { type: "signed_in"; me: Me }
  | { type: "signed_out"; problem?: Problem }
  | { type: "load_started"; kind: ResourceKind; path: string }
  | { type: "loaded"; kind: ResourceKind; path: string; data: ResourceData[ResourceKind]; asOfSeq: number; at: number }
  /** The newest page of a list, looked at without showing it: what is new of it waits. */
  | { type: "peeked"; path: string; items: unknown[]; more: boolean; seq: number }
  | { type: "page_loaded"; path: string; items: unknown[]; next: string | undefined }
  | { type: "sequence_loaded"; path: string; items: unknown[]; asOfSeq: number; at: number }
  | { type: "load_failed"; kind: ResourceKind; path: string; problem: Problem }
  | { type: "live_batch"; events: LiveEvent[] }
  | { type: "live_changed"; live: LiveState }
  /** Events come from here on; answers older than that may lack something. */
  | { type: "live_started"; seq: number }
  /** Events were missed: everything held is out of date. */
  | { type: "live_gap" }
  | { type: "marked_stale"; prefix: string }
  | { type: "fresh_shown"; path: string };
