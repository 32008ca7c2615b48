import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import { IncidentTable } from "../components/IncidentTable.tsx";
import { Filter, FilteredOut, ListCard, More, NewRows, showNew } from "../components/ListParts.tsx";
import { Kept } from "../components/Kept.tsx";
import { Empty, Loaded } from "../components/parts.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import { useServiceOptions } from "../components/useServiceNames.ts";
import { TimeRange } from "../components/TimeFilter.tsx";
import { useTitle } from "../components/useTitle.ts";
import { plural } from "../lib/format.ts";
import { severityText, statusText } from "../lib/words.ts";
import { query, setQuery } from "../router/router.ts";
import { me } from "../state/store.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";

const statuses = ["detected", "reproducing", "reproduced", "needs_human", "submitted", "resolved", "wontfix", "rejected"];
const severities = ["critical", "high", "medium", "low"];

/** How many are out of sight by this filter. */
function useHidden(path: string, wanted: boolean): string {
  const rows = useResource("incidents", wanted ? path : "")?.data;
  if (!wanted || rows === undefined || rows.items.length + rows.fresh.length === 0) return "";
  const known = rows.items.filter((row) => row.snoozed_until !== undefined).length + rows.fresh.length;
  return known === 0 ? "" : `${known}${rows.next === undefined ? "" : "+"}`;
}

function SnoozedLine(props: { hidden: string; only: boolean }): JSX.Element | null {
  if (props.only) return <p class="card-body small">Only snoozed ones. <button type="button" class="text-button" onClick={() => setQuery("snoozed", "")}>Show the others</button></p>;
  if (props.hidden === "") return null;
  return <p class="card-body small quiet" data-snoozed>{props.hidden} snoozed, not shown. <button type="button" class="text-button" onClick={() => setQuery("snoozed", "true")}>Show snoozed</button></p>;
}

export function IncidentsPage(): JSX.Element {
  const view = query.value;
  const status = view.get("status") ?? "";
  const service = view.get("service") ?? "";
  const severity = view.get("severity") ?? "";
  const assigned = view.get("assigned") ?? "";
  const [from, to] = [view.get("from") ?? "", view.get("to") ?? ""];
  const onlySnoozed = view.get("snoozed") === "true";
  const whose = assigned === "me" ? me.value?.name ?? "" : assigned;
  // Without a status the list is of what is open, and of that what nobody put off.
  const filter = { open: status === "" ? "true" : undefined, status: status === "all" ? "" : status, service, severity, assigned: whose, from, to };
  const path = paths.incidents({ ...filter, snoozed: onlySnoozed ? "true" : status === "" ? "false" : undefined });
  const hidden = useHidden(paths.incidents({ ...filter, snoozed: "true" }), status === "" && !onlySnoozed);
  const resource = useResource("incidents", path);
  const rows = resource?.data;
  const mark = useRowKeys(rows?.items, (row) => urls.incident(row.id), { n: () => showNew(path) });
  const services = useServiceOptions(service);
  const filtered = status !== "" || service !== "" || severity !== "" || assigned !== "" || from !== "" || to !== "" || onlySnoozed;
  const kind = onlySnoozed ? "snoozed incident" : status === "" ? "open incident" : "incident";
  const shown = rows === undefined ? "Incidents" : `${plural(rows.items.length, kind)}${rows.next === undefined ? "" : " and more"}${service === "" ? "" : ` in ${service}`}.`;
  useTitle("Incidents");
  return (
    <div class="page stack">
      <h1>{shown}</h1>
      <ListCard title="Incidents" head={(
        <>
          <Filter name="status" label="Status" options={[{ value: "", text: "Open" }, { value: "all", text: "All" }, ...statuses.map((value) => ({ value, text: statusText(value) }))]} />
          <Filter name="severity" label="Severity" options={[{ value: "", text: "All" }, ...severities.map((value) => ({ value, text: severityText(value) }))]} />
          <Filter name="service" label="Service" options={services} />
          <Filter name="assigned" label="Assigned" options={[{ value: "", text: "Anyone" }, { value: "me", text: "Me" }, { value: "none", text: "Nobody" }]} />
          <TimeRange />
          <a class="link small" href={urls.settings("alarms")}>Alarms</a>
        </>
      )}>
        <Loaded resource={resource}>
          {(data) => (
            <>
              <NewRows rows={data} path={path} one="incident" />
              <SnoozedLine hidden={hidden} only={onlySnoozed} />
              {data.items.length > 0 ? <Kept by={[data.items, mark]}>{() => <IncidentTable incidents={data.items} mark={mark} />}</Kept>
                : filtered ? <FilteredOut what="incident" clear={urls.incidents} />
                  : <Empty title="No open incident." action={<a class="button" href="/incidents?status=all">Show closed ones</a>}><p>When traffic leaves its baseline, the incident appears here with its proof.</p></Empty>}
              <More kind="incidents" path={path} rows={data} />
            </>
          )}
        </Loaded>
      </ListCard>
    </div>
  );
}
