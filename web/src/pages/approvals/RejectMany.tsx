import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Approval } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { blockedInRow, decisionBody } from "../../lib/gate.ts";
import { bulkCommentMax, bulkMax } from "../../lib/held.ts";
import { plural } from "../../lib/format.ts";
import { named } from "../../lib/visible.ts";
import { me } from "../../state/store.ts";
import { hold } from "../../state/heldDecisions.ts";

/** One reason for several. Releasing stays one by one: each has evidence of its own to be read. */
export function RejectMany(props: { approvals: Approval[]; onClose: () => void; onDone: () => void }): JSX.Element {
  const [comment, setComment] = useState("");
  const who = me.value ?? { name: "", roles: [] };
  const mine = props.approvals.filter((each) => blockedInRow(each, who) === undefined).slice(0, bulkMax);
  const rest = props.approvals.filter((each) => !mine.includes(each));
  const fields = (
    <>
      <ul class="small stack-tight">{mine.map((each) => <li key={each.id}>{named(each.summary)}</li>)}</ul>
      {rest.length === 0 ? null : <p class="small quiet">Left out: {rest.map((each) => `${named(each.summary)} (${blockedInRow(each, who) ?? `at most ${bulkMax} at once`})`).join("; ")}</p>}
      <label for="reject-many">Comment, required</label>
      <textarea id="reject-many" class="field" rows={2} maxLength={bulkCommentMax} required value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
    </>
  );
  return (
    <ActionDialog title={`Reject ${plural(mine.length, "approval")}`} verb={`Reject ${mine.length}`} danger comment="none" fields={fields} blocked={mine.length === 0 || comment.trim() === ""}
      explain="Nothing of them is sent and their incidents end as rejected. The reason is kept with each. You can take it back for 5 seconds."
      act={async () => {
        hold("reject", mine.map((approval) => ({ approval, body: decisionBody("reject", approval.content_hash, comment, "", false) })));
        return { ok: true, value: undefined };
      }}
      onDone={props.onDone} onClose={props.onClose} />
  );
}
