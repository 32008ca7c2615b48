import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import { Icon } from "../../components/icons.tsx";
import { Key } from "../../components/parts.tsx";
import { useKeys } from "../../keys/useKeys.ts";
import { heldText, secondsLeft } from "../../lib/held.ts";
import type { Held, Note } from "../../lib/held.ts";
import { named } from "../../lib/visible.ts";
import { urls } from "../../router/route.ts";
import { feed, heldNowMs, heldState } from "../../state/heldDecisions.ts";
import { session } from "../../state/store.ts";

/** The approval whose own bar shows its countdown; it is not shown twice. */
const inPlace = signal("");

export function useShownInPlace(approvalId: string): void {
  useEffect(() => {
    inPlace.value = approvalId;
    return () => {
      if (inPlace.peek() === approvalId) inPlace.value = "";
    };
  }, [approvalId]);
}

/** What is coming, for how long it can be taken back, and the two ways to end the waiting. */
export function HeldLine(props: { held: Held }): JSX.Element {
  const { held } = props;
  if (held.phase === "sending") return <p class="line wrap"><Icon name="clock" /><span class="grow">{named(heldText(held))}. On its way{"\u2026"}</span></p>;
  const left = secondsLeft(held, heldNowMs.value);
  return (
    <div class="line wrap">
      <Icon name="clock" />
      <span class="grow">{named(heldText(held))} <b class="nowrap" aria-hidden="true" data-countdown>in {left} s</b><span class="unseen">in 5 seconds</span></span>
      <button type="button" class="button button-main" data-undo onClick={() => feed({ type: "undone", id: held.id })}>Undo <Key>U</Key></button>
      <button type="button" class="button" data-send-now onClick={() => feed({ type: "sent_now", id: held.id })}>Send now</button>
    </div>
  );
}

function NoteLine(props: { note: Note }): JSX.Element {
  const { note } = props;
  return (
    <div class="line wrap">
      <Icon name="warning" />
      <span class="grow">{named(note.text)}</span>
      {note.retry === undefined ? null : <button type="button" class="button button-small" onClick={() => feed({ type: "retried", noteId: note.id })}>Send it again</button>}
      {session.value.kind === "in" ? <a class="link" href={urls.approval(note.approvalId)}>Look at it</a> : null}
      <button type="button" class="button button-small" onClick={() => feed({ type: "note_closed", noteId: note.id })}>Close</button>
    </div>
  );
}

/** Decisions on their way and what became of those that failed, wherever the person is meanwhile. */
export function HeldBar(): JSX.Element | null {
  const { held, notes } = heldState.value;
  const waiting = held.filter((each) => each.phase === "held");
  useKeys(waiting.length === 0 ? {} : { u: () => feed({ type: "undone" }) });
  const shown = held.filter((each) => each.items.length > 1 || each.items[0]?.approvalId !== inPlace.value);
  return (
    <section class={shown.length + notes.length === 0 ? "unseen" : "held no-print"} aria-label="Decisions on their way" role="status">
      {notes.map((note) => <NoteLine key={note.id} note={note} />)}
      {shown.map((each) => <HeldLine key={each.id} held={each} />)}
    </section>
  );
}
