#pragma once

#include "context.hpp"

#include "reprise/base/error.hpp"
#include "reprise/http/scopes.hpp"
#include "reprise/model/person.hpp"
#include "reprise/net/message.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::http {

// What a route asks of the one who calls it. There is no default: a route without one does not compile.
enum class need {
    nothing,      // Anybody: signing in, health.
    signed_in,    // Any session.
    viewer,       // Any role: whoever works here may read.
    operator_,
    approver,
    admin,
    approver_or_admin,
};

std::string_view to_text(need value) noexcept;
bool is_met(need value, const model::roles& roles) noexcept;

constexpr std::int64_t fresh_authentication_ns = 600LL * 1'000'000'000;

// Who calls. Empty person id: nobody is signed in.
struct caller {
    model::person person;
    std::string csrf;
    std::string token_hash;
    std::string session_id;
    std::string auth;                   // How they signed in: "link", "password", "oidc"; "token" for an API token.
    std::int64_t authenticated_ns = 0;  // When they last proved who they are.

    std::string token_id;               // Of the API token; empty for a session.
    scope_set scopes;                   // The token's.

    caller() = default;
    bool is_token() const noexcept { return !token_id.empty(); }
    bool is_signed_in() const noexcept { return !person.id.empty(); }
    // Recently enough for what cannot be taken back: releasing CRITICAL content, a new password.
    bool is_freshly_authenticated(std::int64_t now_ns) const noexcept
    {
        return now_ns - authenticated_ns <= fresh_authentication_ns;
    }
};

// The caller with their roles as they are at this moment, not as they were when the request came in: for the
// transaction that does what they ask. errc::denied when they may not any more.
result<model::person> find_person_now(const store::reader& from, const caller& who, need wanted);

// The value of a cookie of the request; empty when absent.
std::string_view find_cookie(const net::request& req, std::string_view name) noexcept;

// The hash under which the request's session is stored; empty without a well-formed cookie.
std::string session_hash(const context& api, const net::request& req);

// Whether looking a session up counts as using it: an open live channel alone must not keep it alive.
enum class session_use { counts, does_not_count };

// The session as it is now. Nobody when there is none; an error when the store cannot say.
boost::asio::awaitable<result<caller>> find_caller(context& api, std::string token_hash, session_use use);

// Whose API token the request's Authorization is. Nobody when it is none that works from where it comes.
boost::asio::awaitable<result<caller>> find_token_caller(context& api, const net::request& req);

// Nothing when a token may do what needs this scope; sessions always may.
std::optional<net::response> refuse_token(context& api, const net::request& req, scope needed, const caller& who);

// 429 once a session or token has used up what it may ask for. Nobody in particular is not limited here.
std::optional<net::response> refuse_haste(context& api, const net::request& req, const caller& who);

// 403 unless the person proved lately who they are.
std::optional<net::response> refuse_stale_proof(context& api, const net::request& req, const caller& who);

// Nothing when the caller may; otherwise 401, or 403 with the role that is missing.
std::optional<net::response> refuse_caller(context& api, const net::request& req, need wanted, const caller& who);

// For changes with a session: the X-CSRF-Token of the session, and JSON where there is a body.
std::optional<net::response> refuse_change(context& api, const net::request& req, const caller& who);

std::string session_cookie(const context& api, std::string_view token);
std::string cleared_cookie(const context& api);

}  // namespace reprise::http
