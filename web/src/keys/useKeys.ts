import { useEffect, useRef } from "preact/hooks";
import { registerKeys } from "./keys.ts";
import type { KeyTable } from "./keys.ts";

/** Commands for as long as the component is shown; always calls the newest functions. */
export function useKeys(table: KeyTable): void {
  const newest = useRef(table);
  newest.current = table;
  const names = Object.keys(table).join("\n");
  useEffect(() => {
    const stable: KeyTable = {};
    for (const name of names === "" ? [] : names.split("\n")) stable[name] = () => newest.current[name]?.();
    return registerKeys(stable);
  }, [names]);
}
