import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { discardRun, replayRun } from "../../api/settingsActions.ts";
import type { DeadLetter } from "../../api/settingsTypes.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { hasRole } from "../../components/settings/pieces.tsx";
import { RiskMark } from "../../components/marks.tsx";
import { Empty, Loaded, Time } from "../../components/parts.tsx";
import { ListCard, More } from "../../components/ListParts.tsx";
import { announce } from "../../components/toasts.tsx";
import { shortId } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { stepsBefore } from "../../lib/settings/deadLetters.ts";
import { actorText } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import type { Resource } from "../../state/resources.ts";

function pretty(input: string): string {
  try {
    return JSON.stringify(JSON.parse(input), undefined, 2);
  } catch {
    return input;
  }
}

function ReplayDialog(props: { dead: DeadLetter; onClose: () => void }): JSX.Element {
  const { dead } = props;
  const steps = stepsBefore(dead.kind, dead.step);
  const [from, setFrom] = useState("");
  return (
    <ActionDialog title="Put it back to the queue?" verb="Replay" explain={<>The {dead.kind} run gets all its attempts anew and its incident goes back to where it was. What was published already is looked for first and not published twice.</>}
      act={() => replayRun(dead.id, dead.version, from)} onDone={() => { props.onClose(); announce("It is back in the queue. Its page shows how it goes; it can be cancelled there."); }} onClose={props.onClose}
      fields={<label class="line wrap">From <select class="field hours" value={from} onChange={(event) => setFrom(event.currentTarget.value)}><option value="">where it stopped{dead.step === "" ? "" : `, ${dead.step}`}</option>{steps.map((step) => <option value={step}>step {step}</option>)}</select></label>} />
  );
}

function Row(props: { dead: DeadLetter; onReplay: () => void; onDiscard: () => void }): JSX.Element {
  const { dead } = props;
  return (
    <tr>
      <td class="full">
        <a class="strong" href={urls.run(dead.id)}>{dead.kind.charAt(0).toUpperCase() + dead.kind.slice(1)} run, stopped {dead.step === "" ? "before its first step" : `at ${dead.step}`}</a>
        <div class="small bad">{dead.error === "" ? "no error was kept" : visible(dead.error)}</div>
        <div class="small quiet">incident <a class="link" href={urls.incident(dead.incident_id)}>{visible(dead.incident_title ?? shortId(dead.incident_id))}</a> {"\u00b7"} asked by {actorText(dead.requested_by)} {"\u00b7"} {dead.attempt} of {dead.attempts_max} attempts</div>
        {dead.input === "" ? null : <details class="small"><summary>What it was given</summary><pre class="code code-boxed code-wrap" tabIndex={0} aria-label="Input">{visible(pretty(dead.input))}</pre></details>}
      </td>
      <td class="nowrap"><RiskMark risk={dead.risk} /></td>
      <td class="nowrap quiet"><Time at={dead.updated_at} relative /></td>
      <td class="right">{hasRole("operator") ? <span class="line line-end"><button type="button" class="button button-small" onClick={props.onReplay}>Replay</button><button type="button" class="button button-small button-danger-text" onClick={props.onDiscard}>Discard</button></span> : null}</td>
    </tr>
  );
}

export function DeadRuns(props: { resource: Resource<"dead_letters"> | undefined }): JSX.Element {
  const [asking, setAsking] = useState<{ dead: DeadLetter; verb: "replay" | "discard" }>();
  const close = (): void => setAsking(undefined);
  const dead = asking?.dead;
  return (
    <ListCard title="Runs">
      <Loaded resource={props.resource} lines={3}>
        {(rows) => rows.items.length === 0 ? <Empty title="No run was given up."><p>A run that fails in every attempt stops here with its reason, so that the queue behind it goes on.</p></Empty> : (
          <>
            <table class="table table-fold"><thead><tr><th>What and why</th><th>Risk</th><th>Given up</th><th><span class="unseen">Decide</span></th></tr></thead>
              <tbody>{rows.items.map((each) => <Row key={each.id} dead={each} onReplay={() => setAsking({ dead: each, verb: "replay" })} onDiscard={() => setAsking({ dead: each, verb: "discard" })} />)}</tbody></table>
            <More kind="dead_letters" path="/dead-letters" rows={rows} />
          </>
        )}
      </Loaded>
      {hasRole("operator") ? null : <p class="card-foot small quiet">The role operator replays and discards.</p>}
      {dead !== undefined && asking?.verb === "replay" ? <ReplayDialog dead={dead} onClose={close} /> : null}
      {dead !== undefined && asking?.verb === "discard" ? (
        <ActionDialog title="Discard this run?" verb="Discard for good" danger comment="required" commentLabel="Why, required; it stands in the run and in the audit" explain={<>It is put away for good and its incident stays with people. This cannot be taken back; the incident can be retried.</>}
          act={(reason) => discardRun(dead.id, dead.version, reason)} onDone={() => { close(); announce("The run is discarded."); }} onClose={close} />
      ) : null}
    </ListCard>
  );
}
