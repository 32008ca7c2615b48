import { useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import type { Answer } from "../../api/request.ts";
import type { Problem } from "../../api/types.ts";
import { Dialog } from "../Dialog.tsx";
import { ProblemLine, useLabelId } from "../parts.tsx";

/** The second step of what cannot be taken back: what will happen, and for the worst the name typed once more. */
export function ConfirmDialog(props: {
  title: string;
  explain: ComponentChildren;
  verb: string;
  /** Must be typed before the button works. */
  typed?: string;
  /** Asked for, and required. */
  reason?: string;
  danger?: boolean;
  act: (reason: string) => Promise<Answer<unknown>>;
  onDone: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}): JSX.Element {
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const typedId = useLabelId("typed");
  const reasonId = useLabelId("reason");
  const missing = (props.typed !== undefined && typed.trim() !== props.typed) || (props.reason !== undefined && reason.trim() === "");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || missing) return;
    setBusy(true);
    const answer = await props.act(reason.trim());
    setBusy(false);
    if (answer.ok) props.onDone();
    else setProblem(answer.problem);
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <div class="stack-tight">{props.explain}</div>
        {props.children}
        {props.reason === undefined ? null : (
          <>
            <label for={reasonId}>{props.reason}</label>
            <textarea id={reasonId} class="field" rows={2} maxLength={4000} required value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </>
        )}
        {props.typed === undefined ? null : (
          <>
            <label for={typedId}>Type <b class="mono">{props.typed}</b> to confirm</label>
            <input id={typedId} class="field mono" autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
          </>
        )}
        {problem === undefined ? null : <ProblemLine problem={problem} />}
        <div class="line line-end">
          <button type="button" class="button" onClick={props.onClose}>Back</button>
          <button type="submit" class={props.danger ? "button button-danger" : "button button-main"} disabled={busy || missing}>{busy ? "Working\u2026" : props.verb}</button>
        </div>
      </form>
    </Dialog>
  );
}
