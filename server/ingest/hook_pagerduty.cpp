#include "hook_json.hpp"

namespace json = boost::json;

namespace reprise::ingest {
namespace {

std::optional<model::alarm_state> state_of(std::string_view event_type)
{
    if (event_type == "incident.triggered" || event_type == "incident.reopened")
        return model::alarm_state::firing;
    if (event_type == "incident.resolved")
        return model::alarm_state::resolved;
    return std::nullopt;
}

std::optional<model::severity> severity_of_incident(const json::object& incident)
{
    const auto by_priority = severity_of(text_of(object_of(incident, "priority"), "summary"));
    if (by_priority)
        return by_priority;
    return severity_of(text_of(incident, "urgency"));
}

}  // namespace

read_hook read_pagerduty(const hook_body& hook)
{
    const auto body = parse_hook_object(hook.body);
    if (!body)
        return body.error();
    const json::object* const event = find_object(*body, "event");
    if (event == nullptr)
        return hook_fault{"the member event is no object; only version 3 of PagerDuty's webhooks is known"};
    const std::string_view type = text_of(*event, "event_type");
    hook_content made;
    const auto state = state_of(type);
    if (!state) {
        made.note = "ignored: " + std::string(type) + " opens and ends nothing";
        return made;
    }
    const json::object& incident = object_of(*event, "data");
    const std::string id = id_of(incident, "id");
    if (id.empty())
        return hook_fault{"the member event.data has no id"};
    model::alarm alarm = alarm_from(hook);
    alarm.state = *state;
    alarm.event_key = first_of_texts(text_of(*event, "id"), hook.key);
    alarm.group_key = "incident/" + id;
    alarm.service = first_of_texts(text_of(object_of(incident, "service"), "summary"), "unknown");
    alarm.error_type = "PAGERDUTY_INCIDENT";
    alarm.title = first_of_texts(text_of(incident, "title"), text_of(incident, "summary"));
    alarm.description = first_of_texts(text_of(object_of(incident, "body"), "details"), text_of(incident, "title"));
    alarm.severity = severity_of_incident(incident);
    alarm.resource = first_of_texts(text_of(incident, "html_url"), text_of(incident, "self"));
    alarm.link = link_of(text_of(incident, "html_url"));
    alarm.occurred_ns = time_of(text_of(*event, "occurred_at"));
    add_label(alarm, "number", id_of(incident, "number"));
    add_label(alarm, "incident_key", text_of(incident, "incident_key"));
    add_label(alarm, "urgency", text_of(incident, "urgency"));
    made.alarms.push_back(std::move(alarm));
    return made;
}

}  // namespace reprise::ingest
