#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "render.hpp"

#include "reprise/http/sign_in.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/people.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t kind_text_max = 16;

checked<model::roles> read_roles(const json::object& body)
{
    const json::value* value = body.if_contains("roles");
    if (!value || !value->is_array())
        return refuse("roles must be a list of viewer, operator, approver, admin.");
    model::roles roles;
    std::string text;
    for (const json::value& each : value->get_array()) {
        if (!each.is_string())
            return refuse("roles must be a list of words.");
        text += (text.empty() ? "" : ",") + std::string(each.get_string());
    }
    if (text.empty() || !model::parse_roles(text, roles))
        return refuse("roles must be one or more of viewer, operator, approver, admin.");
    return roles;
}

link_request request_of(const context& api, const caller& who, const net::request& req)
{
    link_request request;
    request.public_url = api.origins.public_url();
    request.actor = "user:" + who.person.name;
    request.request_id = req.id;
    request.now_ns = api.parts.time.now_ns();
    return request;
}

// A word of the model, or a person when there is none.
checked<model::person_kind> read_kind(const json::object& body)
{
    const auto text = read_text(body, "kind", kind_text_max);
    if (!text)
        return text.error();
    if (text->empty())
        return model::person_kind::person;
    const auto kind = model::find_person_kind(*text);
    if (!kind)
        return refuse("kind must be person or service.");
    return *kind;
}

// {"item": User, "link": "...", "as_of_seq": ...}
result<loaded> load_link(const store::reader& from, const sign_in_link& link)
{
    const auto seq = store::last_seq(from);
    if (!seq)
        return seq.error();
    json::object body;
    body["item"] = render_person(link.person);
    body["link"] = link.url;
    body["expires_at"] = time_value(link.expires_ns);
    body["as_of_seq"] = *seq;
    return loaded{json_text(body), {}};
}

// The same without a link: nobody signs in as a service account.
result<loaded> load_service_account(const store::reader& from, const result<model::person>& account)
{
    if (!account)
        return account.error();
    return load_item(from, render_person(*account));
}

}  // namespace

handler_answer list_users(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto people = store::list_people(from, store::people_listed_max);
        if (!people)
            return people.error();
        json::array items;
        for (const model::person& each : *people)
            items.emplace_back(render_person(each));
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of people");
}

handler_answer post_user(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto name = read_text(*body, "name", person_name_bytes_max);
    if (!name)
        co_return problem_of(req, name.error());
    const auto roles = read_roles(*body);
    if (!roles)
        co_return problem_of(req, roles.error());
    const auto kind = read_kind(*body);
    if (!kind)
        co_return problem_of(req, kind.error());
    const bool is_service = *kind == model::person_kind::service;
    if (is_service && roles->approver)
        co_return bad_request(req, "A service account can never be an approver.");
    const link_request request = request_of(api, who, req);
    auto add = [&](store::transaction& tx) -> result<loaded> {
        if (is_service)
            return load_service_account(tx, add_service_account(tx, *name, *roles, request));
        const auto link = add_person(tx, *name, *roles, request);
        if (!link)
            return link.error();
        return load_link(tx, *link);
    };
    const auto added = co_await api.parts.store.write(std::move(add));
    if (!added && added.error() == errc::conflict)
        co_return net::problem(req, 409, "name_taken", "There is a person called " + *name + " already.");
    if (!added && added.error() == errc::invalid_argument)
        co_return bad_request(req, "name must be 1 to 64 bytes without control characters, commas or colons.");
    co_return answer(req, added, "the person");
}

handler_answer put_user(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto roles = read_roles(*body);
    if (!roles)
        co_return problem_of(req, roles.error());
    const auto disabled = read_flag(*body, "disabled");
    if (!disabled)
        co_return problem_of(req, disabled.error());
    const std::string id(req.param("id"));
    // Four eyes begin here: nobody gives themselves a role.
    if (id == who.person.id)
        co_return net::problem(req, 409, "own_account", "Another administrator must change your account.");
    const link_request request = request_of(api, who, req);
    auto change = [&](store::transaction& tx) -> result<loaded> {
        const auto changed = change_person(tx, id, *roles, disabled->value_or(false), request);
        if (!changed)
            return changed.error();
        return load_item(tx, render_person(*changed));
    };
    const auto changed = co_await api.parts.store.write(std::move(change));
    if (changed)
        api.access_changes.fetch_add(1);
    co_return answer(req, changed, "person " + id);
}

handler_answer post_user_link(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const link_request request = request_of(api, who, req);
    auto issue = [&](store::transaction& tx) -> result<loaded> {
        const auto person = store::find_person(tx, id);
        if (!person)
            return person.error();
        if (!*person)
            return errc::not_found;
        const auto link = issue_link(tx, (*person)->name, request);
        if (!link)
            return link.error();
        return load_link(tx, *link);
    };
    const auto issued = co_await api.parts.store.write(std::move(issue));
    co_return answer(req, issued, "person " + id);
}

}  // namespace reprise::http
