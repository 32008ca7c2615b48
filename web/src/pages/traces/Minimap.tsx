import { useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Stretch } from "../../lib/trace/timeScale.ts";
import { loadProfile } from "../../lib/trace/view.ts";
import type { TraceView } from "../../lib/trace/view.ts";

const columns = 240;
const heightPx = 36;
/** A drag shorter than this is a slip of the hand. */
const shareMin = 0.004;

/** How much ran when, over the whole trace; a part is chosen by dragging. The buttons and keys beside it do the same. */
export function Minimap(props: { view: TraceView; range: Stretch; onPick: (range: Stretch) => void }): JSX.Element {
  const { view, range } = props;
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const box = useRef<SVGSVGElement>(null);
  const outline = useMemo(() => {
    const load = loadProfile(view.spans, (span) => view.tree.children[span]!.length > 0, view.wall, columns);
    return `M0 ${heightPx}${load.map((each, k) => `V${Math.round((1 - each) * (heightPx - 4) * 10) / 10 + 2}H${k + 1}`).join("")}V${heightPx}Z`;
  }, [view]);
  const failed = useMemo(() => {
    const seen = new Set<number>();
    for (const span of view.spans) if (span.failed) seen.add(Math.max(0, Math.min(columns - 1, Math.floor((span.start_ns / view.wall) * columns))));
    return [...seen];
  }, [view]);
  const placeOf = (event: PointerEvent): number => {
    const bounds = box.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - bounds.left) / Math.max(1, bounds.width)));
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    box.current?.setPointerCapture(event.pointerId);
    setDrag({ from: placeOf(event), to: placeOf(event) });
  };
  const move = (event: PointerEvent): void => setDrag((held) => (held === undefined ? held : { ...held, to: placeOf(event) }));
  const up = (): void => {
    if (drag === undefined) return;
    const start = Math.min(drag.from, drag.to);
    const end = Math.max(drag.from, drag.to);
    setDrag(undefined);
    if (end - start >= shareMin) props.onPick({ start: start * view.wall, end: end * view.wall });
  };
  const shownFrom = drag === undefined ? range.start / view.wall : Math.min(drag.from, drag.to);
  const shownTo = drag === undefined ? range.end / view.wall : Math.max(drag.from, drag.to);
  return (
    <svg ref={box} class="minimap" width="100%" height={heightPx} viewBox={`0 0 ${columns} ${heightPx}`} preserveAspectRatio="none" role="img" aria-label="How many calls ran over the whole trace; drag to show a part" focusable="false"
      onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={() => setDrag(undefined)}>
      <path class="minimap-load" d={outline} />
      {failed.map((column) => <rect class="minimap-failed" x={column} y="0" width="1" height="5" />)}
      <rect class="minimap-out" x="0" y="0" width={shownFrom * columns} height={heightPx} />
      <rect class="minimap-out" x={shownTo * columns} y="0" width={Math.max(0, columns - shownTo * columns)} height={heightPx} />
      <rect class="minimap-in" x={shownFrom * columns} y="0" width={Math.max(0.5, (shownTo - shownFrom) * columns)} height={heightPx} />
    </svg>
  );
}
