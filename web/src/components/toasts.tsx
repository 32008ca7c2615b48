import { signal } from "@preact/signals";
import type { JSX } from "preact";

// One line at the bottom that says what just happened, read aloud politely. At most three at a time.

interface Toast {
  id: number;
  text: string;
  undo: (() => void) | undefined;
}

const shownMs = 6000;
/** Longer with a button: it has to be found and reached. */
const undoableMs = 15_000;
const toastsMax = 3;
const toasts = signal<Toast[]>([]);
let last = 0;

function remove(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** `undo` takes back what just happened; the same must be possible elsewhere, for whoever is slower. */
export function announce(text: string, undo?: () => void): void {
  const toast = { id: ++last, text, undo };
  toasts.value = [...toasts.value, toast].slice(-toastsMax);
  setTimeout(() => remove(toast.id), undo === undefined ? shownMs : undoableMs);
}

function takeBack(toast: Toast): void {
  remove(toast.id);
  toast.undo?.();
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => <p class="toast" key={toast.id}>{toast.text}{toast.undo === undefined ? null : <> <button type="button" class="toast-undo" onClick={() => takeBack(toast)}>Undo</button></>}</p>)}
    </div>
  );
}
