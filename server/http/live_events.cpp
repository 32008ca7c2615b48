#include "live_events.hpp"

#include "json_text.hpp"
#include "render.hpp"
#include "render_alarm.hpp"
#include "rows.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"
#include "reprise/store/suppressions.hpp"
#include "reprise/store/run_pause.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

using found_object = result<std::optional<json::object>>;

constexpr std::size_t traffic_looked_at = 1'000;

// From "found, or not there, or an error" of a store to the same of its shape.
template <class Found, class Shape>
found_object shape_of(const Found& found, Shape shape)
{
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<json::object>();
    result<json::object> made = shape(**found);
    if (!made)
        return made.error();
    return std::optional<json::object>(std::move(*made));
}

found_object load_run_event(const store::reader& from, const store::live_event& event)
{
    const auto rows = store::list_run_events(from, event.entity_id, event.rev - 1, 1);
    if (!rows)
        return rows.error();
    if (rows->empty() || rows->front().sequence != event.rev)
        return std::optional<json::object>();
    return std::optional<json::object>(render_run_event(rows->front()));
}

found_object load_traffic(const store::reader& from, const store::live_event& event)
{
    const auto points = store::list_traffic(from, event.rev, traffic_looked_at);
    if (!points)
        return points.error();
    for (const store::traffic_point& point : *points) {
        if (point.window_start_ns == event.rev)
            return std::optional<json::object>(render_traffic(point));
    }
    return std::optional<json::object>();
}

// Nothing is looked up: readers ask for what their own filter wants.
json::object render_trace_news(const store::live_event& event)
{
    return {{"service", event.entity_id}, {"at", time_value(event.at_ns)}};
}

found_object load_run_pause(const store::reader& from)
{
    const auto pause = store::find_run_pause(from);
    if (!pause)
        return pause.error();
    return std::optional(render_run_pause(*pause));
}

found_object load_entity(const store::reader& from, const store::live_event& event)
{
    const std::string& id = event.entity_id;
    const auto plain = [](auto render) {
        return [render](const auto& row) { return result<json::object>(render(row)); };
    };
    const auto with_look = [&from](auto load) {
        return [&from, load](const auto& row) { return load(from, row); };
    };
    if (event.type == "incident")
        return shape_of(store::find_incident(from, id), with_look(load_incident_row));
    if (event.type == "approval")
        return shape_of(store::find_approval(from, id), with_look(load_approval_row));
    if (event.type == "service")
        return shape_of(store::find_service(from, id), with_look(load_service_row));
    if (event.type == "suppression")
        return shape_of(store::find_suppression(from, id), [&](const model::suppression& row) {
            return load_suppression_row(from, row, event.at_ns);
        });
    if (event.type == "signal")
        return shape_of(store::find_signal(from, id), plain(render_signal));
    if (event.type == "run")
        return shape_of(store::find_run(from, id), plain(render_run));
    if (event.type == "publication")
        return shape_of(store::find_publication(from, id), plain(render_publication));
    if (event.type == "alarm")
        return shape_of(store::find_alarm(from, id), plain(render_alarm));
    if (event.type == "held_event")
        return shape_of(store::find_held_event(from, id), plain(render_held_event));
    if (event.type == "run_event")
        return load_run_event(from, event);
    if (event.type == "traces")
        return std::optional<json::object>(render_trace_news(event));
    if (event.type == "traffic")
        return load_traffic(from, event);
    if (event.type == "run_pause")
        return load_run_pause(from);
    return std::optional<json::object>();
}

// Steps of a run are all different; everything else is a state that the next one replaces.
bool is_state(const store::live_event& event)
{
    return event.type != "run_event";
}

std::string entity_key(const store::live_event& event)
{
    const std::string key = event.type + "/" + event.entity_id;
    return is_state(event) ? key : key + "/" + std::to_string(event.rev);
}

// The data is rendered once for all topics, so the message is put together around it.
std::string message_text(const std::string& epoch, const store::live_event& event, const std::string& data)
{
    std::string text;
    text.reserve(data.size() + 256);
    text += "{\"epoch\":" + json::serialize(json::string(epoch));
    text += ",\"seq\":" + std::to_string(event.seq);
    text += ",\"topic\":" + json::serialize(json::string(event.topic));
    text += ",\"type\":" + json::serialize(json::string(event.type));
    text += ",\"at\":\"" + format_rfc3339(event.at_ns) + "\"";
    text += ",\"id\":" + json_text(json::string(event.entity_id));
    text += ",\"rev\":" + std::to_string(event.rev);
    text += ",\"data\":" + data + "}";
    return text;
}

}  // namespace

result<std::vector<live::message>> load_messages(
    const store::reader& from, const std::string& epoch, std::span<const store::live_event> events
)
{
    std::unordered_map<std::string, std::int64_t> last;  // By topic and entity: the event that counts.
    for (const store::live_event& event : events)
        last[event.topic + "\n" + entity_key(event)] = event.seq;
    std::unordered_map<std::string, std::optional<std::string>> rendered;
    std::vector<live::message> out;
    for (const store::live_event& event : events) {
        const std::string key = entity_key(event);
        if (last[event.topic + "\n" + key] != event.seq)
            continue;
        auto known = rendered.find(key);
        if (known == rendered.end()) {
            const auto entity = load_entity(from, event);
            if (!entity)
                return entity.error();
            std::optional<std::string> text;
            if (*entity)
                text = json_text(**entity);
            known = rendered.emplace(key, std::move(text)).first;
        }
        if (!known->second)
            continue;
        live::message message;
        message.seq = event.seq;
        message.topic = event.topic;
        message.text = std::make_shared<const std::string>(message_text(epoch, event, *known->second));
        message.entity = is_state(event) ? key : std::string();
        message.rev = event.rev;
        out.push_back(std::move(message));
    }
    return out;
}

}  // namespace reprise::http
