import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { Exchange } from "../api/types.ts";
import { useKeys } from "../keys/useKeys.ts";
import { duration, shortId } from "../lib/format.ts";
import { bodyText } from "../lib/bodyText.ts";
import { visible } from "../lib/visible.ts";
import { urls } from "../router/route.ts";
import { loadMore } from "../state/loading.ts";
import { useResource } from "../state/useResource.ts";
import { Icon } from "./icons.tsx";
import { announce } from "./toasts.tsx";
import { Card, CopyButton, Empty, Key, Loaded, Tabs, Time } from "./parts.tsx";

type Tab = "curl" | "request" | "response";

const roleText: Record<Exchange["role"], string> = { failing: "failing", trigger: "failing, trigger", control: "good, control", setup: "setup, sent before the others", context: "context" };

function headerText(headers: [string, string][]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join("\n");
}

function Redacted(props: { fields: string[] }): JSX.Element | null {
  if (props.fields.length === 0) return null;
  return <p class="card-body small quiet line wrap">Redacted before it was stored: {props.fields.map((field) => <span class="redacted">{field}</span>)}</p>;
}

function RequestText(props: { exchange: Exchange }): JSX.Element {
  const { exchange } = props;
  if (exchange.statement !== "") return <pre class="code" tabIndex={0} aria-label="Statement">{visible(exchange.statement)}</pre>;
  return (
    <pre class="code" tabIndex={0} aria-label="Request">
      <span class="code-key">{visible(`${exchange.method} ${exchange.path}`)}</span>{"\n"}{exchange.host === "" ? "" : `host: ${exchange.host}\n`}{visible(headerText(exchange.request_headers))}{"\n\n"}{visible(bodyText(exchange.request_body))}
    </pre>
  );
}

function ResponseText(props: { exchange: Exchange }): JSX.Element {
  const { exchange } = props;
  const bad = exchange.role === "failing" || exchange.role === "trigger";
  return (
    <pre class="code" tabIndex={0} aria-label="Response">
      <span class={bad ? "code-bad" : "code-good"}>{exchange.status === 0 ? exchange.outcome : `HTTP ${exchange.status}`}</span><span class="code-note">  {duration(exchange.duration_ms)}{exchange.message === "" ? "" : `, ${visible(exchange.message)}`}</span>{"\n"}{visible(headerText(exchange.response_headers))}{"\n\n"}{visible(bodyText(exchange.response_body))}
    </pre>
  );
}

function Shown(props: { exchanges: Exchange[]; more: boolean; at: number; onMove: (step: number) => void }): JSX.Element {
  const { exchanges, at, onMove } = props;
  const [tab, setTab] = useState<Tab>("curl");
  const exchange = exchanges[at];
  if (exchange === undefined) return <Empty title="No request was captured."><p>Spans and metrics show that it failed, not with which request. To keep requests, send request/response pairs as log records, too.</p></Empty>;
  const sendable = exchange.curl !== "";
  const active = tab === "curl" && !sendable ? "request" : tab;
  const tabs: { id: Tab; text: string }[] = [{ id: "request", text: exchange.statement === "" ? "Request" : "Statement" }, { id: "response", text: `Response ${exchange.status === 0 ? exchange.outcome : exchange.status}` }];
  if (sendable) tabs.unshift({ id: "curl", text: "curl" });
  return (
    <>
      <Tabs label="Views of the exchange" tabs={tabs} active={active} onPick={setTab} after={(
        <span class="tabs-after line">
          <span class="small quiet">{at + 1} of {exchanges.length}{props.more ? "+" : ""}, {roleText[exchange.role] ?? exchange.role}</span>
          <button type="button" class="icon-button" aria-label="Previous exchange" disabled={at === 0} onClick={() => onMove(-1)}><Icon name="left" /></button>
          <button type="button" class="icon-button" aria-label="Next exchange" disabled={at === exchanges.length - 1} onClick={() => onMove(1)}><Icon name="right" /></button>
        </span>
      )} />
      <p class="card-body small quiet facts facts-tight">
        <span><b>{visible(exchange.statement === "" ? `${exchange.method} ${exchange.path}` : exchange.statement)}</b></span><span><Time at={exchange.start_at} /></span><span>{duration(exchange.duration_ms)}</span>{exchange.trace_id === "" ? null : <span>trace <a class="link" href={urls.trace(exchange.trace_id)}><code>{shortId(exchange.trace_id)}</code></a></span>}{exchange.reason === "" ? null : <span>{visible(exchange.reason)}</span>}
      </p>
      {active === "curl" ? <pre class="code" tabIndex={0} aria-label="curl command">{visible(exchange.curl)}</pre> : active === "request" ? <RequestText exchange={exchange} /> : <ResponseText exchange={exchange} />}
      {active === "curl" ? <ResponseText exchange={exchange} /> : null}
      <Redacted fields={exchange.redacted_fields} />
    </>
  );
}

/** The archived exchanges of one bundle, failing ones first; E goes to the next, C copies it as curl. */
export function ExchangeCard(props: { evidenceId: string; title: string; span?: string; copyKey?: boolean }): JSX.Element {
  const resource = useResource("exchanges", paths.exchanges(props.evidenceId));
  const [at, setAt] = useState(0);
  const exchanges = resource?.data?.items ?? [];
  const current = exchanges[at];
  const move = (step: number): void => {
    setAt(Math.max(0, Math.min(exchanges.length - 1, at + step)));
  };
  const next = async (): Promise<void> => {
    document.getElementById("evidence")?.scrollIntoView({ block: "nearest" });
    const last = at + 1 >= exchanges.length;
    const more = last && await loadMore("exchanges", paths.exchanges(props.evidenceId));
    if (more) setAt(at + 1);
    else move(last ? -at : 1);
  };
  const copy = async (): Promise<void> => {
    if (current === undefined || current.curl === "") return announce("This exchange cannot be sent with curl.");
    document.querySelector<HTMLElement>("#evidence [data-copy] button")?.click();
  };
  useKeys(props.copyKey ? { e: () => void next(), c: () => void copy() } : { e: () => void next() });
  return (
    <div id="evidence" class={`filled ${props.span ?? ""}`}>
      <Card title={props.title} head={(
        <>
          {current === undefined || current.curl === "" ? null : <span data-copy><CopyButton class="button button-on button-small" text={current.curl} what="curl command">Copy as curl{props.copyKey ? <> <Key>C</Key></> : null}</CopyButton></span>}
          <button type="button" class="button button-small" onClick={() => void next()}>Next evidence <Key>E</Key></button>
          <a class="link" href={urls.evidence(props.evidenceId)}>All evidence</a>
        </>
      )}>
        <Loaded resource={resource}>{(rows) => <Shown exchanges={rows.items} more={rows.next !== undefined} at={Math.min(at, Math.max(0, rows.items.length - 1))} onMove={move} />}</Loaded>
      </Card>
    </div>
  );
}
