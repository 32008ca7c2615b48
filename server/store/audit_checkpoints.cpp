#include "audit_chain.hpp"
#include "query.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/audit.hpp"

#include <algorithm>

namespace reprise::store {
namespace {

constexpr std::size_t key_id_digits = 16;
constexpr auto checkpoint_names = sql_text("seq, hash, at_ns, key_id, signature");
constexpr auto insert_sql = "INSERT INTO audit_checkpoints (" + checkpoint_names + ") VALUES (" +
                            placeholders<count_columns(checkpoint_names)>() + ")";
constexpr auto list_sql =
    "SELECT " + checkpoint_names + " FROM audit_checkpoints WHERE seq > :after ORDER BY seq LIMIT :limit";
constexpr auto last_sql = "SELECT " + checkpoint_names + " FROM audit_checkpoints ORDER BY seq DESC LIMIT 1";
constexpr std::string_view epoch_sql = "SELECT epoch FROM database_identity WHERE id = 1";

struct checkpoint_row {
    using value_type = audit_checkpoint;
    static auto columns(auto& row) { return std::tie(row.seq, row.hash, row.at_ns, row.key_id, row.signature); }
};

}  // namespace

std::string checkpoint_key_id(std::string_view public_bytes)
{
    return sha256_hex(public_bytes).substr(0, key_id_digits);
}

bool checkpoint_keys::add(std::string_view public_bytes)
{
    auto key = public_key::from_ed25519(public_bytes);
    if (!key)
        return false;
    keys_.push_back({checkpoint_key_id(public_bytes), std::move(*key)});
    return true;
}

const public_key* checkpoint_keys::find(std::string_view key_id) const noexcept
{
    const auto found = std::find_if(keys_.begin(), keys_.end(), [key_id](const auto& one) { return one.id == key_id; });
    return found == keys_.end() ? nullptr : &found->key;
}

result<std::optional<audit_checkpoint>> add_checkpoint(
    transaction& tx, const signing_key& key, std::int64_t now_ns
)
{
    const auto head = find_audit_head(tx);
    if (!head)
        return head.error();
    const auto last = find_last_checkpoint(tx);
    if (!last)
        return last.error();
    if (head->seq == 0 || (*last && (*last)->seq >= head->seq))
        return std::optional<audit_checkpoint>();
    const auto epoch = find_value<std::string>(tx, epoch_sql);
    if (!epoch)
        return epoch.error();
    audit_checkpoint made{head->seq, head->hash, now_ns, checkpoint_key_id(key.public_bytes()), {}};
    const std::string signature = key.sign(checkpoint_text(*epoch, made));
    made.signature = to_hex({reinterpret_cast<const unsigned char*>(signature.data()), signature.size()});
    const auto inserted = execute(tx, insert_sql, checkpoint_row::columns(made));
    if (!inserted)
        return inserted.error();
    return std::optional<audit_checkpoint>(std::move(made));
}

result<std::vector<audit_checkpoint>> list_checkpoints(const reader& from, std::int64_t after, std::size_t limit)
{
    return list_all<checkpoint_row>(from, list_sql, after, capped(limit, checkpoints_listed_max));
}

result<std::optional<audit_checkpoint>> find_last_checkpoint(const reader& from)
{
    return find_one<checkpoint_row>(from, last_sql);
}

result<std::int64_t> find_audit_seq(const reader& from)
{
    const auto head = find_audit_head(from);
    if (!head)
        return head.error();
    return head->seq;
}

}  // namespace reprise::store
