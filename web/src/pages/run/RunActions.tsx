import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { orderRun } from "../../api/runActions.ts";
import type { RunVerb } from "../../api/runActions.ts";
import type { RunDetail } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { announce } from "../../components/toasts.tsx";
import { retrySteps, verbsOf } from "../../lib/runRules.ts";
import { mayOperate } from "../../lib/words.ts";
import { go } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { me } from "../../state/store.ts";

interface Words {
  button: string;
  title: string;
  explain: string;
  done: string;
  danger?: boolean;
}

const words: Record<RunVerb, Words> = {
  cancel: { button: "Cancel run", title: "Cancel this run", explain: "Nothing more is replayed or published by it, and its incident waits for a person. What it measured so far stays.", done: "Run cancelled.", danger: true },
  pause: { button: "Pause", title: "Pause this run", explain: "It stops where it is and goes on after its last finished step when somebody resumes it.", done: "Run paused." },
  resume: { button: "Resume", title: "Resume this run", explain: "It goes back to the queue, whoever paused it, and goes on after its last finished step.", done: "Run queued again." },
  priority: { button: "Priority", title: "Change its place in the queue", explain: "Higher is taken first, 0 to 100. Automatic runs have 0 to 30, those people asked for 50, released ones at least 80.", done: "Priority changed." },
  retry: { button: "Retry", title: "Run it once more", explain: "", done: "Run queued again." },
  discard: { button: "Discard", title: "Put this run away for good", explain: "It is not tried again; its incident waits for a person. The reason is kept.", done: "Run discarded.", danger: true },
};

function explainRetry(run: RunDetail): string {
  return run.state === "dead_letter"
    ? "It goes back to the queue with all its attempts. From the step you choose on everything is done anew."
    : "This run stays as it is: a new one takes up its finished steps, if its incident still waits for this kind of work.";
}

function Order(props: { run: RunDetail; verb: RunVerb; onClose: () => void }): JSX.Element {
  const { run, verb } = props;
  const [priority, setPriority] = useState(String(run.priority));
  const [fromStep, setFromStep] = useState("");
  const said = words[verb];
  const number = Number(priority);
  const wrong = verb === "priority" && !(Number.isInteger(number) && number >= 0 && number <= 100);
  const fields = verb === "priority" ? (
    <label class="line">Priority <input class="field field-short" type="number" min={0} max={100} step={1} required value={priority} aria-invalid={wrong} onInput={(event) => setPriority(event.currentTarget.value)} /></label>
  ) : verb === "retry" ? (
    <label class="line wrap">From <select class="field field-fit" value={fromStep} onChange={(event) => setFromStep(event.currentTarget.value)}>
      <option value="">{run.state === "dead_letter" ? "where it stopped" : "the beginning"}</option>
      {retrySteps(run).map((step) => <option value={step}>step {step}</option>)}
    </select></label>
  ) : undefined;
  return (
    <ActionDialog title={said.title} explain={verb === "retry" ? explainRetry(run) : said.explain} verb={said.button} comment={verb === "discard" ? "required" : "optional"}
      danger={said.danger === true} fields={fields} blocked={wrong}
      act={async (comment) => {
        const answer = await orderRun(run, verb, { comment, ...(verb === "priority" ? { priority: number } : {}), ...(verb === "retry" ? { fromStep } : {}) });
        if (answer.ok && answer.value.item.id !== run.id) go(urls.run(answer.value.item.id));
        return answer;
      }}
      onDone={() => { props.onClose(); announce(said.done); }} onClose={props.onClose} />
  );
}

/** What the state allows, for operators; each asks before it is done. */
export function RunActions(props: { run: RunDetail }): JSX.Element | null {
  const [asked, setAsked] = useState<RunVerb>();
  const { run } = props;
  if (!mayOperate(me.value?.roles ?? [])) return null;
  return (
    <span class="line wrap no-print">
      {verbsOf(run).map((verb) => <button type="button" class={words[verb].danger ? "button button-small button-danger-text" : "button button-small"} onClick={() => setAsked(verb)}>{words[verb].button}</button>)}
      {asked === undefined ? null : <Order key={asked} run={run} verb={asked} onClose={() => setAsked(undefined)} />}
    </span>
  );
}
