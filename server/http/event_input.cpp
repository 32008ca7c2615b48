#include "event_input.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/time_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::string_view known_members =
    "error_type title description service source log_group metadata route status_code severity frames resource link "
    "key occurred_at";
constexpr std::size_t time_bytes_max = 64;
constexpr std::int64_t ahead_ns_max = 3600 * ns_per_s;

struct text_member {
    std::string_view name;
    std::string model::alarm::* into;
    std::size_t bytes_max;
};

constexpr std::array text_members = {
    text_member{"error_type", &model::alarm::error_type, model::alarm_name_bytes_max},
    text_member{"title", &model::alarm::title, model::alarm_name_bytes_max},
    text_member{"description", &model::alarm::description, model::alarm_text_bytes_max},
    text_member{"service", &model::alarm::service, model::alarm_name_bytes_max},
    text_member{"route", &model::alarm::route, model::alarm_name_bytes_max},
    text_member{"resource", &model::alarm::resource, model::alarm_name_bytes_max},
    text_member{"link", &model::alarm::link, model::alarm_name_bytes_max},
    text_member{"key", &model::alarm::event_key, model::alarm_name_bytes_max},
};

checked<void> read_texts(const json::object& body, model::alarm& alarm)
{
    for (const text_member& one : text_members) {
        auto text = read_text(body, one.name, one.bytes_max);
        if (!text)
            return text.error();
        alarm.*one.into = std::move(*text);
    }
    return {};
}

// "source" and "log_group" say where it came from, for people.
checked<void> read_origin(const json::object& body, model::alarm& alarm)
{
    for (const std::string_view name : {"source", "log_group"}) {
        auto text = read_text(body, name, model::alarm_name_bytes_max);
        if (!text)
            return text.error();
        if (!text->empty())
            alarm.labels.emplace_back(std::string(name), std::move(*text));
    }
    return {};
}

checked<void> read_metadata(const json::object& body, model::alarm& alarm)
{
    const json::value* metadata = body.if_contains("metadata");
    if (metadata == nullptr || metadata->is_null())
        return {};
    if (!metadata->is_object() || metadata->get_object().size() > model::alarm_labels_max - 2)
        return refuse("metadata must be an object with at most 62 members.");
    for (const auto& [name, value] : metadata->get_object()) {
        std::string text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
        if (name.size() > model::alarm_name_bytes_max || text.size() > model::alarm_name_bytes_max)
            return refuse("a member of metadata must not be longer than 512 bytes.");
        alarm.labels.emplace_back(std::string(name), std::move(text));
    }
    return {};
}

checked<void> read_frames(const json::object& body, model::alarm& alarm)
{
    const json::value* frames = body.if_contains("frames");
    if (frames == nullptr || frames->is_null())
        return {};
    if (!frames->is_array() || frames->get_array().size() > model::alarm_frames_max)
        return refuse("frames must be a list of at most 50 lines, the top of the stack first.");
    for (const json::value& line : frames->get_array()) {
        if (!line.is_string() || line.get_string().size() > model::alarm_name_bytes_max)
            return refuse("a frame must be text of at most 512 bytes.");
        alarm.frames.emplace_back(line.get_string());
    }
    return {};
}

checked<void> read_status(const json::object& body, model::alarm& alarm)
{
    const json::value* status = body.if_contains("status_code");
    if (status == nullptr || status->is_null())
        return {};
    error_code not_whole;
    const int number = status->is_number() ? status->to_number<int>(not_whole) : 0;
    if (not_whole || number < 100 || number > 599)
        return refuse("status_code must be a whole number from 100 to 599.");
    alarm.status_code = number;
    return {};
}

checked<void> read_severity(const json::object& body, model::alarm& alarm)
{
    const auto text = read_text(body, "severity", time_bytes_max);
    if (!text)
        return text.error();
    if (text->empty())
        return {};
    alarm.severity = model::find_severity(*text);
    return alarm.severity ? checked<void>() : refuse("severity must be low, medium, high or critical.");
}

checked<void> read_moment(const json::object& body, model::alarm& alarm, std::int64_t now_ns)
{
    const auto text = read_text(body, "occurred_at", time_bytes_max);
    if (!text)
        return text.error();
    if (text->empty())
        return {};
    const auto at_ns = parse_rfc3339(*text);
    if (!at_ns || *at_ns <= 0 || *at_ns > now_ns + ahead_ns_max)
        return refuse("occurred_at must be a date-time as 2026-11-21T03:59:35Z, at most an hour from now.");
    alarm.occurred_ns = *at_ns;
    return {};
}

}  // namespace

checked<model::alarm> read_event(const json::object& body, std::int64_t now_ns)
{
    if (const auto known = check_members(body, "An event", known_members); !known)
        return known.error();
    model::alarm alarm;
    alarm.source = "api";
    alarm.received_ns = now_ns;
    for (const auto read : {read_texts, read_origin, read_metadata, read_frames, read_status, read_severity}) {
        if (auto done = read(body, alarm); !done)
            return done.error();
    }
    if (auto done = read_moment(body, alarm, now_ns); !done)
        return done.error();
    if (alarm.title.empty() && alarm.description.empty() && alarm.error_type.empty())
        return refuse("An event says something: give a title, a description or an error_type.");
    if (alarm.error_type.empty())
        alarm.error_type = "UNHANDLED_EXCEPTION";
    if (alarm.service.empty())
        alarm.service = "unknown";
    if (alarm.event_key.empty())
        alarm.event_key = make_ulid(now_ns);
    return alarm;
}

}  // namespace reprise::http
