#include "access.hpp"

#include "networks.hpp"
#include "problems.hpp"
#include "token_text.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/tokens.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <utility>

namespace reprise::http {
namespace {

constexpr std::size_t token_hex_digits = 64;

void log_refusal(const net::request& req, std::string_view name, std::string_view why)
{
    log_warn(
        "http.access", std::string(net::to_text(req.method)) + " " + std::string(req.route) + " refused for " +
                           (name.empty() ? "nobody" : std::string(name)) + " at " + req.peer_address + " (" +
                           std::string(why) + "), request " + req.id
    );
}

bool is_json(std::string_view content_type)
{
    return content_type == "application/json" || content_type.starts_with("application/json;");
}

}  // namespace

std::string_view to_text(need value) noexcept
{
    switch (value) {
    case need::nothing: return "nobody";
    case need::signed_in: return "signed in";
    case need::viewer: return "viewer";
    case need::operator_: return "operator";
    case need::approver: return "approver";
    case need::admin: return "admin";
    case need::approver_or_admin: return "approver or admin";
    }
    return "admin";
}

bool is_met(need value, const model::roles& roles) noexcept
{
    switch (value) {
    case need::nothing:
    case need::signed_in: return true;
    case need::viewer: return roles.viewer || roles.operator_ || roles.approver || roles.admin;
    case need::operator_: return roles.operator_;
    case need::approver: return roles.approver;
    case need::admin: return roles.admin;
    case need::approver_or_admin: return roles.approver || roles.admin;
    }
    return false;
}

result<model::person> find_person_now(const store::reader& from, const caller& who, need wanted)
{
    auto person = store::find_person(from, who.person.id);
    if (!person)
        return person.error();
    if (!*person || (*person)->disabled || !is_met(wanted, (*person)->roles))
        return errc::denied;
    return std::move(**person);
}

std::string_view find_cookie(const net::request& req, std::string_view name) noexcept
{
    std::string_view rest = req.header("cookie");
    while (!rest.empty()) {
        std::string_view pair = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        while (pair.starts_with(' '))
            pair.remove_prefix(1);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
    }
    return {};
}

std::string session_hash(const context& api, const net::request& req)
{
    const std::string_view token = find_cookie(req, api.cookie_name);
    if (token.size() != token_hex_digits || from_hex(token).empty())
        return {};
    return sha256_hex(token);
}

boost::asio::awaitable<result<caller>> find_caller(context& api, std::string token_hash, session_use use)
{
    if (token_hash.empty())
        co_return caller();
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto look = [&token_hash, now_ns](const store::reader& from) {
        return store::find_session(from, token_hash, now_ns);
    };
    auto found = co_await api.parts.store.read(std::move(look));
    if (!found)
        co_return found.error();
    if (!*found)
        co_return caller();
    const bool is_due = now_ns - (*found)->session.used_ns > store::session_touch_ns;
    if (is_due && use == session_use::counts) {
        auto touch = [&token_hash, now_ns](store::transaction& tx) {
            return store::touch_session(tx, token_hash, now_ns);
        };
        const auto touched = co_await api.parts.store.write(std::move(touch));
        // Reading must work on a full disk; the session ends earlier then.
        if (!touched)
            log_warn("http.session", "cannot prolong a session: " + touched.error().message());
    }
    caller who;
    who.person = std::move((*found)->person);
    who.csrf = std::move((*found)->session.csrf);
    who.session_id = std::move((*found)->session.id);
    who.auth = std::move((*found)->session.auth);
    who.authenticated_ns = (*found)->session.authenticated_ns;
    who.token_hash = std::move(token_hash);
    co_return who;
}

boost::asio::awaitable<result<caller>> find_token_caller(context& api, const net::request& req)
{
    const auto parts = parse_token(find_bearer(req.header("authorization")));
    if (!parts)
        co_return caller();
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto look = [&parts, now_ns](const store::reader& from) { return store::find_live_token(from, parts->id, now_ns); };
    auto found = co_await api.parts.store.read(std::move(look));
    if (!found)
        co_return found.error();
    const std::string secret_hash = sha256_hex(parts->secret);
    if (!*found || !equal_in_constant_time(secret_hash, (*found)->token.secret_hash))
        co_return caller();
    const store::api_token& token = (*found)->token;
    if (!is_within(req.peer_address, token.networks)) {
        log_refusal(req, (*found)->person.name, "token " + token.id + " from elsewhere");
        co_return caller();
    }
    if (!token.used_ns || now_ns - *token.used_ns > store::token_touch_ns) {
        auto touch = [&token, now_ns](store::transaction& tx) { return store::touch_token(tx, token.id, now_ns); };
        const auto touched = co_await api.parts.store.write(std::move(touch));
        if (!touched)
            log_warn("http.token", "cannot note the use of a token: " + touched.error().message());
    }
    caller who;
    who.auth = "token";
    who.token_id = token.id;
    who.scopes = scope_set::parse(token.scopes).value_or(scope_set());
    who.person = std::move((*found)->person);
    co_return who;
}

std::optional<net::response> refuse_token(context& api, const net::request& req, scope needed, const caller& who)
{
    if (!who.is_token() || who.scopes.has(needed))
        return std::nullopt;
    api.access_refused.add();
    log_refusal(req, who.person.name, "token " + who.token_id + " without " + std::string(to_text(needed)));
    if (needed == scope::nobody)
        return net::problem(
            req, 403, "not_a_person", "API tokens and service accounts may never do this; a person signs in for it."
        );
    return net::problem(
        req, 403, "scope_required",
        "This needs a token with the scope " + std::string(to_text(needed)) + "; this one has: " + who.scopes.text() +
            "."
    );
}

std::optional<net::response> refuse_haste(context& api, const net::request& req, const caller& who)
{
    const std::string& key = who.is_token() ? who.token_id : who.session_id;
    if (key.empty())
        return std::nullopt;
    const auto wait_s = api.calls.take(key, api.parts.time.steady_ns());
    if (!wait_s)
        return std::nullopt;
    api.calls_limited.add();
    return too_many_requests(req, *wait_s, "This session or token asks too often; slow down.");
}

std::optional<net::response> refuse_stale_proof(context& api, const net::request& req, const caller& who)
{
    if (who.is_freshly_authenticated(api.parts.time.now_ns()))
        return std::nullopt;
    api.access_refused.add();
    return net::problem(
        req, 403, "reauthentication_required",
        "Prove again who you are (POST /api/v1/auth/reauthenticate, GET /api/v1/auth/oidc?again=1, or a new link): it "
        "has been more than 10 minutes."
    );
}

std::optional<net::response> refuse_caller(context& api, const net::request& req, need wanted, const caller& who)
{
    if (wanted == need::nothing)
        return std::nullopt;
    if (!who.is_signed_in()) {
        api.access_refused.add();
        return net::problem(
            req, 401, "signed_out",
            "Sign in: with a password, through your provider of identities, or with a link from an administrator."
        );
    }
    if (is_met(wanted, who.person.roles))
        return std::nullopt;
    api.access_refused.add();
    log_refusal(req, who.person.name, "needs " + std::string(to_text(wanted)));
    return net::problem(
        req, 403, "role_required",
        "This needs the role " + std::string(to_text(wanted)) + "; you have: " + model::to_text(who.person.roles) + "."
    );
}

std::optional<net::response> refuse_change(context& api, const net::request& req, const caller& who)
{
    if (who.is_signed_in() && !who.is_token() && !equal_in_constant_time(req.header("x-csrf-token"), who.csrf)) {
        api.access_refused.add();
        log_refusal(req, who.person.name, "CSRF token");
        return net::problem(req, 403, "csrf", "Send the csrf value of GET /api/v1/me as X-CSRF-Token.");
    }
    // A form of another site can send text/plain without asking the browser; JSON it cannot.
    if (!req.body.empty() && !is_json(req.header("content-type")))
        return net::problem(req, 415, "json_required", "Send the body as application/json.");
    return std::nullopt;
}

std::string session_cookie(const context& api, std::string_view token)
{
    std::string text = api.cookie_name + "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" +
                       std::to_string(store::session_absolute_ns / ns_per_s);
    if (api.origins.is_https())
        text += "; Secure";
    return text;
}

std::string cleared_cookie(const context& api)
{
    std::string text = api.cookie_name + "=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
    if (api.origins.is_https())
        text += "; Secure";
    return text;
}

}  // namespace reprise::http
