import { useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../api/types.ts";
import type { Answer } from "../api/request.ts";
import { Dialog } from "./Dialog.tsx";
import { ProblemLine, useLabelId } from "./parts.tsx";

/** The second step before anything happens: what will happen, what is asked, for the worst a name typed once more, the verb itself on the button. */
export function ActionDialog(props: {
  title: string;
  explain: ComponentChildren;
  verb: string;
  comment?: "none" | "optional" | "required";
  /** In place of "Comment, required" or "Comment, optional". */
  commentLabel?: string;
  commentMax?: number;
  /** Must be typed before the button works. */
  typed?: string;
  danger?: boolean;
  /** What else is asked, and whether it is wrong as it stands. */
  fields?: ComponentChildren;
  blocked?: boolean;
  wide?: boolean;
  act: (comment: string) => Promise<Answer<unknown>>;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { comment: wanted = "none" } = props;
  const [comment, setComment] = useState("");
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const commentId = useLabelId("comment");
  const typedId = useLabelId("typed");
  const missing = props.blocked === true || (wanted === "required" && comment.trim() === "") || (props.typed !== undefined && typed.trim() !== props.typed);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || missing) return;
    setBusy(true);
    const answer = await props.act(comment.trim());
    setBusy(false);
    if (answer.ok) props.onDone();
    else setProblem(answer.problem);
  };
  return (
    <Dialog title={props.title} onClose={props.onClose} wide={props.wide === true}>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <p>{props.explain}</p>
        {props.fields}
        {wanted === "none" ? null : (
          <>
            <label for={commentId}>{props.commentLabel ?? `Comment, ${wanted}`}</label>
            <textarea id={commentId} class="field" rows={2} maxLength={props.commentMax ?? 4000} required={wanted === "required"} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
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
