#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Links that lead one person to one approval, once. The row holds what a link is bound to; the signature that makes
// a link out of it is the caller's and is kept nowhere.
namespace reprise::store {

struct approval_link {
    std::string id;            // ULID.
    std::string approval_id;
    std::string content_hash;  // Of the approval when the link was made.
    std::string person_id;
    std::string created_by;    // "user:<name>" or "system".
    std::int64_t created_ns = 0;
    std::int64_t expires_ns = 0;
    std::optional<std::int64_t> used_ns;
};

// Per approval; one more answers errc::too_large.
constexpr std::uint64_t approval_links_max = 100;

result<void> insert_approval_link(transaction& tx, const approval_link& link);
result<std::optional<approval_link>> find_approval_link(const reader& from, std::string_view id);
// errc::stale when it was used before.
result<void> use_approval_link(transaction& tx, std::string_view id, std::int64_t now_ns);

}  // namespace reprise::store
