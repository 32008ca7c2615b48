#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/runs/actions.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

#include <array>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t step_bytes_max = 64;
constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t kind_bytes_max = 32;

// The last segment of the route, what it does, and the members its body may have.
struct named_action {
    std::string_view verb;
    runs::run_action action;
    std::string_view members;
};

constexpr std::array actions = {
    named_action{"cancel", runs::run_action::cancel, "comment"},
    named_action{"pause", runs::run_action::pause, "comment"},
    named_action{"resume", runs::run_action::resume, "comment"},
    named_action{"priority", runs::run_action::prioritise, "comment priority"},
    named_action{"retry", runs::run_action::retry, "comment from_step"},
    named_action{"replay", runs::run_action::replay, "comment from_step"},
    named_action{"discard", runs::run_action::discard, "comment"},
};

const named_action& action_of(const net::request& req)
{
    for (const named_action& one : actions) {
        if (one.verb == route_verb(req))
            return one;
    }
    return actions.front();
}

checked<std::optional<std::int64_t>> read_priority(const json::object& body)
{
    const json::value* value = body.if_contains("priority");
    if (!value)
        return std::optional<std::int64_t>();
    const bool is_number = value->is_int64();
    if (!is_number || value->get_int64() < 0 || value->get_int64() > model::run_priority_max)
        return refuse("priority must be a whole number from 0 to " + std::to_string(model::run_priority_max) + ".");
    return std::optional(value->get_int64());
}

checked<runs::run_request> read_run_request(const net::request& req)
{
    const named_action& what = action_of(req);
    const auto body = read_members(req, "The body", what.members);
    if (!body)
        return body.error();
    const auto comment = read_text(*body, "comment", lifecycle::comment_bytes_max);
    if (!comment)
        return comment.error();
    const auto from_step = read_text(*body, "from_step", step_bytes_max);
    if (!from_step)
        return from_step.error();
    const auto priority = read_priority(*body);
    if (!priority)
        return priority.error();
    if (what.action == runs::run_action::prioritise && !*priority)
        return refuse("priority must be given.");
    runs::run_request request;
    request.run_id = std::string(req.param("id"));
    request.action = what.action;
    request.comment = *comment;
    request.from_step = *from_step;
    request.priority = priority->value_or(0);
    request.request_id = req.id;
    request.auth = auth_of(req, "session");
    return request;
}

// The version the person saw is the one that is stored.
result<void> check_version(
    const store::reader& from, const std::string& id, const std::optional<std::int64_t>& expected
)
{
    if (!expected)
        return {};
    const auto run = store::find_run(from, id);
    if (!run)
        return run.error();
    if (!*run)
        return errc::not_found;
    if ((*run)->version != *expected)
        return errc::stale;
    return {};
}

checked<runs::run_start> read_run_start(const net::request& req)
{
    const auto body = read_members(req, "A run", "kind incident comment priority");
    if (!body)
        return body.error();
    const auto kind = read_text(*body, "kind", kind_bytes_max);
    if (!kind)
        return kind.error();
    const auto incident = read_text(*body, "incident", id_bytes_max);
    if (!incident)
        return incident.error();
    const auto comment = read_text(*body, "comment", lifecycle::comment_bytes_max);
    if (!comment)
        return comment.error();
    const auto priority = read_priority(*body);
    if (!priority)
        return priority.error();
    const auto wanted = model::find_run_kind(*kind);
    if (!wanted)
        return refuse("kind must be reproduce.");
    if (*wanted == model::run_kind::publish)
        return refusal(422, "A publish run is not queued by hand: POST /incidents/{id}/publish asks for a release.");
    if (*wanted == model::run_kind::fix)
        return refusal(422, "A fix run is not queued by hand: POST /incidents/{id}/fix takes the change.");
    if (incident->empty())
        return refuse("incident must be named.");
    runs::run_start start;
    start.incident_id = *incident;
    start.comment = *comment;
    start.priority = *priority;
    start.request_id = req.id;
    start.auth = auth_of(req, "session");
    return start;
}

result<json::object> render_dead_letter(const store::reader& from, const model::run& run)
{
    const auto incident = store::find_incident(from, run.incident_id);
    if (!incident)
        return incident.error();
    json::object out = render_run(run);
    out["input"] = run.input;
    if (*incident) {
        out["incident_title"] = (*incident)->title;
        out["incident_status"] = model::to_text((*incident)->status);
    }
    return out;
}

}  // namespace

handler_answer post_run_action(context& api, const caller& who, net::request& req)
{
    auto request = read_run_request(req);
    if (!request)
        co_return problem_of(req, request.error());
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto act = [&](store::transaction& tx) -> result<loaded> {
        const auto current = check_version(tx, request->run_id, *expected);
        if (!current)
            return current.error();
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        request->actor = "user:" + person->name;
        const auto changed = runs::act_on_run(tx, *request, now_ns);
        if (!changed)
            return changed.error();
        return load_item(tx, render_run(*changed), changed->version);
    };
    const auto done = co_await api.parts.store.write(std::move(act));
    co_return answer(req, done, "run " + request->run_id);
}

handler_answer post_run(context& api, const caller& who, net::request& req)
{
    auto start = read_run_start(req);
    if (!start)
        co_return problem_of(req, start.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto act = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        start->person = *person;
        const auto queued = runs::start_reproduce(tx, *start, now_ns);
        if (!queued)
            return queued.error();
        return load_item(tx, render_run(*queued), queued->version);
    };
    const auto done = co_await api.parts.store.write(std::move(act));
    co_return answer(req, done, "incident " + start->incident_id);
}

handler_answer list_dead_letters(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    store::run_filter filter;
    filter.state = model::run_state::dead_letter;
    filter.after = page->after;
    filter.limit = page->limit + 1;
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto dead = store::list_runs(from, filter);
        if (!dead)
            return dead.error();
        std::string next = cut_page(*dead, page->limit, [](const model::run& row) { return row.id; });
        json::array items;
        for (const model::run& each : *dead) {
            auto row = render_dead_letter(from, each);
            if (!row)
                return row.error();
            items.emplace_back(std::move(*row));
        }
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of dead letters");
}

}  // namespace reprise::http
