import { useState } from "preact/hooks";
import type { JSX, RefObject } from "preact";
import { addWebhook, changeWebhook } from "../../api/settingsActions.ts";
import type { WebhookSecret } from "../../api/settingsActions.ts";
import type { Problem, Severity, Webhook } from "../../api/types.ts";
import { Check, Field, SaveLine } from "../../components/settings/Field.tsx";
import { StaleCard } from "../../components/settings/StaleCard.tsx";
import { announceProblem } from "../../components/settings/pieces.tsx";
import { useDraft } from "../../components/settings/useDraft.ts";
import { useFocus } from "../../components/settings/useFocus.ts";
import { ProblemLine } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { clashes, fieldOf, fieldSentence } from "../../lib/settings/drafts.ts";
import { noticeTypes } from "../../lib/settings/notices.ts";
import { severityText } from "../../lib/words.ts";

// `types` as one text, so that a form is a flat row of values.
type Values = Readonly<{ url: string; description: string; types: string; severity_from: string }>;

const fields = [{ name: "url", label: "Address" }, { name: "description", label: "What it is" }, { name: "types", label: "Told about" }, { name: "severity_from", label: "Incidents from" }];
const names = fields.map((field) => field.name);
const severities: Severity[] = ["low", "medium", "high", "critical"];

function valuesOf(webhook: Webhook): Values {
  return { url: webhook.url, description: webhook.description, types: [...webhook.types].sort().join(" "), severity_from: webhook.severity_from };
}

function bodyOf(values: Values): { url: string; description: string; types: string[]; severity_from: Severity } {
  return { url: values.url.trim(), description: values.description.trim(), types: values.types.split(" ").filter((type) => type !== ""), severity_from: values.severity_from as Severity };
}

function Fields(props: { first?: RefObject<HTMLInputElement | null>; values: Values; changed: readonly string[]; problem: Problem | undefined; set: (change: Partial<Values>) => void }): JSX.Element {
  const { values, set } = props;
  const named = fieldOf(props.problem, names);
  const wrong = (name: string): string | undefined => (named === name && props.problem !== undefined ? fieldSentence(props.problem) : undefined);
  const picked = values.types.split(" ").filter((type) => type !== "");
  const toggle = (type: string, on: boolean): void => set({ types: (on ? [...picked, type] : picked.filter((each) => each !== type)).sort().join(" ") });
  return (
    <>
      <Field label="Address" changed={props.changed.includes("url")} problem={wrong("url")} help={<>https and public. An address of your own network must be on <code>forge.webhooks.allow</code> of the server{"\u2019"}s configuration; then http is allowed, too.</>}>
        {(attributes) => <input {...attributes} ref={props.first ?? null} class="field mono" type="url" inputMode="url" spellcheck={false} autocomplete="off" required maxLength={2000} placeholder={"https://\u2026"} value={values.url} onInput={(event) => set({ url: event.currentTarget.value })} />}
      </Field>
      <Field label="What it is" changed={props.changed.includes("description")} problem={wrong("description")} help="The pager, the release channel: how people tell it from the others.">
        {(attributes) => <input {...attributes} class="field" autocomplete="off" maxLength={200} value={values.description} onInput={(event) => set({ description: event.currentTarget.value })} />}
      </Field>
      <fieldset class="choices"><legend>Told about{props.changed.includes("types") ? <span class="changed"> changed</span> : null}</legend>
        <p class="small quiet">{picked.length === 0 ? "Nothing is chosen: it is told everything, also what later versions add." : `${picked.length} of ${noticeTypes.length}.`}</p>
        <div class="choice-grid">{noticeTypes.map(({ type, when }) => <Check checked={picked.includes(type)} onChange={(on) => toggle(type, on)} note={when}><code>{type}</code></Check>)}</div>
        {wrong("types") === undefined ? null : <p class="small"><b class="bad" role="alert">{wrong("types")}</b></p>}
      </fieldset>
      <Field label="Incidents from" changed={props.changed.includes("severity_from")} problem={wrong("severity_from")} help="Notices about lesser incidents are not sent there; the others always are.">
        {(attributes) => <select {...attributes} class="field" value={values.severity_from} onChange={(event) => set({ severity_from: event.currentTarget.value })}>{severities.map((each) => <option value={each} selected={each === values.severity_from}>{severityText(each)}</option>)}</select>}
      </Field>
      {props.problem === undefined || props.problem.status === 412 || named !== undefined ? null : <ProblemLine problem={props.problem} />}
    </>
  );
}

const empty: Values = { url: "", description: "", types: "", severity_from: "low" };

export function NewWebhookForm(props: { onAdded: (made: WebhookSecret) => void; onClose: () => void }): JSX.Element {
  const draft = useDraft<Values>("webhook/new", empty, 0);
  const first = useFocus<HTMLInputElement>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || draft.values.url.trim() === "") return;
    setBusy(true);
    const answer = await addWebhook(bodyOf(draft.values));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    draft.undo();
    props.onAdded(answer.value);
  };
  return (
    <form class="card-body form" onSubmit={(event) => void submit(event)}>
      <Fields first={first} values={draft.values} changed={[]} problem={problem} set={(change) => { setProblem(undefined); draft.set(change); }} />
      <SaveLine busy={busy} dirty={draft.values.url.trim() !== ""} verb="Add webhook"><button type="button" class="button" onClick={() => { draft.undo(); props.onClose(); }}>Back</button></SaveLine>
    </form>
  );
}

export function WebhookForm(props: { webhook: Webhook }): JSX.Element {
  const { webhook } = props;
  const draft = useDraft<Values>(`webhook/${webhook.id}`, valuesOf(webhook), webhook.version);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const stale = problem?.status === 412;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !draft.dirty) return;
    setBusy(true);
    const before = draft.base.values;
    const answer = await changeWebhook(webhook.id, draft.base.version, bodyOf(draft.values));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    const { item } = answer.value;
    setProblem(undefined);
    draft.saved(valuesOf(item), item.version);
    const undo = async (): Promise<void> => {
      const back = await changeWebhook(item.id, item.version, bodyOf(before));
      if (back.ok) announce("The webhook is as before.");
      else announceProblem(back.problem);
    };
    announce("The webhook is saved.", () => void undo());
  };
  const rebase = (mine: "drop" | "keep"): void => {
    draft.rebase(mine);
    setProblem(undefined);
  };
  return (
    <form class="card-body form" onSubmit={(event) => void save(event)}>
      {stale ? <StaleCard what="this webhook" ready={webhook.version !== draft.base.version} clashes={clashes(draft.base.values, valuesOf(webhook), draft.values, fields)} onTheirs={() => rebase("drop")} onMine={() => rebase("keep")} /> : null}
      <Fields values={draft.values} changed={draft.changed} problem={problem} set={(change) => { if (!stale) setProblem(undefined); draft.set(change); }} />
      <SaveLine busy={busy} dirty={draft.dirty} refused={stale || draft.values.url.trim() === ""} onUndo={() => { draft.undo(); setProblem(undefined); }} />
    </form>
  );
}
