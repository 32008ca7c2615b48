import type { JSX } from "preact";
import type { Incident } from "../api/types.ts";
import { count } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { verdictOf } from "../lib/way.ts";
import { kindText } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import type { Mark } from "./useRowKeys.ts";
import { Severity, Stamp } from "./marks.tsx";
import { Time } from "./parts.tsx";
import { MiniWay } from "./Way.tsx";

export function IncidentTable(props: { incidents: Incident[]; mark?: Mark }): JSX.Element {
  return (
    <table class="table table-fold">
      <thead><tr><th>Severity</th><th>What broke</th><th>Proof</th><th>Way so far</th></tr></thead>
      <tbody>
        {props.incidents.map((incident, i) => {
          const verdict = verdictOf(incident);
          return (
            <tr key={incident.id} {...props.mark?.(i)}>
              <td class="nowrap"><Severity severity={incident.severity} /></td>
              <td class="full">
                <a class="strong" href={urls.incident(incident.id)}>{named(incident.title)}</a>
                {incident.explanation === incident.title ? null : <p class="small cut-2">{named(incident.explanation)}</p>}
                <div class="small quiet"><b class="ink">{named(incident.service)}</b> {"\u00b7"} {incident.kinds.map(kindText).join(", ")} {"\u00b7"} {count(incident.occurrences)}{"\u00d7"} {"\u00b7"} <Time at={incident.last_seen_at} relative />{incident.recurred ? " \u00b7 came back" : ""}{incident.assigned_to === "" ? "" : <> {"\u00b7"} {named(incident.assigned_to)}'s</>}</div>
                {incident.snoozed_until === undefined ? null : <div class="small">Snoozed until <Time at={incident.snoozed_until} /> by {incident.snoozed_by}: {named(incident.snooze_reason ?? "")}</div>}
              </td>
              <td class="nowrap">{verdict === undefined ? null : <Stamp verdict={verdict} small />}</td>
              <td><MiniWay incident={incident} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
