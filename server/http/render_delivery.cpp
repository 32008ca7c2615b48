#include "json_text.hpp"
#include "render.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace reprise::http {

// Without its secrets: those are shown when they are made, and never again.
json::object render_webhook(const store::notice_endpoint& webhook)
{
    json::object out;
    out["id"] = webhook.id;
    out["url"] = webhook.url;
    out["description"] = webhook.description;
    json::array types;
    for (const std::string& type : webhook.types)
        types.emplace_back(type);
    out["types"] = std::move(types);
    out["severity_from"] = model::to_text(webhook.severity_from);
    out["enabled"] = webhook.enabled;
    out["disabled_reason"] = webhook.disabled_reason;
    if (webhook.failing_since_ns)
        out["failing_since"] = time_value(*webhook.failing_since_ns);
    out["last_error"] = webhook.last_error;
    out["dropped"] = webhook.dropped;
    if (!webhook.previous_secret.empty())
        out["previous_secret_until"] = time_value(webhook.previous_until_ns);
    out["created_at"] = time_value(webhook.created_ns);
    out["updated_at"] = time_value(webhook.updated_ns);
    out["version"] = webhook.version;
    return out;
}

json::object render_delivery(const store::delivery& delivery)
{
    json::object out;
    out["id"] = delivery.id;
    out["endpoint"] = delivery.endpoint_id;
    out["message_id"] = delivery.message_id;
    out["type"] = delivery.type;
    out["subject"] = delivery.subject;
    error_code ec;
    json::value data = json::parse(delivery.data, ec);
    out["data"] = !ec && data.is_object() ? std::move(data) : json::value(json::object());
    out["at"] = time_value(delivery.at_ns);
    out["state"] = store::to_text(delivery.state);
    out["attempts"] = delivery.attempts;
    if (delivery.state == store::delivery_state::pending)
        out["due_at"] = time_value(delivery.due_ns);
    out["status"] = delivery.status;
    out["error"] = delivery.error;
    out["snippet"] = delivery.snippet;
    out["created_at"] = time_value(delivery.created_ns);
    if (delivery.ended_ns)
        out["ended_at"] = time_value(*delivery.ended_ns);
    return out;
}

json::object render_slack_person(const store::slack_person& person)
{
    json::object out;
    out["person_id"] = person.person_id;
    out["name"] = person.name;
    out["slack_user_id"] = person.slack_user_id;
    out["linked_by"] = person.linked_by;
    if (person.linked_ns > 0)
        out["linked_at"] = time_value(person.linked_ns);
    return out;
}

}  // namespace reprise::http
