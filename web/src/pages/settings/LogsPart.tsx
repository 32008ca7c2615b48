import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { savePolling } from "../../api/settingsActions.ts";
import { paths } from "../../api/endpoints.ts";
import type { PollSource, Problem, ServicePolling } from "../../api/types.ts";
import { Check, Field, SaveLine } from "../../components/settings/Field.tsx";
import { announceProblem, hasRole, PartHead } from "../../components/settings/pieces.tsx";
import { Card, CopyButton, Empty, Loaded, ProblemLine, Time } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { count, plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { query, setQuery } from "../../router/router.ts";
import { useResource } from "../../state/useResource.ts";

const config = "intake:\n  poll:\n    sources_file: /etc/reprise/sources.json\n    interval: 30s";
const sources = "[{\"name\": \"production\", \"kind\": \"loki\",\n  \"url\": \"http://127.0.0.1:3100\",\n  \"query\": \"{env=\\\"production\\\"} |= \\\"error\\\"\",\n  \"networks\": [\"127.0.0.0/8\"]}]";

type ErrorClass = ServicePolling["error_classes"][number];
const classes: { id: ErrorClass; text: string }[] = [{ id: "server_5xx", text: "answers from 500 on" }, { id: "unhandled_exception", text: "exceptions" }, { id: "client_4xx", text: "answers from 400 on" }];

function wanted(polling: ServicePolling): string {
  if (!polling.enabled) return "nothing";
  const what = polling.error_classes.length === 0 ? "every error" : polling.error_classes.join(", ");
  return polling.min_occurrences <= 1 ? what : `${what}, from ${count(polling.min_occurrences)} a day on`;
}

function PollingForm(props: { polling: ServicePolling }): JSX.Element {
  const [draft, setDraft] = useState(props.polling);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const all = draft.error_classes.length === 0;
  const dirty = wanted(draft) !== wanted(props.polling);
  const refused = !(draft.min_occurrences >= 1 && draft.min_occurrences <= 1_000_000);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !dirty || refused) return;
    setBusy(true);
    const answer = await savePolling(draft);
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    announce(`Of ${draft.service}'s log ${wanted(draft)} is wanted.`, () => void savePolling(props.polling).then((back) => (back.ok ? announce("As before.") : announceProblem(back.problem))));
  };
  const toggle = (id: ErrorClass, on: boolean): void => setDraft({ ...draft, error_classes: on ? [...draft.error_classes, id] : draft.error_classes.filter((each) => each !== id) });
  return (
    <form class="card-body form" onSubmit={(event) => void save(event)}>
      <Check checked={draft.enabled} onChange={(enabled) => setDraft({ ...draft, enabled })} note="Off: lines of this service open nothing.">Read {draft.service} from the logs</Check>
      <fieldset class="choices" disabled={!draft.enabled}><legend>Which errors</legend>
        <p class="small quiet">{all ? "Nothing is chosen: every error counts." : "Only these."}</p>
        {classes.map((each) => <Check checked={draft.error_classes.includes(each.id)} onChange={(on) => toggle(each.id, on)} note={each.text}><code>{each.id}</code></Check>)}
      </fieldset>
      <Field label="How many within a day make an alarm" problem={refused ? "A whole number from 1 to 1,000,000." : ""} help="1: the first one does.">
        {(names) => <input {...names} class="field hours" type="number" min={1} max={1_000_000} value={Number.isNaN(draft.min_occurrences) ? "" : draft.min_occurrences} onInput={(event) => setDraft({ ...draft, min_occurrences: event.currentTarget.valueAsNumber })} />}
      </Field>
      {problem === undefined ? null : <ProblemLine problem={problem} />}
      <SaveLine busy={busy} dirty={dirty} refused={refused} onUndo={() => setDraft(props.polling)}><button type="button" class="button" onClick={() => setQuery("service", "")}>Close</button></SaveLine>
    </form>
  );
}

