#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"


#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t token_text_max = 128;

json::object render_me(const context& api, const model::person& person, const std::string& csrf)
{
    json::object out;
    out["id"] = person.id;
    out["name"] = person.name;
    out["roles"] = render_roles(person.roles);
    out["csrf"] = csrf;
    out["server_version"] = api.config.server_version;
    return out;
}

person_deed session_deed(
    const model::person& person, std::string_view action, std::string_view auth, const net::request& req
)
{
    person_deed deed;
    deed.action = action;
    deed.object = "person/" + person.id;
    deed.detail = {{"peer", req.peer_address}};
    deed.auth = auth;
    return deed;
}

struct signed_in {
    model::person person;
    std::string token;
    std::string csrf;
};

// The link is used up, the earlier session of this browser ends, a new one begins: all or nothing.
result<signed_in> begin_session(
    store::transaction& tx, std::string_view link_token, std::string_view earlier_hash, const net::request& req,
    std::int64_t now_ns
)
{
    const auto person = store::use_link(tx, sha256_hex(link_token), now_ns);
    if (!person)
        return person.error();
    if (!*person)
        return errc::denied;
    if (!earlier_hash.empty()) {
        const auto ended = store::delete_session(tx, earlier_hash);
        if (!ended && ended.error() != errc::not_found)
            return ended.error();
    }
    signed_in out;
    out.person = **person;
    out.token = random_token(token_bytes);
    out.csrf = random_token(token_bytes);
    store::session session;
    session.token_hash = sha256_hex(out.token);
    session.csrf = out.csrf;
    session.person_id = out.person.id;
    session.created_ns = now_ns;
    session.used_ns = now_ns;
    session.authenticated_ns = now_ns;
    session.auth = "link";
    const auto stored = store::insert_session(tx, session);
    if (!stored)
        return stored.error();
    const auto audited = audit_person(
        tx, out.person, req, now_ns, session_deed(out.person, "session.begin", "link", req)
    );
    if (!audited)
        return audited.error();
    return out;
}

}  // namespace

handler_answer get_me(context& api, const caller& who, net::request& req)
{
    auto load = [&api, &who](const store::reader& from) {
        return load_item(from, render_me(api, who.person, who.csrf));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "your account");
}

handler_answer post_link(context& api, const caller&, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto token = read_text(*body, "token", token_text_max);
    if (!token)
        co_return problem_of(req, token.error());
    const std::string earlier_hash = session_hash(api, req);
    const std::int64_t now_ns = api.parts.time.now_ns();
    signed_in who;
    auto sign_in = [&](store::transaction& tx) -> result<loaded> {
        auto begun = begin_session(tx, *token, earlier_hash, req, now_ns);
        if (!begun)
            return begun.error();
        who = std::move(*begun);
        return load_item(tx, render_me(api, who.person, who.csrf));
    };
    const auto done = co_await api.parts.store.write(std::move(sign_in));
    if (!done && done.error() == errc::denied) {
        api.sign_ins_refused.add();
        log_warn("http.sign_in", "refused a link from " + req.peer_address + ", request " + req.id);
        co_return net::problem(
            req, 401, "link_invalid",
            "This sign-in link was used already or is too old. Ask for a new one, or run `reprise admin user link`."
        );
    }
    net::response reply = answer(req, done, "the sign-in");
    if (done) {
        api.sign_ins.add();
        log_info("http.sign_in", who.person.name + " signed in from " + req.peer_address + ", request " + req.id);
        reply.set_header("Set-Cookie", session_cookie(api, who.token));
    }
    co_return reply;
}

handler_answer post_logout(context& api, const caller& who, net::request& req)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto sign_out = [&](store::transaction& tx) -> result<void> {
        const auto ended = store::delete_session(tx, who.token_hash);
        if (!ended)
            return ended.error();
        return audit_person(tx, who.person, req, now_ns, session_deed(who.person, "session.end", "session", req));
    };
    const auto done = co_await api.parts.store.write(std::move(sign_out));
    if (!done)
        co_return problem_of(req, done.error(), "the session");
    api.access_changes.fetch_add(1);
    net::response reply(204, {}, std::string_view());
    reply.set_header("Set-Cookie", cleared_cookie(api));
    co_return reply;
}

}  // namespace reprise::http
