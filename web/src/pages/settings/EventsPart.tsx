import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import "../../api/alarmEndpoints.ts";
import { approveAllEvents, approveEvent, dismissEvent, liftDismissal } from "../../api/alarmActions.ts";
import type { EventDismissal, HeldEvent } from "../../api/alarmTypes.ts";
import { withQuery } from "../../api/endpoints.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { announceProblem, hasRole, PartHead } from "../../components/settings/pieces.tsx";
import { Card, Empty, Loaded, Time } from "../../components/parts.tsx";
import { Filter, FilteredOut, ListCard, More } from "../../components/ListParts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { count, plural } from "../../lib/format.ts";
import { alarmName, eventsSentence, eventStateFilter, eventStateOptions } from "../../lib/settings/alarms.ts";
import { named, visible } from "../../lib/visible.ts";
import { actorText } from "../../lib/words.ts";
import { query } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const nameOf = (each: Pick<HeldEvent, "title" | "error_type">): string => alarmName({ ...each, description: "" });

function Decide(props: { event: HeldEvent; onDismiss: () => void }): JSX.Element {
  const { event } = props;
  const [busy, setBusy] = useState(false);
  const approve = async (): Promise<void> => {
    setBusy(true);
    const answer = await approveEvent(event.id);
    setBusy(false);
    if (answer.ok) announce("Let in: it opens an incident or counts on a known one.");
    else announceProblem(answer.problem);
  };
  return (
    <span class="line line-end">
      <button type="button" class="button button-small" disabled={busy} aria-label={`Let in: ${nameOf(event)}`} onClick={() => void approve()}>Let in</button>
      <button type="button" class="button button-small button-danger-text" aria-label={`Dismiss: ${nameOf(event)}`} onClick={props.onDismiss}>Dismiss</button>
    </span>
  );
}

function Row(props: { event: HeldEvent; onDismiss: () => void }): JSX.Element {
  const { event } = props;
  return (
    <tr>
      <td class="full"><b>{named(nameOf(event))}</b><div class="small quiet"><b class="ink">{named(event.service)}</b> {"\u00b7"} from {visible(event.source)}{event.handling === "unknown" ? "" : ` \u00b7 ${event.handling}`}</div>{event.handling_text === "" ? null : <div class="small quiet">{visible(event.handling_text)}</div>}</td>
      <td class="right">{count(event.occurrences)}{"\u00d7"}</td>
      <td class="nowrap quiet"><Time at={event.last_seen_at} relative /><div class="tiny">first <Time at={event.first_seen_at} /></div></td>
      <td class="right">{event.state !== "pending" ? <span class="small quiet">{event.state === "approved" ? "let in" : "dismissed"} by {visible(actorText(event.decided_by))}{event.incident_id === undefined ? null : <>, <a class="link" href={urls.incident(event.incident_id)}>incident</a></>}</span> : hasRole("operator") ? <Decide event={event} onDismiss={props.onDismiss} /> : null}</td>
    </tr>
  );
}

function Dismissals(): JSX.Element {
  const resource = useResource("dismissals", "/events/dismissals");
  const [lifting, setLifting] = useState<EventDismissal>();
  const close = (): void => setLifting(undefined);
  return (
    <Card title="Dropped from now on" note="what was dismissed, and everything like it">
      <Loaded resource={resource} lines={2}>
        {(rows) => rows.items.length === 0 ? <Empty title="Nothing is dropped." /> : (
          <>
            <table class="table table-fold"><thead><tr><th>What</th><th class="right">Dropped since</th><th>Dismissed</th><th><span class="unseen">Lift</span></th></tr></thead>
              <tbody>{rows.items.map((each) => (
                <tr key={each.id}>
                  <td class="full"><b>{named(nameOf(each))}</b><div class="small quiet">{named(each.service)}</div></td>
                  <td class="right">{count(each.dropped)}<span class="narrow-only quiet"> dropped</span></td>
                  <td class="nowrap quiet"><Time at={each.dismissed_at} relative /><div class="tiny">by {visible(actorText(each.dismissed_by))}</div></td>
                  <td class="right">{hasRole("operator") ? <button type="button" class="button button-small" aria-label={`Lift: ${nameOf(each)}`} onClick={() => setLifting(each)}>Lift</button> : null}</td>
                </tr>
              ))}</tbody></table>
            <More kind="dismissals" path="/events/dismissals" rows={rows} />
          </>
        )}
      </Loaded>
      {lifting === undefined ? null : (
        <ActionDialog title="Take in events like it again?" verb="Lift" explain={`"${nameOf(lifting)}" waits for a person again when it next comes. The ${count(lifting.dropped)} that were dropped do not come back.`}
          act={() => liftDismissal(lifting.id)} onDone={() => { close(); announce("Lifted: events like it wait for a person again."); }} onClose={close} />
      )}
    </Card>
  );
}

