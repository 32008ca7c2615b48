#include "hook_json.hpp"

#include <algorithm>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

// What the sender calls `Sentry-Hook-Resource`.
constexpr std::string_view event_alert = "event_alert";
constexpr std::string_view error_created = "error";
constexpr std::string_view issue_changed = "issue";
constexpr std::string_view metric_alert = "metric_alert";

// Tags are pairs, in older versions objects with key and value.
std::string_view tag_of(const json::object& event, std::string_view wanted)
{
    for (const json::value& each : array_of(event, "tags")) {
        const json::array* const pair = each.if_array();
        if (pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_string()) {
            const json::string& name = (*pair)[0].get_string();
            const json::string& value = (*pair)[1].get_string();
            if (std::string_view(name.data(), name.size()) == wanted)
                return {value.data(), value.size()};
        }
        if (const json::object* const tag = each.if_object(); tag != nullptr && text_of(*tag, "key") == wanted)
            return text_of(*tag, "value");
    }
    return {};
}

// ".../projects/<organisation>/<project>/events/..." of an event's own address.
std::string_view project_of(std::string_view url)
{
    constexpr std::string_view mark = "/projects/";
    const auto at = url.find(mark);
    if (at == std::string_view::npos)
        return {};
    url.remove_prefix(at + mark.size());
    const auto organisation_end = url.find('/');
    if (organisation_end == std::string_view::npos)
        return {};
    url.remove_prefix(organisation_end + 1);
    return url.substr(0, url.find('/'));
}

std::string frame_text(const json::object& frame)
{
    std::string text(first_of_texts(text_of(frame, "function"), "?"));
    const std::string_view file = first_of_texts(text_of(frame, "module"), text_of(frame, "filename"));
    if (file.empty())
        return text;
    text.append(" (").append(file);
    if (const std::int64_t line = number_of(frame, "lineno"); line > 0)
        text.append(":").append(std::to_string(line));
    return text.append(")");
}

// Sentry's order is the oldest call first.
std::vector<std::string> frames_of(const json::object& exception)
{
    std::vector<std::string> frames;
    const json::array& all = array_of(object_of(exception, "stacktrace"), "frames");
    for (auto frame = all.rbegin(); frame != all.rend() && frames.size() < model::alarm_frames_max; ++frame) {
        if (const json::object* const one = frame->if_object())
            frames.push_back(frame_text(*one));
    }
    return frames;
}

// The last one is what was thrown in the end; those before it are its causes.
const json::object& exception_of(const json::object& event)
{
    static const json::object none;
    const json::array& values = array_of(object_of(event, "exception"), "values");
    const json::object* const last = values.empty() ? nullptr : values.back().if_object();
    return last == nullptr ? none : *last;
}

std::string route_of(const json::object& event)
{
    const std::string_view transaction = text_of(event, "transaction");
    const std::string_view method = text_of(object_of(event, "request"), "method");
    if (transaction.empty() || method.empty() || transaction.starts_with(method))
        return std::string(transaction);
    return std::string(method).append(" ").append(transaction);
}

model::alarm alarm_of_event(const hook_body& hook, const json::object& event, const json::object& data)
{
    const json::object& exception = exception_of(event);
    const json::object& metadata = object_of(event, "metadata");
    const std::string issue = id_of(event, "issue_id");
    model::alarm made = alarm_from(hook);
    made.event_key = first_of_texts(id_of(event, "event_id"), hook.key);
    made.group_key = issue.empty() ? std::string() : "issue/" + issue;
    made.service = first_of_texts(
        tag_of(event, "service"), text_of(event, "project_slug"), text_of(event, "project_name"),
        project_of(text_of(event, "url")), "unknown"
    );
    made.error_type =
        first_of_texts(text_of(exception, "type"), text_of(metadata, "type"), text_of(event, "logger"), "Error");
    made.title = first_of_texts(text_of(event, "title"), text_of(event, "culprit"));
    made.description = first_of_texts(
        text_of(exception, "value"), text_of(metadata, "value"), text_of(event, "message"), text_of(event, "title")
    );
    made.route = route_of(event);
    made.frames = frames_of(exception);
    made.severity = severity_of(text_of(event, "level"));
    made.resource = first_of_texts(text_of(event, "issue_url"), text_of(event, "web_url"));
    made.link = link_of(text_of(event, "web_url"));
    made.occurred_ns = time_of(text_of(event, "datetime"));
    add_label(made, "environment", text_of(event, "environment"));
    add_label(made, "release", text_of(event, "release"));
    add_label(made, "platform", text_of(event, "platform"));
    add_label(made, "rule", text_of(data, "triggered_rule"));
    return made;
}

