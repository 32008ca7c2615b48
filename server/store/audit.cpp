#include "reprise/store/audit.hpp"

#include "audit_chain.hpp"
#include "query.hpp"

namespace reprise::store {
namespace {

constexpr auto audit_names = sql_text(
    "seq, at_ns, actor, actor_type, auth, action, object, detail, request_id, previous_hash, hash"
);
constexpr auto insert_sql = "INSERT INTO audit_log (" + audit_names + ") VALUES (" +
                            placeholders<count_columns(audit_names)>() + ")";
constexpr auto list_sql = "SELECT " + audit_names + " FROM audit_log WHERE seq > :after ORDER BY seq LIMIT :limit";

struct row_of_audit {
    using value_type = audit_row;
    static auto columns(auto& row)
    {
        auto& e = row.entry;
        return std::tie(
            row.seq, e.at_ns, e.actor, e.actor_type, e.auth, e.action, e.object, e.detail, e.request_id,
            row.previous_hash, row.hash
        );
    }
};

bool fits(const audit_entry& entry)
{
    for (const std::string* field : {&entry.actor, &entry.actor_type, &entry.auth, &entry.action, &entry.object,
                                     &entry.detail, &entry.request_id}) {
        if (field->size() > audit_text_bytes_max)
            return false;
    }
    return true;
}

}  // namespace

result<std::int64_t> append_audit(transaction& tx, const audit_entry& entry)
{
    if (!fits(entry))
        return reprise::errc::too_large;
    const auto head = find_audit_head(tx);
    if (!head)
        return head.error();
    audit_row row{head->seq + 1, entry, head->hash, {}};
    row.hash = hash_audit_row(tx.session().audit_key(), row.seq, row.previous_hash, entry);
    const auto inserted = execute(tx, insert_sql, row_of_audit::columns(row));
    if (!inserted)
        return inserted.error();
    const auto moved = save_audit_head(tx, row.seq, row.hash);
    if (!moved)
        return moved.error();
    return row.seq;
}

result<std::vector<audit_row>> list_audit(const reader& from, std::int64_t after, std::size_t limit)
{
    return list_all<row_of_audit>(from, list_sql, after, capped(limit, audit_listed_max));
}

}  // namespace reprise::store
