import "../common.ts";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { Signal } from "../api/types.ts";
import { ExchangeCard } from "../components/ExchangeCard.tsx";
import { Severity } from "../components/marks.tsx";
import { Card, CopyButton, Empty, Loaded, Time } from "../components/parts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, measuredOf, normalOf, ofTotal, probability, short } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { kindText } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { Suppression } from "./signal/Suppression.tsx";

function SignalNumbers(props: { signal: Signal }): JSX.Element {
  const { signal } = props;
  const hasShare = signal.unit === "ratio";
  return (
    <table class="table table-tight">
      <thead><tr><th>{signal.metric}</th><th class="right">Observed</th><th class="right">Normal</th></tr></thead>
      <tbody>
        <tr><td>Value</td><td class="right strong">{measuredOf(signal.kind, signal.observed, signal.unit)}</td><td class="right">{normalOf(signal)}</td></tr>
        {hasShare ? <tr><td>Counted</td><td class="right">{ofTotal(signal.observed_k, signal.observed_n)}</td><td class="right">{ofTotal(signal.baseline_k, signal.baseline_n)}</td></tr> : <tr><td>Sample</td><td class="right">n {count(signal.observed_n)}</td><td class="right">n {count(signal.baseline_n)}</td></tr>}
        <tr><td>Windows</td><td class="right">1</td><td class="right">{count(signal.baseline_windows)}</td></tr>
        {signal.numbers.map((number) => <tr><td>{number.name.replace(/_/g, " ")}</td><td class="right">{short(number.value)}</td><td /></tr>)}
      </tbody>
    </table>
  );
}

function Filled(props: { signal: Signal }): JSX.Element {
  const { signal } = props;
  return (
    <>
      <div class="head">
        <div class="line wrap"><Severity severity={signal.severity} tag /><span class="chip">{kindText(signal.kind)}</span><span class="grow" /><Suppression signal={signal} />{signal.incident_id ? <a class="button button-main" href={urls.incident(signal.incident_id)}>Open the incident</a> : null}</div>
        <h1 class="big">{named(signal.explanation)}</h1>
        <p class="facts"><span><a class="link" href={urls.service(signal.operation.service)}>{named(signal.operation.service)}</a></span><span><b>{named(signal.operation.name)}</b></span><span>window <Time at={signal.window_start_at} /> to <Time at={signal.window_end_at} /></span></p>
      </div>
      <div class="grid">
        <div class="span-7 stack">
          <Card title="Numbers">
            <SignalNumbers signal={signal} />
          </Card>
          {signal.evidence_id ? <ExchangeCard evidenceId={signal.evidence_id} title="Archived exchanges" /> : null}
        </div>
        <Card title="Why it fired" span="span-5">
          <dl class="pairs card-body">
            <dt>Rule</dt><dd>{signal.rule}</dd>
            {signal.p_value === undefined ? null : <><dt>Chance</dt><dd>{probability(signal.p_value)} that normal traffic looks like this</dd></>}
            <dt>Effect</dt><dd>{short(signal.effect)}</dd>
            <dt>Gate for a replay</dt><dd>{measuredOf(signal.kind, signal.gate, signal.unit)}</dd>
            <dt>Sensitivity</dt><dd>{signal.sensitivity} <a class="link" href={urls.settings("detection", signal.operation.service)}>Thresholds</a></dd>
            <dt>Fingerprint</dt><dd class="line"><code class="cut">{signal.fingerprint}</code><CopyButton text={signal.fingerprint} what="Fingerprint" /></dd>
            {signal.trace_ids.length === 0 ? null : <><dt>Traces</dt><dd>{signal.trace_ids.map((id) => <div class="line"><a class="link cut" href={urls.trace(id)}><code>{id}</code></a><CopyButton text={id} what="Trace id" /></div>)}</dd></>}
          </dl>
        </Card>
      </div>
    </>
  );
}

export function SignalPage(props: { id: string }): JSX.Element {
  const resource = useResource("signal", paths.signal(props.id));
  useTitle(resource?.data?.explanation);
  return (
    <div class="page stack">
      <Loaded resource={resource} missing={<div class="card"><Empty title="There is no such signal." action={<a class="button" href={urls.signals}>All signals</a>}><h1 class="unseen">Not found</h1></Empty></div>}>
        {(signal) => <Filled signal={signal} />}
      </Loaded>
    </div>
  );
}
