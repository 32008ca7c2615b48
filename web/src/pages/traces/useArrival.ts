import { useEffect } from "preact/hooks";
import { load } from "../../state/loading.ts";
import type { ResourceKind } from "../../state/resources.ts";
import { peekState } from "../../state/store.ts";

/** An answer that is older than this is asked for again when somebody comes to its screen. */
const oldAfterMs = 5000;

/** Who arrives sees the newest; while somebody reads nothing moves. */
export function useArrival(kind: ResourceKind, path: string): void {
  useEffect(() => {
    const held = peekState().resources[path];
    if (held?.phase === "ready" && Date.now() - held.loadedAt > oldAfterMs) void load(kind, path);
  }, [kind, path]);
}
