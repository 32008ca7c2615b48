#include "reprise/store/audit.hpp"

#include "audit_chain.hpp"
#include "query.hpp"

#include <algorithm>
#include <utility>

namespace reprise::store {
namespace {

constexpr auto audit_names = sql_text(
    "seq, at_ns, actor, actor_type, auth, action, object, detail, request_id, previous_hash, hash"
);
constexpr auto insert_sql = "INSERT INTO audit_log (" + audit_names + ") VALUES (" +
                            placeholders<count_columns(audit_names)>() + ")";
constexpr auto list_sql = "SELECT " + audit_names + " FROM audit_log WHERE seq > :after ORDER BY seq LIMIT :limit";

constexpr auto fitting = sql_text(
    " FROM audit_log WHERE seq BETWEEN :first AND :last AND (:actor = '' OR actor = :actor) AND (:action = ''"
    " OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.') AND (:object = ''"
    " OR object = :object) AND at_ns >= :from_ns AND at_ns < :to_ns ORDER BY seq"
);
constexpr auto find_sql = "SELECT " + audit_names + fitting + " LIMIT :limit";
constexpr auto find_newest_sql = "SELECT " + audit_names + fitting + " DESC LIMIT :limit";

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

// The rows one page compares.
struct audit_span {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

audit_span span_of(const audit_filter& filter, std::int64_t newest)
{
    if (!filter.newest_first) {
        const std::int64_t first = std::clamp<std::int64_t>(filter.after, 0, newest) + 1;
        return {first, std::min(newest, first + filter.compared_max - 1)};
    }
    const std::int64_t last = filter.after > 0 ? std::min(filter.after - 1, newest) : newest;
    return {std::max<std::int64_t>(1, last - filter.compared_max + 1), last};
}

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

result<audit_page> find_audit(const reader& from, const audit_filter& filter)
{
    const auto newest = find_audit_seq(from);
    if (!newest)
        return newest.error();
    const audit_span span = span_of(filter, *newest);
    const std::size_t limit = std::min(filter.limit, audit_listed_max);
    const std::string_view sql = filter.newest_first ? std::string_view(find_newest_sql) : std::string_view(find_sql);
    auto rows = list_all<row_of_audit>(
        from, sql, span.first, span.last, filter.actor, filter.action, filter.object, filter.from_ns, filter.to_ns,
        static_cast<std::int64_t>(limit + 1)
    );
    if (!rows)
        return rows.error();
    audit_page page;
    page.rows = std::move(*rows);
    if (page.rows.size() > limit) {
        page.rows.resize(limit);
        page.next = page.rows.back().seq;
    } else if (filter.newest_first && span.first > 1) {
        page.next = span.first;
    } else if (!filter.newest_first && span.last < *newest) {
        page.next = span.last;
    }
    return page;
}

}  // namespace reprise::store
