import { signal } from "@preact/signals";
import type { JSX } from "preact";

// A place above every screen for a part that comes with a later piece of code and outlives the screen that brought it.

const part = signal<(() => JSX.Element | null) | undefined>(undefined);

export function setOverlay(component: () => JSX.Element | null): void {
  part.value = component;
}

export function Overlay(): JSX.Element | null {
  const Part = part.value;
  return Part === undefined ? null : <Part />;
}
