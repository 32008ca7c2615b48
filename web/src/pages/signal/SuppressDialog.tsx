import "../../common.ts";
import { useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { addSuppression, liftSuppression } from "../../api/detectionActions.ts";
import type { Suppression } from "../../api/detectionTypes.ts";
import type { Answer } from "../../api/request.ts";
import type { Item, Signal } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { useLabelId } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { nowMs } from "../../lib/clock.ts";
import { zone } from "../../lib/preferences.ts";
import { matchOf, oneLine, reachSentence, reasonMax, untilChoices, untilOf } from "../../lib/settings/suppressions.ts";
import type { Reach } from "../../lib/settings/suppressions.ts";
import { problemSentence } from "../../api/problem.ts";
import { visible } from "../../lib/visible.ts";

const reaches: { value: Reach; text: string; note: string }[] = [
  { value: "same", text: "This problem", note: "the same fingerprint" },
  { value: "operation", text: "This kind on this operation", note: "also with another cause" },
  { value: "service", text: "This kind in the whole service", note: "whatever operation" },
];

function tellSuppressed(made: Suppression): void {
  const undo = async (): Promise<void> => {
    const answer = await liftSuppression(made.id);
    announce(answer.ok ? "It is lifted again." : problemSentence(answer.problem));
  };
  announce("Suppressed. Signals like this are still listed, and open nothing.", () => void undo());
}

function ReachChoice(props: { reach: Reach; onPick: (reach: Reach) => void }): JSX.Element {
  return (
    <fieldset class="choices"><legend>Which</legend>
      {reaches.map((each) => (
        <label class="check">
          <input type="radio" name="reach" checked={each.value === props.reach} onChange={() => props.onPick(each.value)} />
          <span><span class="ink">{each.text}</span><span class="small quiet">, {each.note}</span></span>
        </label>
      ))}
    </fieldset>
  );
}

/** "Suppress signals like this": which, why, until when. */
export function SuppressDialog(props: { signal: Signal; onClose: () => void }): JSX.Element {
  const { signal } = props;
  const [reach, setReach] = useState<Reach>("same");
  const [choice, setChoice] = useState("1d");
  const [date, setDate] = useState("");
  const made = useRef<Suppression | undefined>(undefined);
  const untilId = useLabelId("until");
  const dateId = useLabelId("date");
  const until = untilOf(choice, date, nowMs.value, zone.value);
  const act = async (reason: string): Promise<Answer<Item<Suppression>>> => {
    const answer = await addSuppression({ ...matchOf(signal, reach), reason: oneLine(reason), ...(until.kind === "at" ? { until: until.at } : {}) });
    if (answer.ok) made.current = answer.value.item;
    return answer;
  };
  const done = (): void => {
    if (made.current !== undefined) tellSuppressed(made.current);
    props.onClose();
  };
  const fields = (
    <>
      <ReachChoice reach={reach} onPick={setReach} />
      <p><b>{visible(reachSentence(signal, reach))}</b>, from now on.</p>
      <span class="line wrap"><label for={untilId}>Until</label><select id={untilId} class="field hours" value={choice} onChange={(event) => setChoice(event.currentTarget.value)}>{untilChoices.map((each) => <option value={each.value} selected={each.value === choice}>{each.text}</option>)}</select>
        {choice !== "date" ? null : <><label class="unseen" for={dateId}>Date and time</label><input id={dateId} class="field hours" type="datetime-local" aria-invalid={until.kind === "wrong" && until.why !== ""} value={date} onInput={(event) => setDate(event.currentTarget.value)} /><span class="small quiet">{zone.value === "utc" ? "in UTC" : "local time"}</span></>}
      </span>
      {until.kind === "wrong" && until.why !== "" ? <p class="small bad" role="alert">{until.why}</p> : null}
    </>
  );
  return (
    <ActionDialog title="Suppress signals like this" verb="Suppress" comment="required" commentLabel="Why, required; it stands in the list and in the audit" commentMax={reasonMax} blocked={until.kind === "wrong"} fields={fields}
      explain="They are still seen, stored and listed with a mark. They open no incident, join none and run nothing. What is open already stays."
      act={act} onDone={done} onClose={props.onClose} />
  );
}
