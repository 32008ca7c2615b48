import type { BusyService, ServiceMark, ServicePoint } from "../api/overviewTypes.ts";

// Small pictures of a service: one line, what was changed meanwhile, and the figures before and after. Pure.

export const pictureWidth = 200;
export const pictureHeight = 36;

export type Figure = "errors" | "p95";

export function figureOf(point: ServicePoint, figure: Figure): number {
  if (figure === "p95") return point.p95_ms;
  return point.requests === 0 ? 0 : point.failing / point.requests;
}

interface Span {
  fromMs: number;
  toMs: number;
}

export function spanOf(points: readonly ServicePoint[]): Span | undefined {
  const first = points[0];
  const last = points[points.length - 1];
  if (first === undefined || last === undefined) return undefined;
  return { fromMs: Date.parse(first.at), toMs: Date.parse(last.at) + last.length_s * 1000 };
}

function placeOf(atMs: number, span: Span): number {
  return ((atMs - span.fromMs) / Math.max(1, span.toMs - span.fromMs)) * pictureWidth;
}

/** Where the line runs; a window without a request breaks it, for nothing was measured there. */
export function lineOf(points: readonly ServicePoint[], figure: Figure): string {
  const span = spanOf(points);
  if (span === undefined) return "";
  const most = Math.max(...points.map((point) => figureOf(point, figure)), figure === "errors" ? 0.01 : 1);
  let text = "";
  let broken = true;
  for (const point of points) {
    if (point.requests === 0) {
      broken = true;
      continue;
    }
    const x = placeOf(Date.parse(point.at) + point.length_s * 500, span);
    const y = pictureHeight - 1 - (figureOf(point, figure) / most) * (pictureHeight - 2);
    text += `${broken ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    // A single point is a line of no length, which round ends make a dot.
    if (broken) text += `L${x.toFixed(1)} ${y.toFixed(1)}`;
    broken = false;
  }
  return text;
}

/** Marks inside the picture with their place. */
export function marksOf(service: BusyService): { mark: ServiceMark; x: number }[] {
  const span = spanOf(service.points);
  if (span === undefined) return [];
  return service.marks
    .map((mark) => ({ mark, x: placeOf(Date.parse(mark.at), span) }))
    .filter(({ x }) => x >= 0 && x <= pictureWidth);
}

export interface Sum {
  requests: number;
  errors: number;
  p95Ms: number;
}

/** Of the windows together: errors by requests, p95 as the middle of the windows' own. */
export function sumOf(points: readonly ServicePoint[]): Sum | undefined {
  const counted = points.filter((point) => point.requests > 0);
  if (counted.length === 0) return undefined;
  const requests = counted.reduce((sum, point) => sum + point.requests, 0);
  const failing = counted.reduce((sum, point) => sum + point.failing, 0);
  const p95s = counted.map((point) => point.p95_ms).sort((a, b) => a - b);
  return { requests, errors: failing / requests, p95Ms: p95s[Math.floor((p95s.length - 1) / 2)] ?? 0 };
}

/** Whole windows before the mark, and after it. */
export function aroundMark(points: readonly ServicePoint[], mark: ServiceMark): { before: Sum | undefined; after: Sum | undefined } {
  const atMs = Date.parse(mark.at);
  return {
    before: sumOf(points.filter((point) => Date.parse(point.at) + point.length_s * 1000 <= atMs)),
    after: sumOf(points.filter((point) => Date.parse(point.at) >= atMs)),
  };
}
