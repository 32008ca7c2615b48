#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"

#include "reprise/http/tokens.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/people.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * ns_per_s;
constexpr std::size_t id_text_max = 64;

json::array render_words(std::string_view list)
{
    json::array out;
    while (!list.empty()) {
        const auto comma = list.find(',');
        out.emplace_back(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    return out;
}

json::object render_token(const store::api_token& token, std::string_view person)
{
    json::object out;
    out["id"] = token.id;
    out["person_id"] = token.person_id;
    out["person"] = person;
    out["name"] = token.name;
    out["scopes"] = render_words(token.scopes);
    json::array networks;
    for (const std::string& each : token.networks)
        networks.emplace_back(each);
    out["networks"] = std::move(networks);
    out["created_by"] = token.created_by;
    out["created_at"] = time_value(token.created_ns);
    out["expires_at"] = time_value(token.expires_ns);
    if (token.used_ns)
        out["used_at"] = time_value(*token.used_ns);
    if (token.revoked_ns)
        out["revoked_at"] = time_value(*token.revoked_ns);
    return out;
}

// A list of words of a body; absent is empty.
checked<std::vector<std::string>> read_words(const json::object& body, std::string_view name)
{
    std::vector<std::string> words;
    const json::value* value = body.if_contains(name);
    if (!value)
        return words;
    if (!value->is_array())
        return refuse(std::string(name) + " must be a list.");
    for (const json::value& each : value->get_array()) {
        if (!each.is_string())
            return refuse(std::string(name) + " must be a list of words.");
        words.emplace_back(each.get_string());
    }
    return words;
}

checked<token_request> read_token_request(const json::object& body)
{
    if (const auto known = check_members(body, "A token", "name scopes networks days person_id"); !known)
        return known.error();
    token_request wanted;
    auto name = read_text(body, "name", token_name_bytes_max);
    if (!name)
        return name.error();
    wanted.name = std::move(*name);
    auto person_id = read_text(body, "person_id", id_text_max);
    if (!person_id)
        return person_id.error();
    wanted.person_id = std::move(*person_id);
    const auto scopes = read_words(body, "scopes");
    if (!scopes)
        return scopes.error();
    for (const std::string& word : *scopes) {
        const auto one = find_scope(word);
        if (!one)
            return refuse("scopes must be one or more of " + list_scopes() + ".");
        wanted.scopes.add(*one);
    }
    auto networks = read_words(body, "networks");
    if (!networks)
        return networks.error();
    wanted.networks = std::move(*networks);
    const json::value* days = body.if_contains("days");
    if (!days || !days->is_int64() || days->get_int64() < 1 || days->get_int64() * day_ns > token_lifetime_max_ns)
        return refuse("days must be 1 to 365: every token expires.");
    wanted.lifetime_ns = days->get_int64() * day_ns;
    return wanted;
}

link_request request_of(const context& api, const caller& who, const net::request& req)
{
    link_request request;
    request.actor = "user:" + who.person.name;
    request.request_id = req.id;
    request.now_ns = api.parts.time.now_ns();
    return request;
}

// Tokens are made for oneself, and by administrators for service accounts; never for another person.
checked<model::roles> find_roles(const caller& who, const std::optional<model::person>& owner)
{
    if (owner && owner->id == who.person.id)
        return owner->roles;
    if (!owner || owner->kind != model::person_kind::service || owner->disabled)
        return refusal(404, "There is no service account with that person_id.");
    if (!who.person.roles.admin)
        return refusal(403, "Only an administrator makes tokens for service accounts.");
    return owner->roles;
}

result<loaded> load_issued(const store::reader& from, const issued_token& issued, std::string_view person)
{
    const auto seq = store::last_seq(from);
    if (!seq)
        return seq.error();
    json::object body;
    body["item"] = render_token(issued.token, person);
    body["token"] = issued.text;
    body["as_of_seq"] = *seq;
    return loaded{json_text(body), {}};
}

result<json::array> load_tokens(const store::reader& from, std::string_view person_id)
{
    const auto tokens = store::list_tokens(from, person_id, store::tokens_listed_max);
    if (!tokens)
        return tokens.error();
    json::array items;
    for (const store::api_token& each : *tokens) {
        const auto person = store::find_person(from, each.person_id);
        if (!person)
            return person.error();
        items.emplace_back(render_token(each, *person ? std::string_view((*person)->name) : std::string_view()));
    }
    return items;
}

result<void> revoke(store::transaction& tx, const caller& who, std::string_view id, const link_request& by)
{
    const auto token = store::find_token(tx, id);
    if (!token)
        return token.error();
    if (!*token || ((*token)->person_id != who.person.id && !who.person.roles.admin))
        return errc::not_found;
    return revoke_token(tx, id, by);
}

}  // namespace

handler_answer list_tokens(context& api, const caller& who, net::request& req)
{
    const auto all = read_all_wanted(req);
    if (!all)
        co_return problem_of(req, all.error());
    if (*all) {
        if (auto refused = refuse_caller(api, req, need::admin, who))
            co_return std::move(*refused);
    }
    const std::string person_id = *all ? std::string() : who.person.id;
    auto load = [&person_id](const store::reader& from) -> result<loaded> {
        auto items = load_tokens(from, person_id);
        if (!items)
            return items.error();
        return load_page(from, std::move(*items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of tokens");
}

handler_answer post_token(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    auto wanted = read_token_request(*body);
    if (!wanted)
        co_return problem_of(req, wanted.error());
    if (wanted->person_id.empty())
        wanted->person_id = who.person.id;
    if (auto stale = refuse_stale_proof(api, req, who))
        co_return std::move(*stale);
    const link_request by = request_of(api, who, req);
    std::optional<refusal> fault;
    auto issue = [&](store::transaction& tx) -> result<loaded> {
        const auto owner = store::find_person(tx, wanted->person_id);
        if (!owner)
            return owner.error();
        const auto roles = find_roles(who, *owner);
        if (!roles) {
            fault = roles.error();
            return errc::denied;
        }
        if (std::string why = find_token_fault(*wanted, *roles); !why.empty()) {
            fault = refuse(std::move(why));
            return errc::invalid_argument;
        }
        const auto issued = issue_token(tx, *wanted, by);
        if (!issued)
            return issued.error();
        return load_issued(tx, *issued, (*owner)->name);
    };
    const auto issued = co_await api.parts.store.write(std::move(issue));
    if (!issued && fault)
        co_return problem_of(req, *fault);
    if (!issued && issued.error() == errc::conflict)
        co_return net::problem(
            req, 409, "too_many_tokens",
            "This account has " + std::to_string(store::tokens_per_person_max) + " tokens; revoke one first."
        );
    co_return answer(req, issued, "the token");
}

handler_answer delete_token(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const link_request by = request_of(api, who, req);
    auto work = [&](store::transaction& tx) { return revoke(tx, who, id, by); };
    const auto done = co_await api.parts.store.write(std::move(work));
    if (!done)
        co_return problem_of(req, done.error(), "token " + id);
    co_return net::response(204, {}, std::string_view());
}

}  // namespace reprise::http
