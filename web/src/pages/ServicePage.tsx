import "../common.ts";
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { saveService } from "../api/actions.ts";
import { paths } from "../api/endpoints.ts";
import type { OperationState, Problem, Service } from "../api/types.ts";
import { announce } from "../components/toasts.tsx";
import { Card, Empty, Loaded, ProblemLine, Time } from "../components/parts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, duration, ofTotal, percent, plural } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { overflowSentence } from "../lib/overflowSentence.ts";
import { lastGoodProblem, targetProblem } from "../lib/target.ts";
import { mayOperate } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import { me } from "../state/store.ts";
import { useResource } from "../state/useResource.ts";
import { ChartsCard } from "./service/ChartsCard.tsx";

interface Draft {
  replay_target: string;
  replay_last_good_target: string;
  replay_unsafe_methods: boolean;
  owner: string;
  tracker: string;
  repository: string;
}

function draftOf(service: Service): Draft {
  const { replay_target, replay_last_good_target, replay_unsafe_methods, owner, tracker, repository } = service;
  return { replay_target, replay_last_good_target, replay_unsafe_methods, owner, tracker, repository };
}

function isSame(a: Draft, b: Draft): boolean {
  return a.replay_target === b.replay_target && a.replay_last_good_target === b.replay_last_good_target && a.replay_unsafe_methods === b.replay_unsafe_methods && a.owner === b.owner && a.tracker === b.tracker && a.repository === b.repository;
}

function SettingsForm(props: { service: Service }): JSX.Element {
  const { service } = props;
  const [draft, setDraft] = useState(() => draftOf(service));
  const [base, setBase] = useState(service);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const changed = !isSame(draft, draftOf(base));
  useEffect(() => {
    // What somebody else saved is taken over only while nothing is typed here.
    if (!changed && service.version !== base.version) {
      setBase(service);
      setDraft(draftOf(service));
    }
  }, [service]);
  const wrong = targetProblem(draft.replay_target);
  const wrongLastGood = lastGoodProblem(draft.replay_last_good_target, draft.replay_target);
  const refused = wrong !== undefined || wrongLastGood !== undefined;
  const may = mayOperate(me.value?.roles ?? []);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || refused) return;
    setBusy(true);
    const change = { ...draft, replay_target: draft.replay_target.trim(), replay_last_good_target: draft.replay_last_good_target.trim(), owner: draft.owner.trim(), tracker: draft.tracker.trim(), repository: draft.repository.trim() };
    const answer = await saveService(base, change);
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setBase({ ...base, ...change });
    setDraft(change);
    announce("Saved.");
  };
  return (
    <form class="card-body form" onSubmit={(event) => void save(event)}>
      <fieldset disabled={!may} class="form">
        <legend class="unseen">Settings of {named(service.name)}</legend>
        <label for="target">Replay target</label>
        <input id="target" class="field mono" type="url" inputMode="url" spellcheck={false} autocomplete="off" placeholder="http://127.0.0.1:8080" maxLength={2000} value={draft.replay_target} aria-describedby="target-help" aria-invalid={wrong !== undefined} onInput={(event) => setDraft({ ...draft, replay_target: event.currentTarget.value })} />
        <p id="target-help" class="small quiet">{wrong === undefined ? <>Where captured requests of {named(service.name)} are sent again: a test instance, never production. It must be on the server's allow-list <code>replay.targets</code>. Empty: incidents stop with what is known.</> : <b class="bad" role="alert">{wrong}</b>}</p>
        <label for="last-good">Last-good target</label>
        <input id="last-good" class="field mono" type="url" inputMode="url" spellcheck={false} autocomplete="off" placeholder="http://127.0.0.1:8081" maxLength={2000} value={draft.replay_last_good_target} aria-describedby="last-good-help" aria-invalid={wrongLastGood !== undefined} onInput={(event) => setDraft({ ...draft, replay_last_good_target: event.currentTarget.value })} />
        <p id="last-good-help" class="small quiet">{wrongLastGood === undefined ? <>An instance of the last version that worked. The failing requests are sent there, too, and count as reproduced only when they fail on the replay target and not there. Empty: compared with good requests alone.</> : <b class="bad" role="alert">{wrongLastGood}</b>}</p>
        <label class="line"><input type="checkbox" checked={draft.replay_unsafe_methods} onChange={(event) => setDraft({ ...draft, replay_unsafe_methods: event.currentTarget.checked })} /> Replay POST, PUT, PATCH and DELETE too</label>
        <p class="small quiet">They change data in the targets. Without this people are asked before any of them is sent.</p>
        <label for="owner">Owner</label>
        <input id="owner" class="field" maxLength={200} value={draft.owner} placeholder="team or person" onInput={(event) => setDraft({ ...draft, owner: event.currentTarget.value })} />
        <label for="tracker">Tickets go to</label>
        <input id="tracker" class="field mono" spellcheck={false} autocomplete="off" maxLength={200} value={draft.tracker} placeholder="file:tickets" aria-describedby="tracker-help" onInput={(event) => setDraft({ ...draft, tracker: event.currentTarget.value })} />
        <p id="tracker-help" class="small quiet">A tracker of the server's configuration: <code>file:tickets</code>, <code>github:owner/name</code>, <code>jira:KEY</code>. Empty: files below the data directory.</p>
        <label for="repository">Pull requests go to</label>
        <input id="repository" class="field mono" spellcheck={false} autocomplete="off" maxLength={200} value={draft.repository} placeholder="github:owner/name" aria-describedby="repository-help" onInput={(event) => setDraft({ ...draft, repository: event.currentTarget.value })} />
        <p id="repository-help" class="small quiet">Where a fix becomes a draft. Empty: none.</p>
      </fieldset>
      {problem === undefined ? null : <ProblemLine problem={problem} onRetry={problem.status === 412 ? () => { setBase(service); setDraft(draftOf(service)); setProblem(undefined); } : undefined} />}
      {may ? <div class="line"><button type="submit" class="button button-main" disabled={busy || !changed || refused}>{busy ? "Saving\u2026" : "Save"}</button>{changed ? <button type="button" class="button" onClick={() => setDraft(draftOf(base))}>Undo</button> : null}</div>
        : <p class="small quiet">Role operator may change this.</p>}
    </form>
  );
}

