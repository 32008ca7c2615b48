import { useCallback, useMemo, useState } from "preact/hooks";
import { useKeys } from "../keys/useKeys.ts";
import { go } from "../router/router.ts";

export type Mark = (row: number) => Record<string, unknown>;

/** J and K move through a list, Enter opens. The picked row's link takes the focus, so it is seen,
 *  scrolled to and read aloud. The pick stays with its row when others arrive. The mark is another one
 *  only when the rows or the pick are, and says nothing of the place: a row that moves down stays as it was drawn. */
export function useRowKeys<T>(rows: readonly T[] | undefined, urlOf: (row: T) => string, more: Record<string, () => void> = {}): Mark {
  const [picked, setPicked] = useState("");
  const urls = useMemo(() => (rows ?? []).map(urlOf), [rows]);
  const move = (step: number): void => {
    if (urls.length === 0) return;
    const next = Math.max(0, Math.min(urls.length - 1, urls.indexOf(picked) + step));
    setPicked(urls[next] ?? "");
    document.querySelectorAll("[data-row]")[next]?.querySelector<HTMLElement>("a")?.focus();
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    enter: () => {
      if (urls.includes(picked)) go(picked);
    },
    ...more,
  });
  return useCallback((row) => ({ "data-row": "", class: urls[row] === picked ? "row-picked" : undefined }), [urls, picked]);
}
