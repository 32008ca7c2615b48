/** Rows drawn beyond what is seen, so that a quick scroll meets no gap. */
export const rowsBeyond = 12;

export interface RowRange {
  from: number;
  to: number;
}

/** Which of `count` rows of one height are to be drawn. Pure. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number): RowRange {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const from = Math.max(0, Math.min(first - rowsBeyond, count - 1));
  const to = Math.min(count, first + Math.ceil(height / rowHeight) + rowsBeyond);
  return { from: Math.max(0, from), to: Math.max(0, to) };
}

/** Where to scroll so that a row is seen; undefined when it is already. */
export function scrollTo(row: number, scrollTop: number, height: number, rowHeight: number): number | undefined {
  const top = row * rowHeight;
  if (top >= scrollTop && top + rowHeight <= scrollTop + height) return undefined;
  return Math.max(0, top - Math.max(0, (height - rowHeight) / 2));
}