function share(failing: number, requests: number): string {
  return requests === 0 ? "\u2013" : percent(failing / requests);
}

const sourceNames: Record<OperationState["operation"]["source"], string> = {
  rrpair: "request/response pairs", span: "spans", metric: "metrics",
};

function OperationRow(props: { state: OperationState }): JSX.Element {
  const { state } = props;
  const learning = state.baseline_state === "learning";
  return (
    <tr>
      <td class="full"><a class="strong" href={`${urls.service(state.operation.service)}?op=${state.operation.id}`}>{named(state.operation.name)}</a><div class="small quiet">{state.operation.kind}, from {sourceNames[state.operation.source]} {"\u00b7"} window <Time at={state.last_window_at} /></div></td>
      <td class="right">{count(state.requests)}<span class="narrow-only quiet"> requests</span></td>
      <td class="right">{share(state.failing, state.requests)}<div class="tiny quiet" title={ofTotal(state.baseline_failing, state.baseline_requests)}>normal {share(state.baseline_failing, state.baseline_requests)}</div></td>
      <td class="right nowrap">{duration(state.p95_ms)}<div class="tiny quiet">normal {state.baseline_requests === 0 ? "\u2013" : duration(state.baseline_p95_ms)}</div></td>
      <td class="nowrap quiet">{learning ? `learning, ${state.baseline_windows} ${state.baseline_windows === 1 ? "window" : "windows"}` : plural(state.baseline_windows, "window")}</td>
    </tr>
  );
}

function Operations(props: { name: string }): JSX.Element {
  const resource = useResource("operations", paths.operations(props.name));
  return (
    <Card title="Operations" note="last closed window beside its baseline" span="span-7">
      <Loaded resource={resource}>
        {(rows) => rows.items.length === 0 ? <Empty title="No window has closed yet." /> : (
          <table class="table table-fold">
            <thead><tr><th>Operation</th><th class="right">Requests</th><th class="right">Failing</th><th class="right">p95</th><th>Baseline</th></tr></thead>
            <tbody>{rows.items.map((state) => <OperationRow key={`${state.operation.id} ${state.operation.source}`} state={state} />)}</tbody>
          </table>
        )}
      </Loaded>
    </Card>
  );
}

function ChartsOf(props: { service: Service }): JSX.Element {
  const operations = useResource("operations", paths.operations(props.service.name))?.data?.items;
  return operations === undefined ? <></> : <ChartsCard service={props.service} operations={operations} />;
}

function sentence(service: Service): string {
  const target = service.replay_target === "" ? "cannot be replayed: it has no target" : "can be replayed";
  return `${named(service.name)} ${target}; ${service.incidents_open === 0 ? "no incident is open" : `${plural(service.incidents_open, "incident")} open`}.`;
}

export function ServicePage(props: { name: string }): JSX.Element {
  const resource = useResource("service", paths.service(props.name));
  useTitle(props.name);
  return (
    <div class="page stack">
      <Loaded resource={resource} missing={<div class="card"><Empty title={`No service called ${props.name} has been seen.`} action={<a class="button" href={urls.services}>All services</a>}><h1 class="unseen">Not found</h1></Empty></div>}>
        {(service) => (
          <>
            <div class="head">
              <h1>{sentence(service)}</h1>
              <p class="facts"><span>first seen <b><Time at={service.first_seen_at} /></b></span><span>last seen <b><Time at={service.last_seen_at} relative /></b></span><span><b>{count(service.records)}</b> records</span>{service.deployments[0] === undefined ? null : <span>version <b>{service.deployments[0].version}</b> since <b><Time at={service.deployments[0].at} /></b></span>}<a class="link" href={`${urls.incidents}?service=${encodeURIComponent(service.name)}&status=all`}>Incidents</a><a class="link" href={`${urls.signals}?service=${encodeURIComponent(service.name)}`}>Signals</a></p>
              {service.overflow.length === 0 ? null : <p class="small bad">{overflowSentence(service.overflow)}</p>}
            </div>
            <ChartsOf service={service} />
            <div class="grid">
              <Operations name={named(service.name)} />
              <Card title="Replay" span="span-5"><SettingsForm service={service} /></Card>
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}
