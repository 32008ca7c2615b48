import type { JSX } from "preact";

// Line icons on a 16 px grid, drawn with the text's colour.

const lines = {
  overview: "M2 12.5h12M3 9.5l3-3.5 2.5 2.5L13 4",
  signals: "M1.5 8h3l2-5 3 10 2-5h3",
  incidents: "M8 2.5 14.2 13H1.8zM8 6.5V10M8 11.6v.01",
  runs: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM6.8 5.8v4.4L10.2 8z",
  approvals: "M8 1.8 13.2 4v3.8c0 3-2.2 5.3-5.2 6.4-3-1.1-5.2-3.4-5.2-6.4V4zM5.6 7.9l1.7 1.7 3-3.2",
  services: "M2.5 2.8h11v4h-11zM2.5 9.2h11v4h-11zM5 4.8v.01M5 11.2v.01",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  lock: "M4 7.2h8v6H4zM5.6 7V5.2a2.4 2.4 0 0 1 4.8 0V7",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 5v3.2l2.2 1.3",
  question: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM6.3 6.4A1.8 1.8 0 1 1 8.6 8.1q-.6.3-.6 1M8 11.2v.01",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.4 3.4",
  theme: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 2.2v11.6M8 5h4.5M8 8h5.8M8 11h4.5",
  left: "M9.5 3.5 5 8l4.5 4.5",
  right: "M6.5 3.5 11 8l-4.5 4.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6L12.5 8z",
  warning: "M8 2.5 14.2 13H1.8zM8 6.5V10M8 11.6v.01",
  follow: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
  ticket: "M2.5 4.5h11v2a1.5 1.5 0 0 0 0 3v2h-11v-2a1.5 1.5 0 0 0 0-3zM9.5 5v6",
  keyboard: "M1.8 4.5h12.4v7.5H1.8zM4.5 7v.01M7 7v.01M9.5 7v.01M12 7v.01M5 9.6h6",
  person: "M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 13.5c.4-2.7 2.4-4 5-4s4.6 1.3 5 4",
  traces: "M2 4h7M5 8h7M8 12h6",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  down: "M3.5 6.5 8 11l4.5-4.5",
  up: "M3.5 9.5 8 5l4.5 4.5",
  settings: "M2 4.5h6M12.5 4.5H14M2 11.5h1.5M8 11.5h6M10.2 2.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4zM5.8 9.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z",
  audit: "M3.5 2.2h9v11.6l-2.2-1.4-2.3 1.4-2.3-1.4-2.2 1.4zM6 5.5h4M6 8.5h4",
  dead_letters: "M2 3.5h12v9H2zM6.2 6.2l3.6 3.6M9.8 6.2 6.2 9.8",
  more: "M3.5 8v.01M8 8v.01M12.5 8v.01",
} as const;

export type IconName = keyof typeof lines;

export function Icon(props: { name: IconName; small?: boolean }): JSX.Element {
  return (
    <svg class={props.small ? "icon icon-small" : "icon"} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={lines[props.name]} />
    </svg>
  );
}

/** Playing it again: two dots of a repeat sign before the bars. */
export function Logo(): JSX.Element {
  return (
    <svg class="icon logo" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d="M12.5 2.5v11M9.5 2.5v11" stroke-width="2" />
      <circle class="filled" cx="4.8" cy="5.5" r="1.3" />
      <circle class="filled" cx="4.8" cy="10.5" r="1.3" />
    </svg>
  );
}
