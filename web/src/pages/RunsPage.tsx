import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { Run } from "../api/types.ts";
import { Filter, FilteredOut, ListCard, More, NewRows, showNew } from "../components/ListParts.tsx";
import { Pips, pipsOf, RiskMark, Stamp } from "../components/marks.tsx";
import { Empty, Loaded, Time } from "../components/parts.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import { useTitle } from "../components/useTitle.ts";
import { plural } from "../lib/format.ts";
import { actorText, runStateText } from "../lib/words.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";

const states = ["queued", "leased", "waiting_approval", "failed", "dead_letter", "succeeded", "cancelled"];

function Row(props: { run: Run; mark: Record<string, unknown> }): JSX.Element {
  const { run } = props;
  return (
    <tr {...props.mark}>
      <td class="full">
        <a class="strong" href={urls.run(run.id)}>{run.kind}, {runStateText(run.state).toLowerCase()}</a>
        <div class="small quiet">{run.step === "" ? "not begun" : `step ${run.step}`} {"\u00b7"} attempt {run.attempt} of {run.attempts_max} {"\u00b7"} asked by {actorText(run.requested_by)} {"\u00b7"} <a class="link" href={urls.incident(run.incident_id)}>incident</a></div>
        {run.error === "" ? null : <div class="small bad">{run.error}</div>}
      </td>
      <td class="nowrap">{run.verdict === undefined ? null : <Stamp verdict={run.verdict} small />}{run.result === undefined ? null : <div><Pips pips={pipsOf(run.result.trials, run.result.trials_planned, run.state === "leased")} label={`${run.result.trials.filter((trial) => trial.shows).length} of ${run.result.trials_planned} trials show it`} /></div>}</td>
      <td class="nowrap"><RiskMark risk={run.risk} /></td>
      <td class="right nowrap quiet"><Time at={run.updated_at} relative /></td>
    </tr>
  );
}

export function RunsPage(): JSX.Element {
  const state = query.value.get("state") ?? "";
  const incident = query.value.get("incident") ?? "";
  const path = paths.runs({ state, incident });
  const resource = useResource("runs", path);
  const rows = resource?.data;
  const mark = useRowKeys(rows?.items, (row) => urls.run(row.id), { n: () => showNew(path) });
  useTitle("Runs");
  return (
    <div class="page stack">
      <h1>{rows === undefined ? "Runs" : `${plural(rows.items.length, "run")}${rows.next === undefined ? "" : " and more"}${state === "" ? "" : `, ${runStateText(state).toLowerCase()}`}, newest first.`}</h1>
      <ListCard title="Runs" head={<Filter name="state" label="State" options={[{ value: "", text: "All" }, ...states.map((value) => ({ value, text: runStateText(value) }))]} />}>
        <Loaded resource={resource}>
          {(data) => (
            <>
              <NewRows rows={data} path={path} one="run" />
              {data.items.length > 0 ? (
                <table class="table table-fold">
                  <thead><tr><th>Run</th><th>Verdict</th><th>Risk</th><th class="right">Changed</th></tr></thead>
                  <tbody>{data.items.map((run, i) => <Row key={run.id} run={run} mark={mark(i)} />)}</tbody>
                </table>
              ) : state !== "" || incident !== "" ? <FilteredOut what="run" clear={urls.runs} />
                : <Empty title="No run so far."><p>A run is queued when an incident has its evidence: it replays the captured traffic.</p></Empty>}
              <More kind="runs" path={path} rows={data} />
            </>
          )}
        </Loaded>
      </ListCard>
    </div>
  );
}
