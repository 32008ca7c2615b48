import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Decision } from "../../api/actions.ts";
import type { ApprovalDetail } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { Key } from "../../components/parts.tsx";
import { useKeys } from "../../keys/useKeys.ts";
import { nowMs } from "../../lib/clock.ts";
import { closedBecause, commentRequired, confirmDigits, decisionBody, missingFor } from "../../lib/gate.ts";
import { hashHead } from "../../lib/format.ts";
import { findHeld, holdMs } from "../../lib/held.ts";
import { urls } from "../../router/route.ts";
import { feed, heldState, hold } from "../../state/heldDecisions.ts";
import { HeldLine, useShownInPlace } from "./HeldBar.tsx";
import { ProveAgain } from "./ProveAgain.tsx";

interface BarProps {
  approval: ApprovalDetail;
  readHash: string;
  onReadAgain: () => void;
  evidenceSeen: boolean;
  onOpenEvidence: () => void;
  onSnooze: () => void;
  /** R is theirs then. */
  severalChosen: boolean;
}

const explain: Record<Decision, string> = {
  approve: "Releases exactly this content, nothing else.",
  reject: "Nothing is sent and the incident ends as rejected. The reason is kept.",
  "request-changes": "Nothing is sent. Your comment says what must be different; then it is asked again.",
  stop: "Nothing is sent and the run ends here. The incident stays for a person.",
};

function verb(decision: Decision, hash: string): string {
  switch (decision) {
    case "approve": return `Release ${hashHead(hash)}`;
    case "reject": return "Reject";
    case "request-changes": return "Request changes";
    case "stop": return "Stop here";
  }
}

/** The second step: a comment, for CRITICAL the digits of the hash, and the button that names it. */
function SecondStep(props: BarProps & { decision: Decision; comment: string; onBack: () => void }): JSX.Element {
  const { approval, decision, readHash } = props;
  const [comment, setComment] = useState(props.comment);
  const [confirm, setConfirm] = useState("");
  const [proved, setProved] = useState(false);
  const mustProve = decision === "approve" && approval.reauthenticate && !proved;
  const field = useRef<HTMLTextAreaElement>(null);
  const critical = approval.risk === "critical";
  const missing = missingFor(decision, approval, { comment, confirm, evidenceSeen: props.evidenceSeen });
  if (mustProve) missing.push("prove who you are");
  // Before the next key: the first letters of a comment are no commands.
  useLayoutEffect(() => field.current?.focus(), [decision]);
  const carryOut = (): void => {
    if (missing.length > 0) return;
    hold(decision, [{ approval, body: decisionBody(decision, readHash, comment, confirm, critical) }]);
    props.onBack();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") props.onBack();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) carryOut();
    else return;
    event.preventDefault();
  };
  const required = commentRequired(decision);
  return (
    <form class="confirm" onKeyDown={onKey} onSubmit={(event) => { event.preventDefault(); carryOut(); }}>
      <label class="unseen" for="decision-comment">{required ? "Comment, required" : "Comment, optional"}</label>
      <textarea id="decision-comment" ref={field} class="field" rows={1} maxLength={4000} value={comment} placeholder={required ? "Comment, required" : "Comment, optional"} required={required} onInput={(event) => setComment(event.currentTarget.value)} />
      {decision === "approve" && critical ? (
        <span class="confirm-digits"><label for="decision-digits">First {confirmDigits} digits of the hash</label><input id="decision-digits" class="field mono" value={confirm} maxLength={confirmDigits} autocomplete="off" spellcheck={false} onInput={(event) => setConfirm(event.currentTarget.value)} /></span>
      ) : null}
      <button type="button" class="button" onClick={props.onBack}>Back <Key>Esc</Key></button>
      <button type="submit" class={decision === "approve" ? "button button-main" : "button button-danger"} disabled={missing.length > 0}>{verb(decision, readHash)} <Key>Ctrl {"\u23ce"}</Key></button>
      <p class="confirm-note small quiet" role="status">
        {explain[decision]} It is sent after {holdMs / 1000} seconds, in which you can take it back. {missing.length === 0 ? null : <b class="ink">Still to do: {missing.join(", ")}.</b>} {missing.includes("open the evidence") ? <button type="button" class="text-button" onClick={props.onOpenEvidence}>Open the evidence</button> : null}
      </p>
      {mustProve ? <ProveAgain onDone={() => setProved(true)} /> : null}
    </form>
  );
}

