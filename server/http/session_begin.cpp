#include "session_begin.hpp"

#include "access.hpp"
#include "networks.hpp"
#include "person_audit.hpp"
#include "problems.hpp"
#include "render.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t token_bytes = 32;

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

result<void> append_refusal(
    store::transaction& tx, const sign_in_refusal& refusal, const net::request& req, std::uint64_t unwritten,
    std::int64_t now_ns
)
{
    json::object detail = {{"peer", req.peer_address}, {"why", refusal.why}};
    if (unwritten > 0)
        detail["more_before"] = unwritten;
    store::audit_entry entry;
    entry.actor = "nobody";
    entry.actor_type = "person";
    entry.auth = refusal.auth;
    entry.action = "session.refuse";
    entry.object = refusal.person_id.empty() ? "person/unknown" : "person/" + refusal.person_id;
    entry.detail = json::serialize(detail);
    entry.request_id = req.id;
    entry.at_ns = now_ns;
    const auto written = store::append_audit(tx, entry);
    if (!written)
        return written.error();
    return {};
}

}  // namespace

result<signed_in> begin_session(
    store::transaction& tx, const model::person& person, const sign_in_proof& proof, const net::request& req
)
{
    if (!proof.earlier_hash.empty()) {
        const auto ended = store::delete_session(tx, proof.earlier_hash);
        if (!ended && ended.error() != errc::not_found)
            return ended.error();
    }
    signed_in out;
    out.person = person;
    out.token = random_token(token_bytes);
    out.csrf = random_token(token_bytes);
    store::session session;
    session.token_hash = sha256_hex(out.token);
    session.csrf = out.csrf;
    session.person_id = person.id;
    session.created_ns = proof.now_ns;
    session.used_ns = proof.now_ns;
    session.authenticated_ns = proof.now_ns;
    session.auth = proof.auth;
    const auto stored = store::insert_session(tx, session);
    if (!stored)
        return stored.error();
    const auto audited =
        audit_person(tx, person, req, proof.now_ns, session_deed(person, "session.begin", proof.auth, req));
    if (!audited)
        return audited.error();
    return out;
}

result<signed_in> renew_session(
    store::transaction& tx, const caller& who, std::string_view auth, const net::request& req, std::int64_t now_ns
)
{
    signed_in out;
    out.person = who.person;
    out.token = random_token(token_bytes);
    out.csrf = random_token(token_bytes);
    store::session session;
    session.token_hash = sha256_hex(out.token);
    session.csrf = out.csrf;
    session.used_ns = now_ns;
    session.authenticated_ns = now_ns;
    session.auth = auth;
    const auto renewed = store::renew_session(tx, who.token_hash, session);
    if (!renewed)
        return renewed.error();
    const auto audited =
        audit_person(tx, who.person, req, now_ns, session_deed(who.person, "session.renew", auth, req));
    if (!audited)
        return audited.error();
    return out;
}

void note_sign_in(context& api, const signed_in& who, std::string_view auth, const net::request& req)
{
    api.sign_ins.add();
    log_info(
        "http.sign_in", who.person.name + " signed in (" + std::string(auth) + ") from " + req.peer_address +
                            ", request " + req.id
    );
}

boost::asio::awaitable<void> note_refusal(context& api, sign_in_refusal refusal, const net::request& req)
{
    api.sign_ins_refused.add();
    log_warn(
        "http.sign_in", "refused " + std::string(refusal.auth) + " from " + req.peer_address + " (" +
                            std::string(refusal.why) + "), request " + req.id
    );
    if (api.refusals_audited.take("all", api.parts.time.steady_ns())) {
        api.refusals_unwritten.fetch_add(1);
        co_return;
    }
    const std::uint64_t unwritten = api.refusals_unwritten.exchange(0);
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto append = [&refusal, &req, unwritten, now_ns](store::transaction& tx) {
        return append_refusal(tx, refusal, req, unwritten, now_ns);
    };
    const auto written = co_await api.parts.store.write(std::move(append));
    if (!written)
        log_warn("http.sign_in", "cannot audit a refused sign-in: " + written.error().message());
}

std::optional<net::response> refuse_guessing(context& api, const net::request& req, std::string_view name)
{
    const std::int64_t steady_ns = api.parts.time.steady_ns();
    auto wait_s = api.sign_ins_by_peer.take(peer_group(req.peer_address), steady_ns);
    if (!wait_s && !name.empty())
        wait_s = api.sign_ins_by_name.take(name, steady_ns);
    if (!wait_s)
        return std::nullopt;
    api.sign_ins_limited.add();
    log_warn("http.sign_in", "too many sign-ins from " + req.peer_address + ", request " + req.id);
    return too_many_requests(req, *wait_s, "Too many attempts to sign in; wait, or use a sign-in link.");
}

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

}  // namespace reprise::http