model::alarm alarm_of_issue(const hook_body& hook, const json::object& issue, std::string_view action)
{
    const json::object& metadata = object_of(issue, "metadata");
    const std::string id = id_of(issue, "id");
    model::alarm made = alarm_from(hook);
    made.group_key = "issue/" + id;
    // A delivery tells of one change of the issue; the same change comes once.
    made.event_key = made.group_key + "/" + std::string(action) + "/" + std::string(hook.key);
    made.state = action == "resolved" ? model::alarm_state::resolved : model::alarm_state::firing;
    made.service = first_of_texts(text_of(object_of(issue, "project"), "slug"), "unknown");
    made.error_type = first_of_texts(text_of(metadata, "type"), "Error");
    made.title = first_of_texts(text_of(issue, "title"), text_of(issue, "culprit"));
    made.description = first_of_texts(text_of(metadata, "value"), text_of(issue, "title"));
    made.severity = severity_of(text_of(issue, "level"));
    made.resource = first_of_texts(text_of(issue, "web_url"), text_of(issue, "permalink"), text_of(issue, "url"));
    made.link = link_of(made.resource);
    made.occurred_ns = time_of(text_of(issue, action == "created" ? "firstSeen" : "lastSeen"));
    if (const std::string_view function = text_of(metadata, "function"); !function.empty())
        made.frames.push_back(std::string(function).append(" (").append(text_of(metadata, "filename")).append(")"));
    add_label(made, "issue", text_of(issue, "shortId"));
    add_label(made, "culprit", text_of(issue, "culprit"));
    return made;
}

model::alarm alarm_of_metric(const hook_body& hook, const json::object& data, std::string_view action)
{
    const json::object& alert = object_of(data, "metric_alert");
    const json::object& rule = object_of(alert, "alert_rule");
    const std::string id = id_of(alert, "id");
    const json::array& projects = array_of(alert, "projects");
    model::alarm made = alarm_from(hook);
    made.group_key = "metric/" + id;
    made.event_key = made.group_key + "/" + std::string(action) + "/" + std::string(hook.key);
    made.state = action == "resolved" ? model::alarm_state::resolved : model::alarm_state::firing;
    if (!projects.empty() && projects.front().is_string() && !projects.front().get_string().empty())
        made.service = std::string(projects.front().get_string());
    made.error_type = first_of_texts(text_of(rule, "name"), "METRIC_ALERT");
    made.title = first_of_texts(text_of(data, "description_title"), text_of(rule, "name"));
    made.description = text_of(data, "description_text");
    made.severity = severity_of(action);
    made.link = link_of(text_of(data, "web_url"));
    made.resource = made.link;
    made.occurred_ns = time_of(text_of(alert, "date_started"));
    add_label(made, "query", text_of(rule, "query"));
    return made;
}

hook_content nothing(std::string note)
{
    hook_content made;
    made.note = std::move(note);
    return made;
}

}  // namespace

read_hook read_sentry(const hook_body& hook)
{
    const auto body = parse_hook_object(hook.body);
    if (!body)
        return body.error();
    const std::string_view action = text_of(*body, "action");
    const json::object& data = object_of(*body, "data");
    hook_content made;
    if (hook.event == event_alert || hook.event == error_created) {
        const json::object* const event = find_object(data, hook.event == event_alert ? "event" : "error");
        if (event == nullptr)
            return hook_fault{"the member data holds no event"};
        made.alarms.push_back(alarm_of_event(hook, *event, data));
    } else if (hook.event == issue_changed) {
        const json::object* const issue = find_object(data, "issue");
        if (issue == nullptr || id_of(*issue, "id").empty())
            return hook_fault{"the member data holds no issue with an id"};
        if (action != "created" && action != "unresolved" && action != "resolved")
            return nothing("ignored: an issue was " + std::string(action));
        made.alarms.push_back(alarm_of_issue(hook, *issue, action));
    } else if (hook.event == metric_alert) {
        if (find_object(data, "metric_alert") == nullptr)
            return hook_fault{"the member data holds no metric_alert"};
        made.alarms.push_back(alarm_of_metric(hook, data, action));
    } else {
        return nothing("ignored: " + std::string(hook.event) + " is about no error");
    }
    return made;
}

}  // namespace reprise::ingest
