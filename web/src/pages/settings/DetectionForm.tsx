import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { saveDetection } from "../../api/detectionActions.ts";
import type { Detection } from "../../api/detectionTypes.ts";
import type { Problem } from "../../api/types.ts";
import { BacktestCard, settingsKey, useTrying } from "../../components/settings/BacktestCard.tsx";
import { Check, SaveLine } from "../../components/settings/Field.tsx";
import { StaleCard } from "../../components/settings/StaleCard.tsx";
import { ThresholdRow } from "../../components/settings/ThresholdRow.tsx";
import { announceProblem } from "../../components/settings/pieces.tsx";
import { useDraft } from "../../components/settings/useDraft.ts";
import type { Draft } from "../../components/settings/useDraft.ts";
import { Card, ProblemLine } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { clashes, fieldOf, fieldSentence } from "../../lib/settings/drafts.ts";
import { draftChanges, draftFields, draftOf, draftProblem, kindsOf, knownGroups, proposalFrom, proposalQuery, readDraft, settingsOf, withKind } from "../../lib/settings/detection.ts";
import type { DetectionDraft, DraftChange } from "../../lib/settings/detection.ts";
import { kindText, mayOperate } from "../../lib/words.ts";
import { query, setQueries } from "../../router/router.ts";
import { me } from "../../state/store.ts";

/** A draft that an address may propose; what was typed already stays. */
function useProposal(detection: Detection): Draft<DetectionDraft> {
  const draft = useDraft<DetectionDraft>(`detection/${detection.service}`, draftOf(detection.settings), detection.version);
  useEffect(() => {
    const proposed = proposalFrom(query.peek(), draft.base.values);
    if (!draft.dirty && draftFields.some(({ name }) => proposed[name] !== draft.values[name])) draft.set(proposed);
  }, []);
  return draft;
}

function tellSaved(before: Detection, after: Detection): void {
  const undo = async (): Promise<void> => {
    const answer = await saveDetection(after.service, after.version, before.settings);
    if (answer.ok) announce(`Detection of ${after.service} is as before.`);
    else announceProblem(answer.problem);
  };
  announce(`Detection of ${after.service} is saved; it counts from the next window on.`, () => void undo());
}

function ChangeTable(props: { changes: DraftChange[] }): JSX.Element {
  return (
    <table class="table table-tight">
      <thead><tr><th>Setting</th><th>Now</th><th>After saving</th></tr></thead>
      <tbody>{props.changes.map((each) => <tr><td>{each.label}</td><td class="quiet">{each.before}</td><td><b>{each.after}</b></td></tr>)}</tbody>
    </table>
  );
}

/** Thresholds and kinds of one service: typed, tried over what is stored, saved. */
export function DetectionForm(props: { detection: Detection }): JSX.Element {
  const { detection } = props;
  const draft = useProposal(detection);
  const trying = useTrying(detection.service);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { values } = draft;
  const may = mayOperate(me.value?.roles ?? []);
  const stale = problem?.status === 412;
  const named = fieldOf(problem, draftFields.map((each) => each.name));
  const wrong = draftProblem(values, detection);
  const settings = settingsOf(values, detection.settings);
  const tried = trying.trial.kind === "done" && trying.trial.tried === settingsKey(settings);
  const set = (change: Partial<DetectionDraft>): void => {
    if (!stale) setProblem(undefined);
    draft.set(change);
  };
  const propose = (to: DetectionDraft): void => setQueries(proposalQuery(draft.base.values, to));
  const save = async (): Promise<void> => {
    setBusy(true);
    const answer = await saveDetection(detection.service, draft.base.version, settings);
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    const { item } = answer.value;
    setProblem(undefined);
    draft.saved(draftOf(item.settings), item.version);
    propose(draft.base.values);
    tellSaved({ ...detection, settings: settingsOf(draft.base.values, detection.settings) }, item);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (busy || wrong || !draft.dirty) return;
    // Enter in a field tries, too: the first of the two buttons.
    if (event.submitter?.getAttribute("name") === "save") return void (stale ? undefined : save());
    propose(values);
    trying.start(settings);
  };
  const undo = (): void => {
    draft.undo();
    setProblem(undefined);
    propose(draft.base.values);
  };
  const rebase = (mine: "drop" | "keep"): void => {
    draft.rebase(mine);
    setProblem(undefined);
  };
  const read = (each: DetectionDraft): Record<string, string> => readDraft(each, detection);
  return (
    <form class="stack" onSubmit={submit}>
      {stale ? <StaleCard what={`the detection of ${detection.service}`} ready={detection.version !== draft.base.version} clashes={clashes(read(draft.base.values), read(draftOf(detection.settings)), read(values), draftFields)} onTheirs={() => rebase("drop")} onMine={() => rebase("keep")} /> : null}
      <fieldset disabled={!may} class="stack">
        <legend class="unseen">Thresholds of {detection.service}</legend>
        {knownGroups(detection).map((group) => (
          <Card title={group.title}>
            <div>
              {group.thresholds.map((each) => (
                <ThresholdRow key={each.name} threshold={each} typed={values[each.name]} own={detection.inherited[each.name] ?? 0} range={detection.ranges[each.name]} changed={draft.changed.includes(each.name)}
                  refused={named === each.name && problem !== undefined ? fieldSentence(problem) : undefined} onType={(typed) => set({ [each.name]: typed })} />
              ))}
            </div>
          </Card>
        ))}
        <Card title="Kinds of signals" note="what is switched off is not raised here at all">
          <div class="card-body choice-grid">{detection.kinds.map((kind) => <Check key={kind} checked={!kindsOf(values).includes(kind)} onChange={(on) => set(withKind(values, kind, on))} note={kindsOf(values).includes(kind) ? "switched off" : undefined}>{kindText(kind)}</Check>)}</div>
        </Card>
      </fieldset>
      {may ? <BacktestCard trying={trying} tried={settingsKey(settings)} dirty={draft.dirty} wrong={wrong} /> : null}
      {!may ? <p class="small quiet">The role operator may change this; you have {me.value?.roles.join(", ")}.</p> : (
        <Card title="What changes" note={`version ${detection.version}`}>
          {draft.dirty ? <ChangeTable changes={draftChanges(draft.base.values, values, detection)} /> : <p class="card-body small quiet">Nothing so far: what is in the form is what counts.</p>}
          <div class="card-foot stack-tight">
            {problem === undefined || stale || named !== undefined ? null : <ProblemLine problem={problem} />}
            <SaveLine name="save" busy={busy} dirty={draft.dirty} refused={stale || wrong} onUndo={undo}><span class="small quiet" role="status">{!draft.dirty ? "" : wrong ? "Something typed above is out of its range." : tried ? "Tried as it stands." : "Not tried as it stands."}</span></SaveLine>
          </div>
        </Card>
      )}
    </form>
  );
}
