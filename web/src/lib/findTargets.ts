import { urls } from "../router/route.ts";

/** A place the palette can go to. */
export interface Target {
  text: string;
  kind: string;
  url: string;
  /** Done instead of going somewhere. */
  act?: () => void;
}

const shownMax = 12;

/** A whole trace id leads to its trace, whether or not it was loaded before. */
export function traceTargets(typed: string): Target[] {
  const id = typed.trim().toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) ? [{ text: id, kind: "trace", url: urls.trace(id) }] : [];
}

/** Every word typed must occur. What was loaded so far can be found; an id goes straight there. */
export function findTargets(all: Target[], typed: string): Target[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const seen = new Set<string>();
  const found: Target[] = [];
  for (const target of all) {
    const text = `${target.text} ${target.kind}`.toLowerCase();
    if (seen.has(target.url) || !words.every((word) => text.includes(word))) continue;
    seen.add(target.url);
    found.push(target);
    if (found.length >= shownMax) break;
  }
  return found;
}