function LetAllIn(props: { waiting: number; onClose: () => void }): JSX.Element {
  const act = async (): ReturnType<typeof approveAllEvents> => {
    const answer = await approveAllEvents();
    if (answer.ok) announce(`${plural(answer.value.item.approved, "event")} let in${answer.value.item.more ? "; others still wait" : ""}.`);
    return answer;
  };
  return <ActionDialog title="Let all in?" verb="Let all in" explain={`${plural(props.waiting, "event")} or more, the oldest hundred at once. Each opens an incident or counts on a known one. Look through the list first: a dismissed one drops everything like it.`} act={act} onDone={props.onClose} onClose={props.onClose} />;
}

/** What waits at the gate before the pipeline. */
export function EventsPart(): JSX.Element {
  const [asking, setAsking] = useState<HeldEvent | "all">();
  const state = query.value.get("state") ?? "";
  const path = withQuery("/events", { state: eventStateFilter(state) });
  const resource = useResource("held_events", path);
  const rows = resource?.data;
  const close = (): void => setAsking(undefined);
  const several = state === "" && (rows?.items.length ?? 0) > 1 && hasRole("operator");
  useTitle("Waiting events");
  return (
    <>
      <PartHead title={rows === undefined ? "Waiting events" : eventsSentence(rows.items, rows.next !== undefined, state)} about="With intake.require_event_approval an alarm that would begin new work waits here for an operator. What counts on a known incident never asks.">
        <a class="button" href={urls.settings("alarms")}>All alarms</a>
        {several ? <button type="button" class="button" onClick={() => setAsking("all")}>Let all in</button> : null}
      </PartHead>
      <ListCard title="Events" head={<Filter name="state" label="State" options={eventStateOptions} />}>
        <Loaded resource={resource} lines={4}>
          {(data) => data.items.length > 0 ? (
            <>
              <table class="table table-fold"><thead><tr><th>What</th><th class="right">Came</th><th>Last</th><th><span class="unseen">Decide</span></th></tr></thead><tbody>{data.items.map((event) => <Row key={event.id} event={event} onDismiss={() => setAsking(event)} />)}</tbody></table>
              <More kind="held_events" path={path} rows={data} />
            </>
          ) : state !== "" ? <FilteredOut what="event" clear={urls.settings("events")} />
            : <Empty title="No event waits." action={<a class="button" href={urls.settings("alarms")}>All alarms</a>}><p>Only with <code>intake.require_event_approval: yes</code> do new ones wait here; otherwise they open incidents by themselves.</p></Empty>}
        </Loaded>
        {hasRole("operator") ? null : <p class="card-foot small quiet">The role operator lets in and dismisses.</p>}
      </ListCard>
      <Dismissals />
      {asking === "all" ? <LetAllIn waiting={rows?.items.length ?? 0} onClose={close} /> : asking === undefined ? null : (
        <ActionDialog title="Dismiss it and all like it?" verb="Dismiss" danger explain={`"${nameOf(asking)}" and every later one like it is dropped and only counted. It can be lifted below.`}
          act={() => dismissEvent(asking.id)} onDone={() => { close(); announce("Dismissed, and so is everything like it from now on."); }} onClose={close} />
      )}
    </>
  );
}
