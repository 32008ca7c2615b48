import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { saveService } from "../../api/actions.ts";
import type { ServiceChange } from "../../api/actions.ts";
import type { Item, Problem, Service } from "../../api/types.ts";
import { Check, Field, SaveLine } from "../../components/settings/Field.tsx";
import { StaleCard } from "../../components/settings/StaleCard.tsx";
import { announceProblem } from "../../components/settings/pieces.tsx";
import { useDraft } from "../../components/settings/useDraft.ts";
import { ProblemLine } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { clashes, fieldOf, fieldSentence, trimmed } from "../../lib/settings/drafts.ts";
import type { FieldName } from "../../lib/settings/drafts.ts";
import { lastGoodProblem, targetProblem } from "../../lib/target.ts";
import { mayOperate } from "../../lib/words.ts";
import { me } from "../../state/store.ts";

type Settings = ServiceChange & Readonly<Record<string, string | boolean>>;

const fields: FieldName[] = [
  { name: "replay_target", label: "Replay target" }, { name: "replay_last_good_target", label: "Last-good target" },
  { name: "replay_unsafe_methods", label: "Replay unsafe methods" }, { name: "owner", label: "Owner" }, { name: "tracker", label: "Tickets go to" },
  { name: "repository", label: "Pull requests go to" },
];
const names = fields.map((field) => field.name);

function settingsOf(service: Service): Settings {
  const { replay_target, replay_last_good_target, replay_unsafe_methods, owner, tracker, repository } = service;
  return { replay_target, replay_last_good_target, replay_unsafe_methods, owner, tracker, repository };
}

function tellSaved(before: Service, after: Service): void {
  const undo = async (): Promise<void> => {
    const answer = await saveService(after, settingsOf(before));
    if (answer.ok) announce(`${before.name} is as before.`);
    else announceProblem(answer.problem);
  };
  announce(`${after.name} is saved.`, () => void undo());
}

/** Everything that people set about a service. */
export function ServiceForm(props: { service: Service }): JSX.Element {
  const { service } = props;
  const draft = useDraft<Settings>(`service/${service.name}`, settingsOf(service), service.version);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { values } = draft;
  const may = mayOperate(me.value?.roles ?? []);
  const named = fieldOf(problem, names);
  const wrongTarget = targetProblem(values.replay_target);
  const wrongLastGood = lastGoodProblem(values.replay_last_good_target, values.replay_target);
  const wrong = (name: string, known?: string): string | undefined => known ?? (named === name && problem !== undefined ? fieldSentence(problem) : undefined);
  const is = (name: string): boolean => draft.changed.includes(name);
  const set = (change: Partial<ServiceChange>): void => {
    if (problem?.status !== 412) setProblem(undefined);
    draft.set(change as Partial<Settings>);
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !draft.dirty || wrongTarget !== undefined || wrongLastGood !== undefined) return;
    setBusy(true);
    const before = { ...service, ...draft.base.values, version: draft.base.version };
    const answer = await saveService(before, trimmed(values));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    const { item } = answer.value as Item<Service>;
    setProblem(undefined);
    draft.saved(settingsOf(item), item.version);
    tellSaved(before, item);
  };
  const rebase = (mine: "drop" | "keep"): void => {
    draft.rebase(mine);
    setProblem(undefined);
  };
  const stale = problem?.status === 412;
  return (
    <form class="card-body form" onSubmit={(event) => void save(event)}>
      {stale ? <StaleCard what={service.name} ready={service.version !== draft.base.version} clashes={clashes(draft.base.values, settingsOf(service), values, fields)} onTheirs={() => rebase("drop")} onMine={() => rebase("keep")} /> : null}
      <fieldset disabled={!may} class="form">
        <legend class="unseen">Settings of {service.name}</legend>
        <Field label="Replay target" changed={is("replay_target")} problem={wrong("replay_target", wrongTarget)} help={<>Where captured requests are sent again: a test instance, never production. It must be on the server{"\u2019"}s allow-list <code>replay.targets</code>. Empty: incidents stop with what is known.</>}>
          {(attributes) => <input {...attributes} class="field mono" type="url" inputMode="url" spellcheck={false} autocomplete="off" placeholder="http://127.0.0.1:8080" maxLength={2000} value={values.replay_target} onInput={(event) => set({ replay_target: event.currentTarget.value })} />}
        </Field>
        <Field label="Last-good target" changed={is("replay_last_good_target")} problem={wrong("replay_last_good_target", wrongLastGood)} help="An instance of the last version that worked. The failing requests go there, too, and count as reproduced only when they fail on the replay target and not there. Empty: compared with good requests alone.">
          {(attributes) => <input {...attributes} class="field mono" type="url" inputMode="url" spellcheck={false} autocomplete="off" placeholder="http://127.0.0.1:8081" maxLength={2000} value={values.replay_last_good_target} onInput={(event) => set({ replay_last_good_target: event.currentTarget.value })} />}
        </Field>
        <Check checked={values.replay_unsafe_methods} onChange={(on) => set({ replay_unsafe_methods: on })} note="They change data in the targets. Without this people are asked before any of them is sent.">Replay POST, PUT, PATCH and DELETE without asking{is("replay_unsafe_methods") ? <span class="changed"> changed</span> : null}</Check>
        <Field label="Owner" changed={is("owner")} problem={wrong("owner")} help="A team or a person: whom to ask.">
          {(attributes) => <input {...attributes} class="field" maxLength={200} value={values.owner} onInput={(event) => set({ owner: event.currentTarget.value })} />}
        </Field>
        <Field label="Tickets go to" changed={is("tracker")} problem={wrong("tracker")} help={<>A tracker of the server{"\u2019"}s configuration: <code>file:tickets</code>, <code>github:owner/name</code>, <code>gitlab:group/project</code>, <code>linear:TEAM</code>, <code>jira:KEY</code>. Empty: files below the data directory.</>}>
          {(attributes) => <input {...attributes} class="field mono" spellcheck={false} autocomplete="off" maxLength={200} value={values.tracker} placeholder="file:tickets" onInput={(event) => set({ tracker: event.currentTarget.value })} />}
        </Field>
        <Field label="Pull requests go to" changed={is("repository")} problem={wrong("repository")} help={<>Where a fix becomes a draft: <code>github:owner/name</code> or <code>gitlab:group/project</code>. Empty: none.</>}>
          {(attributes) => <input {...attributes} class="field mono" spellcheck={false} autocomplete="off" maxLength={200} value={values.repository} placeholder="github:owner/name" onInput={(event) => set({ repository: event.currentTarget.value })} />}
        </Field>
      </fieldset>
      {problem === undefined || stale || named !== undefined ? null : <ProblemLine problem={problem} />}
      {may ? <SaveLine busy={busy} dirty={draft.dirty} refused={stale || wrongTarget !== undefined || wrongLastGood !== undefined} onUndo={() => { draft.undo(); setProblem(undefined); }}>{draft.dirty ? <span class="small quiet" role="status">{draft.changed.length === 1 ? "1 field" : `${draft.changed.length} fields`} not saved yet</span> : null}</SaveLine>
        : <p class="small quiet">The role operator may change this; you have {me.value?.roles.join(", ")}.</p>}
    </form>
  );
}
