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

void report(audit_report& into, std::int64_t seq, std::string reason)
{
    into.first_bad = seq;
    into.reason = std::move(reason);
}

// False, and reported, when the row is not the one that was written after the rows before it.
bool check_row(const std::string& key, const audit_row& row, audit_report& into)
{
    const auto expected = static_cast<std::int64_t>(into.rows) + 1;
    if (row.seq != expected)
        report(into, expected, "the row is missing");
    else if (row.previous_hash != into.head_hash)
        report(into, row.seq, "the row does not continue the row before it");
    else if (row.hash != hash_audit_row(key, row.seq, row.previous_hash, row.entry))
        report(into, row.seq, "the row is not what was written");
    if (!into.ok())
        return false;
    ++into.rows;
    into.head_hash = row.hash;
    return true;
}

void check_head(const reader& from, const audit_head& head, audit_report& into)
{
    const auto last = static_cast<std::int64_t>(into.rows);
    if (!is_signed(from, head))
        report(into, last + 1, "the signed head is missing or forged, so rows may be missing at the end");
    else if (head.seq > last)
        report(into, last + 1, "rows are missing at the end");
    else if (head.seq < last || head.hash != into.head_hash)
        report(into, head.seq + 1, "the signed head is older than the rows");
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

result<audit_report> verify_audit(const reader& from)
{
    audit_report found;
    found.head_hash = empty_chain_hash();
    const std::string& key = from.session().audit_key();
    for (std::int64_t after = 0;;) {
        const auto page = list_audit(from, after, audit_listed_max);
        if (!page)
            return page.error();
        for (const audit_row& row : *page) {
            if (!check_row(key, row, found))
                return found;
        }
        if (page->empty())
            break;
        after = page->back().seq;
    }
    const auto head = find_audit_head(from);
    if (!head)
        return head.error();
    check_head(from, *head, found);
    return found;
}

}  // namespace reprise::store
