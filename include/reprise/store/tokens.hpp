#pragma once

#include "reprise/model/person.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// API tokens of people and service accounts. The secret is never stored: `secret_hash` is sha256_hex of it.
namespace reprise::store {

constexpr std::size_t tokens_per_person_max = 50;             // Usable ones; more is errc::conflict.
constexpr std::size_t tokens_listed_max = 1000;
constexpr std::int64_t token_touch_ns = 60LL * 1'000'000'000; // Uses closer together are not written.

struct api_token {
    std::string id;                     // A ULID; stands in the token.
    std::string person_id;
    std::string name;                   // For people: "ci of checkout".
    std::string secret_hash;
    std::string scopes;                 // "runs:read,runs:write"
    std::vector<std::string> networks;  // "10.0.0.0/8"; empty: from anywhere.
    std::string created_by;             // "user:<name>", "cli".
    std::int64_t created_ns = 0;
    std::int64_t expires_ns = 0;
    std::optional<std::int64_t> used_ns;
    std::optional<std::int64_t> revoked_ns;
};

struct api_token_view {
    api_token token;
    model::person person;
};

// errc::conflict when the id is taken or the person has tokens_per_person_max.
result<void> insert_token(transaction& tx, const api_token& value, std::int64_t now_ns);
// Empty when unknown, expired, revoked, or its person is disabled.
result<std::optional<api_token_view>> find_live_token(const reader& from, std::string_view id, std::int64_t now_ns);
// Whatever its state.
result<std::optional<api_token>> find_token(const reader& from, std::string_view id);
// Newest first; of one person, or of all with an empty id.
result<std::vector<api_token>> list_tokens(const reader& from, std::string_view person_id, std::size_t limit);
// Moves used_ns forward; call it when used_ns is more than token_touch_ns ago.
result<void> touch_token(transaction& tx, std::string_view id, std::int64_t now_ns);
// errc::not_found when there is none, or it was revoked before.
result<void> revoke_token(transaction& tx, std::string_view id, std::int64_t now_ns);

// Forgets those that ended before `before_ns`, by time or by hand.
result<std::uint64_t> prune_tokens(transaction& tx, std::int64_t before_ns);

}  // namespace reprise::store
