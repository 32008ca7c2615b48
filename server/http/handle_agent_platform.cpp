#include "agent_platform_view.hpp"
#include "answers.hpp"
#include "event_input.hpp"
#include "handlers.hpp"
#include "incident_walk.hpp"
#include "inputs.hpp"
#include "json_text.hpp"

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t approvals_shown = 200;
constexpr std::size_t incidents_shown = 200;
constexpr std::size_t name_bytes_max = 200;

template <class Value>
loaded plain_body(const Value& body)
{
    loaded out;
    out.body = json_text(body);
    return out;
}

result<loaded> load_incidents(const store::reader& from, const incident_walk& walk, bool active, std::int64_t now_ns)
{
    const auto incidents = walk_incidents(from, walk);
    if (!incidents)
        return incidents.error();
    json::array rows;
    for (const model::incident& each : *incidents) {
        if (active && !is_active_there(platform_status(each)))
            continue;
        auto row = load_platform_incident(from, each, now_ns);
        if (!row)
            return row.error();
        rows.push_back(std::move(*row));
    }
    return plain_body(rows);
}

result<loaded> load_metrics(const store::reader& from)
{
    incident_walk all;
    all.limit = walked_offset_max;
    const auto incidents = walk_incidents(from, all);
    if (!incidents)
        return incidents.error();
    std::map<std::string_view, std::uint64_t> by_status;
    std::uint64_t resolved = 0;
    std::int64_t resolved_s = 0;
    for (const model::incident& each : *incidents) {
        ++by_status[platform_status(each)];
        if (!each.resolved_ns)
            continue;
        ++resolved;
        resolved_s += (*each.resolved_ns - each.opened_ns) / 1'000'000'000;
    }
    json::object statuses;
    for (const auto& [status, count] : by_status)
        statuses[status] = count;
    json::object out;
    out["total"] = incidents->size();
    out["by_status"] = std::move(statuses);
    out["resolved"] = resolved;
    out["mttr_seconds"] = resolved == 0 ? json::value(nullptr)
                                        : json::value(static_cast<double>(resolved_s) / static_cast<double>(resolved));
    return plain_body(out);
}

handler_answer answer_incidents(context& api, net::request& req, bool active)
{
    incident_walk wanted;
    wanted.limit = incidents_shown;
    const auto walk = read_walk(req, std::move(wanted));
    if (!walk)
        co_return problem_of(req, walk.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&](const store::reader& from) { return load_incidents(from, *walk, active, now_ns); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of incidents");
}

handler_answer answer_approvals(context& api, net::request& req, bool pending)
{
    store::approval_filter filter;
    if (pending)
        filter.state = model::approval_state::pending;
    filter.limit = approvals_shown;
    auto load = [&filter](const store::reader& from) -> result<loaded> {
        const auto approvals = store::list_approvals(from, filter);
        if (!approvals)
            return approvals.error();
        json::array rows;
        for (const model::approval& each : *approvals) {
            auto row = load_platform_approval(from, each);
            if (!row)
                return row.error();
            rows.push_back(std::move(*row));
        }
        return plain_body(rows);
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of approvals");
}

result<loaded> load_approval(const store::reader& from, const std::string& id)
{
    const auto approval = store::find_approval(from, id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    auto row = load_platform_approval(from, **approval);
    if (!row)
        return row.error();
    return plain_body(*row);
}

result<loaded> load_incident(const store::reader& from, const std::string& id, std::int64_t now_ns)
{
    const auto incident = store::find_incident(from, id);
    if (!incident)
        return incident.error();
    if (!*incident)
        return errc::not_found;
    auto row = load_platform_incident(from, **incident, now_ns);
    if (!row)
        return row.error();
    return plain_body(*row);
}

// {approver, reason, content_hash, confirm} as our own decision. The approver is whoever is signed in.
checked<json::object> read_decision(const json::object& body, const caller& who)
{
    if (const auto known = check_members(body, "A decision", "approver reason content_hash confirm"); !known)
        return known.error();
    const auto approver = read_text(body, "approver", name_bytes_max);
    if (!approver)
        return approver.error();
    if (!approver->empty() && *approver != who.person.name)
        return refusal{403, "approver is \"" + *approver + "\", but " + who.person.name + " is signed in."};
    const auto reason = read_text(body, "reason", lifecycle::comment_bytes_max);
    if (!reason)
        return reason.error();
    json::object own;
    own["comment"] = *reason;
    for (const std::string_view name : {"content_hash", "confirm"}) {
        if (const json::value* value = body.if_contains(name))
            own[name] = *value;
    }
    return own;
}

// A refusal releases nothing, so the hash of what is refused may be filled in; an approval names what it saw.
result<std::string> find_hash(const store::reader& from, const std::string& id)
{
    const auto approval = store::find_approval(from, id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    return (*approval)->content_hash;
}

}  // namespace

handler_answer list_platform_incidents(context& api, const caller&, net::request& req)
{
    return answer_incidents(api, req, false);
}

handler_answer list_platform_active(context& api, const caller&, net::request& req)
{
    return answer_incidents(api, req, true);
}

handler_answer get_platform_metrics(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) { return load_metrics(from); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the metrics");
}

handler_answer get_platform_incident(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&id, now_ns](const store::reader& from) { return load_incident(from, id, now_ns); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "incident " + id);
}

handler_answer post_platform_action(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    if (route_verb(req) == "restart")
        req.route = "/api/v1/incidents/{id}/retry";
    net::response reply = co_await post_incident_action(api, who, req);
    if (reply.status != 200)
        co_return reply;
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&id, now_ns](const store::reader& from) { return load_incident(from, id, now_ns); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "incident " + id);
}

handler_answer post_platform_trigger(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto event = read_event(*body, api.parts.time.now_ns());
    if (!event)
        co_return problem_of(req, event.error());
    net::response reply = co_await post_event(api, who, req);
    if (reply.status != 200)
        co_return reply;
    const json::object outcome = json::parse(net::view(reply.body)).as_object().at("item").as_object();
    const json::value* waiting = outcome.if_contains("event_id");
    json::object out;
    out["status"] = outcome.at("status").as_string() == "dismissed_signature" ? "dismissed_signature" : "queued";
    out["event_id"] = waiting != nullptr ? *waiting : outcome.at("alarm_id");
    out["title"] = event->title.empty() ? event->error_type : event->title;
    co_return net::response(200, "application/json", json_text(out));
}

handler_answer list_platform_approvals(context& api, const caller&, net::request& req)
{
    return answer_approvals(api, req, false);
}

handler_answer list_platform_pending(context& api, const caller&, net::request& req)
{
    return answer_approvals(api, req, true);
}

handler_answer get_platform_approval(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    auto load = [&id](const store::reader& from) { return load_approval(from, id); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "approval " + id);
}

handler_answer post_platform_decision(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    auto own = read_decision(*body, who);
    if (!own)
        co_return problem_of(req, own.error());
    if (route_verb(req) == "reject" && !own->contains("content_hash")) {
        auto find = [&id](const store::reader& from) { return find_hash(from, id); };
        const auto hash = co_await api.parts.store.read(std::move(find));
        if (!hash)
            co_return problem_of(req, hash.error(), "approval " + id);
        (*own)["content_hash"] = *hash;
    }
    req.body = json_text(*own);
    net::response reply = co_await post_decision(api, who, req);
    if (reply.status != 200)
        co_return reply;
    auto load = [&id](const store::reader& from) { return load_approval(from, id); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "approval " + id);
}

}  // namespace reprise::http
