#include "audit_chain.hpp"

#include "query.hpp"

#include "reprise/base/hash.hpp"

#include <string_view>

namespace reprise::store {
namespace {

constexpr std::string_view row_label = "reprise audit row 1";
constexpr std::string_view head_label = "reprise audit head 1";
constexpr std::string_view checkpoint_label = "reprise audit checkpoint 1";

constexpr std::string_view insert_head_sql =
    "INSERT INTO audit_head (id, seq, hash, signature) VALUES (1, :seq, :hash, :signature)";
constexpr std::string_view save_head_sql =
    "UPDATE audit_head SET seq = :seq, hash = :hash, signature = :signature WHERE id = 1";
constexpr std::string_view find_head_sql = "SELECT seq, hash, signature FROM audit_head WHERE id = 1";

void append_number(std::string& bytes, std::uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>((value >> shift) & 0xff);
}

void append_field(std::string& bytes, std::string_view field)
{
    append_number(bytes, field.size());
    bytes += field;
}

std::string sign_head(const std::string& key, std::int64_t seq, const std::string& hash)
{
    std::string bytes;
    append_field(bytes, head_label);
    append_number(bytes, static_cast<std::uint64_t>(seq));
    append_field(bytes, hash);
    return to_hex(hmac_sha256(key, bytes));
}

}  // namespace

std::string empty_chain_hash()
{
    return std::string(64, '0');
}

std::string hash_audit_row(
    const std::string& key, std::int64_t seq, const std::string& previous_hash, const audit_entry& entry
)
{
    std::string bytes;
    append_field(bytes, row_label);
    append_field(bytes, previous_hash);
    append_number(bytes, static_cast<std::uint64_t>(seq));
    append_number(bytes, static_cast<std::uint64_t>(entry.at_ns));
    for (const std::string* field : {&entry.actor, &entry.actor_type, &entry.auth, &entry.action, &entry.object,
                                     &entry.detail, &entry.request_id})
        append_field(bytes, *field);
    return to_hex(hmac_sha256(key, bytes));
}

result<void> create_audit_head(transaction& tx)
{
    const std::string hash = empty_chain_hash();
    const std::string signature = sign_head(tx.session().audit_key(), 0, hash);
    return without_count(execute(tx, insert_head_sql, std::int64_t{0}, hash, signature));
}

result<audit_head> find_audit_head(const reader& from)
{
    audit_head head;
    const auto found = find_into(from, find_head_sql, std::tie(head.seq, head.hash, head.signature));
    if (!found)
        return found.error();
    return head;
}

result<void> save_audit_head(transaction& tx, std::int64_t seq, const std::string& hash)
{
    const std::string signature = sign_head(tx.session().audit_key(), seq, hash);
    return changed_or(execute(tx, save_head_sql, seq, hash, signature), reprise::errc::corrupt);
}

bool is_signed(const reader& from, const audit_head& head)
{
    return equal_in_constant_time(head.signature, sign_head(from.session().audit_key(), head.seq, head.hash));
}

std::string checkpoint_text(const std::string& epoch, const audit_checkpoint& checkpoint)
{
    std::string bytes;
    append_field(bytes, checkpoint_label);
    append_field(bytes, epoch);
    append_number(bytes, static_cast<std::uint64_t>(checkpoint.seq));
    append_field(bytes, checkpoint.hash);
    append_number(bytes, static_cast<std::uint64_t>(checkpoint.at_ns));
    return bytes;
}

}  // namespace reprise::store
