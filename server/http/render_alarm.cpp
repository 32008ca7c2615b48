#include "render_alarm.hpp"

#include "json_text.hpp"

#include <boost/json/array.hpp>

namespace json = boost::json;

namespace reprise::http {
namespace {

json::array render_labels(const std::vector<std::pair<std::string, std::string>>& labels)
{
    json::array out;
    for (const auto& [name, value] : labels)
        out.push_back(json::object{{"name", name}, {"value", value}});
    return out;
}

void add_text(json::object& out, std::string_view name, const std::string& text)
{
    if (!text.empty())
        out[name] = text;
}

}  // namespace

json::object render_alarm(const store::stored_alarm& row)
{
    const model::alarm& alarm = row.alarm;
    json::object out;
    out["id"] = alarm.id;
    out["source"] = alarm.source;
    out["state"] = store::to_text(row.fate);
    out["says"] = model::to_text(alarm.state);
    out["service"] = alarm.service;
    out["error_type"] = alarm.error_type;
    out["title"] = alarm.title;
    out["description"] = alarm.description;
    out["route"] = alarm.route;
    json::array frames;
    for (const std::string& frame : alarm.frames)
        frames.emplace_back(frame);
    out["frames"] = std::move(frames);
    if (alarm.status_code)
        out["status_code"] = *alarm.status_code;
    if (alarm.severity)
        out["severity"] = model::to_text(*alarm.severity);
    out["resource"] = alarm.resource;
    add_text(out, "link", alarm.link);
    out["labels"] = render_labels(alarm.labels);
    if (alarm.occurred_ns > 0)
        out["occurred_at"] = time_value(alarm.occurred_ns);
    out["received_at"] = time_value(alarm.received_ns);
    out["fingerprint"] = row.fingerprint;
    out["signature"] = row.signature;
    out["handling"] = model::to_text(row.handling);
    out["handling_text"] = row.handling_text;
    out["layer"] = store::to_text(row.layer);
    add_text(out, "incident_id", row.incident_id);
    add_text(out, "event_id", row.event_id);
    return out;
}

json::object render_held_event(const store::held_event& event)
{
    json::object out;
    out["id"] = event.id;
    out["state"] = store::to_text(event.state);
    out["service"] = event.service;
    out["error_type"] = event.error_type;
    out["title"] = event.title;
    out["source"] = event.source;
    out["signature"] = event.signature;
    out["handling"] = model::to_text(event.handling);
    out["handling_text"] = event.handling_text;
    out["occurrences"] = event.occurrences;
    out["first_seen_at"] = time_value(event.first_seen_ns);
    out["last_seen_at"] = time_value(event.last_seen_ns);
    add_text(out, "incident_id", event.incident_id);
    out["decided_by"] = event.decided_by;
    if (event.decided_ns)
        out["decided_at"] = time_value(*event.decided_ns);
    out["version"] = event.version;
    return out;
}

json::object render_dismissal(const store::event_dismissal& dismissal)
{
    json::object out;
    out["id"] = dismissal.id;
    out["signature"] = dismissal.signature;
    out["service"] = dismissal.service;
    out["error_type"] = dismissal.error_type;
    out["title"] = dismissal.title;
    out["dismissed_by"] = dismissal.dismissed_by;
    out["dismissed_at"] = time_value(dismissal.dismissed_ns);
    out["dropped"] = dismissal.dropped;
    return out;
}

json::object render_hint(const store::incident_hint& hint)
{
    json::object out;
    out["kind"] = hint.kind;
    out["incident_id"] = hint.other_id;
    out["score"] = finite(hint.score);
    out["text"] = hint.text;
    out["at"] = time_value(hint.at_ns);
    return out;
}

json::object render_outcome(const pipeline::alarm_outcome& outcome)
{
    json::object out;
    out["status"] = store::to_text(outcome.fate);
    out["alarm_id"] = outcome.alarm_id;
    add_text(out, "incident_id", outcome.incident_id);
    add_text(out, "event_id", outcome.event_id);
    out["is_new"] = outcome.is_new;
    out["occurrences"] = outcome.occurrences;
    out["handling"] = model::to_text(outcome.handling);
    out["layer"] = store::to_text(outcome.layer);
    return out;
}

}  // namespace reprise::http
