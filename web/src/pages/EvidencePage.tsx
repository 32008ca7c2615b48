import "../common.ts";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { EvidenceManifest } from "../api/evidenceTypes.ts";
import type { Evidence, Exchange } from "../api/types.ts";
import { Icon } from "../components/icons.tsx";
import { Filter } from "../components/ListParts.tsx";
import { Card, CopyButton, Empty, Key, Loaded, Tabs, Time } from "../components/parts.tsx";
import { announce } from "../components/toasts.tsx";
import { VirtualList } from "../components/VirtualList.tsx";
import type { RowAsked } from "../components/VirtualList.tsx";
import { useTitle } from "../components/useTitle.ts";
import { useKeys } from "../keys/useKeys.ts";
import { bytes, plural, shortId } from "../lib/format.ts";
import { named, visible } from "../lib/visible.ts";
import { query, setQuery } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { DiffView } from "./evidence/DiffCard.tsx";
import { answerOf, counterpartOf, evidenceSentence, indexFrom, isBad, listed, nameOf, roleText } from "./evidence/evidenceView.ts";
import { RequestView, ResponseView } from "./evidence/ExchangeView.tsx";
import { HashesCard, RedactionCard, SelectionCard } from "./evidence/ManifestCard.tsx";
import { ReplayedView } from "./evidence/ReplayedView.tsx";

const rowHeightPx = 48;
const tabs = ["request", "response", "replayed", "curl", "compare"] as const;
type Tab = (typeof tabs)[number];

function tabFrom(value: string | null): Tab {
  return tabs.find((each) => each === value) ?? "request";
}

function Head(props: { evidence: Evidence; manifest: EvidenceManifest | undefined }): JSX.Element {
  const { evidence, manifest } = props;
  const signal = useResource("signal", paths.signal(evidence.signal_id))?.data;
  const gone = evidence.expired_at !== undefined;
  return (
    <div class="head">
      <h1 class="big">{named(evidenceSentence(evidence, manifest))}</h1>
      <p class="facts">
        <span><a class="link" href={urls.service(evidence.service)}>{named(evidence.service)}</a></span>
        <span>window <b><Time at={evidence.window_start_at} /></b></span>
        <span>kept <b><Time at={evidence.created_at} /></b>, <b>{bytes(evidence.bytes)}</b></span>
        {gone ? <span>deleted <b><Time at={evidence.expired_at} /></b></span> : null}
        <a class="link" href={urls.signal(evidence.signal_id)}>Signal</a>
        {signal?.incident_id === undefined ? null : <a class="link" href={urls.incident(signal.incident_id)}>Incident</a>}
        <span class="line"><code class="code-small quiet">{shortId(evidence.id)}</code><CopyButton text={evidence.id} what="Evidence id" /></span>
      </p>
      {gone ? null : (
        <p class="line wrap no-print">
          <a class="button button-small" href={paths.download(evidence.id)} download>Download bundle <span class="quiet">.tar.gz</span></a>
          <a class="button button-small" href={`${paths.download(evidence.id)}?form=har`} download>HAR</a>
          <a class="button button-small" href={`${paths.download(evidence.id)}?form=curl`} download>curl script</a>
        </p>
      )}
    </div>
  );
}

function useExchange(evidence: string, index: number | undefined): ReturnType<typeof useResource<"exchanges">> {
  return useResource("exchanges", index === undefined ? "" : paths.exchangeAt(evidence, index));
}

function pick(index: number, replace = false): void {
  setQuery("x", String(index + 1), replace);
}

function ListOf(props: { manifest: EvidenceManifest; at: number; asked: RowAsked | undefined }): JSX.Element {
  const role = query.value.get("role") ?? "";
  const rows = useMemo(() => listed(props.manifest, role), [props.manifest, role]);
  const present = Object.keys(roleText).filter((each) => props.manifest.exchanges.some((one) => one.role === each));
  return (
    <Card title="Exchanges" note={rows.length} head={<Filter name="role" label="Role" options={[{ value: "", text: "All" }, ...present.map((value) => ({ value, text: roleText[value] ?? value }))]} />}>
      {rows.length === 0 ? <Empty title="No exchange has this role." action={<button type="button" class="button" onClick={() => setQuery("role", "")}>Show all</button>} /> : (
        <VirtualList class="virtual-exchanges" count={rows.length} rowHeight={rowHeightPx} label="Exchanges of the bundle" asked={props.asked} draw={(row) => {
          const { index, exchange } = rows[row]!;
          const here = index === props.at;
          return (
            <li key={index} aria-setsize={rows.length} aria-posinset={row + 1}>
              <button type="button" class="exchange-row" aria-current={here ? "true" : undefined} onClick={() => pick(index)}>
                <span class="line"><span class="tiny quiet">{index + 1}</span><b class="cut grow">{named(nameOf(exchange))}</b>{answerOf(exchange) === "" ? null : <span class={isBad(exchange) ? "bad strong nowrap" : "quiet nowrap"}><span class="unseen">answered </span>{answerOf(exchange)}</span>}</span>
                <span class="tiny quiet cut">{roleText[exchange.role] ?? exchange.role}{exchange.complete ? "" : " \u00b7 cannot be sent again"}{exchange.redacted_fields.length === 0 ? "" : ` \u00b7 ${plural(exchange.redacted_fields.length + (exchange.redacted_fields_cut ?? 0), "field")} redacted`}</span>
              </button>
            </li>
          );
        }} />
      )}
    </Card>
  );
}

