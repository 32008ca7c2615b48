#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

json::object render_session(const store::session_view& view, std::string_view my_id)
{
    json::object out;
    out["id"] = view.session.id;
    out["person_id"] = view.person.id;
    out["person"] = view.person.name;
    out["auth"] = view.session.auth;
    out["created_at"] = time_value(view.session.created_ns);
    out["used_at"] = time_value(view.session.used_ns);
    out["authenticated_at"] = time_value(view.session.authenticated_ns);
    out["is_mine"] = view.session.id == my_id;
    return out;
}

// One's own; anybody's for an administrator. What is not there and what is not yours look the same.
result<void> end_session(
    store::transaction& tx, const caller& who, std::string_view id, const net::request& req, std::int64_t now_ns
)
{
    const auto owner = store::end_session(tx, id);
    if (!owner)
        return owner.error();
    if (!*owner || (**owner != who.person.id && !who.person.roles.admin))
        return errc::not_found;
    person_deed deed;
    deed.action = "session.end";
    deed.object = "person/" + **owner;
    deed.detail = {{"session", id}, {"peer", req.peer_address}};
    return audit_person(tx, who.person, req, now_ns, deed);
}

}  // namespace

handler_answer list_sessions(context& api, const caller& who, net::request& req)
{
    const auto all = read_all_wanted(req);
    if (!all)
        co_return problem_of(req, all.error());
    if (*all) {
        if (auto refused = refuse_caller(api, req, need::admin, who))
            co_return std::move(*refused);
    }
    const std::string person_id = *all ? std::string() : who.person.id;
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&](const store::reader& from) -> result<loaded> {
        const auto sessions = store::list_sessions(from, person_id, now_ns, store::sessions_listed_max);
        if (!sessions)
            return sessions.error();
        json::array items;
        for (const store::session_view& each : *sessions)
            items.emplace_back(render_session(each, who.session_id));
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of sessions");
}

handler_answer delete_session(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto end = [&](store::transaction& tx) { return end_session(tx, who, id, req, now_ns); };
    const auto done = co_await api.parts.store.write(std::move(end));
    if (!done)
        co_return problem_of(req, done.error(), "session " + id);
    api.access_changes.fetch_add(1);
    co_return net::response(204, {}, std::string_view());
}

}  // namespace reprise::http
