import { useEffect, useRef, useState } from "preact/hooks";
import { signal as makeSignal } from "@preact/signals";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { Signal } from "../api/types.ts";
import { Filter, FilteredOut, ListCard, More, NewRows, showNew } from "../components/ListParts.tsx";
import { Icon } from "../components/icons.tsx";
import { Kept } from "../components/Kept.tsx";
import { Severity } from "../components/marks.tsx";
import { Empty, Loaded, Time } from "../components/parts.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import type { Mark } from "../components/useRowKeys.ts";
import { useServiceOptions } from "../components/useServiceNames.ts";
import { TimeRange } from "../components/TimeFilter.tsx";
import { useTitle } from "../components/useTitle.ts";
import { count, measuredOf, normalOf, plural, probability } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { kindText } from "../lib/words.ts";
import { query } from "../router/router.ts";
import { urls } from "../router/route.ts";
import type { Rows } from "../state/resources.ts";
import { useResource } from "../state/useResource.ts";

const kinds = ["error_rate", "latency", "slow_query", "n_plus_one", "rate_limit_burst",
  "fanout_straggler", "blocking_chain", "retry_storm", "agent_loop", "payload_latency", "stream_stall"];
const suppressedChoices = [{ value: "", text: "With them" }, { value: "false", text: "Without" }, { value: "true", text: "Only them" }];
const following = makeSignal(true);

/** The table is drawn anew at most this often, the first time after a pause at once; when many arrive, nobody reads
 *  each, and drawing costs frames. */
const insertEveryMs = 150;
const floodEveryMs = 1000;
const floodRows = 40;
/** Rows drawn; what is older is a click away. */
const drawnStep = 100;

/** New rows come in by themselves only while nobody reads further down or has the focus in the list. */
function mayInsert(): boolean {
  return window.scrollY < 8 && document.activeElement?.closest("tbody") == null && document.querySelector("tbody:hover") === null;
}

/** Whether rows wait although they are followed, because somebody is reading. */
function useFollowing(rows: Rows<Signal> | undefined, path: string): boolean {
  const waiting = rows?.fresh.length ?? 0;
  const follows = following.value && waiting > 0;
  const insertedAt = useRef(-floodEveryMs);
  const waitingNow = useRef(0);
  waitingNow.current = waiting;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!follows) return;
    const left = (): number => insertedAt.current + (waitingNow.current > floodRows ? floodEveryMs : insertEveryMs) - performance.now();
    const look = (): void => {
      const may = mayInsert();
      setHeld(!may);
      if (!may || left() > 0) {
        timer = setTimeout(look, may ? left() : insertEveryMs);
        return;
      }
      insertedAt.current = performance.now();
      showNew(path);
    };
    let timer = setTimeout(look, Math.max(0, left()));
    return () => clearTimeout(timer);
  }, [follows, path]);
  return held && follows;
}

function Row(props: { signal: Signal; mark: Record<string, unknown> }): JSX.Element {
  const { signal } = props;
  return (
    <tr {...props.mark}>
      <td class="nowrap quiet"><Time at={signal.window_end_at} /></td>
      <td class="nowrap"><Severity severity={signal.severity} /></td>
      <td class="full">
        <a class="strong" href={urls.signal(signal.id)}>{kindText(signal.kind)}: {named(signal.operation.name)}</a>
        <p class="small cut-2">{named(signal.explanation)}</p>
        <div class="small quiet"><b class="ink">{named(signal.operation.service)}</b>{signal.suppressed_by === undefined ? null : <> <a class="chip" href={`${urls.settings("suppressions")}?state=all&suppression=${encodeURIComponent(signal.suppressed_by)}`}>Suppressed</a></>}</div>
      </td>
      <td class="right">{measuredOf(signal.kind, signal.observed, signal.unit)}<div class="tiny quiet">n {count(signal.observed_n)}</div></td>
      <td class="right quiet">{normalOf(signal)}<div class="tiny">{probability(signal.p_value)}</div></td>
      <td class="nowrap">{signal.incident_id ? <a class="link" href={urls.incident(signal.incident_id)}>Incident</a> : null}</td>
    </tr>
  );
}

function SignalTable(props: { signals: Signal[]; mark: Mark }): JSX.Element {
  return (
    <table class="table table-fold">
      <thead><tr><th>Window</th><th>Severity</th><th>What was seen</th><th class="right">Observed</th><th class="right">Normal</th><th><span class="unseen">Incident</span></th></tr></thead>
      <tbody>
        {props.signals.map((signal, i) => {
          const mark = props.mark(i);
          return <Kept key={signal.id} by={[signal, mark.class]}>{() => <Row signal={signal} mark={mark} />}</Kept>;
        })}
      </tbody>
    </table>
  );
}

export function SignalsPage(): JSX.Element {
  const [drawn, setDrawn] = useState(drawnStep);
  const service = query.value.get("service") ?? "";
  const kind = query.value.get("kind") ?? "";
  const suppressed = query.value.get("suppressed") ?? "";
  const [from, to] = [query.value.get("from") ?? "", query.value.get("to") ?? ""];
  const path = paths.signals({ service, kind, suppressed, from, to });
  const resource = useResource("signals", path);
  const rows = resource?.data;
  const mark = useRowKeys(rows?.items, (row) => urls.signal(row.id), { n: () => showNew(path) });
  const services = useServiceOptions(service);
  const held = useFollowing(rows, path);
  useTitle("Signals");
  const what = `${suppressed === "true" ? "suppressed " : ""}${kind === "" ? "" : `${kindText(kind).toLowerCase()} `}signal`;
  return (
    <div class="page stack">
      <h1>{rows === undefined ? "Signals" : `${plural(rows.items.length, what)}${rows.next === undefined ? "" : " and more"}${service === "" ? "" : ` in ${service}`}, newest first.`}</h1>
      <ListCard title="Signals" head={(
        <>
          <Filter name="kind" label="Kind" options={[{ value: "", text: "All" }, ...kinds.map((value) => ({ value, text: kindText(value) }))]} />
          <Filter name="service" label="Service" options={services} />
          <Filter name="suppressed" label="Suppressed" options={suppressedChoices} />
          <TimeRange />
          <button type="button" class={following.value ? "button button-on" : "button"} aria-pressed={following.value} onClick={() => (following.value = !following.value)}>
            <Icon name={following.value ? "pause" : "play"} small />{following.value ? "Pause" : "Follow"}
          </button>
        </>
      )}>
        <Loaded resource={resource}>
          {(data) => (
            <>
              {following.value && !held ? null : <NewRows rows={data} path={path} one="signal" />}
              {data.items.length > 0 ? (
                <Kept by={[data.items, mark, drawn]}>{() => <SignalTable signals={data.items.slice(0, drawn)} mark={mark} />}</Kept>
              ) : [service, kind, suppressed, from, to].some((each) => each !== "") ? <FilteredOut what="signal" clear={urls.signals} />
                : <Empty title="No signal so far."><p>A signal is one deviation in one window. Until an operation has its baseline, only its errors can speak.</p></Empty>}
              {data.items.length > drawn ? <p class="card-foot"><button type="button" class="button button-small" onClick={() => setDrawn(drawn + drawnStep)}>Show {plural(Math.min(drawnStep, data.items.length - drawn), "older signal")}</button></p>
                : <More kind="signals" path={path} rows={data} />}
            </>
          )}
        </Loaded>
      </ListCard>
    </div>
  );
}
