#pragma once

#include "context.hpp"

#include "reprise/base/error.hpp"
#include "reprise/model/person.hpp"
#include "reprise/net/message.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// How every way of signing in ends: a session with a token of its own, or a refusal that is counted, logged and, within
// limits, audited.
namespace reprise::http {

struct caller;

struct signed_in {
    model::person person;
    std::string token;
    std::string csrf;
};

struct sign_in_proof {
    std::string_view auth;     // "link", "password", "oidc".
    std::string earlier_hash;  // The session this browser had before; it ends.
    std::int64_t now_ns = 0;
};

// A new session of this person; errc::denied when they may not have one. Writes the audit row.
result<signed_in> begin_session(
    store::transaction& tx, const model::person& person, const sign_in_proof& proof, const net::request& req
);

// The caller has proved again who they are: their session goes on under another token, which a thief of the old one
// does not have.
result<signed_in> renew_session(
    store::transaction& tx, const caller& who, std::string_view auth, const net::request& req, std::int64_t now_ns
);

// Counts and logs; the answer of the session's Me with its cookie.
void note_sign_in(context& api, const signed_in& who, std::string_view auth, const net::request& req);

struct sign_in_refusal {
    std::string_view auth;
    std::string_view why;
    std::string person_id;  // Of somebody who exists; what else was typed may be a password and is not kept.
};

boost::asio::awaitable<void> note_refusal(context& api, sign_in_refusal refusal, const net::request& req);

// 429 when this name or this address has tried often enough. An empty name counts for the address only.
std::optional<net::response> refuse_guessing(context& api, const net::request& req, std::string_view name);

boost::json::object render_me(const context& api, const model::person& person, const std::string& csrf);

}  // namespace reprise::http
