#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"
#include "problems.hpp"
#include "rows.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/runs/snoozes.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/snoozes.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <utility>

namespace json = boost::json;

// What people put off or hand over: approvals for themselves, incidents for everybody.
namespace reprise::http {
namespace {

constexpr std::size_t time_bytes_max = 64;

checked<std::int64_t> read_until(const json::object& body)
{
    const auto text = read_text(body, "until", time_bytes_max);
    if (!text)
        return text.error();
    const auto until_ns = parse_rfc3339(*text);
    if (!until_ns)
        return refuse("until must be a date-time as 2026-11-21T03:59:35Z.");
    return *until_ns;
}

checked<runs::care_request> read_request(const net::request& req)
{
    const auto expected = read_if_match(req);
    if (!expected)
        return expected.error();
    runs::care_request request;
    request.id = std::string(req.param("id"));
    request.expected_version = *expected;
    request.request_id = req.id;
    request.auth = auth_of(req, "session");
    return request;
}

json::object render_snooze(const store::approval_snooze& snooze)
{
    json::object out;
    out["approval_id"] = snooze.approval_id;
    out["until"] = time_value(snooze.until_ns);
    out["created_at"] = time_value(snooze.created_ns);
    return out;
}

result<loaded> answer_incident(const store::reader& from, const result<model::incident>& changed)
{
    if (!changed)
        return changed.error();
    auto row = load_incident_row(from, *changed);
    if (!row)
        return row.error();
    return load_item(from, std::move(*row), changed->version);
}

using incident_change = std::function<result<model::incident>(store::transaction&)>;

// Done by an operator, who is in the request then; what the change was goes into the answer.
boost::asio::awaitable<result<loaded>> change_incident(
    context& api, const caller& who, runs::care_request& request, const incident_change& change
)
{
    auto keep = [&](store::transaction& tx) -> result<loaded> {
        auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        request.person = std::move(*person);
        return answer_incident(tx, change(tx));
    };
    auto kept = co_await api.parts.store.write(std::move(keep));
    co_return kept;
}

net::response name_of_nobody(const net::request& req, const std::string& name)
{
    return net::problem(
        req, 422, "refused", "Nobody with the role operator is called \"" + name + "\"; leave user empty for nobody."
    );
}

}  // namespace

handler_answer list_approval_snoozes(context& api, const caller& who, net::request& req)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&who, now_ns](const store::reader& from) -> result<loaded> {
        const auto snoozes = store::list_approval_snoozes(from, who.person.id, now_ns);
        if (!snoozes)
            return snoozes.error();
        json::array rows;
        for (const store::approval_snooze& each : *snoozes)
            rows.emplace_back(render_snooze(each));
        return load_page(from, std::move(rows));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of snoozes");
}

handler_answer post_approval_snooze(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto until_ns = read_until(*body);
    if (!until_ns)
        co_return problem_of(req, until_ns.error());
    auto request = read_request(req);
    if (!request)
        co_return problem_of(req, request.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto keep = [&](store::transaction& tx) -> result<loaded> {
        auto person = find_person_now(tx, who, need::viewer);
        if (!person)
            return person.error();
        request->person = std::move(*person);
        const auto plan = runs::snooze_approval(tx, *request, *until_ns, now_ns);
        if (!plan)
            return plan.error();
        json::object row = render_snooze({request->id, plan->until_ns, now_ns});
        row["expires_first"] = plan->expires_first;
        return load_item(tx, std::move(row));
    };
    const auto kept = co_await api.parts.store.write(std::move(keep));
    co_return answer(req, kept, "approval " + request->id);
}

handler_answer delete_approval_snooze(context& api, const caller& who, net::request& req)
{
    auto request = read_request(req);
    if (!request)
        co_return problem_of(req, request.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto end = [&](store::transaction& tx) -> result<void> {
        auto person = find_person_now(tx, who, need::viewer);
        if (!person)
            return person.error();
        request->person = std::move(*person);
        return runs::end_approval_snooze(tx, *request, now_ns);
    };
    const auto ended = co_await api.parts.store.write(std::move(end));
    if (!ended)
        co_return problem_of(req, ended.error(), "the snooze of approval " + request->id);
    co_return net::response(204, {}, std::string_view());
}

handler_answer post_incident_snooze(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto until_ns = read_until(*body);
    if (!until_ns)
        co_return problem_of(req, until_ns.error());
    const auto reason = read_text(*body, "reason", lifecycle::snooze_reason_bytes_max);
    if (!reason)
        co_return problem_of(req, reason.error());
    auto request = read_request(req);
    if (!request)
        co_return problem_of(req, request.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    const incident_change change = [&](store::transaction& tx) {
        return runs::snooze_incident(tx, *request, *until_ns, *reason, now_ns);
    };
    const auto kept = co_await change_incident(api, who, *request, change);
    co_return answer(req, kept, "incident " + request->id);
}

handler_answer delete_incident_snooze(context& api, const caller& who, net::request& req)
{
    auto request = read_request(req);
    if (!request)
        co_return problem_of(req, request.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    const incident_change change = [&](store::transaction& tx) {
        return runs::end_incident_snooze(tx, *request, now_ns);
    };
    const auto ended = co_await change_incident(api, who, *request, change);
    co_return answer(req, ended, "incident " + request->id);
}

handler_answer post_incident_assignment(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto assignee = read_text(*body, "user", person_name_bytes_max);
    if (!assignee)
        co_return problem_of(req, assignee.error());
    if (!body->contains("user"))
        co_return problem_of(req, refuse("user is required: a person's name, or \"\" for nobody."));
    auto request = read_request(req);
    if (!request)
        co_return problem_of(req, request.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    const incident_change change = [&](store::transaction& tx) {
        return runs::assign_incident(tx, *request, *assignee, now_ns);
    };
    const auto kept = co_await change_incident(api, who, *request, change);
    if (!kept && kept.error() == errc::invalid_argument)
        co_return name_of_nobody(req, *assignee);
    co_return answer(req, kept, "incident " + request->id);
}

}  // namespace reprise::http
