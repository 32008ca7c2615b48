#pragma once

#include "reprise/base/error.hpp"
#include "reprise/http/scopes.hpp"
#include "reprise/http/sign_in.hpp"
#include "reprise/store/tokens.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// API tokens, for the command line and the API. Each function writes its audit row in the caller's transaction.
namespace reprise::http {

constexpr std::int64_t token_lifetime_max_ns = 365LL * 24 * 3600 * 1'000'000'000;
constexpr std::size_t token_name_bytes_max = 64;

struct token_request {
    std::string person_id;              // Whose it will be.
    std::string name;                   // What it is for.
    scope_set scopes;
    std::vector<std::string> networks;
    std::int64_t lifetime_ns = 0;
};

struct issued_token {
    store::api_token token;
    std::string text;  // Shown this once; nobody can make it again.
};

// Why a token like this cannot be had, as a sentence; empty when it can. `roles` are its person's.
std::string find_token_fault(const token_request& wanted, const model::roles& roles);

// errc::not_found for nobody or somebody disabled, errc::invalid_argument for what find_token_fault() names,
// errc::conflict when the person has as many as one may have.
result<issued_token> issue_token(store::transaction& tx, const token_request& wanted, const link_request& by);
// errc::not_found when there is none, or it was revoked before.
result<void> revoke_token(store::transaction& tx, std::string_view id, const link_request& by);

}  // namespace reprise::http
