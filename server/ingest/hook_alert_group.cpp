#include "hook_alert_group.hpp"

#include "hook_json.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

// Labels that name the service, the most telling first.
constexpr std::array<std::string_view, 6> service_labels = {"service",  "service_name", "servicename",
                                                            "app",      "deployment",   "job"};

std::string_view service_of(const json::object& labels)
{
    for (const std::string_view name : service_labels) {
        const std::string_view value = text_of(labels, name);
        if (!value.empty())
            return value;
    }
    return "unknown";
}

// The sender's, or made as it would be: from the labels in their order.
std::string fingerprint_of(const json::object& alert, const json::object& labels)
{
    const std::string_view given = text_of(alert, "fingerprint");
    if (!given.empty())
        return std::string(given);
    std::map<std::string_view, std::string> sorted;
    for (const auto& [name, value] : labels)
        sorted.emplace(name, id_of(labels, name));
    std::string text;
    for (const auto& [name, value] : sorted)
        text.append(name).append("\n").append(value).append("\n");
    return sha256_hex(text).substr(0, 16);
}

model::alarm_state state_of(const json::object& alert, std::string_view name, const alert_group_form& form)
{
    if (text_of(alert, "status") == "resolved")
        return model::alarm_state::resolved;
    if (form.tells_lost_data && (name == "DatasourceNoData" || name == "DatasourceError"))
        return model::alarm_state::unknown;
    return model::alarm_state::firing;
}

model::alarm alarm_of(const hook_body& hook, const json::object& alert, const alert_group_form& form)
{
    const json::object& labels = object_of(alert, "labels");
    const json::object& annotations = object_of(alert, "annotations");
    const std::string_view name = text_of(labels, "alertname");
    const std::string_view starts = text_of(alert, "startsAt");
    model::alarm made = alarm_from(hook);
    made.state = state_of(alert, name, form);
    made.group_key = fingerprint_of(alert, labels);
    made.event_key = made.group_key + "@" + std::string(starts);
    // The end of an alert is another event than its beginning.
    if (made.state == model::alarm_state::resolved)
        made.event_key += "/resolved";
    made.service = service_of(labels);
    made.error_type = first_of_texts(name, "ALERT");
    made.title = first_of_texts(text_of(annotations, "summary"), text_of(annotations, "title"), name);
    made.description = first_of_texts(
        text_of(annotations, "description"), text_of(annotations, "message"), text_of(alert, "valueString")
    );
    made.severity = severity_of(first_of_texts(text_of(labels, "severity"), text_of(labels, "priority")));
    made.route = first_of_texts(text_of(labels, "route"), text_of(labels, "http_route"));
    made.resource = first_of_texts(text_of(alert, "dashboardURL"), text_of(alert, "generatorURL"));
    made.link = link_of(first_of_texts(text_of(annotations, "runbook_url"), made.resource));
    made.occurred_ns = time_of(made.state == model::alarm_state::resolved ? text_of(alert, "endsAt") : starts);
    add_labels(made, labels);
    return made;
}

}  // namespace

read_hook read_alert_group(const hook_body& hook, const json::object& group, const alert_group_form& form)
{
    const json::array* const alerts = find_array(group, "alerts");
    if (alerts == nullptr)
        return hook_fault{"the member alerts is no list"};
    const std::int64_t cut = number_of(group, "truncatedAlerts");
    hook_content made;
    for (const json::value& each : *alerts) {
        const json::object* const alert = each.if_object();
        if (alert == nullptr)
            return hook_fault{"alerts[" + std::to_string(made.alarms.size()) + "] is no object"};
        if (made.alarms.size() == hook_alarms_max)
            break;
        model::alarm alarm = alarm_of(hook, *alert, form);
        if (cut > 0)
            add_label(alarm, "truncated_alerts", std::to_string(cut));
        add_label(alarm, form.group_label, text_of(group, form.group_label));
        made.alarms.push_back(std::move(alarm));
    }
    if (cut > 0)
        made.note = std::to_string(cut) + " more alerts of this group were left out by the sender (truncatedAlerts)";
    if (alerts->size() > hook_alarms_max)
        made.note += (made.note.empty() ? "" : "; ") + std::to_string(alerts->size() - hook_alarms_max) +
                     " alerts behind the first " + std::to_string(hook_alarms_max) + " were not read";
    return made;
}

read_hook read_alertmanager(const hook_body& hook)
{
    const auto group = parse_hook_object(hook.body);
    if (!group)
        return group.error();
    const std::string version = id_of(*group, "version");
    if (version != "4")
        return hook_fault{"version \"" + version.substr(0, 16) + "\" of Alertmanager's webhook is not known; 4 is"};
    return read_alert_group(hook, *group, {"receiver", false});
}

read_hook read_grafana(const hook_body& hook)
{
    const auto group = parse_hook_object(hook.body);
    if (!group)
        return group.error();
    return read_alert_group(hook, *group, {"receiver", true});
}

}  // namespace reprise::ingest
