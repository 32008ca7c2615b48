#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "oidc_provider.hpp"
#include "person_audit.hpp"
#include "session_begin.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t token_text_max = 128;

// The link is used up, the earlier session of this browser ends, a new one begins: all or nothing.
result<signed_in> begin_by_link(
    store::transaction& tx, std::string_view link_token, const sign_in_proof& proof, const net::request& req
)
{
    const auto person = store::use_link(tx, sha256_hex(link_token), proof.now_ns);
    if (!person)
        return person.error();
    if (!*person)
        return errc::denied;
    return begin_session(tx, **person, proof, req);
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

handler_answer get_auth_ways(context& api, const caller&, net::request& req)
{
    auto load = [&api](const store::reader& from) {
        json::object ways;
        ways["password"] = api.config.passwords;
        if (api.oidc)
            ways["oidc"] = api.config.oidc.label;
        return load_item(from, std::move(ways));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the ways to sign in");
}

handler_answer post_link(context& api, const caller&, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto token = read_text(*body, "token", token_text_max);
    if (!token)
        co_return problem_of(req, token.error());
    if (auto limited = refuse_guessing(api, req, {}))
        co_return std::move(*limited);
    sign_in_proof proof;
    proof.auth = "link";
    proof.earlier_hash = session_hash(api, req);
    proof.now_ns = api.parts.time.now_ns();
    signed_in who;
    auto sign_in = [&](store::transaction& tx) -> result<loaded> {
        auto begun = begin_by_link(tx, *token, proof, req);
        if (!begun)
            return begun.error();
        who = std::move(*begun);
        return load_item(tx, render_me(api, who.person, who.csrf));
    };
    const auto done = co_await api.parts.store.write(std::move(sign_in));
    if (!done && done.error() == errc::denied) {
        sign_in_refusal refusal;
        refusal.auth = "link";
        refusal.why = "used, expired or unknown";
        co_await note_refusal(api, std::move(refusal), req);
        co_return net::problem(
            req, 401, "link_invalid",
            "This sign-in link was used already or is too old. Ask for a new one, or run `reprise admin user link`."
        );
    }
    net::response reply = answer(req, done, "the sign-in");
    if (done) {
        note_sign_in(api, who, proof.auth, req);
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
        person_deed deed;
        deed.action = "session.end";
        deed.object = "person/" + who.person.id;
        deed.detail = {{"peer", req.peer_address}};
        return audit_person(tx, who.person, req, now_ns, deed);
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
