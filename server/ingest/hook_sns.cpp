#include "hook_json.hpp"
#include "sns_message.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

// Names of dimensions that say which service it is, in lower case.
constexpr std::array<std::string_view, 4> service_dimensions = {"servicename", "service", "function", "functionname"};

std::string changed(std::string_view text, int (*change)(int))
{
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(change(static_cast<unsigned char>(c)));
    return out;
}

// CW_ALARM_AWS_LAMBDA_ERRORS
std::string error_type_of(const json::object& trigger)
{
    const std::string_view metric = text_of(trigger, "MetricName");
    std::string space(text_of(trigger, "Namespace"));
    if (metric.empty() || space.empty())
        return "CW_ALARM";
    std::replace(space.begin(), space.end(), '/', '_');
    return "CW_ALARM_" + changed(space, std::toupper) + "_" + changed(metric, std::toupper);
}

// The first dimension with such a name. CloudWatch writes name and value, other senders Name and Value.
void read_dimensions(const json::object& trigger, model::alarm& into)
{
    bool found = false;
    for (const json::value& each : array_of(trigger, "Dimensions")) {
        const json::object* const dimension = each.if_object();
        if (dimension == nullptr)
            continue;
        const std::string_view name = first_of_texts(text_of(*dimension, "name"), text_of(*dimension, "Name"));
        const std::string_view value = first_of_texts(text_of(*dimension, "value"), text_of(*dimension, "Value"));
        add_label(into, name, value);
        const std::string lower = changed(name, std::tolower);
        const bool is_service =
            std::find(service_dimensions.begin(), service_dimensions.end(), lower) != service_dimensions.end();
        if (is_service && !found && !value.empty()) {
            into.service = value;
            found = true;
        }
    }
}

model::alarm_state state_of(std::string_view written)
{
    if (written.empty() || written == "ALARM")
        return model::alarm_state::firing;
    return written == "OK" ? model::alarm_state::resolved : model::alarm_state::unknown;
}

// A CloudWatch alarm, or anything else that a topic carries.
model::alarm alarm_of(const hook_body& hook, std::string_view message, std::string_view subject)
{
    model::alarm made = alarm_from(hook);
    made.event_key = hook.key;
    error_code ec;
    const json::value parsed = json::parse(message, ec);
    const json::object* const fields = ec ? nullptr : parsed.if_object();
    if (fields == nullptr) {
        made.error_type = "CW_ALARM";
        made.title = subject.empty() ? "sns_notification" : std::string(subject);
        made.description = message;
        made.group_key = made.title;
        return made;
    }
    const json::object& trigger = object_of(*fields, "Trigger");
    const std::string_view name = first_of_texts(text_of(*fields, "AlarmName"), subject, "sns_notification");
    const std::string_view state = first_of_texts(text_of(*fields, "NewStateValue"), "ALARM");
    made.state = state_of(state);
    made.error_type = error_type_of(trigger);
    made.title = std::string(name) + " is " + std::string(state);
    made.description = first_of_texts(text_of(*fields, "NewStateReason"), text_of(*fields, "AlarmDescription"));
    made.resource = text_of(*fields, "AlarmArn");
    made.group_key = first_of_texts(made.resource, name);
    made.occurred_ns = time_of(text_of(*fields, "StateChangeTime"));
    read_dimensions(trigger, made);
    add_label(made, "region", text_of(*fields, "Region"));
    add_label(made, "alarm", name);
    return made;
}

}  // namespace

read_hook read_sns(const hook_body& hook)
{
    hook_content made;
    if (hook.event == sns_raw) {
        made.alarms.push_back(alarm_of(hook, hook.body, {}));
        return made;
    }
    const auto message = parse_sns(hook.body);
    if (!message)
        return message.error();
    if (message->type == sns_unsubscribe) {
        made.note = "unsubscribed from " + message->topic_arn;
        return made;
    }
    if (message->type == sns_subscribe) {
        made.subscription = hook_subscription{message->topic_arn, message->subscribe_url};
        return made;
    }
    model::alarm alarm = alarm_of(hook, message->message, message->subject.value_or(""));
    if (alarm.occurred_ns == 0)
        alarm.occurred_ns = time_of(message->timestamp);
    add_label(alarm, "topic", message->topic_arn);
    made.alarms.push_back(std::move(alarm));
    return made;
}

}  // namespace reprise::ingest
