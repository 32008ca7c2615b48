import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { ApprovalDetail } from "../../api/types.ts";
import { ChangedFiles, filesOf } from "../../components/ChangedFiles.tsx";
import { ExchangeCard } from "../../components/ExchangeCard.tsx";
import { Icon } from "../../components/icons.tsx";
import { RiskBars, RiskMark } from "../../components/marks.tsx";
import { Card, CopyButton, Empty, Loaded, Tabs, Time } from "../../components/parts.tsx";
import { nowMs } from "../../lib/clock.ts";
import { coarse, hashText, plural } from "../../lib/format.ts";
import { named, visible } from "../../lib/visible.ts";
import { actorText, approvalStateText, decisionText, mayOperate } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { me } from "../../state/store.ts";
import { DecisionBar } from "./DecisionBar.tsx";
import { EditDialog } from "./EditDialog.tsx";
import { EvidenceStrip } from "./EvidenceStrip.tsx";

function Head(props: { approval: ApprovalDetail }): JSX.Element {
  const { approval } = props;
  const left = Date.parse(approval.expires_at) - nowMs.value;
  const whole = Date.parse(approval.expires_at) - Date.parse(approval.created_at);
  return (
    <div class="head">
      <div class="line wrap">
        <RiskMark risk={approval.risk} tag /><span class="chip"><Icon name="ticket" small />{approval.action}</span>
        {approval.state === "pending" ? null : <span class="chip chip-accent">{approvalStateText(approval.state)}</span>}
        {approval.reminded > 0 && approval.state === "pending" ? <span class="chip">reminded at {approval.reminded} %</span> : null}
        {approval.edited_by === "" ? null : <span class="chip">edited by {actorText(approval.edited_by)}</span>}
        {approval.snoozed_until === undefined || Date.parse(approval.snoozed_until) <= nowMs.value ? null : <span class="chip">snoozed by you until <Time at={approval.snoozed_until} /></span>}
        <span class="grow" />
        {approval.state !== "pending" ? <span class="small quiet">decided <Time at={approval.decided_at} /></span>
          : <span class="line small quiet"><Icon name="clock" /><span><b class="ink">{coarse(left)}</b> left of {coarse(whole)}, then it expires and nothing is sent</span></span>}
      </div>
      <h1 class={approval.state === "voided" ? "big void" : "big"}>{named(approval.summary)}</h1>
      <p class="facts">
        <span>to <b>{approval.content.target}</b></span>
        <span>asked by <b>{actorText(approval.requested_by)}</b>, <Time at={approval.created_at} /></span>
        <a class="link" href={urls.incident(approval.incident_id)}>Incident: {approval.incident_title}</a>
        <a class="link" href={urls.run(approval.run_id)}>Run</a>
        {approval.evidence_id === undefined ? null : <a class="link" href={urls.evidence(approval.evidence_id)}>Evidence</a>}
      </p>
    </div>
  );
}

type ContentTab = "text" | "files" | "json";

/** A zero-width space, set after @ and # of what came from outside. */
const unseen = "\u200b";

function Content(props: { approval: ApprovalDetail }): JSX.Element {
  const { approval } = props;
  const [editing, setEditing] = useState(false);
  const open = approval.state === "pending" || approval.state === "changes_requested";
  const mayEdit = open && approval.action !== "unsafe_replay" && mayOperate(me.value?.roles ?? []);
  const files = filesOf(approval.content);
  const [tab, setTab] = useState<ContentTab>("text");
  return (
    <Card title="Exactly this will be sent" headWrap head={(
      <span class="line">{mayEdit ? <button type="button" class="button button-small" onClick={() => setEditing(true)}>Edit</button> : null}<span class="hash" title={`SHA-256 of the canonical JSON: ${approval.content_hash}`}>sha256 <b>{hashText(approval.content_hash)}</b></span><CopyButton text={approval.content_hash} what="Hash" /></span>
    )}>
      {editing ? <EditDialog approval={approval} onClose={() => setEditing(false)} /> : null}
      <Tabs label="Parts of the content" active={tab} onPick={setTab} tabs={[{ id: "text", text: "Title and text" }, ...(files.length === 0 ? [] : [{ id: "files" as const, text: `Files ${files.length}` }]), { id: "json", text: "Canonical JSON, as hashed" }]} />
      {tab === "text" ? (
        <div class="card-body stack-tight"><p class="strong">{visible(approval.content.title)}</p><pre class="code code-wrap code-boxed" tabIndex={0} aria-label="Text of the ticket">{visible(approval.content.body)}</pre>{approval.content.body.includes(unseen) ? <p class="tiny quiet">{visible(unseen)} stands for a character that is not seen: with it, what others wrote calls nobody and links to no issue.</p> : null}</div>
      ) : tab === "files" ? <ChangedFiles files={files} /> : <pre class="code code-wrap" tabIndex={0} aria-label="Canonical JSON">{visible(approval.content_json)}</pre>}
    </Card>
  );
}

