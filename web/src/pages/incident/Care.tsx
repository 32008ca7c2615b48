import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { assignIncident, endIncidentSnooze, snoozeIncident } from "../../api/actions.ts";
import type { IncidentDetail } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { useLabelId } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { nowMs } from "../../lib/clock.ts";
import { coarse, momentText } from "../../lib/format.ts";
import { fieldTime, tomorrowMorning, untilOf } from "../../lib/snooze.ts";
import type { SnoozeChoice } from "../../lib/snooze.ts";
import { me } from "../../state/store.ts";
import { isOpen } from "../../state/belongs.ts";

interface Asked {
  incident: IncidentDetail;
  onClose: () => void;
}

function SnoozeIncident(props: Asked): JSX.Element {
  const { incident } = props;
  const [choice, setChoice] = useState<SnoozeChoice>("tomorrow");
  const [typed, setTyped] = useState(() => fieldTime(tomorrowMorning(nowMs.peek())));
  const until = untilOf(choice, typed, nowMs.value);
  const past = until === undefined || until <= nowMs.value;
  const option = (value: SnoozeChoice, text: string): JSX.Element => (
    <label class="line"><input type="radio" name="snooze" value={value} checked={choice === value} onChange={() => setChoice(value)} />{text}</label>
  );
  return (
    <ActionDialog title="Snooze this incident" verb="Snooze" comment="required" blocked={past}
      explain="It leaves everybody's list until then; the comment says why. It comes back by itself, and at once when its severity rises. Its runs go on."
      fields={(
        <fieldset class="stack-tight snooze-choices">
          <legend class="unseen">Until when</legend>
          {option("hour", "For an hour")}
          {option("tomorrow", `Until tomorrow, ${momentText(nowMs.value, tomorrowMorning(nowMs.value))}`)}
          {option("time", "Until a time")}
          {choice !== "time" ? null : <input type="datetime-local" class="field field-fit" aria-label="Until" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}
          <p class="small" role="status">{past || until === undefined ? "That time is past." : `Comes back ${momentText(nowMs.value, until)}, in ${coarse(until - nowMs.value)}.`}</p>
        </fieldset>
      )}
      act={(comment) => snoozeIncident(incident, until ?? 0, comment)}
      onDone={() => { props.onClose(); announce("Snoozed, for everybody.", () => void endIncidentSnooze(incident.id)); }} onClose={props.onClose} />
  );
}

function AssignIncident(props: Asked): JSX.Element {
  const { incident } = props;
  const mine = me.value?.name ?? "";
  const names = incident.assignable;
  const first = incident.assigned_to === "" && names.includes(mine) ? mine : names.find((each) => each !== incident.assigned_to) ?? "";
  const [user, setUser] = useState(first);
  const id = useLabelId("assignee");
  return (
    <ActionDialog title="Assign this incident" verb="Assign" comment="none" blocked={user === incident.assigned_to}
      explain={incident.assigned_to === "" ? "It is nobody's so far." : `It is ${incident.assigned_to}'s now.`}
      fields={(
        <>
          <label for={id}>Whose it is</label>
          <select id={id} class="field" value={user} onChange={(event) => setUser(event.currentTarget.value)}>
            {names.map((name) => <option value={name} selected={name === user}>{name === mine ? `${name} (you)` : name}</option>)}
            <option value="" selected={user === ""}>Nobody</option>
          </select>
        </>
      )}
      act={() => assignIncident(incident, user)}
      onDone={() => { props.onClose(); announce(user === "" ? "It is nobody's now." : `Assigned to ${user}.`); }} onClose={props.onClose} />
  );
}

/** Putting it off and handing it over, for who may act on it. */
export function Care(props: { incident: IncidentDetail }): JSX.Element | null {
  const { incident } = props;
  const [asked, setAsked] = useState<"snooze" | "assign">();
  if (!isOpen(incident.status)) return null;
  const close = (): void => setAsked(undefined);
  const bringBack = async (): Promise<void> => {
    const answer = await endIncidentSnooze(incident.id);
    announce(answer.ok ? "Back in the list." : "It could not be brought back. Try again.");
  };
  return (
    <>
      <button type="button" class="button button-small" onClick={() => setAsked("assign")}>Assign</button>
      {incident.snoozed_until === undefined ? <button type="button" class="button button-small" onClick={() => setAsked("snooze")}>Snooze</button>
        : <button type="button" class="button button-small" onClick={() => void bringBack()}>Bring back</button>}
      {asked === "snooze" ? <SnoozeIncident incident={incident} onClose={close} /> : asked === "assign" ? <AssignIncident incident={incident} onClose={close} /> : null}
    </>
  );
}
