#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The outbox of effects outside. A row is claimed before the effect is tried; whoever performs it
// looks whether it is already there, creates it under the idempotency key, then marks the row.
namespace reprise::store {

enum class publication_state : std::uint8_t {
    pending,    // To be done, or being tried.
    published,  // It exists; `url` says where.
    failed,     // Given up.
    outcome_unknown,  // Asked for, and no answer came: the next look decides. Claimed like a pending one.
};

struct publication {
    std::string id;               // ULID.
    std::string idempotency_key;  // Unique. The same for every attempt at the same effect.
    std::string run_id;
    std::string incident_id;
    std::string kind;             // "ticket", "pull_request", "comment".
    std::string target;           // The tracker and where in it: "file:tickets", "github:owner/name".
    std::string title;
    std::string content;          // Canonical JSON of what is to be written.
    std::string url;              // Empty until published.
    publication_state state = publication_state::pending;
    std::uint32_t attempts = 0;   // Counted by the claim; the claim's token.
    std::int64_t due_ns = 0;      // Next attempt, or when the current claim expires.
    std::string error;            // The last failure.
    std::int64_t created_ns = 0;
    std::optional<std::int64_t> published_ns;
    std::int64_t version = 1;
};

constexpr std::size_t publications_listed_max = 500;
constexpr std::int64_t publication_never_ns = 9'000'000'000'000'000'000;  // due_ns of what nothing tries by itself.

std::string_view to_text(publication_state value) noexcept;
std::optional<publication_state> find_publication_state(std::string_view text) noexcept;

// Returns what is stored under the key: the new row, or the one that was there.
result<publication> insert_publication(transaction& tx, const publication& wanted);

// What was given up, or is still unclear, is asked for again under its key, for another run and with other content:
// pending and due at once. errc::stale when it is published.
result<publication> revive_publication(transaction& tx, const publication& wanted);

// A pending row whose due time has passed gets attempts + 1 and is hidden until now + lease. Empty:
// nothing is due. The second form claims one row by id, empty when it is not due or not pending.
result<std::optional<publication>> claim_publication(transaction& tx, std::int64_t now_ns, std::int64_t lease_ns);
result<std::optional<publication>> claim_publication(
    transaction& tx, std::string_view id, std::int64_t now_ns, std::int64_t lease_ns
);

// `attempt` is publication::attempts of the claim. errc::stale when a later claim exists or the row is
// not pending any more.
result<void> mark_published(
    transaction& tx, std::string_view id, std::uint32_t attempt, std::string_view url, std::int64_t now_ns
);
// Tries again at `next_ns`, or never when empty.
result<void> mark_failed(
    transaction& tx, std::string_view id, std::uint32_t attempt, std::string_view error,
    std::optional<std::int64_t> next_ns, std::int64_t now_ns
);

// Nobody knows whether it happened; looked for again at `next_ns`, or left so when empty.
result<void> mark_unknown(
    transaction& tx, std::string_view id, std::uint32_t attempt, std::string_view error,
    std::optional<std::int64_t> next_ns, std::int64_t now_ns
);

result<std::optional<publication>> find_publication(const reader& from, std::string_view id);
result<std::optional<publication>> find_publication_by_key(const reader& from, std::string_view idempotency_key);
// Newest first.
result<std::vector<publication>> list_publications(const reader& from, std::string_view after, std::size_t limit);
result<std::vector<publication>> list_run_publications(const reader& from, std::string_view run_id, std::size_t limit);
result<std::vector<publication>> list_incident_publications(
    const reader& from, std::string_view incident_id, std::size_t limit
);

}  // namespace reprise::store
