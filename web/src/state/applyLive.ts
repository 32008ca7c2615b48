import type {
  Approval, Incident, LiveEvent, OperationState, Overview, Publication, Run, RunEvent, Service, Signal,
} from "../api/types.ts";
import { trafficMax } from "./resources.ts";
import type { Resource, ResourceKind, Rows } from "./resources.ts";
import { approvalBelongs, incidentBelongs, queryOf, runBelongs, signalBelongs } from "./belongs.ts";
import { appendSequence, mergeRow } from "./rows.ts";

// What one committed event does to one answer held in the store. Pure. Where the event carries all
// that is needed the data is changed in place of its row; otherwise the answer is marked stale and the
// screen that shows it loads it again.

type Of<K extends ResourceKind> = Resource<K>;

function withRows<T extends { id: string; version?: number }>(rows: Rows<T>, row: T, belongs: boolean): Rows<T> {
  return mergeRow(rows, row, belongs);
}

/** What changes nothing that the overview shows. */
const tellsNothing: ReadonlySet<LiveEvent["type"]> = new Set(["run_event", "service", "suppression", "alarm", "held_event"]);

function onOverview(resource: Of<"overview">, event: LiveEvent): Of<"overview"> {
  const data = resource.data;
  if (data === undefined) return resource;
  if (event.type !== "traffic") {
    return tellsNothing.has(event.type) ? resource : { ...resource, stale: true };
  }
  const point = event.data as Overview["traffic"][number];
  const known = data.traffic.some((each) => each.at === point.at);
  const traffic = known
    ? data.traffic.map((each) => (each.at === point.at ? point : each))
    : [...data.traffic, point].slice(-trafficMax);
  return { ...resource, data: { ...data, traffic }, stale: true };
}

function onIncident(resource: Of<"incident">, event: LiveEvent): Of<"incident"> {
  const data = resource.data;
  if (data === undefined) return resource;
  if (event.type === "incident") {
    const incident = event.data as Incident;
    if (incident.id !== data.id || incident.version < data.version) return resource;
    return { ...resource, data: { ...data, ...incident }, stale: true };
  }
  const touches = ["signal", "run", "approval", "publication"].includes(event.type)
    && (event.data as { incident_id?: string }).incident_id === data.id;
  return touches ? { ...resource, stale: true } : resource;
}

function onRun(resource: Of<"run">, event: LiveEvent): Of<"run"> {
  const data = resource.data;
  if (data === undefined) return resource;
  if (event.type === "run") {
    const run = event.data as Run;
    if (run.id !== data.id || run.version < data.version) return resource;
    return { ...resource, data: { ...data, ...run }, stale: true };
  }
  const touches = (event.type === "approval" || event.type === "publication")
    && (event.data as Approval | Publication).run_id === data.id;
  return touches ? { ...resource, stale: true } : resource;
}

function onApproval(resource: Of<"approval">, event: LiveEvent): Of<"approval"> {
  const data = resource.data;
  if (data === undefined) return resource;
  if (event.type === "approval" && (event.data as Approval).id === data.id) {
    const approval = event.data as Approval;
    if (approval.version < data.version) return resource;
    // The content itself is not in the event: what is on screen stays bound to the hash it was read with.
    const { content_hash: _unread, ...rest } = approval;
    return { ...resource, data: { ...data, ...rest }, stale: true };
  }
  const touches = event.type === "run" && (event.data as Run).id === data.run_id;
  return touches ? { ...resource, stale: true } : resource;
}

function onRunEvents(resource: Of<"run_events">, event: LiveEvent): Of<"run_events"> {
  if (resource.data === undefined || event.type !== "run_event") return resource;
  if (!resource.path.startsWith(`/${event.topic}/events`)) return resource;
  const data = appendSequence(resource.data, [event.data as RunEvent]);
  return data === resource.data ? resource : { ...resource, data };
}

/** Each trial brings answers; its measurement is told when they are stored. */
function onRunAnswers(resource: Resource, event: LiveEvent): Resource {
  const mine = event.type === "run_event" && resource.path.startsWith(`/${event.topic}/answers`);
  return mine && (event.data as RunEvent).type === "measurement" ? { ...resource, stale: true } : resource;
}

