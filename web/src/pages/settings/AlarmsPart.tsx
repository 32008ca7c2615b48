import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import "../../api/alarmEndpoints.ts";
import { acceptAlarm } from "../../api/alarmActions.ts";
import type { Alarm } from "../../api/alarmTypes.ts";
import { withQuery } from "../../api/endpoints.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { hasRole, PartHead, TextFilter } from "../../components/settings/pieces.tsx";
import { Empty, Loaded, Time } from "../../components/parts.tsx";
import { Filter, FilteredOut, ListCard, More } from "../../components/ListParts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useServiceOptions } from "../../components/useServiceNames.ts";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { alarmName, alarmStateOptions, alarmStateText, foundBy } from "../../lib/settings/alarms.ts";
import { named, visible } from "../../lib/visible.ts";
import { query } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

function Words(props: { alarm: Alarm }): JSX.Element {
  const { alarm } = props;
  const outside = alarm.link !== undefined && /^https?:\/\//.test(alarm.link);
  return (
    <details class="small">
      <summary>What it says</summary>
      {alarm.description === "" ? null : <p>{visible(alarm.description)}</p>}
      {alarm.frames.length === 0 ? null : <pre class="code code-boxed" tabIndex={0} aria-label="Stack">{visible(alarm.frames.join("\n"))}</pre>}
      <p class="quiet">{alarm.handling_text === "" ? "" : `${alarm.handling}: ${visible(alarm.handling_text)} `}{outside ? <a class="link" href={alarm.link} target="_blank" rel="noreferrer">open at its source</a> : null}</p>
    </details>
  );
}

function Row(props: { alarm: Alarm; onAccept: () => void }): JSX.Element {
  const { alarm } = props;
  return (
    <tr class={alarm.id === query.value.get("alarm") ? "row-picked" : undefined}>
      <td class="nowrap quiet"><Time at={alarm.received_at} /></td>
      <td class="full">
        <b>{named(alarmName(alarm))}</b>
        <div class="small quiet"><b class="ink">{named(alarm.service)}</b> {"\u00b7"} from {visible(alarm.source)}{alarm.route === "" ? "" : ` \u00b7 ${visible(alarm.route)}`}{alarm.says === "resolved" ? " \u00b7 resolved there" : ""}</div>
        {alarm.description === "" && alarm.frames.length === 0 && alarm.link === undefined ? null : <Words alarm={alarm} />}
      </td>
      <td class="roomy">{alarmStateText(alarm.state)}{foundBy(alarm) === "" ? null : <div class="small quiet">{foundBy(alarm)}</div>}</td>
      <td class="right">{alarm.incident_id !== undefined ? <a class="link" href={urls.incident(alarm.incident_id)}>Incident</a>
        : alarm.state === "held" ? <a class="link" href={urls.settings("events")}>Decide</a>
          : alarm.state === "stale" && hasRole("operator") ? <button type="button" class="button button-small" aria-label={`Take in: ${alarmName(alarm)}`} onClick={props.onAccept}>Take in</button> : null}</td>
    </tr>
  );
}

/** What every source said, and what became of it. */
export function AlarmsPart(): JSX.Element {
  const [accepting, setAccepting] = useState<Alarm>();
  const state = query.value.get("state") ?? "";
  const service = query.value.get("service") ?? "";
  const source = query.value.get("source") ?? "";
  const path = withQuery("/alarms", { state, service, source });
  const resource = useResource("alarms", path);
  const rows = resource?.data;
  const close = (): void => setAccepting(undefined);
  useTitle("Alarms");
  return (
    <>
      <PartHead title={rows === undefined ? "Alarms" : rows.items.length === 0 ? "No alarm came." : `${plural(rows.items.length, "alarm")}${rows.next === undefined ? "" : " and more"}, newest first.`} about="What other systems, log stores and programs said is wrong. Each opens an incident, counts on a known one, or says here why it did neither.">
        <a class="button" href={urls.settings("events")}>Waiting events</a>
      </PartHead>
      <ListCard title="Alarms" head={<><Filter name="state" label="Became" options={alarmStateOptions} /><Filter name="service" label="Service" options={useServiceOptions(service)} /><TextFilter name="source" label="From" placeholder="alertmanager" /></>}>
        <Loaded resource={resource}>
          {(data) => data.items.length > 0 ? (
            <>
              <table class="table table-fold"><thead><tr><th>Came</th><th>What</th><th>What became of it</th><th><span class="unseen">Where</span></th></tr></thead><tbody>{data.items.map((alarm) => <Row key={alarm.id} alarm={alarm} onAccept={() => setAccepting(alarm)} />)}</tbody></table>
              <More kind="alarms" path={path} rows={data} />
            </>
          ) : state !== "" || service !== "" || source !== "" ? <FilteredOut what="alarm" clear={urls.settings("alarms")} />
            : <Empty title="No alarm came so far." action={<a class="button" href={urls.settings(hasRole("operator") ? "hooks" : "logs")}>Connect a system</a>}><p>Alarms come by webhook, from log stores that are asked, and from programs: <code>POST /api/v1/events</code> with a token of scope <code>events:write</code>.</p></Empty>}
        </Loaded>
      </ListCard>
      {accepting === undefined ? null : (
        <ActionDialog title="Take it in after all?" verb="Take it in" explain={`"${alarmName(accepting)}" came too late to count by itself. Taken in, it opens an incident or counts on a known one, as if it were new.`}
          act={() => acceptAlarm(accepting.id)} onDone={() => { close(); announce("The alarm is taken in."); }} onClose={close} />
      )}
    </>
  );
}
