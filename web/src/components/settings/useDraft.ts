import { useEffect, useState } from "preact/hooks";
import { changedFields, merged, trimmed } from "../../lib/settings/drafts.ts";
import type { Values } from "../../lib/settings/drafts.ts";

interface Kept {
  base: { values: Values; version: number };
  values: Values;
}

// What was typed and not saved outlives going to another screen and back.
const kept = new Map<string, Kept>();
const keptMax = 20;

function keep(key: string, draft: Kept | undefined): void {
  kept.delete(key);
  if (draft !== undefined) kept.set(key, draft);
  for (const oldest of kept.keys()) if (kept.size > keptMax) kept.delete(oldest);
}

export interface Draft<T extends Values> {
  values: T;
  set: (change: Partial<T>) => void;
  /** What the form began with, and its version: what If-Match must say. */
  base: { values: T; version: number };
  changed: (keyof T & string)[];
  dirty: boolean;
  undo: () => void;
  /** Saved: what is in the form is what is stored. */
  saved: (values: T, version: number) => void;
  /** Begins from what is stored now: with only that, or with one's own changes on top. */
  rebase: (mine: "drop" | "keep") => void;
}

/** A form of something with versions. What others save is taken over only while nothing was changed here. */
export function useDraft<T extends Values>(key: string, stored: T, version: number): Draft<T> {
  const [draft, setDraft] = useState<{ base: { values: T; version: number }; values: T }>(() => (kept.get(key) as Kept & { base: { values: T; version: number }; values: T } | undefined) ?? { base: { values: stored, version }, values: stored });
  const changed = changedFields(draft.base.values, draft.values);
  const dirty = changed.length > 0;
  useEffect(() => {
    if (!dirty && version !== draft.base.version) setDraft({ base: { values: stored, version }, values: stored });
  }, [version, dirty]);
  useEffect(() => {
    keep(key, dirty ? draft : undefined);
    if (!dirty) return;
    const warn = (event: Event): void => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [key, draft, dirty]);
  return {
    values: draft.values, base: draft.base, changed, dirty,
    set: (change) => setDraft({ ...draft, values: { ...draft.values, ...change } }),
    undo: () => setDraft({ ...draft, values: draft.base.values }),
    saved: (values, newer) => setDraft({ base: { values: trimmed(values), version: newer }, values: trimmed(values) }),
    rebase: (mine) => setDraft({ base: { values: stored, version }, values: mine === "keep" ? merged(draft.base.values, stored, draft.values) : stored }),
  };
}
