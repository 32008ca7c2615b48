import type { JSX } from "preact";
import { setSingleKeys, singleKeys } from "../lib/preferences.ts";
import { Dialog } from "./Dialog.tsx";

const groups: { title: string; keys: [string[], string][] }[] = [
  { title: "Everywhere", keys: [
    [["?"], "these keys"], [["Ctrl K"], "go to a screen, service or incident"], [["Esc"], "close, back"],
    [["G", "O"], "Overview"], [["G", "I"], "Incidents"], [["G", "A"], "Approvals"], [["G", "R"], "Runs"], [["G", "S"], "Signals"], [["G", "V"], "Services"], [["G", "T"], "Traces"],
    [["G", "D"], "Dead letters"], [["G", "U"], "Audit"], [["G", ","], "Settings"],
  ] },
  { title: "Lists", keys: [[["J"], "next"], [["K"], "previous"], [["Enter"], "open"], [["N"], "show what is new"]] },
  { title: "Approvals", keys: [
    [["A"], "approve: opens the second step"], [["R"], "reject: asks for the reason"], [["C"], "to the comment"], [["E"], "next evidence"],
    [["Ctrl Enter"], "carry out the second step"], [["U"], "take back what was decided, for 5 seconds"],
    [["H"], "snooze: asks until when"], [["X"], "select, for several at once"],
  ] },
  { title: "Trace", keys: [
    [["/"], "find spans"], [["N"], "next found span, or next part of the critical path"], [["Shift N"], "the one before"], [["C"], "critical path"],
    [["T"], "idle time short or whole"], [["+"], "closer"], [["-"], "wider"], [["["], "earlier"], [["]"], "later"], [["0"], "the whole trace"], [["Esc"], "close the span"],
  ] },
  { title: "Evidence", keys: [[["J"], "next exchange"], [["K"], "the one before"], [["R"], "what replays were answered"], [["D"], "compare two"], [["C"], "copy as curl"]] },
  { title: "Run", keys: [[["/"], "find in the log"], [["Enter"], "next found line"], [["Shift Enter"], "the one before"]] },
  { title: "Service chart", keys: [[["\u2190", "\u2192"], "window by window"], [["+", "\u2212"], "zoom"], [["0"], "show all"]] },
  { title: "Incident", keys: [[["E"], "next evidence"], [["C"], "copy the failing request as curl"]] },
];

export function KeySheet(props: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard" onClose={props.onClose} wide>
      <div class="key-groups">
        {groups.map((group) => (
          <section>
            <h3>{group.title}</h3>
            <dl class="pairs">{group.keys.map(([keys, does]) => <><dt>{keys.map((key) => <><kbd>{key}</kbd> </>)}</dt><dd>{does}</dd></>)}</dl>
          </section>
        ))}
      </div>
      <p class="line"><label class="line"><input type="checkbox" checked={singleKeys.value} onChange={(event) => setSingleKeys(event.currentTarget.checked)} /> Single letters are commands</label></p>
      <p class="quiet small">Nothing is carried out by one key: a letter opens what would happen, a second step does it.</p>
      <div class="line line-end"><button type="button" class="button" onClick={props.onClose}>Close</button></div>
    </Dialog>
  );
}
