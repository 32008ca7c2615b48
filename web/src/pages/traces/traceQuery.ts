import type { Folding } from "../../lib/trace/waterfall.ts";
import type { Stretch } from "../../lib/trace/timeScale.ts";
import { go, query } from "../../router/router.ts";

// The view of one trace in the address: readable names, times in milliseconds.

export interface ViewState extends Folding {
  find: string;
  isPathShown: boolean;
  isIdleShort: boolean;
  /** ns of the trace. */
  from: number;
  to: number;
}

/** More rows than this are easier to read when what is off the critical path is folded. */
const foldFrom = 40;
const toggledMax = 60;

function numberOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function readView(params: URLSearchParams, wall: number, spans: number): ViewState {
  const from = (numberOf(params.get("from")) ?? 0) * 1e6;
  const to = (numberOf(params.get("to")) ?? Infinity) * 1e6;
  const isRange = from < to && from < wall;
  const fold = params.get("fold") ?? (spans > foldFrom ? "off" : "none");
  const toggled = (params.get("toggled") ?? "").split(",").map(numberOf).filter((each): each is number => each !== undefined && each < spans);
  return {
    find: params.get("find") ?? "", isPathShown: params.get("path") !== "off", isIdleShort: params.get("idle") !== "whole",
    from: isRange ? from : 0, to: isRange ? Math.min(to, wall) : wall, fold: fold === "off" ? "off" : "none", toggled: new Set(toggled),
  };
}

const milliseconds = (ns: number): string => String(Math.round(ns / 1e3) / 1e3);

/** Changes several parts of the view at once. A span that is toggled again is as the rule says. */
export function setView(change: { range?: Stretch | undefined; fold?: "off" | "none"; toggled?: readonly number[] }): void {
  const next = new URLSearchParams(query.peek());
  if ("range" in change) {
    next.delete("from");
    next.delete("to");
    if (change.range !== undefined) {
      next.set("from", milliseconds(change.range.start));
      next.set("to", milliseconds(change.range.end));
    }
  }
  if (change.fold !== undefined) {
    next.set("fold", change.fold);
    next.delete("toggled");
  }
  if (change.toggled !== undefined) {
    const held = new Set((next.get("toggled") ?? "").split(",").filter((each) => each !== ""));
    for (const span of change.toggled) if (!held.delete(String(span))) held.add(String(span));
    const kept = [...held].slice(-toggledMax);
    if (kept.length === 0) next.delete("toggled");
    else next.set("toggled", kept.join(","));
  }
  const text = next.toString().replace(/%2C/g, ",");
  go(location.pathname + (text === "" ? "" : `?${text}`), true);
}

/** The same page with another span chosen: every span is a link. */
export function spanUrl(id: string, params: URLSearchParams): string {
  const next = new URLSearchParams(params);
  next.set("span", id);
  return `?${next.toString().replace(/%2C/g, ",")}`;
}
