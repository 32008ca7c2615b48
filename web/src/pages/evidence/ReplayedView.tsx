import { useMemo } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { AnswerComparison, AnswerDifference, CapturedAnswer, KeptAnswer, RunAnswerDetail } from "../../api/answerTypes.ts";
import type { Run } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { Redactions } from "../../components/Redactions.tsx";
import { Empty, Loaded, Tabs } from "../../components/parts.tsx";
import { canBeRule, comparisonSentence, countsText, latencyDelta, matchText, rulesMax, rulesOf, sideText, statusWord } from "../../lib/answers.ts";
import { countLines, diffSides, fieldOf } from "../../lib/diff/answerDiff.ts";
import { bytes, count, duration, shortId } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { runStateText, verdictText } from "../../lib/words.ts";
import { query, setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { Part } from "./DiffCard.tsx";
import { Body, Headers } from "./ExchangeView.tsx";

/** Rows drawn of the list of fields; all of them are in the answer of the API. */
const fieldsMax = 200;

const views = ["diff", "replayed", "last_good"] as const;
type View = (typeof views)[number];

function pairId(compared: AnswerComparison): string {
  return `${compared.left}-${compared.right}`;
}

function Cell(props: { side: CapturedAnswer | KeptAnswer | undefined; from?: CapturedAnswer | KeptAnswer | undefined; children: (side: CapturedAnswer | KeptAnswer) => ComponentChildren }): JSX.Element {
  return <td>{props.side === undefined ? <span class="quiet">{"\u2013"}</span> : props.children(props.side)}</td>;
}

function isAnswer(side: CapturedAnswer | KeptAnswer): side is KeptAnswer {
  return "answers" in side;
}

function Status(props: { side: CapturedAnswer | KeptAnswer }): JSX.Element {
  const { side } = props;
  if (isAnswer(side) && !side.answered) return <><b>no answer</b>{side.failure === undefined ? null : <div class="tiny quiet">{visible(side.failure)}</div>}</>;
  return <code class={side.status === 0 ? "" : side.status >= 400 ? "code-bad" : "code-good"}>{side.status === 0 ? "not known" : `HTTP ${statusWord(side.status)}`}</code>;
}

/** The three sides in figures. What was not measured is a dash. */
function Figures(props: { detail: RunAnswerDetail }): JSX.Element {
  const { captured, replayed, last_good: lastGood } = props.detail;
  const sides: [string, CapturedAnswer | KeptAnswer | undefined][] = [["Captured", captured], ["Replayed", replayed], ["Last good", lastGood]];
  const shown = lastGood === undefined ? sides.slice(0, 2) : sides;
  const latency = (side: CapturedAnswer | KeptAnswer): ComponentChildren => {
    if (isAnswer(side) && !side.answered) return <span class="quiet">{"\u2013"}</span>;
    const apart = side === captured ? "" : latencyDelta(captured.latency_ms, side.latency_ms);
    return <>{duration(side.latency_ms)}{apart === "" ? null : <span class="tiny quiet"> {apart}</span>}</>;
  };
  return (
    <div class="scroll rule-top" tabIndex={0} role="region" aria-label="Captured, replayed and last good in figures">
      <table class="table table-tight table-sides">
        <caption class="unseen">Captured, replayed and last good in figures</caption>
        <thead><tr><th><span class="unseen">Figure</span></th>{shown.map(([name]) => <th scope="col">{name}</th>)}</tr></thead>
        <tbody>
          <tr><th scope="row">Status</th>{shown.map(([, side]) => <Cell side={side}>{(each) => <Status side={each} />}</Cell>)}</tr>
          <tr><th scope="row">Took</th>{shown.map(([, side]) => <Cell side={side}>{latency}</Cell>)}</tr>
          <tr><th scope="row">All answers</th>{shown.map(([, side]) => <Cell side={side}>{(each) => (isAnswer(each) ? countsText(each.answers) : <span class="quiet">once, as captured</span>)}</Cell>)}</tr>
          <tr><th scope="row">Shown here</th>{shown.map(([, side]) => <Cell side={side}>{(each) => (isAnswer(each) ? `trial ${each.trial}${each.shows ? ", which shows it" : ""}` : <span class="quiet">the recording</span>)}</Cell>)}</tr>
        </tbody>
      </table>
    </div>
  );
}

function setRules(rules: readonly string[]): void {
  setQuery("ignore", rules.join(","), true);
}

function FieldRow(props: { field: AnswerDifference; rules: readonly string[] }): JSX.Element {
  const { field, rules } = props;
  const rule = fieldOf(field.path);
  const offered = !field.ignored && rules.length < rulesMax && canBeRule(rule);
  return (
    <tr class={field.ignored ? "quiet" : ""}>
      <th scope="row"><code>{visible(field.path)}</code></th>
      <td>{field.kind === "added" ? <span class="quiet">{"\u2013"}</span> : <code><Redactions text={field.left} /></code>}</td>
      <td>{field.kind === "missing" ? <span class="quiet">{"\u2013"}</span> : <code><Redactions text={field.right} /></code>}</td>
      <td class="small">{field.ignored ? <>does not count: {visible(field.why ?? "")}</> : <><b>{field.kind === "value" ? "changed" : field.kind}</b>{offered ? <> <button type="button" class="text-button no-print" onClick={() => setRules([...rules, rule])}>ignore<span class="unseen"> {visible(rule)}</span></button></> : null}</>}</td>
    </tr>
  );
}

/** What differs, field by field, with the reason where it does not count. */
function Fields(props: { compared: AnswerComparison; rules: readonly string[] }): JSX.Element | null {
  const { compared, rules } = props;
  if (compared.differences.length === 0) return null;
  const rows = [...compared.differences].sort((a, b) => Number(a.ignored) - Number(b.ignored));
  return (
    <div class="scroll rule-top" tabIndex={0} role="region" aria-label="Fields that differ">
      <table class="table table-tight table-sides table-fields">
        <caption class="unseen">Fields that differ</caption>
        <thead><tr><th>Field</th><th>{sideText[compared.left]}</th><th>{sideText[compared.right]}</th><th>Counts</th></tr></thead>
        <tbody>{rows.slice(0, fieldsMax).map((field) => <FieldRow field={field} rules={rules} />)}</tbody>
        {rows.length > fieldsMax || compared.left_out > 0 ? <tfoot><tr><td colSpan={4} class="small quiet">{count(rows.length - Math.min(rows.length, fieldsMax) + compared.left_out)} more</td></tr></tfoot> : null}
      </table>
    </div>
  );
}

/** The reader's own rules, which stand in the address, and whether lists may come in any order. */
function Rules(props: { rules: readonly string[] }): JSX.Element {
  const { rules } = props;
  return (
    <div class="card-body line wrap small rule-top">
      <label class="line"><input type="checkbox" checked={query.value.get("order") === "any"} onChange={(event) => setQuery("order", event.currentTarget.checked ? "any" : "", true)} /> lists in any order are the same</label>
      {rules.map((rule) => <span class="chip">ignored: <code>{visible(rule)}</code> <button type="button" class="text-button" onClick={() => setRules(rules.filter((each) => each !== rule))}>count it<span class="unseen"> again: {visible(rule)}</span></button></span>)}
    </div>
  );
}

function Difference(props: { detail: RunAnswerDetail; compared: AnswerComparison }): JSX.Element {
  const { detail, compared } = props;
  const parts = useMemo(() => diffSides(detail, compared), [detail, compared]);
  const quiet = query.value.get("usual") === "hide";
  const rules = rulesOf(query.value.get("ignore"));
  if (parts === undefined) return <Empty title="One of the two did not answer." />;
  const usual = countLines(parts, (line) => line.usual);
  const shown = quiet ? parts.map((part) => ({ ...part, lines: part.lines.filter((line) => !line.usual) })) : parts;
  return (
    <>
      <p class="card-body line wrap small">
        <b>{comparisonSentence(compared)}</b>
        <span class="diff-removed diff-key">{"\u2212"} {sideText[compared.left]}</span><span class="diff-added diff-key">+ {sideText[compared.right]}</span>
        <span class="grow" />
        {usual === 0 ? null : <label class="line"><input type="checkbox" checked={!quiet} onChange={(event) => setQuery("usual", event.currentTarget.checked ? "" : "hide", true)} /> lines that do not count</label>}
      </p>
      {shown.filter((part) => part.lines.length > 0).map((part) => <Part key={`${detail.run_id} ${detail.exchange} ${pairId(compared)} ${part.title}`} part={part} />)}
      <Fields compared={compared} rules={rules} />
      <Rules rules={rules} />
      <p class="card-body small quiet rule-top">Headers that say when and by whom an answer was made, values of cookies, values made during the capture and what differs between two answers to the same request do not count. What was redacted is compared by its token.</p>
    </>
  );
}

function Whole(props: { side: KeptAnswer; name: string }): JSX.Element {
  const { side, name } = props;
  if (!side.answered) return <Empty title="There was no answer."><p>{visible(side.failure ?? "")}</p></Empty>;
  return (
    <>
      {side.headers_left_out === 0 ? null : <p class="card-body small quiet">{count(side.headers_left_out)} more headers were left out, they were too long.</p>}
      <Headers headers={side.headers} label={`${name} headers`} />
      {side.body_left_out ? <p class="card-body small quiet rule-top">The body had {bytes(side.body_bytes)}: too large to be kept.</p> : <Body key={`${name} ${side.trial}`} body={side.body} label={`${name} body`} />}
    </>
  );
}

function Shown(props: { detail: RunAnswerDetail }): JSX.Element {
  const { detail } = props;
  const asked = query.value.get("pair");
  const compared = detail.comparisons.find((each) => pairId(each) === asked) ?? detail.comparisons[0];
  const chosen = query.value.get("show");
  const view: View = chosen === "last_good" && detail.last_good === undefined ? "diff" : views.find((each) => each === chosen) ?? "diff";
  const tabs: { id: View; text: string }[] = [{ id: "diff", text: "What differs" }, { id: "replayed", text: "Replayed answer" }, ...(detail.last_good === undefined ? [] : [{ id: "last_good" as const, text: "Last-good answer" }])];
  return (
    <>
      <Figures detail={detail} />
      <Tabs label="What to show of it" active={view} tabs={tabs} onPick={(next) => setQuery("show", next === "diff" ? "" : next, true)} />
      {view === "replayed" ? <Whole side={detail.replayed} name="Replayed" /> : view === "last_good" ? <Whole side={detail.last_good!} name="Last good" /> : (
        <>
          {detail.comparisons.length < 2 ? null : (
            <div class="card-body line wrap" role="group" aria-label="Which two to compare">
              {detail.comparisons.map((each) => <button type="button" class={each === compared ? "button button-small button-on" : "button button-small"} aria-pressed={each === compared} onClick={() => setQuery("pair", each === detail.comparisons[0] ? "" : pairId(each), true)}>{sideText[each.left]} {"\u2192"} {sideText[each.right]}</button>)}
            </div>
          )}
          {compared === undefined ? <Empty title="The target gave no answer that could be compared." ><p>{visible(detail.replayed.failure ?? "")}</p></Empty> : <Difference detail={detail} compared={compared} />}
        </>
      )}
    </>
  );
}

function runName(run: Run): string {
  return `${run.verdict === undefined ? runStateText(run.state) : verdictText(run.verdict)}, ${shortId(run.id)}`;
}

function NoAnswer(props: { run: Run; role: string }): JSX.Element {
  const sent = props.role === "failing" || props.role === "trigger" || props.role === "control";
  const why = !sent ? "Only failing and good requests are measured. What is sent first to set them up is not kept, and context is never sent."
    : "The run ended before it was sent, or it was made by an older version, which kept no answers.";
  return <Empty title="Nothing is kept of it in this run." action={<a class="button" href={urls.run(props.run.id)}>Open the run</a>}><p>{why}</p></Empty>;
}

/** Captured against replayed against the last good version, of one exchange in one run. */
export function ReplayedView(props: { evidence: string; incident: string | undefined; at: number; role: string }): JSX.Element {
  const resource = useResource("runs", props.incident === undefined ? "" : paths.runs({ incident: props.incident, kind: "reproduce" }));
  const runs = (resource?.data?.items ?? []).filter((run) => run.evidence_id === props.evidence);
  const asked = query.value.get("run");
  const run = runs.find((each) => each.id === asked) ?? runs[0];
  const answer = useResource("run_answer", run === undefined ? "" : paths.runAnswer(run.id, props.at, { ignore: rulesOf(query.value.get("ignore")).join(","), order: query.value.get("order") === "any" ? "any" : undefined }));
  if (props.incident === undefined) return <Empty title="It was not replayed."><p>Its signal belongs to no incident.</p></Empty>;
  return (
    <Loaded resource={resource}>{() => run === undefined ? (
      <Empty title="It was not replayed yet." action={<a class="button" href={urls.incident(props.incident!)}>Open the incident</a>}><p>A reproduce run sends it to the service's replay target and keeps what that answers.</p></Empty>
    ) : (
      <>
        <p class="card-body small line wrap">
          <label class="filter">Run <select class="field" value={run.id} onChange={(event) => setQuery("run", event.currentTarget.value, true)}>{runs.map((each) => <option value={each.id} selected={each.id === run.id}>{runName(each)}</option>)}</select></label>
          <a class="link" href={urls.run(run.id)}>Open the run</a>
          {answer?.data === undefined ? null : <span class="line"><Icon name={answer.data.match === "same" ? "check" : answer.data.match === "changed" ? "warning" : "cross"} /><b>{matchText[answer.data.match]}</b></span>}
        </p>
        <Loaded resource={answer} missing={<NoAnswer run={run} role={props.role} />}>{(detail) => <Shown key={`${detail.run_id} ${detail.exchange}`} detail={detail} />}</Loaded>
      </>
    )}</Loaded>
  );
}
