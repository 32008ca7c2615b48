#pragma once

#include "reprise/runs/decisions.hpp"
#include "reprise/store/approval_links.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// Signed links to one approval, for one person, for exactly the content it asks about, good once and no longer than
// the approval's own clock. A link shows the way: whoever holds it still signs in, and only a POST decides.
namespace reprise::runs {

constexpr std::size_t link_key_bytes_min = 16;

struct link_request {
    std::string approval_id;
    std::string person_id;   // For whom.
    std::string created_by;  // "user:<name>" or "system".
    std::string request_id;  // Empty for links made by the server itself.
};

struct made_link {
    store::approval_link link;
    std::string token;  // "<link id>.<64 hex digits>"; not stored.
};

// With its audit row. Errors: not_found (approval or person), lifecycle's already_decided and expired, not_approver for
// a person who could decide nothing, too_large, unavailable without a key.
result<made_link> make_approval_link(
    store::transaction& tx, const link_request& request, std::string_view key, std::int64_t now_ns
);

// What a token was made for. not_found when it is none of ours.
result<store::approval_link> find_approval_link(
    const store::reader& from, std::string_view token, std::string_view key
);

// Uses the link and decides in one step. Beside decide_approval()'s errors: not_found, lifecycle's link_of_another,
// link_used, expired, hash_mismatch (the content moved after the link was made).
result<decision_answer> decide_by_link(
    store::transaction& tx, std::string_view token, std::string_view key, decision_request request,
    const lifecycle::approval_policy& policy, std::int64_t now_ns, notice_sink* notices = nullptr
);

}  // namespace reprise::runs
