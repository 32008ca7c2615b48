import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { replayHook } from "../../api/settingsActions.ts";
import type { Hook } from "../../api/types.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { Time } from "../parts.tsx";
import { announce } from "../toasts.tsx";
import { announceProblem } from "./pieces.tsx";

/** Webhooks that came in and what became of them. */
export function HookTable(props: { hooks: Hook[]; picked?: string }): JSX.Element {
  const [busy, setBusy] = useState("");
  const replay = async (hook: Hook): Promise<void> => {
    setBusy(hook.id);
    const answer = await replayHook(hook.id);
    setBusy("");
    if (answer.ok) announce("It is worked on once more.");
    else announceProblem(answer.problem);
  };
  return (
    <table class="table table-fold">
      <thead><tr><th>Came</th><th>From</th><th>State</th><th class="right">Alarms</th><th><span class="unseen">Replay</span></th></tr></thead>
      <tbody>
        {props.hooks.map((hook) => (
          <tr key={hook.id} class={hook.id === props.picked ? "row-picked" : undefined}>
            <td class="nowrap quiet"><Time at={hook.received_at} /></td>
            <td class="full"><b>{visible(hook.source)}</b> {visible(hook.event)}<div class={hook.state === "failed" ? "small bad" : "small quiet"}>{visible(hook.reason)}</div></td>
            <td class="nowrap"><b class={hook.state === "failed" ? "bad" : "quiet"}>{hook.state}</b><div class="small quiet">{plural(hook.attempts, "attempt")}{hook.repeats === 0 ? "" : `, came ${hook.repeats + 1} times`}</div></td>
            <td class="right">{hook.alarms}<span class="narrow-only quiet"> {hook.alarms === 1 ? "alarm" : "alarms"}</span></td>
            <td class="right">{hook.state === "waiting" ? null : hook.body_bytes === 0 ? <span class="small quiet">body gone</span> : <button type="button" class="button button-small" disabled={busy === hook.id} aria-label={`Replay ${hook.source} ${hook.event}`} onClick={() => void replay(hook)}>Replay</button>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
