import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { editContent } from "../../api/actions.ts";
import type { ApprovalDetail } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { announce } from "../../components/toasts.tsx";
import { go } from "../../router/router.ts";
import { urls } from "../../router/route.ts";

/** Other words for the same thing. The request before is void, and people are asked anew for exactly these. */
export function EditDialog(props: { approval: ApprovalDetail; onClose: () => void }): JSX.Element {
  const { approval } = props;
  const [title, setTitle] = useState(approval.content.title);
  const [body, setBody] = useState(approval.content.body);
  const same = title === approval.content.title && body === approval.content.body;
  const fields = (
    <>
      <label for="edit-title">Title</label>
      <input id="edit-title" class="field" required maxLength={500} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
      <label for="edit-body">Text</label>
      <textarea id="edit-body" class="field mono" rows={12} value={body} onInput={(event) => setBody(event.currentTarget.value)} />
    </>
  );
  return (
    <ActionDialog wide title="Word it otherwise" verb="Ask anew with this text" comment="optional" fields={fields} blocked={same || title.trim() === ""}
      explain="What was asked before becomes void, approvals given so far with it. Who edits CRITICAL content does not release it."
      act={async (comment) => {
        const answer = await editContent(approval, title, body, comment);
        if (answer.ok) go(urls.approval(answer.value.item.id));
        return answer;
      }}
      onDone={() => { props.onClose(); announce("Asked anew."); }} onClose={props.onClose} />
  );
}
