// A stretch of time as it stands in an address, and how one moves in it. Pure; times are Unix ms.

export interface TimeRange {
  from: number;
  until: number;
}

/** No shorter than this: a stretch needs a few windows to say something. */
export const shortestMs = 60_000;

function bounded(range: TimeRange, whole: TimeRange): TimeRange {
  const length = Math.max(shortestMs, Math.min(range.until - range.from, whole.until - whole.from));
  const from = Math.max(whole.from, Math.min(range.from, whole.until - length));
  return { from, until: from + length };
}

/** Half as long, or twice, around a point of it. */
export function zoomed(range: TimeRange, whole: TimeRange, factor: number, around: number): TimeRange {
  const share = Math.max(0, Math.min(1, (around - range.from) / Math.max(1, range.until - range.from)));
  const length = Math.max(shortestMs, (range.until - range.from) * factor);
  const from = around - share * length;
  return bounded({ from, until: from + length }, whole);
}

/** Moved by a share of its length, back with a negative one. */
export function shifted(range: TimeRange, whole: TimeRange, share: number): TimeRange {
  const by = (range.until - range.from) * share;
  return bounded({ from: range.from + by, until: range.until + by }, whole);
}

export function isWhole(range: TimeRange, whole: TimeRange): boolean {
  return range.from <= whole.from && range.until >= whole.until;
}

/** What an address says; undefined when it says nothing that is a time. */
export function rangeFrom(from: string | null, until: string | null): Partial<TimeRange> {
  const at = (text: string | null): number | undefined => {
    const ms = text === null ? NaN : Date.parse(text);
    return Number.isNaN(ms) ? undefined : ms;
  };
  const [start, end] = [at(from), at(until)];
  if (start !== undefined && end !== undefined && end <= start) return {};
  return { ...(start === undefined ? {} : { from: start }), ...(end === undefined ? {} : { until: end }) };
}

/** As it goes into an address: whole seconds. */
export function timeText(ms: number): string {
  return new Date(Math.round(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
