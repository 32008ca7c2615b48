import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { decide } from "../../api/actions.ts";
import type { Decision } from "../../api/actions.ts";
import type { ApprovalDetail, Problem } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { announce } from "../../components/toasts.tsx";
import { ProveAgain } from "./ProveAgain.tsx";
import { Key, ProblemLine } from "../../components/parts.tsx";
import { useKeys } from "../../keys/useKeys.ts";
import { nowMs } from "../../lib/clock.ts";
import { closedBecause, commentRequired, confirmDigits, decisionBody, missingFor } from "../../lib/gate.ts";
import { hashHead } from "../../lib/format.ts";

interface BarProps {
  approval: ApprovalDetail;
  readHash: string;
  onReadAgain: () => void;
  evidenceSeen: boolean;
  onOpenEvidence: () => void;
}

const explain: Record<Decision, string> = {
  approve: "Releases exactly this content, nothing else.",
  reject: "Nothing is sent and the incident ends as rejected. The reason is kept.",
  "request-changes": "Nothing is sent. Your comment says what must be different; then it is asked again.",
  stop: "Nothing is sent and the run ends here. The incident stays for a person.",
};

const done: Record<Decision, string> = {
  approve: "Your approval is recorded.", reject: "Rejected. Nothing is sent.", "request-changes": "Changes requested. Nothing is sent.", stop: "Stopped here. Nothing is sent.",
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
function SecondStep(props: BarProps & { decision: Decision; onBack: () => void }): JSX.Element {
  const { approval, decision, readHash } = props;
  const [comment, setComment] = useState("");
  const [confirm, setConfirm] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  // Said before anybody types; the server says it again when the time is over meanwhile.
  const [proved, setProved] = useState(false);
  const mustProve = decision === "approve" && (problem?.code === "reauthentication_required" || (approval.reauthenticate && !proved));
  const field = useRef<HTMLTextAreaElement>(null);
  const critical = approval.risk === "critical";
  const missing = missingFor(decision, approval, { comment, confirm, evidenceSeen: props.evidenceSeen });
  useEffect(() => field.current?.focus(), [decision]);
  const carryOut = async (): Promise<void> => {
    if (busy || missing.length > 0) return;
    setBusy(true);
    const answer = await decide(approval, decision, decisionBody(decision, readHash, comment, confirm, critical));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    announce(done[decision]);
    props.onBack();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") props.onBack();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void carryOut();
    else return;
    event.preventDefault();
  };
  const required = commentRequired(decision);
  return (
    <form class="confirm" onKeyDown={onKey} onSubmit={(event) => { event.preventDefault(); void carryOut(); }}>
      <label class="unseen" for="decision-comment">{required ? "Comment, required" : "Comment, optional"}</label>
      <textarea id="decision-comment" ref={field} class="field" rows={1} maxLength={4000} value={comment} placeholder={required ? "Comment, required" : "Comment, optional"} required={required} onInput={(event) => setComment(event.currentTarget.value)} />
      {decision === "approve" && critical ? (
        <span class="confirm-digits"><label for="decision-digits">First {confirmDigits} digits of the hash</label><input id="decision-digits" class="field mono" value={confirm} maxLength={confirmDigits} autocomplete="off" spellcheck={false} onInput={(event) => setConfirm(event.currentTarget.value)} /></span>
      ) : null}
      <button type="button" class="button" onClick={props.onBack}>Back <Key>Esc</Key></button>
      <button type="submit" class={decision === "approve" ? "button button-main" : "button button-danger"} disabled={busy || missing.length > 0}>{busy ? "Working\u2026" : verb(decision, readHash)} <Key>Ctrl {"\u23ce"}</Key></button>
      <p class="confirm-note small quiet" role="status">
        {explain[decision]} {missing.length === 0 ? null : <b class="ink">Still to do: {missing.join(", ")}.</b>} {missing.includes("open the evidence") ? <button type="button" class="text-button" onClick={props.onOpenEvidence}>Open the evidence</button> : null}
      </p>
      {mustProve ? <ProveAgain onDone={() => { setProved(true); setProblem(undefined); }} /> : null}
      {problem === undefined || problem.code === "reauthentication_required" ? null : <ProblemLine problem={problem} />}
    </form>
  );
}

function Ticks(props: { evidenceSeen: boolean; hasEvidence: boolean }): JSX.Element {
  if (!props.hasEvidence) return <span class="small quiet">no evidence bundle</span>;
  return props.evidenceSeen
    ? <span class="line small good"><Icon name="check" />evidence opened</span>
    : <span class="line small quiet"><Icon name="clock" />evidence not opened yet</span>;
}

/** Stays at the foot of the detail. One key or click opens the second step; none carries anything out. */
export function DecisionBar(props: BarProps): JSX.Element {
  const { approval } = props;
  const [decision, setDecision] = useState<Decision>();
  const opener = useRef<HTMLElement | null>(null);
  const closed = closedBecause(approval, props.readHash, nowMs.value);
  const pick = (next: Decision): void => {
    if (closed !== undefined) return;
    opener.current = document.activeElement as HTMLElement | null;
    setDecision(next);
  };
  const back = (): void => {
    setDecision(undefined);
    opener.current?.focus();
  };
  useKeys({
    a: () => pick("approve"),
    r: () => pick("reject"),
    c: () => (decision === undefined ? pick("approve") : document.getElementById("decision-comment")?.focus()),
    ...(props.evidenceSeen ? {} : { e: props.onOpenEvidence }),
    escape: back,
  });
  if (closed !== undefined) {
    const changed = approval.state === "pending" && approval.content_hash !== props.readHash;
    return <section class="decide" aria-label="Decide"><p class="line wrap"><Icon name="lock" /><span class="grow">{closed}</span>{changed ? <button type="button" class="button" onClick={props.onReadAgain}>Read it again</button> : null}</p></section>;
  }
  const pressed = (of: Decision): { "aria-expanded": boolean } => ({ "aria-expanded": decision === of });
  return (
    <section class="decide" aria-label="Decide">
      <div class="line wrap">
        <button type="button" class={decision === "approve" ? "button button-on" : "button"} {...pressed("approve")} onClick={() => pick("approve")}>Approve <Key>A</Key></button>
        <button type="button" class={decision === "request-changes" ? "button button-on" : "button"} {...pressed("request-changes")} onClick={() => pick("request-changes")}>Request changes</button>
        <button type="button" class={decision === "reject" ? "button button-on" : "button button-danger-text"} {...pressed("reject")} onClick={() => pick("reject")}>Reject <Key>R</Key></button>
        <button type="button" class={decision === "stop" ? "button button-on" : "button button-bare"} {...pressed("stop")} onClick={() => pick("stop")}>Stop here</button>
        <span class="grow" />
        <Ticks evidenceSeen={props.evidenceSeen} hasEvidence={approval.evidence_id !== undefined} />
      </div>
      {decision === undefined ? null : <SecondStep {...props} decision={decision} onBack={back} key={decision} />}
    </section>
  );
}
