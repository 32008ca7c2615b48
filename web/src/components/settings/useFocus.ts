import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";

/** What opens takes the focus; when it goes, the focus returns to where it was, or to the screen. */
export function useFocus<T extends HTMLElement>(): RefObject<T | null> {
  const target = useRef<T>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    target.current?.focus();
    return () => {
      const back = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : document.getElementById("main");
      back?.focus({ preventScroll: true });
    };
  }, []);
  return target;
}
