import type { JSX } from "preact";
import { nowMs } from "../lib/clock.ts";
import { liveText } from "../lib/liveText.ts";
import { live } from "../state/store.ts";
import { Icon } from "./icons.tsx";

export function LivePill(): JSX.Element {
  const state = live.value;
  const { text, good } = liveText(state, state.phase === "waiting" ? nowMs.value : 0);
  // Read aloud when the kind of connection changes, not each second.
  const spoken = state.phase === "waiting" ? "Reconnecting" : text;
  return (
    <>
      <span class={good ? "live" : "live live-not"} aria-hidden="true">{good ? <i /> : <Icon name="warning" small />}{text}</span>
      <span class="unseen" role="status">{spoken}</span>
    </>
  );
}
