import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Exchange } from "../../api/types.ts";
import { CopyButton } from "../../components/parts.tsx";
import { Redactions } from "../../components/Redactions.tsx";
import { bodyText } from "../../lib/bodyText.ts";
import { bytes, duration } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";

export function Headers(props: { headers: Exchange["request_headers"]; label: string }): JSX.Element {
  if (props.headers.length === 0) return <p class="card-body small quiet">No headers.</p>;
  return (
    <table class="table table-tight table-headers">
      <caption class="unseen">{props.label}</caption>
      <tbody>{props.headers.map(([name, value]) => <tr><th scope="row">{visible(name)}</th><td><code><Redactions text={value} /></code></td></tr>)}</tbody>
    </table>
  );
}

function isBinary(body: string): boolean {
  return body.includes("\u0000") || body.includes("\ufffd");
}

export function Body(props: { body: string; label: string }): JSX.Element {
  const { body } = props;
  const [raw, setRaw] = useState(false);
  if (body === "") return <p class="card-body small quiet rule-top">No body.</p>;
  const pretty = bodyText(body);
  return (
    <>
      <p class="body-head line small quiet rule-top"><span class="grow">Body, {bytes(new Blob([body]).size)}{isBinary(body) ? ", not all of it is text" : ""}</span>
        {pretty === body ? null : <button type="button" class="text-button" aria-pressed={raw} onClick={() => setRaw(!raw)}>{raw ? "Laid out" : "As it came"}</button>}
        <CopyButton text={body} what={props.label.toLowerCase()} /></p>
      <pre class="code code-wrap" tabIndex={0} aria-label={props.label}><Redactions text={raw ? body.slice(0, pretty.length) : pretty} /></pre>
    </>
  );
}

export function RequestView(props: { exchange: Exchange }): JSX.Element {
  const { exchange } = props;
  if (exchange.statement !== "") return <pre class="code code-wrap" tabIndex={0} aria-label="Statement">{visible(exchange.statement)}</pre>;
  return (
    <>
      <p class="card-body"><code><b>{visible(exchange.method)}</b> {visible(exchange.path)}</code>{exchange.host === "" ? null : <span class="small quiet"> at {visible(exchange.host)}</span>}</p>
      <Headers headers={exchange.request_headers} label="Request headers" />
      <Body key={exchange.index} body={exchange.request_body} label="Request body" />
    </>
  );
}

export function ResponseView(props: { exchange: Exchange }): JSX.Element {
  const { exchange } = props;
  const bad = exchange.role === "failing" || exchange.role === "trigger";
  return (
    <>
      <p class="card-body"><code class={bad ? "code-bad" : "code-good"}>{exchange.status === 0 ? exchange.outcome : `HTTP ${exchange.status}`}</code> <span class="small quiet">after {duration(exchange.duration_ms)}{exchange.message === "" ? "" : `, ${visible(exchange.message)}`}</span></p>
      <Headers headers={exchange.response_headers} label="Response headers" />
      <Body key={exchange.index} body={exchange.response_body} label="Response body" />
    </>
  );
}
