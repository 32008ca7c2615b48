import { useLayoutEffect, useRef } from "preact/hooks";
import { registerKeys } from "./keys.ts";
import type { KeyTable } from "./keys.ts";

/** Commands for as long as the component is shown, from the moment that it is: a key that is pressed before the next
 *  frame is not lost and does not go to the screen before. Always calls the newest functions. */
export function useKeys(table: KeyTable): void {
  const newest = useRef(table);
  newest.current = table;
  const names = Object.keys(table).join("\n");
  useLayoutEffect(() => {
    const stable: KeyTable = {};
    for (const name of names === "" ? [] : names.split("\n")) stable[name] = () => newest.current[name]?.();
    return registerKeys(stable);
  }, [names]);
}