function Deciders(props: { approval: ApprovalDetail }): JSX.Element {
  const { approval } = props;
  return (
    <Card title="Who may decide" head={<span class="tiny quiet">has {approval.approvals_given} of {approval.approvals_needed}</span>}>
      <ul class="rows">
        {approval.deciders.map((person) => (
          <li class="line">
            <span class={person.may_decide ? "good" : "quiet"}><Icon name={person.may_decide ? "check" : "lock"} /></span>
            <span class="grow"><b>{person.name}</b>{person.is_me ? " (you)" : ""}</span>
            <span class="small quiet">{person.may_decide ? "may decide" : person.why || "may not decide"}</span>
          </li>
        ))}
      </ul>
      <TooFew approval={approval} />
    </Card>
  );
}

/** Nobody can release it as things are: who adds people, and where. */
function TooFew(props: { approval: ApprovalDetail }): JSX.Element | null {
  const { state, deciders, approvals_given, approvals_needed } = props.approval;
  const may = deciders.filter((person) => person.may_decide).length;
  const missing = approvals_needed - approvals_given - may;
  if (state !== "pending" || missing <= 0) return null;
  return <p class="card-body rule-top small">{plural(missing, "more person", "more people")} with the role approver {missing === 1 ? "is" : "are"} needed to release this. An administrator adds them under <a class="link" href={urls.settings("people")}>Settings, People</a>.</p>;
}

function Decisions(props: { approval: ApprovalDetail }): JSX.Element | null {
  const { decisions } = props.approval;
  if (decisions.length === 0) return null;
  return (
    <Card title="Decided so far">
      <ul class="rows">
        {decisions.map((decision) => <li><p><b>{decision.user}</b> {decisionText(decision.kind)} <span class="small quiet"><Time at={decision.at} /></span></p>{decision.comment === "" ? null : <p class="small">{decision.comment}</p>}</li>)}
      </ul>
    </Card>
  );
}

function Filled(props: { approval: ApprovalDetail; onSnooze: () => void; severalChosen: boolean }): JSX.Element {
  const { approval } = props;
  const [evidenceSeen, setEvidenceSeen] = useState(approval.evidence_id === undefined);
  // What was read is what may be released: a content that changes afterwards must be read again.
  const [readHash, setReadHash] = useState(approval.content_hash);
  const see = (): void => setEvidenceSeen(true);
  const opened = useRef(evidenceSeen);
  useEffect(() => {
    if (evidenceSeen && !opened.current) document.getElementById("evidence")?.scrollIntoView({ block: "nearest" });
    opened.current = evidenceSeen;
  }, [evidenceSeen]);
  return (
    <>
      <div class="detail-body stack">
        <Head approval={approval} />
        <EvidenceStrip approval={approval} />
        <div class="split">
          <div class="stack">
            <Content approval={approval} />
            {approval.evidence_id === undefined ? null : evidenceSeen
              ? <ExchangeCard evidenceId={approval.evidence_id} title="Archived exchanges" />
              : <OpenEvidence onOpen={see} />}
          </div>
          <div class="stack">
            <Deciders approval={approval} />
            <Card title={`Why ${approval.risk.toUpperCase()}`}>
              <ul class="rows">{approval.risk_reasons.map((reason) => <li class="line"><span class={`mark mark-${approval.risk}`}><RiskBars level={approval.risk} /></span><span class="grow">{reason}</span></li>)}</ul>
            </Card>
            <Decisions approval={approval} />
          </div>
        </div>
      </div>
      <DecisionBar approval={approval} readHash={readHash} onReadAgain={() => setReadHash(approval.content_hash)} evidenceSeen={evidenceSeen} onOpenEvidence={see} onSnooze={props.onSnooze} severalChosen={props.severalChosen} />
    </>
  );
}

function OpenEvidence(props: { onOpen: () => void }): JSX.Element {
  return (
    <Card title="Archived exchanges">
      <Empty title="The requests that failed, and good ones beside them." action={<button type="button" class="button" onClick={props.onOpen}>Open the evidence</button>}><p>Opening them is part of a release.</p></Empty>
    </Card>
  );
}

export function ApprovalDetailPane(props: { id: string; onSnooze: () => void; severalChosen: boolean }): JSX.Element {
  const resource = useResource("approval", paths.approval(props.id));
  return (
    <Loaded resource={resource} lines={12} missing={<div class="page"><div class="card"><Empty title="There is no such approval." action={<a class="button" href={urls.approvals}>To the inbox</a>}><h1 class="unseen">Not found</h1></Empty></div></div>}>
      {(approval) => <Filled approval={approval} onSnooze={props.onSnooze} severalChosen={props.severalChosen} />}
    </Loaded>
  );
}
