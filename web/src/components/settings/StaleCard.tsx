import { useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { visible } from "../../lib/visible.ts";
import type { Clash } from "../../lib/settings/drafts.ts";
import { Icon } from "../icons.tsx";

/** Somebody else saved meanwhile: what they changed beside what is in this form, and the two ways out. */
export function StaleCard(props: { what: string; clashes: Clash[]; ready: boolean; onTheirs: () => void; onMine: () => void }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  const both = props.clashes.filter((each) => each.both).length;
  return (
    <div ref={box} class="stale" role="alert" tabIndex={-1}>
      <p class="line"><Icon name="warning" /><b>Somebody else changed {props.what} while you had it open. Nothing of yours was saved.</b></p>
      {props.clashes.length === 0 ? <p class="small quiet">{props.ready ? "What they changed is not in this form." : "Looking at what they changed\u2026"}</p> : (
        <div class="scroll" tabIndex={0} role="group" aria-label="What was changed">
          <table class="table table-tight">
            <thead><tr><th>Field</th><th>Was</th><th>Now stored</th><th>In your form</th></tr></thead>
            <tbody>{props.clashes.map((each) => <tr><td>{each.label}</td><td class="quiet">{visible(each.before)}</td><td><b>{visible(each.theirs)}</b></td><td>{each.both ? <b class="bad">{visible(each.mine)}</b> : <span class="quiet">{visible(each.mine)}</span>}</td></tr>)}</tbody>
          </table>
        </div>
      )}
      <p class="line wrap">
        <button type="button" class="button button-main" disabled={!props.ready} onClick={props.onMine}>Keep my changes, on top of theirs</button>
        <button type="button" class="button" disabled={!props.ready} onClick={props.onTheirs}>Drop mine, take theirs</button>
        <span class="small quiet">{both === 0 ? "You changed other fields: both changes stay. Nothing is saved before you save." : `${both === 1 ? "One field was" : `${both} fields were`} changed by both; yours would replace theirs.`}</span>
      </p>
    </div>
  );
}
