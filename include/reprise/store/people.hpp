#pragma once

#include "reprise/model/person.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// People, their sessions and sign-in links. Tokens are never stored: `token_hash` is sha256_hex(token).
namespace reprise::store {

constexpr std::int64_t session_idle_ns = 8LL * 3600 * 1'000'000'000;       // Without a request.
constexpr std::int64_t session_absolute_ns = 24LL * 3600 * 1'000'000'000;  // Since the sign-in.
constexpr std::int64_t session_touch_ns = 60LL * 1'000'000'000;  // Uses closer together are not written.
constexpr std::size_t people_listed_max = 1000;
constexpr std::size_t sessions_listed_max = 1000;
constexpr std::size_t sessions_per_person_max = 20;  // The oldest ones end.

struct session {
    std::string token_hash;
    std::string csrf;  // Sent back with every change.
    std::string person_id;
    std::int64_t created_ns = 0;
    std::int64_t used_ns = 0;
    std::string id = {};                // A ULID that stays when the token changes; made when empty.
    std::int64_t authenticated_ns = 0;  // When the person last proved who they are.
    std::string auth = "link";          // How: "link", "password", "oidc".
};

struct session_view {
    store::session session;
    model::person person;
};

struct people_counts {
    std::uint64_t people = 0;     // Not disabled.
    std::uint64_t approvers = 0;  // Of these, with the role approver.
};

// errc::conflict when id or name is taken.
result<void> insert_person(transaction& tx, const model::person& person);
// Name, roles and disabled; errc::not_found, errc::conflict. Disabling ends the person's sessions and links.
result<void> save_person(transaction& tx, const model::person& person);
result<std::optional<model::person>> find_person(const reader& from, std::string_view id);
result<std::optional<model::person>> find_person_by_name(const reader& from, std::string_view name);
// By name.
result<std::vector<model::person>> list_people(const reader& from, std::size_t limit);
result<people_counts> count_people(const reader& from);

// errc::conflict when token or id is taken, errc::denied for somebody who is disabled or no person.
result<void> insert_session(transaction& tx, const session& value);
// Empty when unknown, idle too long, too old, or the person is disabled.
result<std::optional<session_view>> find_session(const reader& from, std::string_view token_hash, std::int64_t now_ns);
// Moves used_ns forward; call it when used_ns is more than session_touch_ns ago.
result<void> touch_session(transaction& tx, std::string_view token_hash, std::int64_t now_ns);
result<void> delete_session(transaction& tx, std::string_view token_hash);
// The same by what people call it; returns whose it was, empty when there is none.
result<std::optional<std::string>> end_session(transaction& tx, std::string_view id);
// Another token for the same session, whose person has just proved again who they are. errc::not_found when it ended.
result<void> renew_session(transaction& tx, std::string_view old_token_hash, const session& renewed);
// All sessions of a person but the one with `kept_token_hash`; how many ended.
result<std::uint64_t> end_other_sessions(
    transaction& tx, std::string_view person_id, std::string_view kept_token_hash
);
// Those that can be used, newest first; of one person, or of all with an empty id.
result<std::vector<session_view>> list_sessions(
    const reader& from, std::string_view person_id, std::int64_t now_ns, std::size_t limit
);
// Sessions and links that cannot be used any more.
result<std::uint64_t> prune_sessions(transaction& tx, std::int64_t now_ns);

result<void> insert_link(
    transaction& tx, std::string_view token_hash, std::string_view person_id, std::int64_t expires_ns
);
// Single use: the person the first time, empty when unknown, used, expired or the person is disabled.
result<std::optional<model::person>> use_link(transaction& tx, std::string_view token_hash, std::int64_t now_ns);

}  // namespace reprise::store