function Curl(props: { exchange: Exchange; service: string }): JSX.Element {
  if (props.exchange.curl !== "") return <pre class="code code-wrap" tabIndex={0} aria-label="curl command">{visible(props.exchange.curl)}</pre>;
  return <Empty title="There is no command for this one." action={<a class="button" href={urls.service(props.service)}>Replay target of {props.service}</a>}><p>A command needs a request that was captured whole, and a replay target to send it to.</p></Empty>;
}

function Compare(props: { evidence: Evidence; manifest: EvidenceManifest; at: number; left: Exchange }): JSX.Element {
  const chosen = query.value.get("with");
  const other = chosen === null ? counterpartOf(props.manifest, props.at) : indexFrom(chosen, props.manifest.exchanges.length);
  const right = useExchange(props.evidence.id, other);
  if (other === undefined) return <Empty title="There is nothing to compare it with." ><p>The bundle holds one exchange.</p></Empty>;
  return (
    <>
      <p class="card-body small line wrap">
        <span class="diff-removed diff-key">{"\u2212"} {props.at + 1}, {roleText[props.manifest.exchanges[props.at]?.role ?? ""] ?? ""}</span>
        <span class="diff-added diff-key">+ {other + 1}, {roleText[props.manifest.exchanges[other]?.role ?? ""] ?? ""}</span>
        <span class="grow" />
        <label class="filter">Compare with
          <select class="field" value={String(other + 1)} onChange={(event) => setQuery("with", event.currentTarget.value, true)}>
            {props.manifest.exchanges.map((each, i) => (i === props.at ? null : <option value={String(i + 1)} selected={i === other}>{i + 1}, {roleText[each.role] ?? each.role}: {named(nameOf(each))}</option>))}
          </select>
        </label>
      </p>
      <Loaded resource={right}>{(rows) => (rows.items[0] === undefined ? <Empty title="The bundle does not hold it." /> : <DiffView left={props.left} right={rows.items[0]} />)}</Loaded>
    </>
  );
}

