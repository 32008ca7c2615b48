import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import { IncidentTable } from "../components/IncidentTable.tsx";
import { Filter, FilteredOut, ListCard, More, NewRows, showNew } from "../components/ListParts.tsx";
import { Kept } from "../components/Kept.tsx";
import { Empty, Loaded } from "../components/parts.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import { useServiceOptions } from "../components/useServiceNames.ts";
import { useTitle } from "../components/useTitle.ts";
import { plural } from "../lib/format.ts";
import { severityText, statusText } from "../lib/words.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";

const statuses = ["detected", "reproducing", "reproduced", "needs_human", "submitted", "resolved", "wontfix", "rejected"];
const severities = ["critical", "high", "medium", "low"];

export function IncidentsPage(): JSX.Element {
  const view = query.value;
  const status = view.get("status") ?? "";
  const service = view.get("service") ?? "";
  const severity = view.get("severity") ?? "";
  // Without a status the list is of what is open.
  const path = paths.incidents({ open: status === "" ? "true" : undefined, status: status === "all" ? "" : status, service, severity });
  const resource = useResource("incidents", path);
  const rows = resource?.data;
  const mark = useRowKeys(rows?.items, (row) => urls.incident(row.id), { n: () => showNew(path) });
  const services = useServiceOptions(service);
  const filtered = status !== "" || service !== "" || severity !== "";
  const shown = rows === undefined ? "Incidents" : `${plural(rows.items.length, status === "" ? "open incident" : "incident")}${rows.next === undefined ? "" : " and more"}${service === "" ? "" : ` in ${service}`}.`;
  useTitle("Incidents");
  return (
    <div class="page stack">
      <h1>{shown}</h1>
      <ListCard title="Incidents" head={(
        <>
          <Filter name="status" label="Status" options={[{ value: "", text: "Open" }, { value: "all", text: "All" }, ...statuses.map((value) => ({ value, text: statusText(value) }))]} />
          <Filter name="severity" label="Severity" options={[{ value: "", text: "All" }, ...severities.map((value) => ({ value, text: severityText(value) }))]} />
          <Filter name="service" label="Service" options={services} />
          <a class="link small" href={urls.settings("alarms")}>Alarms</a>
        </>
      )}>
        <Loaded resource={resource}>
          {(data) => (
            <>
              <NewRows rows={data} path={path} one="incident" />
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
