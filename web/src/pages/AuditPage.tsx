import "../common.ts";
import type { JSX } from "preact";
import "../api/settingsEndpoints.ts";
import { withQuery } from "../api/endpoints.ts";
import type { AuditRow } from "../api/settingsTypes.ts";
import { Empty, Loaded, Time } from "../components/parts.tsx";
import { Filter, FilteredOut, ListCard, More } from "../components/ListParts.tsx";
import { hasRole, NoRole, TextFilter } from "../components/settings/pieces.tsx";
import { TimeRange } from "../components/TimeFilter.tsx";
import { Icon } from "../components/icons.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, shortId } from "../lib/format.ts";
import { visible } from "../lib/visible.ts";
import { actionGroups, auditUrl, detailText, objectUrl } from "../lib/settings/objects.ts";
import { actorText } from "../lib/words.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { AuditTools } from "./audit/AuditTools.tsx";

function Thing(props: { object: string }): JSX.Element {
  const { object } = props;
  const at = object.indexOf("/");
  const text = at < 0 ? object : `${object.slice(0, at)} ${visible(shortId(object.slice(at + 1)))}`;
  const url = objectUrl(object);
  return (
    <span class="line thing">
      {url === undefined ? <a class="link" href={auditUrl({ object, order: "newest" })} title={`All rows about ${object}`}>{text}</a> : <a class="link" href={url}>{text}</a>}
      {url === undefined || at < 0 ? null : <a class="icon-button" href={auditUrl({ object, order: "newest" })} aria-label={`All rows about ${object}`} title="All rows about it"><Icon name="search" small /></a>}
    </span>
  );
}

function Actor(props: { row: AuditRow }): JSX.Element {
  const { row } = props;
  const run = row.actor.startsWith("run:") ? row.actor.slice(4) : undefined;
  return (
    <>
      {run === undefined ? <a class="link" href={auditUrl({ actor: row.actor, order: "newest" })} title={`All rows of ${row.actor}`}>{visible(actorText(row.actor))}</a> : <a class="link" href={urls.run(run)}>run {shortId(run)}</a>}
      <div class="small quiet">{row.auth === "none" || row.auth === "" ? row.actor_type : row.auth.startsWith("token:") ? <a class="link" href={objectUrl(`token/${row.auth.slice(6)}`)}>token</a> : row.auth}</div>
    </>
  );
}

function Detail(props: { row: AuditRow }): JSX.Element {
  const { row } = props;
  const facts = Object.entries(row.detail);
  return (
    <details class="small">
      <summary>{facts.length === 0 ? "how it is chained" : facts.slice(0, 2).map(([name, value]) => `${name} ${visible(detailText(value)).slice(0, 60)}`).join(", ")}</summary>
      <dl class="pairs audit-pairs">
        {facts.map(([name, value]) => <><dt>{visible(name)}</dt><dd class="mono">{visible(detailText(value))}</dd></>)}
        <dt>time</dt><dd class="mono">{row.at}</dd>
        <dt>request</dt><dd class="mono">{row.request_id === "" ? "none" : row.request_id}</dd>
        <dt>hash</dt><dd class="mono">{row.hash}</dd>
        <dt>of the row before</dt><dd class="mono">{row.previous_hash}</dd>
      </dl>
    </details>
  );
}

function Table(props: { rows: AuditRow[] }): JSX.Element {
  const marked = Number(query.value.get("row") ?? 0);
  return (
    <table class="table table-fold">
      <thead><tr><th class="right">Row</th><th>When</th><th>Who</th><th>Did</th><th>To</th><th>Detail</th></tr></thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={row.seq} class={row.seq === marked ? "row-picked" : undefined}>
            <td class="right quiet">{count(row.seq)}</td>
            <td class="nowrap"><Time at={row.at} /></td>
            <td class="nowrap"><Actor row={row} /></td>
            <td class="nowrap"><a class="link" href={auditUrl({ action: row.action, order: "newest" })}><code>{row.action}</code></a></td>
            <td class="nowrap"><Thing object={row.object} /></td>
            <td class="full"><Detail row={row} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function titleOf(rows: readonly AuditRow[], order: string, filtered: boolean): string {
  if (rows.length === 0) return "Audit";
  const last = Math.max(...rows.map((row) => row.seq));
  if (filtered) return `${count(rows.length)} rows fit, ${order === "newest" ? "newest" : "oldest"} first.`;
  return order === "newest" ? `${count(last)} rows in the audit, newest first.` : `The audit from its first row on.`;
}

function Rows(): JSX.Element {
  const order = query.value.get("order") === "oldest" ? "oldest" : "newest";
  const actor = query.value.get("actor") ?? "";
  const action = query.value.get("action") ?? "";
  const object = query.value.get("object") ?? "";
  const from = query.value.get("from") ?? "";
  const to = query.value.get("to") ?? "";
  const after = query.value.get("after") ?? "";
  const path = withQuery("/audit", { order, actor, action, object, from, to, after });
  const resource = useResource("audit", path);
  const filtered = actor !== "" || action !== "" || object !== "" || from !== "" || to !== "";
  return (
    <>
      <div class="head"><h1>{resource?.data === undefined ? "Audit" : titleOf(resource.data.items, order, filtered || after !== "")}</h1><p class="quiet about">Who did what, how they had proved who they are, and by which request. A row is written with what it tells about: no row, no action.</p></div>
      <AuditTools />
      <ListCard title="Rows" head={(
        <>
          <Filter name="order" label="Order" options={[{ value: "", text: "Newest first" }, { value: "oldest", text: "Oldest first" }]} />
          <TextFilter name="actor" label="Who" placeholder="user:ada" />
          <TextFilter name="action" label="Did" placeholder="service" options={actionGroups} />
          <TextFilter name="object" label="To" placeholder="service/shop" />
          <TimeRange />
        </>
      )}>
        <Loaded resource={resource} lines={8}>
          {(data) => (
            <>
              {data.items.length > 0 ? <Table rows={data.items} /> : data.next !== undefined ? <Empty title="Nothing among the rows that were compared."><p>A page compares 100,000 rows. Load more to look at the rest.</p></Empty>
                : filtered || after !== "" ? <FilteredOut what="row" clear={urls.audit} /> : <Empty title="No row yet."><p>The first one comes with the first change that somebody makes.</p></Empty>}
              <More kind="audit" path={path} rows={data} />
            </>
          )}
        </Loaded>
      </ListCard>
    </>
  );
}

export function AuditPage(): JSX.Element {
  useTitle("Audit");
  return <div class="page stack">{hasRole("admin") ? <Rows /> : <><h1>Audit</h1><NoRole role="admin" what="The audit" /></>}</div>;
}
