#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who did what: rows in a chain of HMAC-SHA256 under the key given to database::open. Each row's hash
// covers the one before, so an edited, inserted or missing row breaks the chain; a stored head, signed
// with the same key, shows a cut tail. Triggers refuse UPDATE and DELETE. Append in the transaction of
// the action: no audit row, no action.
namespace reprise::store {

struct audit_entry {
    std::string actor;       // "user:<name>", "run:<id>", "pipeline".
    std::string actor_type;  // "person", "system".
    std::string auth;        // "session", "link", "none".
    std::string action;      // "approval.approve", "incident.retry".
    std::string object;      // "approval/<id>".
    std::string detail;      // JSON; hashes instead of contents.
    std::string request_id;
    std::int64_t at_ns = 0;
};

struct audit_row {
    std::int64_t seq = 0;  // From 1, without gaps.
    audit_entry entry;
    std::string previous_hash;  // Hex; 64 zeros before the first row.
    std::string hash;           // Hex.
};

struct audit_report {
    std::uint64_t rows = 0;      // Checked.
    std::string head_hash;       // Of the last row; 64 zeros when there is none.
    std::optional<std::int64_t> first_bad;  // seq of the first row that is not what was written, or is missing.
    std::string reason;          // What is wrong with it; empty when nothing is.
    bool ok() const noexcept { return !first_bad.has_value(); }
};

constexpr std::size_t audit_text_bytes_max = 64U << 10;  // Per field; more answers errc::too_large.
constexpr std::size_t audit_listed_max = 1000;

// Returns the row's seq.
result<std::int64_t> append_audit(transaction& tx, const audit_entry& entry);
// After `after`, oldest first.
result<std::vector<audit_row>> list_audit(const reader& from, std::int64_t after, std::size_t limit);
// Reads the whole chain, page by page; about 100,000 rows a second.
result<audit_report> verify_audit(const reader& from);

}  // namespace reprise::store
