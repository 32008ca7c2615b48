#include "serve.hpp"

#include "inputs.hpp"
#include "problems.hpp"
#include "token_routes.hpp"
#include "token_text.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <utility>

namespace reprise::http {
namespace {

bool changes_something(net::method method) noexcept
{
    return method != net::method::get && method != net::method::head;
}

// Answers are about people's work: no cache keeps them.
net::response without_cache(net::response reply)
{
    if (reply.header("cache-control").empty())
        reply.set_header("Cache-Control", "no-store");
    return reply;
}

std::optional<net::response> refuse_input(const endpoint& route, const net::request& req)
{
    if (const auto unknown = find_unknown_query(req, route.query)) {
        const std::string known = route.query.empty() ? "none" : std::string(route.query);
        return bad_request(req, "This path has no query parameter \"" + *unknown + "\"; known: " + known + ".");
    }
    const std::string_view key = req.header("idempotency-key");
    const bool is_plain = std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (key.size() > idempotency_store::key_bytes_max || !is_plain)
        return bad_request(req, "Idempotency-Key is 1 to 128 visible ASCII characters.");
    return std::nullopt;
}

// Holds the key while the handler runs, and lets go of it when the handler throws.
class key_claim {
public:
    key_claim(idempotency_store& answers, std::string scope, std::string key)
        : answers_(answers), scope_(std::move(scope)), key_(std::move(key))
    {
    }
    ~key_claim()
    {
        if (open_)
            answers_.forget(scope_, key_);
    }
    key_claim(const key_claim&) = delete;
    key_claim& operator=(const key_claim&) = delete;

    // A fault of ours is no answer to keep: the client shall try again.
    void finish(const net::response& reply)
    {
        if (reply.status >= 500)
            return;
        answers_.finish(scope_, key_, reply);
        open_ = false;
    }

private:
    idempotency_store& answers_;
    std::string scope_;
    std::string key_;
    bool open_ = true;
};

boost::asio::awaitable<net::response> handle_once(
    context& api, const endpoint& route, const caller& who, net::request& req
)
{
    const std::string key(req.header("idempotency-key"));
    const std::string scope = who.person.id + "\n" + req.path;
    const std::string body_hash = sha256_hex(std::string(req.header("if-match")) + "\n" + req.body);
    auto claim = api.answers.begin(scope, key, body_hash, api.parts.time.now_ns());
    switch (claim.kind) {
    case idempotency_store::claim_kind::other_body:
        co_return net::problem(
            req, 409, "idempotency_mismatch", "This Idempotency-Key came with another request before; use a new one."
        );
    case idempotency_store::claim_kind::in_progress:
        co_return net::problem(
            req, 409, "idempotency_in_progress", "The same request is being carried out right now; ask again."
        );
    case idempotency_store::claim_kind::repeated:
        claim.answer->set_header("Idempotency-Replayed", "true");
        co_return std::move(*claim.answer);
    case idempotency_store::claim_kind::first: break;
    }
    key_claim held(api.answers, scope, key);
    net::response reply = co_await route.handle(api, who, req);
    held.finish(reply);
    co_return reply;
}

// Other schemes are not ours: a proxy in front may ask for one of its own.
bool is_by_token(const net::request& req)
{
    return !find_bearer(req.header("authorization")).empty();
}

// By session or by token, never by both: whose rights would count?
std::optional<net::response> refuse_two_proofs(const context& api, const net::request& req)
{
    if (!is_by_token(req) || find_cookie(req, api.cookie_name).empty())
        return std::nullopt;
    return net::problem(
        req, 400, "two_credentials", "Send either the session's cookie or Authorization: Bearer, not both."
    );
}

std::optional<net::response> refuse_by_rules(
    context& api, const endpoint& route, const net::request& req, const caller& who
)
{
    if (!is_by_token(req) || who.is_token()) {
        if (auto refused = refuse_token(api, req, find_token_scope(route.method, route.path), who))
            return refused;
        if (auto refused = refuse_caller(api, req, route.access, who))
            return refused;
        return refuse_haste(api, req, who);
    }
    api.access_refused.add();
    return net::problem(
        req, 401, "token_invalid", "This API token is unknown, expired, revoked, or not for use from where you are."
    );
}

}  // namespace

boost::asio::awaitable<net::response> serve(context& api, const endpoint& route, net::request& req)
{
    caller who;
    if (route.access != need::nothing) {
        if (auto refused = refuse_two_proofs(api, req))
            co_return without_cache(std::move(*refused));
        result<caller> found = caller();
        if (is_by_token(req))
            found = co_await find_token_caller(api, req);
        else
            found = co_await find_caller(api, session_hash(api, req), session_use::counts);
        if (!found)
            co_return without_cache(problem_of(req, found.error(), "the session store"));
        who = std::move(*found);
        if (auto refused = refuse_by_rules(api, route, req, who))
            co_return without_cache(std::move(*refused));
    }
    const bool is_change = changes_something(req.method);
    // Signing in comes before there is a session to bind a token to; the gate has checked its origin.
    if (is_change) {
        if (auto refused = refuse_change(api, req, who))
            co_return without_cache(std::move(*refused));
    }
    if (auto refused = refuse_input(route, req))
        co_return without_cache(std::move(*refused));
    const bool once = is_change && route.repeatable && req.method == net::method::post &&
                      !req.header("idempotency-key").empty();
    net::response reply;
    if (once)
        reply = co_await handle_once(api, route, who, req);
    else
        reply = co_await route.handle(api, who, req);
    co_return without_cache(std::move(reply));
}

}  // namespace reprise::http
