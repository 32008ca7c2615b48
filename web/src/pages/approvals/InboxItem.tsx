import type { JSX } from "preact";
import type { Approval } from "../../api/types.ts";
import { RiskMark } from "../../components/marks.tsx";
import { Icon } from "../../components/icons.tsx";
import { nowMs } from "../../lib/clock.ts";
import { coarse, momentText } from "../../lib/format.ts";
import { blockedInRow } from "../../lib/gate.ts";
import { findHeld, secondsLeft } from "../../lib/held.ts";
import { named } from "../../lib/visible.ts";
import { actorText, approvalStateText, verdictText } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import { heldNowMs, heldState } from "../../state/heldDecisions.ts";
import { me } from "../../state/store.ts";

function proofText(approval: Approval): string {
  const { proof } = approval;
  if (proof === undefined) return "nothing was replayed";
  return `${verdictText(proof.verdict).toLowerCase()}, ${proof.trials_shown} of ${proof.trials_planned} trials show it`;
}

/** What is on the right: how long it has, when it is back, that it is about to be sent, or what became of it. */
function When(props: { approval: Approval; snoozedUntil: number | undefined }): JSX.Element {
  const { approval, snoozedUntil } = props;
  const held = findHeld(heldState.value, approval.id);
  if (held !== undefined) return <b class="tiny nowrap">{held.phase === "sending" ? "on its way" : `sent in ${secondsLeft(held, heldNowMs.value)} s`}</b>;
  if (approval.state !== "pending") return <span class="tiny quiet nowrap">{approvalStateText(approval.state).toLowerCase()}</span>;
  if (snoozedUntil !== undefined) return <span class="tiny quiet nowrap">back {momentText(nowMs.value, snoozedUntil)}</span>;
  const left = Date.parse(approval.expires_at) - nowMs.value;
  return <span class="tiny quiet nowrap">{left <= 0 ? "expired" : `${coarse(left)} left`}</span>;
}

export function InboxItem(props: {
  approval: Approval;
  here: boolean;
  mark: Record<string, unknown>;
  snoozedUntil?: number | undefined;
  selected?: boolean;
  onSelect?: (() => void) | undefined;
  onBringBack?: () => void;
}): JSX.Element {
  const { approval } = props;
  const pending = approval.state === "pending";
  const who = me.value;
  const blocked = pending && who !== undefined ? blockedInRow(approval, who) : undefined;
  return (
    <li {...props.mark} data-approval={approval.id}>
      <a class="inbox-item" href={urls.approval(approval.id)} aria-current={props.here ? "true" : undefined}>
        <span class="line"><RiskMark risk={approval.risk} /><span class="grow" /><When approval={approval} snoozedUntil={props.snoozedUntil} /></span>
        <span class={approval.state === "voided" ? "inbox-say void" : "inbox-say"}>{named(approval.summary)}</span>
        {pending ? <span class="tiny quiet">{proofText(approval)}</span> : null}
        <span class="tiny quiet">
          {pending ? `needs ${approval.approvals_needed - approval.approvals_given} of ${approval.approvals_needed} \u00b7 waits ${coarse(nowMs.value - Date.parse(approval.created_at))}` : `${approval.approvals_given} of ${approval.approvals_needed} approved`} {"\u00b7"} asked by {actorText(approval.requested_by)}
        </span>
        {blocked === undefined ? null : <span class="tiny line"><Icon name="lock" small />Not for you: {blocked}</span>}
        {approval.state === "voided" && approval.void_reason !== undefined ? <span class="tiny">Void: {approval.void_reason}</span> : null}
      </a>
      {props.onBringBack === undefined ? null : <p class="inbox-back"><button type="button" class="button button-small" onClick={props.onBringBack}>Bring back<span class="unseen"> {named(approval.summary)}</span></button></p>}
      {props.onSelect === undefined ? null : (
        <label class="inbox-tick"><input type="checkbox" checked={props.selected === true} onChange={props.onSelect} /><span class="unseen">Select {named(approval.summary)}</span></label>
      )}
    </li>
  );
}
