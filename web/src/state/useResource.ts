import { useEffect, useMemo } from "preact/hooks";
import { load } from "./loading.ts";
import type { Resource, ResourceKind } from "./resources.ts";
import { resourceSignal } from "./store.ts";

/** The least time between two loads of the same answer, however many events arrive. */
const reloadEveryMs = 1000;
/** A failed load is tried again by itself after this; the person can be faster. */
const retryAfterMs = 10_000;

function waitMs(held: Resource | undefined): number | undefined {
  if (held === undefined) return 0;
  if (held.phase === "loading") return undefined;
  if (held.phase === "failed") return held.problem !== undefined && held.problem.status >= 400 && held.problem.status < 500 ? undefined : retryAfterMs;
  return held.stale ? Math.max(0, held.loadedAt + reloadEveryMs - Date.now()) : undefined;
}

/** The answer at `path`, loaded when first shown and again whenever an event made it stale. */
export function useResource<K extends ResourceKind>(kind: K, path: string): Resource<K> | undefined {
  const held = useMemo(() => resourceSignal<K>(path), [path]).value;
  const wait = waitMs(held);
  useEffect(() => {
    if (wait === undefined || path === "") return;
    const timer = setTimeout(() => void load(kind, path), wait);
    return () => clearTimeout(timer);
    // `loads` restarts the timer after each failure.
  }, [kind, path, held === undefined, held?.phase, held?.stale, held?.loads]);
  return held;
}