function Ticks(props: { evidenceSeen: boolean; hasEvidence: boolean }): JSX.Element {
  if (!props.hasEvidence) return <span class="small quiet">no evidence bundle</span>;
  return props.evidenceSeen
    ? <span class="line small good"><Icon name="check" />evidence opened</span>
    : <span class="line small quiet"><Icon name="clock" />evidence not opened yet</span>;
}

/** Why nothing can be decided here, and where to go instead. */
function Closed(props: { approval: ApprovalDetail; why: string; readHash: string; onReadAgain: () => void }): JSX.Element {
  const { approval } = props;
  const changed = approval.state === "pending" && approval.content_hash !== props.readHash;
  return (
    <section class="decide" aria-label="Decide">
      <p class="line wrap">
        <Icon name="lock" /><span class="grow">{props.why}</span>
        {changed ? <button type="button" class="button" onClick={props.onReadAgain}>Read it again</button> : null}
        {approval.replaced_by === undefined ? null : <a class="button" href={urls.approval(approval.replaced_by)}>What is asked instead</a>}
      </p>
    </section>
  );
}

/** Stays at the foot of the detail. One key or click opens the second step; none carries anything out. */
export function DecisionBar(props: BarProps): JSX.Element {
  const { approval } = props;
  const [decision, setDecision] = useState<Decision>();
  const [draft, setDraft] = useState("");
  const opener = useRef<HTMLElement | null>(null);
  const held = findHeld(heldState.value, approval.id);
  const closed = closedBecause(approval, props.readHash, nowMs.value);
  useShownInPlace(approval.id);
  const back = heldState.value.draft;
  useEffect(() => {
    // Taken back: what was typed is still there.
    if (back?.approvalId !== approval.id) return;
    setDraft(back.comment);
    setDecision(back.decision);
    feed({ type: "draft_taken" });
  }, [back, approval.id]);
  const pick = (next: Decision): void => {
    if (closed !== undefined || held !== undefined) return;
    opener.current = document.activeElement as HTMLElement | null;
    setDraft("");
    setDecision(next);
  };
  const close = (): void => {
    setDecision(undefined);
    opener.current?.focus();
  };
  useKeys({
    a: () => pick("approve"),
    ...(props.severalChosen ? {} : { r: () => pick("reject") }),
    c: () => (decision === undefined ? pick("approve") : document.getElementById("decision-comment")?.focus()),
    ...(props.evidenceSeen ? {} : { e: props.onOpenEvidence }),
    escape: close,
  });
  if (held !== undefined) return <section class="decide" aria-label="Decide" role="status"><HeldLine held={held} /></section>;
  if (closed !== undefined) return <Closed approval={approval} why={closed} readHash={props.readHash} onReadAgain={props.onReadAgain} />;
  const pressed = (of: Decision): { "aria-expanded": boolean } => ({ "aria-expanded": decision === of });
  return (
    <section class="decide" aria-label="Decide">
      <div class="line wrap">
        <button type="button" class={decision === "approve" ? "button button-on" : "button"} {...pressed("approve")} onClick={() => pick("approve")}>Approve <Key>A</Key></button>
        <button type="button" class={decision === "request-changes" ? "button button-on" : "button"} {...pressed("request-changes")} onClick={() => pick("request-changes")}>Request changes</button>
        <button type="button" class={decision === "reject" ? "button button-on" : "button button-danger-text"} {...pressed("reject")} onClick={() => pick("reject")}>Reject <Key>R</Key></button>
        <button type="button" class={decision === "stop" ? "button button-on" : "button button-bare"} {...pressed("stop")} onClick={() => pick("stop")}>Stop here</button>
        <button type="button" class="button button-bare" onClick={props.onSnooze}>{approval.snoozed_until === undefined ? "Snooze" : "Snooze anew"} <Key>H</Key></button>
        <span class="grow" />
        <Ticks evidenceSeen={props.evidenceSeen} hasEvidence={approval.evidence_id !== undefined} />
      </div>
      {decision === undefined ? null : <SecondStep {...props} decision={decision} comment={draft} onBack={close} key={`${decision} ${draft}`} />}
    </section>
  );
}
