import type { FittedLine, TraceSummary } from "../../api/traceTypes.ts";

// Where points and line stand, as shares of the picture; 0, 0 is the lower left. Pure.

export interface PayloadPicture {
  kbMax: number;
  nsMax: number;
  points: { x: number; y: number }[];
  line?: { x1: number; y1: number; x2: number; y2: number };
}

const between = (share: number): number => Math.max(0, Math.min(1, share));

export function plotPayload(traces: readonly TraceSummary[], line: FittedLine | undefined): PayloadPicture {
  const said = traces.flatMap(({ figures }) => (figures.payload_kb === undefined || figures.generation_ns === undefined ? [] : [{ kb: figures.payload_kb, ns: figures.generation_ns }]));
  const kbMax = said.reduce((most, each) => Math.max(most, each.kb), 0);
  const nsMax = said.reduce((most, each) => Math.max(most, each.ns), 0);
  const picture: PayloadPicture = { kbMax, nsMax, points: said.map((each) => ({ x: each.kb / (kbMax || 1), y: each.ns / (nsMax || 1) })) };
  if (line === undefined || said.length === 0) return picture;
  const from = said.reduce((least, each) => Math.min(least, each.kb), kbMax);
  const at = (kb: number): number => between((line.intercept + line.slope * kb) / (nsMax || 1));
  return { ...picture, line: { x1: from / (kbMax || 1), y1: at(from), x2: 1, y2: at(kbMax) } };
}