function Detail(props: { evidence: Evidence; manifest: EvidenceManifest; at: number; onMove: (step: number) => void }): JSX.Element {
  const { evidence, manifest, at, onMove } = props;
  const tab = tabFrom(query.value.get("tab"));
  const resource = useExchange(evidence.id, at);
  const incident = useResource("signal", paths.signal(evidence.signal_id))?.data?.incident_id;
  const exchange = resource?.data?.items[0];
  useKeys({
    c: () => (exchange === undefined || exchange.curl === "" ? announce("This exchange cannot be sent with curl.") : document.querySelector<HTMLElement>("#exchange [data-copy] button")?.click()),
    d: () => setQuery("tab", "compare", true),
    r: () => setQuery("tab", "replayed", true),
  });
  return (
    <div id="exchange" class="filled">
      <Card title={`Exchange ${at + 1} of ${manifest.exchanges.length}`} note={roleText[manifest.exchanges[at]?.role ?? ""]} head={(
        <>
          {exchange === undefined || exchange.curl === "" ? null : <span data-copy><CopyButton class="button button-on button-small" text={exchange.curl} what="curl command">Copy as curl <Key>C</Key></CopyButton></span>}
          <button type="button" class="icon-button" aria-label="Previous exchange" disabled={at === 0} onClick={() => onMove(-1)}><Icon name="left" /></button>
          <button type="button" class="icon-button" aria-label="Next exchange" disabled={at === manifest.exchanges.length - 1} onClick={() => onMove(1)}><Icon name="right" /></button>
        </>
      )}>
        <Tabs label="Views of the exchange" active={tab} onPick={(next) => setQuery("tab", next === "request" ? "" : next, true)} tabs={[
          { id: "request", text: exchange?.statement ? "Statement" : "Request" }, { id: "response", text: exchange === undefined ? "Response" : `Response ${exchange.status === 0 ? exchange.outcome : exchange.status}` },
          { id: "replayed", text: <>Replayed <Key>R</Key></> }, { id: "curl", text: "curl" }, { id: "compare", text: <>Compare <Key>D</Key></> },
        ]} />
        <Loaded resource={resource}>{() => exchange === undefined ? <Empty title="The bundle does not hold it." /> : (
          <>
            <p class="card-body small quiet facts facts-tight"><span><Time at={exchange.start_at} /></span>{exchange.trace_id === "" ? null : <a class="link" href={urls.trace(exchange.trace_id)}>Trace</a>}{exchange.reason === "" ? null : <span>{visible(exchange.reason)}</span>}
              {exchange.redacted_fields.length === 0 ? null : <span class="line wrap">Redacted: {exchange.redacted_fields.map((field) => <span class="redacted">{visible(field)}</span>)}</span>}</p>
            {tab === "request" ? <RequestView exchange={exchange} /> : tab === "response" ? <ResponseView exchange={exchange} /> : tab === "replayed" ? <ReplayedView evidence={evidence.id} incident={incident} at={at} role={exchange.role} /> : tab === "curl" ? <Curl exchange={exchange} service={evidence.service} /> : <Compare evidence={evidence} manifest={manifest} at={at} left={exchange} />}
          </>
        )}</Loaded>
      </Card>
    </div>
  );
}

function Opened(props: { evidence: Evidence; manifest: EvidenceManifest }): JSX.Element {
  const { evidence, manifest } = props;
  const role = query.value.get("role") ?? "";
  const rows = useMemo(() => listed(manifest, role), [manifest, role]);
  const at = indexFrom(query.value.get("x"), manifest.exchanges.length);
  const [asked, setAsked] = useState<RowAsked>();
  const place = rows.findIndex((each) => each.index === at);
  useEffect(() => setAsked({ row: Math.max(0, place) }), [at, role]);
  const move = (step: number): void => {
    const next = rows[place < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, place + step))];
    if (next !== undefined && next.index !== at) pick(next.index, true);
  };
  useKeys({ j: () => move(1), k: () => move(-1), e: () => move(1) });
  if (manifest.exchanges.length === 0) return <div class="card"><Empty title="No request was captured."><p>Spans and metrics show that it failed, not with which request. To keep requests, send request/response pairs as log records, too.</p></Empty></div>;
  return (
    <>
      <div class="evidence-panes">
        <ListOf manifest={manifest} at={at} asked={asked} />
        <Detail evidence={evidence} manifest={manifest} at={at} onMove={(step) => pick(at + step, true)} />
      </div>
      <div class="grid">
        <SelectionCard manifest={manifest} /><RedactionCard manifest={manifest} /><HashesCard evidence={evidence} manifest={manifest} at={at} />
      </div>
    </>
  );
}

/** What was captured, as it was kept: which exchanges, each of them, two beside each other, and what was left out or redacted. */
export function EvidencePage(props: { id: string }): JSX.Element {
  const resource = useResource("evidence", paths.evidence(props.id));
  const gone = resource?.data === undefined || resource.data.expired_at !== undefined;
  const manifest = useResource("manifest", gone ? "" : paths.manifest(props.id));
  useTitle(resource?.data === undefined ? "Evidence" : `Evidence of ${resource.data.service}`);
  return (
    <div class="page stack">
      <Loaded resource={resource} lines={12} missing={<div class="card"><Empty title="There is no such evidence." action={<a class="button" href={urls.incidents}>All incidents</a>}><h1 class="unseen">Not found</h1><p>The link may be cut off, or belong to another server.</p></Empty></div>}>
        {(evidence) => (
          <>
            <Head evidence={evidence} manifest={manifest?.data} />
            {evidence.expired_at !== undefined ? <div class="card"><Empty title="The bundle is no longer here." action={<a class="button" href={urls.signal(evidence.signal_id)}>Open the signal</a>}><p>The server's limits of age and space deleted it. Its signal and its counts are kept.</p></Empty></div>
              : <Loaded resource={manifest} lines={12}>{(found) => <Opened evidence={evidence} manifest={found} />}</Loaded>}
          </>
        )}
      </Loaded>
    </div>
  );
}
