#include "json_text.hpp"
#include "render.hpp"

namespace json = boost::json;

namespace reprise::http {

json::object render_service(const model::service& service, std::uint64_t incidents_open)
{
    json::object out;
    out["name"] = service.name;
    out["owner"] = service.owner;
    out["replay_target"] = service.replay_target;
    out["replay_unsafe_methods"] = service.replay_unsafe_methods;
    out["first_seen_at"] = time_value(service.first_seen_ns);
    out["last_seen_at"] = time_value(service.last_seen_ns);
    out["records"] = service.records;
    out["incidents_open"] = incidents_open;
    out["version"] = service.version;
    return out;
}

json::object render_traffic(const store::traffic_point& point)
{
    json::object out;
    out["at"] = time_value(point.window_start_ns);
    out["records"] = point.records;
    out["failing"] = point.failing;
    return out;
}

}  // namespace reprise::http