/** Events are the same for everybody: what the list says about me stays. */
function withMine(rows: Rows<Approval>, row: Approval): Approval {
  const held = rows.items.find((each) => each.id === row.id) ?? rows.fresh.find((each) => each.id === row.id);
  if (held?.may_decide === undefined || row.state !== "pending") return row;
  return { ...row, may_decide: held.may_decide, why_not: held.why_not ?? "" };
}

function onList(resource: Resource, event: LiveEvent): Resource {
  const query = queryOf(resource.path);
  if (resource.data === undefined) return resource;
  switch (resource.kind) {
    case "incidents": {
      if (event.type !== "incident") return resource;
      const row = event.data as Incident;
      return { ...resource, data: withRows(resource.data as Rows<Incident>, row, incidentBelongs(row, query)) };
    }
    case "signals": {
      if (event.type !== "signal") return resource;
      const row = event.data as Signal;
      return { ...resource, data: withRows(resource.data as Rows<Signal>, row, signalBelongs(row, query)) };
    }
    case "runs": {
      if (event.type !== "run") return resource;
      const row = event.data as Run;
      return { ...resource, data: withRows(resource.data as Rows<Run>, row, runBelongs(row, query)) };
    }
    case "approvals": {
      if (event.type !== "approval") return resource;
      const rows = resource.data as Rows<Approval>;
      const row = withMine(rows, event.data as Approval);
      return { ...resource, data: withRows(rows, row, approvalBelongs(row, query)) };
    }
    default:
      return resource;
  }
}

function onServices(resource: Resource, event: LiveEvent): Resource {
  if (event.type !== "service" || resource.data === undefined) return resource;
  const service = event.data as Service;
  if (resource.kind === "service") {
    const held = resource.data as Service;
    return held.name === service.name && held.version <= service.version ? { ...resource, data: service } : resource;
  }
  const rows = resource.data as Rows<Service>;
  const at = rows.items.findIndex((each) => each.name === service.name);
  if (at < 0) return { ...resource, stale: true };
  const items = rows.items.slice();
  items[at] = service;
  return { ...resource, data: { ...rows, items } };
}

function onOperations(resource: Of<"operations">, event: LiveEvent): Of<"operations"> {
  const first: OperationState | undefined = resource.data?.items[0];
  return event.type === "traffic" && first !== undefined ? { ...resource, stale: true } : resource;
}

/** The event says only that a service has new ones; what of it fits this list, the list is asked. */
function onTraces(resource: Of<"traces">, event: LiveEvent): Of<"traces"> {
  if (event.type !== "traces" || resource.data === undefined) return resource;
  const wanted = queryOf(resource.path).get("service") ?? "";
  const { service } = event.data as { service?: string };
  return wanted !== "" && wanted !== service ? resource : { ...resource, newsSeq: event.seq };
}

/** The same object when the event does not concern it or is already contained. */
export function applyLive(resource: Resource, event: LiveEvent): Resource {
  if (event.seq <= resource.asOfSeq) return resource;
  switch (resource.kind) {
    case "overview": return onOverview(resource as Of<"overview">, event);
    case "incident": return onIncident(resource as Of<"incident">, event);
    case "run": return onRun(resource as Of<"run">, event);
    case "approval": return onApproval(resource as Of<"approval">, event);
    case "run_events": return onRunEvents(resource as Of<"run_events">, event);
    case "run_answers":
    case "run_answer": return onRunAnswers(resource, event);
    case "operation_series": return event.type === "traffic" ? { ...resource, stale: true } : resource;
    case "operations": return onOperations(resource as Of<"operations">, event);
    case "service":
    case "services": return onServices(resource, event);
    case "timeline":
      return event.type === "incident" && resource.path.includes((event.data as Incident).id) ? { ...resource, stale: true } : resource;
    case "suppressions": return event.type === "suppression" ? { ...resource, stale: true } : resource;
    case "alarms": return event.type === "alarm" ? { ...resource, stale: true } : resource;
    case "held_events": return event.type === "held_event" ? { ...resource, stale: true } : resource;
    case "snoozes": return event.type === "approval" ? { ...resource, stale: true } : resource;
    case "dead_letters": return event.type === "run" ? { ...resource, stale: true } : resource;
    case "traces": return onTraces(resource as Of<"traces">, event);
    case "exchanges":
    case "evidence":
    case "manifest":
    case "trace":
    case "trace_patterns":
    case "signal": return resource;
    default: return onList(resource, event);
  }
}
