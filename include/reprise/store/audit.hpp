#pragma once

#include "reprise/base/signature.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
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
    std::string actor_type;  // "person", "service", "system".
    std::string auth;        // "session", "link", "password", "oidc", "token:<id>", "none".
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
    std::uint64_t checkpoints = 0;          // Checked, those given from outside among them.
    std::int64_t checkpoint_seq = 0;        // The newest row that a checkpoint confirms; 0 without one.
    std::int64_t checkpoint_ns = 0;         // When it was signed.
    bool ok() const noexcept { return !first_bad.has_value(); }
};

constexpr std::size_t audit_text_bytes_max = 64U << 10;  // Per field; more answers errc::too_large.
constexpr std::size_t audit_listed_max = 1000;

// Returns the row's seq.
result<std::int64_t> append_audit(transaction& tx, const audit_entry& entry);
// After `after`, oldest first.
result<std::vector<audit_row>> list_audit(const reader& from, std::int64_t after, std::size_t limit);

// Empty texts fit every row.
struct audit_filter {
    std::string actor;
    std::string action;      // "service.change", or what stands before a dot: "service".
    std::string object;
    std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
    std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();  // Rows before it.
    bool newest_first = false;
    std::int64_t after = 0;  // A row's seq: those behind it in that order; 0: from the beginning.
    std::size_t limit = 50;
    std::int64_t compared_max = 100'000;  // Rows one page looks at, however few of them fit.
};

struct audit_page {
    std::vector<audit_row> rows;
    std::int64_t next = 0;   // `after` of the next page, also when it is not full; 0 on the last one.
};

result<audit_page> find_audit(const reader& from, const audit_filter& filter);

// The head of the chain at some moment, signed. Whoever holds one (a file elsewhere, a log) can tell later that rows
// up to `seq` are missing or others, even if the database and its key were in the hands of an attacker.
struct audit_checkpoint {
    std::int64_t seq = 0;
    std::string hash;       // Of row `seq`.
    std::int64_t at_ns = 0;
    std::string key_id;     // checkpoint_key_id() of the key it is signed with.
    std::string signature;  // Ed25519, hex.
};

constexpr std::size_t checkpoints_listed_max = 1000;

// The first 16 hex digits of the SHA-256 of the key's 32 bytes.
std::string checkpoint_key_id(std::string_view public_bytes);

// Keys that checkpoints may be signed with; old ones stay after a rotation.
class checkpoint_keys {
public:
    // False when the bytes are no Ed25519 public key.
    bool add(std::string_view public_bytes);
    const public_key* find(std::string_view key_id) const noexcept;
    bool empty() const noexcept { return keys_.empty(); }

private:
    struct named_key {
        std::string id;
        public_key key;
    };
    std::vector<named_key> keys_;
};

// Signs the head as it is and stores it; nothing when the newest checkpoint is of the same row, or the chain is empty.
result<std::optional<audit_checkpoint>> add_checkpoint(
    transaction& tx, const signing_key& key, std::int64_t now_ns
);
// After `after`, oldest first.
result<std::vector<audit_checkpoint>> list_checkpoints(const reader& from, std::int64_t after, std::size_t limit);
// The newest; empty when there is none.
result<std::optional<audit_checkpoint>> find_last_checkpoint(const reader& from);
// The seq of the last row, 0 when there is none.
result<std::int64_t> find_audit_seq(const reader& from);

// What the chain is checked against beside itself.
struct audit_checks {
    // Null: signatures of checkpoints are not checked, their hashes are.
    const checkpoint_keys* keys = nullptr;
    // Kept elsewhere, by seq; a row they confirm must be there as it was.
    std::span<const audit_checkpoint> outside;
};

// Reads the whole chain, page by page; about 100,000 rows a second. Checkpoints are those of the database and those
// given.
result<audit_report> verify_audit(const reader& from, const audit_checks& checks = {});

}  // namespace reprise::store
