#include "hook_json.hpp"

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

constexpr std::array<std::string_view, 15> known_members = {
    "id",     "state",       "service",  "error_type", "title", "description", "route",      "frames",
    "status", "severity",    "resource", "link",       "labels", "occurred_at", "group"};

boost::system::result<model::alarm, hook_fault> fault(std::string_view place, std::string_view what)
{
    return hook_fault{std::string(place).append(what)};
}

// Members that are not known are a mistake of the sender: what they say would be lost without a word.
std::optional<std::string> find_stranger(const json::object& from)
{
    for (const auto& [name, value] : from) {
        const std::string_view text(name);
        if (std::find(known_members.begin(), known_members.end(), text) == known_members.end())
            return std::string(text.substr(0, 64));
    }
    return std::nullopt;
}

boost::system::result<model::alarm, hook_fault> read_alarm(
    const hook_body& hook, const json::object& from, std::size_t index
)
{
    const std::string place = "alarm " + std::to_string(index) + ": ";
    if (const auto stranger = find_stranger(from))
        return fault(place, "there is no member \"" + *stranger + "\"");
    model::alarm made = alarm_from(hook);
    const auto state = model::find_alarm_state(first_of_texts(text_of(from, "state"), "firing"));
    if (!state)
        return fault(place, "state is firing, resolved or unknown");
    made.state = *state;
    made.title = text_of(from, "title");
    if (made.title.empty())
        return fault(place, "it has no title");
    const std::string id = id_of(from, "id");
    made.event_key = id.empty() ? std::string(hook.key) + "/" + std::to_string(index) : id;
    made.group_key = text_of(from, "group");
    made.service = first_of_texts(text_of(from, "service"), "unknown");
    made.error_type = first_of_texts(text_of(from, "error_type"), "ALARM");
    made.description = first_of_texts(text_of(from, "description"), made.title);
    made.route = text_of(from, "route");
    for (const json::value& each : array_of(from, "frames")) {
        if (!each.is_string())
            return fault(place, "frames are text");
        if (made.frames.size() < model::alarm_frames_max)
            made.frames.emplace_back(each.get_string());
    }
    if (const std::int64_t status = number_of(from, "status"); status >= 100 && status <= 599)
        made.status_code = static_cast<int>(status);
    if (const std::string_view word = text_of(from, "severity"); !word.empty()) {
        made.severity = severity_of(word);
        if (!made.severity)
            return fault(place, "severity is low, medium, high or critical");
    }
    made.resource = text_of(from, "resource");
    made.link = link_of(text_of(from, "link"));
    if (const std::string_view time = text_of(from, "occurred_at"); !time.empty()) {
        made.occurred_ns = time_of(time);
        if (made.occurred_ns == 0)
            return fault(place, "occurred_at is no time like 2026-11-21T03:59:35Z");
    }
    add_labels(made, object_of(from, "labels"));
    return made;
}

}  // namespace

read_hook read_generic(const hook_body& hook)
{
    const auto body = parse_hook_object(hook.body);
    if (!body)
        return body.error();
    hook_content made;
    const json::array* const several = find_array(*body, "alarms");
    const std::size_t count = several == nullptr ? 1 : several->size();
    if (count > hook_alarms_max)
        return hook_fault{"there are more than " + std::to_string(hook_alarms_max) + " alarms in one delivery"};
    for (std::size_t i = 0; i < count; ++i) {
        const json::object* const one = several == nullptr ? &*body : (*several)[i].if_object();
        if (one == nullptr)
            return hook_fault{"alarm " + std::to_string(i) + ": it is no object"};
        auto alarm = read_alarm(hook, *one, i);
        if (!alarm)
            return alarm.error();
        made.alarms.push_back(std::move(*alarm));
    }
    if (count == 0)
        made.note = "ignored: the list of alarms is empty";
    return made;
}

}  // namespace reprise::ingest
