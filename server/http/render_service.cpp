#include "json_text.hpp"
#include "render.hpp"

namespace json = boost::json;

namespace reprise::http {

json::object render_deployment(const model::deployment& deployment)
{
    json::object out;
    out["service"] = deployment.service;
    out["version"] = deployment.version;
    out["at"] = time_value(deployment.at_ns);
    out["origin"] = to_text(deployment.origin);
    return out;
}

json::object render_overflow_route(const store::overflow_route& route)
{
    json::object out;
    out["source"] = to_text(route.source);
    out["kind"] = to_text(route.kind);
    out["method"] = route.method;
    out["route"] = route.route;
    out["records"] = route.records;
    out["last_seen_at"] = time_value(route.last_seen_ns);
    return out;
}

json::object render_service(
    const model::service& service, std::uint64_t incidents_open, std::span<const model::deployment> deployments,
    std::span<const store::overflow_route> overflow
)
{
    json::object out;
    out["name"] = service.name;
    out["owner"] = service.owner;
    out["tracker"] = service.tracker;
    out["repository"] = service.repository;
    out["replay_target"] = service.replay_target;
    out["replay_last_good_target"] = service.replay_last_good_target;
    out["replay_unsafe_methods"] = service.replay_unsafe_methods;
    out["first_seen_at"] = time_value(service.first_seen_ns);
    out["last_seen_at"] = time_value(service.last_seen_ns);
    out["records"] = service.records;
    out["incidents_open"] = incidents_open;
    out["version"] = service.version;
    json::array deployed;
    for (const model::deployment& each : deployments)
        deployed.emplace_back(render_deployment(each));
    out["deployments"] = std::move(deployed);
    json::array routes;
    for (const store::overflow_route& each : overflow)
        routes.emplace_back(render_overflow_route(each));
    out["overflow"] = std::move(routes);
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
