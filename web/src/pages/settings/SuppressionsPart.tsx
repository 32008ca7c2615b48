import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import "../../api/detectionEndpoints.ts";
import { addSuppression, liftSuppression } from "../../api/detectionActions.ts";
import type { Suppression } from "../../api/detectionTypes.ts";
import { withQuery } from "../../api/endpoints.ts";
import { announceProblem, hasRole, PartHead } from "../../components/settings/pieces.tsx";
import { Empty, Loaded, Time } from "../../components/parts.tsx";
import { Filter, FilteredOut, ListCard, More } from "../../components/ListParts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useServiceOptions } from "../../components/useServiceNames.ts";
import { useTitle } from "../../components/useTitle.ts";
import { count, plural } from "../../lib/format.ts";
import { auditUrl } from "../../lib/settings/objects.ts";
import { againOf, matchSentence, stateFilter, suppressionStates } from "../../lib/settings/suppressions.ts";
import { visible } from "../../lib/visible.ts";
import { actorText } from "../../lib/words.ts";
import { query } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

function Until(props: { row: Suppression }): JSX.Element {
  const { row } = props;
  if (row.state === "lifted") return <span class="quiet">lifted{row.lifted_at === undefined ? null : <> <Time at={row.lifted_at} relative /></>}{row.lifted_by === undefined ? "" : <div class="tiny">by {visible(actorText(row.lifted_by))}</div>}</span>;
  if (row.until === undefined) return <>until lifted</>;
  return row.state === "expired" ? <span class="quiet">ran out <Time at={row.until} relative /></span> : <>until <Time at={row.until} /></>;
}

function Lift(props: { row: Suppression }): JSX.Element {
  const { row } = props;
  const [busy, setBusy] = useState(false);
  const lift = async (): Promise<void> => {
    setBusy(true);
    const answer = await liftSuppression(row.id);
    setBusy(false);
    if (!answer.ok) return announceProblem(answer.problem);
    const back = (): void => void addSuppression(againOf(row)).then((done) => (done.ok ? announce("It is suppressed again.") : announceProblem(done.problem)));
    announce("Lifted: the next signal like this counts again.", back);
  };
  return <button type="button" class="button button-small" disabled={busy} aria-label={`Lift: ${matchSentence(row)}`} onClick={() => void lift()}>Lift</button>;
}

function Row(props: { row: Suppression; picked: boolean }): JSX.Element {
  const { row } = props;
  const signals = `${urls.signals}?${new URLSearchParams({ service: row.service, ...(row.kind === undefined ? {} : { kind: row.kind }), suppressed: "true" }).toString()}`;
  return (
    <tr class={props.picked ? "row-picked" : undefined}>
      <td class="full">
        <b>{visible(matchSentence(row))}</b>
        <div class="small">{visible(row.reason)}</div>
        <div class="small quiet">{visible(actorText(row.created_by))}, <Time at={row.created_at} relative /> {"\u00b7"} <a class="link" href={auditUrl({ object: `suppression/${row.id}`, order: "newest" })}>audit</a></div>
      </td>
      <td class="nowrap"><Until row={row} /></td>
      <td class="right">{row.hits === 0 ? <span class="quiet">none</span> : <a class="link" href={signals}>{count(row.hits)}<span class="unseen"> suppressed signals of {row.service}</span></a>}<div class="tiny quiet">{row.last_hit_at === undefined ? "" : <>last <Time at={row.last_hit_at} relative /></>}</div></td>
      <td class="right">{row.state === "active" && hasRole("operator") ? <Lift row={row} /> : null}</td>
    </tr>
  );
}

function titleOf(rows: readonly Suppression[], more: boolean, state: string, service: string): string {
  const where = service === "" ? "" : ` in ${service}`;
  if (state !== "") return `${plural(rows.length, "suppression")}${more ? " and more" : ""}${where}.`;
  return rows.length === 0 ? `Nothing is suppressed${where}.` : `${plural(rows.length, "suppression")}${more ? " and more" : ""} ${rows.length === 1 ? "keeps" : "keep"} signals${where} from opening anything.`;
}

export function SuppressionsPart(): JSX.Element {
  const state = query.value.get("state") ?? "";
  const service = query.value.get("service") ?? "";
  const path = withQuery("/suppressions", { state: stateFilter(state), service });
  const resource = useResource("suppressions", path);
  const rows = resource?.data;
  useTitle("Suppressions");
  return (
    <>
      <PartHead title={rows === undefined ? "Suppressions" : titleOf(rows.items, rows.next !== undefined, state, service)} about="What is known and not worth an incident now. Its signals are still seen, stored and listed with a mark, so that nothing is hidden; they open and run nothing.">
        <a class="button" href={`${urls.signals}?suppressed=true`}>Suppressed signals</a>
      </PartHead>
      <ListCard title="Suppressions" head={<><Filter name="state" label="State" options={suppressionStates} /><Filter name="service" label="Service" options={useServiceOptions(service)} /></>}>
        <Loaded resource={resource} lines={4}>
          {(data) => data.items.length > 0 ? (
            <>
              <table class="table table-fold"><thead><tr><th>What and why</th><th>How long</th><th class="right">Hits</th><th><span class="unseen">Lift</span></th></tr></thead>
                <tbody>{data.items.map((row) => <Row key={row.id} row={row} picked={row.id === query.value.get("suppression")} />)}</tbody></table>
              <More kind="suppressions" path={path} rows={data} />
            </>
          ) : state !== "" || service !== "" ? <FilteredOut what="suppression" clear={urls.settings("suppressions")} />
            : <Empty title="Nothing is suppressed." action={<a class="button" href={urls.signals}>All signals</a>}><p>Open a signal that is known and harmless and choose {"\u201c"}Suppress signals like this{"\u201d"}. It asks why and until when, and ends by itself.</p></Empty>}
        </Loaded>
        {hasRole("operator") ? null : <p class="card-foot small quiet">The role operator suppresses and lifts.</p>}
      </ListCard>
    </>
  );
}
