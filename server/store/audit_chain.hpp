#pragma once

#include "reprise/store/audit.hpp"

#include <cstdint>
#include <string>

// The hashes of the audit chain and its signed head, for the repository and for making a new database.
namespace reprise::store {

struct audit_head {
    std::int64_t seq = 0;
    std::string hash;       // Of row `seq`; 64 zeros for 0.
    std::string signature;  // HMAC over both.
};

std::string empty_chain_hash();

// HMAC-SHA256 over every field with its length before it, so that no two rows have the same bytes.
std::string hash_audit_row(
    const std::string& key, std::int64_t seq, const std::string& previous_hash, const audit_entry& entry
);

result<void> create_audit_head(transaction& tx);
// A head without signature when the row is missing.
result<audit_head> find_audit_head(const reader& from);
result<void> save_audit_head(transaction& tx, std::int64_t seq, const std::string& hash);
bool is_signed(const reader& from, const audit_head& head);

// What a checkpoint's signature covers: itself and the database it belongs to.
std::string checkpoint_text(const std::string& epoch, const audit_checkpoint& checkpoint);

}  // namespace reprise::store
