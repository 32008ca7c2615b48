#include "answers.hpp"
#include "handlers.hpp"
#include "incident_walk.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "polling_input.hpp"
#include "sentinel_view.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/services.hpp"

#include <boost/json/array.hpp>

#include <map>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t services_max = 1'000;
constexpr std::size_t repository_bytes_max = 500;
constexpr std::size_t branch_bytes_max = 200;
constexpr std::uint64_t interval_ms_min = 1'000;
constexpr std::uint64_t interval_ms_max = 3'600'000;

loaded plain_body(const json::object& body)
{
    loaded out;
    out.body = json_text(body);
    return out;
}

store::service_polling default_polling(const std::string& service)
{
    store::service_polling settings;
    settings.service = service;
    return settings;
}

checked<store::service_polling> read_service(const json::object& body, store::service_polling known)
{
    auto changed = read_polling(body, sentinel_names, std::move(known));
    if (!changed)
        return changed;
    const auto repository = read_text(body, "repoUrl", repository_bytes_max);
    if (!repository)
        return repository.error();
    const auto branch = read_text(body, "repoBranch", branch_bytes_max);
    if (!branch)
        return branch.error();
    if (body.contains("repoUrl"))
        changed->repository = *repository;
    if (!branch->empty())
        changed->branch = *branch;
    if (const json::value* interval = body.if_contains("pollIntervalMs")) {
        error_code not_whole;
        const auto number = interval->is_number() ? interval->to_number<std::uint64_t>(not_whole) : 0;
        if (not_whole || number < interval_ms_min || number > interval_ms_max)
            return refuse("pollIntervalMs must be a whole number from 1000 to 3600000.");
        changed->interval_ms = number;
    }
    return changed;
}

// Services that were seen or have settings, by name.
result<std::map<std::string, store::service_polling>> load_services(const store::reader& from)
{
    std::map<std::string, store::service_polling> all;
    const auto seen = store::list_services(from, {}, services_max);
    if (!seen)
        return seen.error();
    for (const model::service& one : *seen)
        all.emplace(one.name, default_polling(one.name));
    const auto settings = store::list_service_polling(from);
    if (!settings)
        return settings.error();
    for (const store::service_polling& one : *settings)
        all.insert_or_assign(one.service, one);
    return all;
}

}  // namespace

handler_answer list_sentinel_incidents(context& api, const caller&, net::request& req)
{
    incident_walk wanted;
    const std::string_view status = req.find_query("status").value_or(std::string_view());
    wanted.statuses = statuses_of_sentinel(status);
    if (!status.empty() && wanted.statuses.empty())
        co_return problem_of(req, refuse("\"" + std::string(status) + "\" is no status of this view."));
    wanted.service = std::string(req.find_query("service").value_or(std::string_view()));
    const auto walk = read_walk(req, std::move(wanted));
    if (!walk)
        co_return problem_of(req, walk.error());
    auto load = [&walk](const store::reader& from) -> result<loaded> {
        const auto incidents = walk_incidents(from, *walk);
        if (!incidents)
            return incidents.error();
        json::array rows;
        for (const model::incident& each : *incidents) {
            auto row = load_sentinel_incident(from, each);
            if (!row)
                return row.error();
            rows.push_back(std::move(*row));
        }
        return plain_body({{"incidents", std::move(rows)}});
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of incidents");
}

handler_answer get_sentinel_incident(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    auto load = [&id](const store::reader& from) -> result<loaded> {
        const auto incident = store::find_incident(from, id);
        if (!incident)
            return incident.error();
        if (!*incident)
            return errc::not_found;
        auto row = load_sentinel_incident(from, **incident);
        if (!row)
            return row.error();
        auto artifacts = load_sentinel_artifacts(from, id);
        if (!artifacts)
            return artifacts.error();
        return plain_body({{"incident", std::move(*row)}, {"artifacts", std::move(*artifacts)}});
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "incident " + id);
}

handler_answer post_sentinel_action(context& api, const caller& who, net::request& req)
{
    const bool retries = route_verb(req) == "retry";
    net::response reply = co_await post_incident_action(api, who, req);
    if (reply.status != 200)
        co_return reply;
    const json::object body = {{"ok", true}, {"status", retries ? "detected" : "wontfix"}};
    co_return net::response(200, "application/json", json_text(body));
}

handler_answer list_sentinel_services(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto services = load_services(from);
        if (!services)
            return services.error();
        json::array rows;
        for (const auto& [name, settings] : *services)
            rows.push_back(render_sentinel_service(settings));
        return plain_body({{"services", std::move(rows)}});
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of services");
}

handler_answer get_sentinel_service(context& api, const caller&, net::request& req)
{
    const std::string name(req.param("name"));
    auto load = [&name](const store::reader& from) -> result<loaded> {
        const auto services = load_services(from);
        if (!services)
            return services.error();
        const auto found = services->find(name);
        if (found == services->end())
            return errc::not_found;
        return plain_body(render_sentinel_service(found->second));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "service " + name);
}

handler_answer put_sentinel_service(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    const std::string name(req.param("name"));
    checked<store::service_polling> changed = store::service_polling();
    auto keep = [&](store::transaction& tx) -> result<loaded> {
        auto known = store::find_service_polling(tx, name);
        if (!known)
            return known.error();
        store::service_polling settings = known->value_or(default_polling(name));
        settings.updated_ns = now_ns;
        changed = read_service(*body, std::move(settings));
        if (!changed)
            return errc::invalid_argument;
        if (auto kept = keep_polling(tx, who, req, *changed); !kept)
            return kept.error();
        return plain_body({{"ok", true}});
    };
    const auto done = co_await api.parts.store.write(std::move(keep));
    if (!changed)
        co_return problem_of(req, changed.error());
    co_return answer(req, done, "service " + name);
}

handler_answer get_sentinel_health(context& api, const caller&, net::request&)
{
    const bool works = api.parts.store.healthy() && api.parts.intake_healthy();
    json::object body;
    body["status"] = works ? "ok" : "degraded";
    body["startedAt"] = time_value(api.started_ns);
    body["version"] = api.config.server_version;
    co_return net::response(200, "application/json", json_text(body));
}

handler_answer get_sentinel_stats(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto counts = store::count_incidents_by_status(from);
        if (!counts)
            return counts.error();
        std::map<std::string_view, std::uint64_t> by_word;
        for (const auto& [status, count] : *counts)
            by_word[sentinel_status(status)] += count;
        json::array rows;
        for (const auto& [word, count] : by_word)
            rows.push_back(json::object{{"status", word}, {"count", count}});
        return plain_body({{"stats", std::move(rows)}});
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the statistics");
}

}  // namespace reprise::http
