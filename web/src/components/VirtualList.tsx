import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { scrollTo, visibleRows } from "../lib/visibleRows.ts";

// A list of any length of which only what is seen is drawn. All rows have one height, which the style sheet
// gives them, too. Positions are set on the elements, never in the markup: the policy allows no inline style.

const pastEndPx = 4;

/** A row to bring into view; another object asks again. */
export interface RowAsked {
  row: number;
}

export function VirtualList(props: {
  count: number;
  rowHeight: number;
  label: string;
  class: string;
  draw: (row: number) => JSX.Element;
  asked?: RowAsked | undefined;
  /** Stays at the end while rows come. */
  follow?: boolean;
  /** The reader scrolled away from the end, or back to it. */
  onEnd?: (isAtEnd: boolean) => void;
}): JSX.Element {
  const { count, rowHeight } = props;
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 480 });
  const range = visibleRows(seen.top, seen.height, rowHeight, count);
  const moved = useRef(0);
  const look = (): void => {
    const now = box.current;
    if (now !== null) setSeen((last) => (last.top === now.scrollTop && last.height === now.clientHeight ? last : { top: now.scrollTop, height: now.clientHeight }));
  };
  const onScroll = (): void => {
    const now = box.current;
    if (now === null) return;
    look();
    // Where this list scrolled itself says nothing about the reader.
    if (Math.abs(now.scrollTop - moved.current) < 1) return;
    moved.current = -1;
    props.onEnd?.(now.scrollTop + now.clientHeight >= now.scrollHeight - pastEndPx);
  };
  const move = (top: number): void => {
    const now = box.current;
    if (now === null) return;
    now.scrollTop = top;
    moved.current = now.scrollTop;
    look();
  };
  useLayoutEffect(() => {
    if (list.current === null) return;
    list.current.style.height = `${count * rowHeight}px`;
    list.current.style.paddingTop = `${range.from * rowHeight}px`;
  }, [count, rowHeight, range.from]);
  useLayoutEffect(() => {
    if (props.follow) move(count * rowHeight);
  }, [props.follow, count, rowHeight]);
  useLayoutEffect(() => {
    const now = box.current;
    if (now === null || props.asked === undefined) return;
    const top = scrollTo(props.asked.row, now.scrollTop, now.clientHeight, rowHeight);
    if (top !== undefined) move(top);
  }, [props.asked]);
  useEffect(() => {
    if (box.current === null) return;
    const resized = new ResizeObserver(look);
    resized.observe(box.current);
    return () => resized.disconnect();
  }, []);
  const rows: JSX.Element[] = [];
  for (let row = range.from; row < range.to; row++) rows.push(props.draw(row));
  return (
    <div class={`virtual ${props.class}`} ref={box} onScroll={onScroll} tabIndex={0} role="region" aria-label={props.label}>
      <ol ref={list}>{rows}</ol>
    </div>
  );
}
