import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { endApprovalSnooze, snoozeApproval } from "../../api/actions.ts";
import type { Answer } from "../../api/request.ts";
import type { Approval } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { announce } from "../../components/toasts.tsx";
import { nowMs } from "../../lib/clock.ts";
import { coarse, momentText, plural } from "../../lib/format.ts";
import { fieldTime, planOf, tomorrowMorning, untilOf } from "../../lib/snooze.ts";
import type { SnoozeChoice, SnoozePlan } from "../../lib/snooze.ts";
import { named } from "../../lib/visible.ts";

function planText(plan: SnoozePlan, now: number): string {
  switch (plan.kind) {
    case "until": return `Comes back ${momentText(now, plan.untilMs)}, in ${coarse(plan.untilMs - now)}.`;
    case "sooner": return `It expires ${momentText(now, plan.expiresMs)}, before that: it comes back ${momentText(now, plan.untilMs)}, with a tenth of its time left.`;
    case "refused": return plan.why;
  }
}

/** What each of them will do, said before anything is done; the same sentence once. */
function Preview(props: { approvals: Approval[]; plans: SnoozePlan[] }): JSX.Element {
  const now = nowMs.value;
  const texts = props.plans.map((plan) => planText(plan, now));
  const same = new Set(texts).size === 1;
  return (
    <div class="small" role="status" data-snooze-preview>
      {same ? <p>{texts[0]}</p> : <ul>{props.approvals.map((approval, i) => <li key={approval.id}><b>{named(approval.summary)}</b> {texts[i]}</li>)}</ul>}
    </div>
  );
}

/** Out of one's own inbox for a while; whoever else may decide sees them as before, and no clock stops. */
export function SnoozeDialog(props: { approvals: Approval[]; onClose: () => void }): JSX.Element {
  const { approvals } = props;
  const [choice, setChoice] = useState<SnoozeChoice>("hour");
  const [typed, setTyped] = useState(() => fieldTime(nowMs.peek() + 2 * 3_600_000));
  const until = untilOf(choice, typed, nowMs.value);
  const plans = approvals.map((approval) => planOf(approval, until, nowMs.value));
  const option = (value: SnoozeChoice, text: string): JSX.Element => (
    <label class="line"><input type="radio" name="snooze" value={value} checked={choice === value} onChange={() => setChoice(value)} />{text}</label>
  );
  const act = async (): Promise<Answer<unknown>> => {
    let last: Answer<unknown> = { ok: true, value: undefined };
    const done: string[] = [];
    for (const [i, approval] of approvals.entries()) {
      if (until === undefined || plans[i]?.kind === "refused") continue;
      const answer = await snoozeApproval(approval.id, until);
      if (!answer.ok) last = answer;
      else done.push(approval.id);
    }
    if (last.ok) announce(done.length === 1 ? "Snoozed, for you." : `${done.length} snoozed, for you.`, () => void Promise.all(done.map(endApprovalSnooze)));
    return last;
  };
  return (
    <ActionDialog title={approvals.length === 1 ? "Put it off" : `Put ${plural(approvals.length, "approval")} off`} verb="Snooze" comment="none" blocked={plans.every((plan) => plan.kind === "refused")}
      explain="It leaves your inbox and comes back by itself. Nobody else's inbox changes, and its time goes on."
      fields={(
        <>
          <fieldset class="stack-tight snooze-choices">
            <legend class="unseen">Until when</legend>
            {option("hour", "For an hour")}
            {option("tomorrow", `Until tomorrow, ${momentText(nowMs.value, tomorrowMorning(nowMs.value))}`)}
            {option("time", "Until a time")}
            {choice !== "time" ? null : <input type="datetime-local" class="field field-fit" aria-label="Until" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}
          </fieldset>
          <Preview approvals={approvals} plans={plans} />
        </>
      )}
      act={act} onDone={props.onClose} onClose={props.onClose} />
  );
}
