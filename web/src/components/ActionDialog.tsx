import { useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../api/types.ts";
import type { Answer } from "../api/request.ts";
import { Dialog } from "./Dialog.tsx";
import { ProblemLine, useLabelId } from "./parts.tsx";

/** The second step before anything happens: what will happen, a comment, the verb itself on the button. */
export function ActionDialog(props: {
  title: string;
  explain: ComponentChildren;
  verb: string;
  comment: "none" | "optional" | "required";
  danger?: boolean;
  /** What else is asked, and whether it is wrong as it stands. */
  fields?: ComponentChildren;
  blocked?: boolean;
  wide?: boolean;
  act: (comment: string) => Promise<Answer<unknown>>;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const id = useLabelId("comment");
  const missing = props.blocked === true || (props.comment === "required" && comment.trim() === "");
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
        {props.comment === "none" ? null : (
          <>
            <label for={id}>{props.comment === "required" ? "Comment, required" : "Comment, optional"}</label>
            <textarea id={id} class="field" rows={2} maxLength={4000} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
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
