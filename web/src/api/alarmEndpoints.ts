import { list, number, object, optional, text } from "./check.ts";
import { addEndpoints, ofPage } from "./endpoints.ts";

// What the answers about alarms and events must have. Fetched with the screens that ask for them.

const alarm = object({
  id: text, source: text, state: text, says: text, service: text, error_type: text, title: text, description: text, route: text, frames: list(text),
  received_at: text, layer: text, handling: text, handling_text: text, link: optional(text), incident_id: optional(text), event_id: optional(text),
});
const heldEvent = object({
  id: text, state: text, service: text, error_type: text, title: text, source: text, handling: text, handling_text: text, occurrences: number, first_seen_at: text,
  last_seen_at: text, incident_id: optional(text), decided_by: text, decided_at: optional(text), version: number,
});
const dismissal = object({ id: text, signature: text, service: text, error_type: text, title: text, dismissed_by: text, dismissed_at: text, dropped: number });

addEndpoints({ alarms: ofPage(alarm), held_events: ofPage(heldEvent), dismissals: ofPage(dismissal) });
