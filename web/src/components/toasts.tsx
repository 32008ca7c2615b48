import { signal } from "@preact/signals";
import type { JSX } from "preact";

// One line at the bottom that says what just happened, read aloud politely. At most three at a time.

interface Toast {
  id: number;
  text: string;
}

const shownMs = 6000;
const toastsMax = 3;
const toasts = signal<Toast[]>([]);
let last = 0;

export function announce(text: string): void {
  const toast = { id: ++last, text };
  toasts.value = [...toasts.value, toast].slice(-toastsMax);
  setTimeout(() => {
    toasts.value = toasts.value.filter((each) => each.id !== toast.id);
  }, shownMs);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => <p class="toast" key={toast.id}>{toast.text}</p>)}
    </div>
  );
}
