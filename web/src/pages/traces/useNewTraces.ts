import { useEffect } from "preact/hooks";
import { watchesTraces } from "../../live/liveWiring.ts";
import { peekNew } from "../../state/loading.ts";
import type { Resource } from "../../state/resources.ts";

/** The least time between two looks, however many events arrive. */
const lookEveryMs = 1000;

/** While the list is on screen: an event that there is something new is followed by one look at what of it fits. */
export function useNewTraces(path: string, resource: Resource<"traces"> | undefined): void {
  useEffect(() => {
    watchesTraces.value = true;
    return () => {
      watchesTraces.value = false;
    };
  }, []);
  const news = resource?.newsSeq ?? 0;
  const waits = news > Math.max(resource?.peekedSeq ?? 0, resource?.asOfSeq ?? 0) && resource?.phase === "ready";
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(() => void peekNew("traces", path), lookEveryMs);
    return () => clearTimeout(timer);
    // A later event does not put the look off.
  }, [path, waits, resource?.peekedSeq]);
}
