#include "json_text.hpp"
#include "render.hpp"

namespace json = boost::json;

namespace reprise::http {

json::object render_incident(const model::incident& incident, std::span<const model::signal_kind> kinds)
{
    json::object out;
    out["id"] = incident.id;
    out["service"] = incident.service;
    out["title"] = incident.title;
    out["explanation"] = incident.explanation;
    out["severity"] = model::to_text(incident.severity);
    out["status"] = model::to_text(incident.status);
    out["phase"] = incident.phase;
    out["reason"] = incident.reason;
    out["generation"] = incident.generation;
    out["version"] = incident.version;
    out["occurrences"] = incident.occurrences;
    out["signal_count"] = incident.signal_count;
    out["recurred"] = incident.recurred;
    out["opened_at"] = time_value(incident.opened_ns);
    out["updated_at"] = time_value(incident.updated_ns);
    out["first_seen_at"] = time_value(incident.first_seen_ns);
    out["last_seen_at"] = time_value(incident.last_seen_ns);
    if (incident.resolved_ns)
        out["resolved_at"] = time_value(*incident.resolved_ns);
    out["assigned_to"] = incident.assigned_to;
    if (incident.snoozed_until_ns) {
        out["snoozed_until"] = time_value(*incident.snoozed_until_ns);
        out["snooze_reason"] = incident.snooze_reason;
        out["snoozed_by"] = incident.snoozed_by;
    }
    json::array texts;
    for (const model::signal_kind kind : kinds)
        texts.emplace_back(model::to_text(kind));
    out["kinds"] = std::move(texts);
    return out;
}

json::object render_incident_event(const model::incident_event& event)
{
    json::object out;
    out["sequence"] = event.sequence;
    out["at"] = time_value(event.at_ns);
    out["actor"] = event.actor;
    out["from"] = event.from;
    out["to"] = event.to;
    out["why"] = event.why;
    return out;
}

}  // namespace reprise::http