function SourceTable(props: { sources: PollSource[] }): JSX.Element {
  return (
    <table class="table table-fold">
      <thead><tr><th>Log store</th><th>State</th><th>Read through</th><th class="right">Read</th></tr></thead>
      <tbody>
        {props.sources.map((source) => (
          <tr key={source.name}>
            <td class="full"><b>{visible(source.name)}</b>{source.error === "" ? null : <div class="small bad">{visible(source.error)}</div>}</td>
            <td class="nowrap">{source.state === "failing" ? <b class="bad">failing, {plural(source.failures, "round")} in a row</b> : <span class="good">reading</span>}<div class="small quiet">asked <Time at={source.asked_at} relative /></div></td>
            <td class="nowrap quiet">{source.read_through === undefined ? "nothing yet" : <Time at={source.read_through} relative />}</td>
            <td class="right">{count(source.events)}<div class="small quiet">{count(source.ignored)} not wanted</div></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Services(props: { known: ServicePolling[] }): JSX.Element {
  const services = useResource("services", paths.services)?.data?.items ?? [];
  const names = [...new Set([...props.known.map((each) => each.service), ...services.map((each) => each.name)])].sort();
  const of = (name: string): ServicePolling => props.known.find((each) => each.service === name) ?? { service: name, enabled: true, error_classes: [], min_occurrences: 1 };
  const picked = query.value.get("service") ?? "";
  const may = hasRole("operator");
  if (names.length === 0) return <Empty title="No service is known yet."><p>Services appear with their first record or log line.</p></Empty>;
  return (
    <>
      {picked !== "" && may ? <PollingForm key={`${picked} ${wanted(of(picked))}`} polling={of(picked)} /> : null}
      <table class="table table-fold">
        <thead><tr><th>Service</th><th>Wanted of its log</th><th><span class="unseen">Change</span></th></tr></thead>
        <tbody>{names.map((name) => <tr key={name} class={name === picked ? "row-picked" : undefined}><td class="full"><b>{visible(name)}</b></td><td>{wanted(of(name))}</td><td class="right">{may ? <button type="button" class="button button-small" aria-label={`Change ${name}`} onClick={() => setQuery("service", name)}>Change</button> : null}</td></tr>)}</tbody>
      </table>
    </>
  );
}

export function LogsPart(): JSX.Element {
  const resource = useResource("poll_sources", "/poll/sources");
  const polling = useResource("poll_services", "/poll/services");
  const found = resource?.data?.items;
  const failing = found?.filter((source) => source.state === "failing").length ?? 0;
  useTitle("Log stores");
  return (
    <>
      <PartHead title={found === undefined ? "Log stores" : found.length === 0 ? "No log store is asked for errors." : `${plural(found.length, "log store")} ${found.length === 1 ? "is" : "are"} asked for errors; ${failing === 0 ? "all answer" : `${failing} failing`}.`} about="For services that send no telemetry: their errors are read from where their log is kept." />
      <section class="card" aria-label="Log stores">
        <Loaded resource={resource} lines={3}>
          {(rows) => rows.items.length > 0 ? <SourceTable sources={rows.items} /> : (
            <Empty title="None is set up."><p>Name a file of stores in the server{"\u2019"}s configuration, and in it where to ask. Restart; a store appears here after its first round.</p>
              <div class="line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Configuration">{config}</pre><CopyButton class="button" text={config} what="Configuration">Copy</CopyButton></div>
              <div class="line"><pre class="code code-boxed grow" tabIndex={0} aria-label="sources.json">{sources}</pre><CopyButton class="button" text={sources} what="sources.json">Copy</CopyButton></div>
            </Empty>
          )}
        </Loaded>
      </section>
      <Card title="What is wanted of each service"><Loaded resource={polling} lines={3}>{(rows) => <Services known={rows.items} />}</Loaded>{hasRole("operator") ? null : <p class="card-foot small quiet">The role operator may change this.</p>}</Card>
    </>
  );
}
