import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Me } from "../api/types.ts";
import type { AppEvent, LiveState } from "./events.ts";
import { initialState, reduce } from "./reduce.ts";
import type { State } from "./reduce.ts";
import type { Resource, ResourceKind } from "./resources.ts";

// The one store. It changes only by dispatch; screens read slices, so that one changed row redraws
// only what shows it.

const state = signal<State>(initialState);

export function dispatch(event: AppEvent): void {
  state.value = reduce(state.peek(), event);
}

export function peekState(): State {
  return state.peek();
}

export const session: ReadonlySignal<State["session"]> = computed(() => state.value.session);
export const live: ReadonlySignal<LiveState> = computed(() => state.value.live);
export const me: ReadonlySignal<Me | undefined> = computed(() => {
  const now = session.value;
  return now.kind === "in" ? now.me : undefined;
});

export function resourceSignal<K extends ResourceKind>(path: string): ReadonlySignal<Resource<K> | undefined> {
  return computed(() => state.value.resources[path] as Resource<K> | undefined);
}
