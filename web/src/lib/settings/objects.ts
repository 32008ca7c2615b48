import { urls } from "../../router/route.ts";

// Where the things are shown that the audit and notices name. Pure.

/** "service/shop" on the page of that service; undefined when there is no page of it. */
export function objectUrl(object: string): string | undefined {
  const at = object.indexOf("/");
  const kind = at < 0 ? object : object.slice(0, at);
  const id = at < 0 ? "" : object.slice(at + 1);
  if (id === "") return kind === "audit" ? urls.audit : kind === "slack" ? urls.settings("slack") : undefined;
  switch (kind) {
    case "service": return urls.service(id);
    case "incident": return urls.incident(id);
    case "run": return urls.run(id);
    case "approval": return urls.approval(id);
    case "signal": return urls.signal(id);
    case "person":
    case "user": return id === "unknown" ? undefined : `${urls.settings("people")}?person=${encodeURIComponent(id)}`;
    case "token": return `${urls.settings("tokens")}?of=all&token=${encodeURIComponent(id)}`;
    case "webhook": return urls.settings("webhooks", id);
    case "delivery": return `${urls.settings("deliveries")}?delivery=${encodeURIComponent(id)}`;
    case "alarm": return `${urls.settings("alarms")}?alarm=${encodeURIComponent(id)}`;
    case "event": return urls.settings("events");
    case "suppression": return `${urls.settings("suppressions")}?state=all&suppression=${encodeURIComponent(id)}`;
    case "hook": return `${urls.settings("hooks")}?hook=${encodeURIComponent(id)}`;
    default: return undefined;
  }
}

/** The audit's rows about one thing, by one actor or of one action. */
export function auditUrl(filter: Record<string, string>): string {
  return `${urls.audit}?${new URLSearchParams(filter).toString()}`;
}

/** What may be asked for; "service" are all actions that begin with "service.". */
export const actionGroups = [
  "alarm", "approval", "audit", "delivery", "deployment", "event", "hook", "incident", "person", "publication", "run", "service", "session", "slack", "suppression",
  "token", "user", "webhook",
];

/** One value of a row's detail as text, in one line. */
export function detailText(value: unknown): string {
  if (typeof value === "string") return value === "" ? "empty" : value;
  return JSON.stringify(value) ?? "";
}
