#include "audit_chain.hpp"
#include "query.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/audit.hpp"

#include <algorithm>

namespace reprise::store {
namespace {

constexpr std::string_view epoch_sql = "SELECT epoch FROM database_identity WHERE id = 1";

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

// Checkpoints beside the rows they are of, both in the order of seq.
class checkpoint_walk {
public:
    checkpoint_walk(const reader& from, const audit_checks& checks, std::string epoch)
        : from_(from), checks_(checks), epoch_(std::move(epoch))
    {
    }

    // Whether the checkpoints of these rows, which are as they were written, say the same.
    result<void> check_page(std::span<const audit_row> rows, audit_report& into)
    {
        auto stored = list_checkpoints(from_, rows.front().seq - 1, checkpoints_listed_max);
        if (!stored)
            return stored.error();
        check_these(*stored, rows, into);
        const auto first = std::lower_bound(
            checks_.outside.begin(), checks_.outside.end(), rows.front().seq,
            [](const audit_checkpoint& one, std::int64_t seq) { return one.seq < seq; }
        );
        check_these({first, checks_.outside.end()}, rows, into);
        return {};
    }

    // Whether one is of a row that is not there any more.
    result<void> check_end(audit_report& into)
    {
        const auto newest = find_last_checkpoint(from_);
        if (!newest)
            return newest.error();
        if (*newest)
            check_reached(**newest, "the database", into);
        if (into.ok() && !checks_.outside.empty())
            check_reached(checks_.outside.back(), "the file", into);
        return {};
    }

private:
    void check_these(
        std::span<const audit_checkpoint> checkpoints, std::span<const audit_row> rows, audit_report& into
    )
    {
        for (const audit_checkpoint& one : checkpoints) {
            if (one.seq > rows.back().seq || !into.ok())
                return;
            check_one(one, rows[static_cast<std::size_t>(one.seq - rows.front().seq)], into);
        }
    }

    void check_one(const audit_checkpoint& one, const audit_row& row, audit_report& into)
    {
        if (!is_genuine(one))
            return report(into, one.seq, "a checkpoint of the row is not signed with a known key (" + one.key_id + ")");
        if (one.hash != row.hash)
            return report(into, one.seq, "a signed checkpoint of the row says that it was another one");
        ++into.checkpoints;
        if (one.seq < into.checkpoint_seq)
            return;
        into.checkpoint_seq = one.seq;
        into.checkpoint_ns = one.at_ns;
    }

    void check_reached(const audit_checkpoint& newest, std::string_view place, audit_report& into)
    {
        const auto last = static_cast<std::int64_t>(into.rows);
        if (newest.seq <= last)
            return;
        // A forged line would let anybody cry wolf.
        if (!is_genuine(newest))
            return report(
                into, newest.seq, "a checkpoint in " + std::string(place) + " is not signed with a known key (" +
                                      newest.key_id + ")"
            );
        report(
            into, last + 1,
            "rows up to " + std::to_string(newest.seq) + " are missing: a signed checkpoint in " + std::string(place) +
                " confirms them"
        );
    }

    bool is_genuine(const audit_checkpoint& one) const
    {
        if (checks_.keys == nullptr)
            return true;
        const public_key* key = checks_.keys->find(one.key_id);
        return key != nullptr && key->verifies(checkpoint_text(epoch_, one), from_hex(one.signature));
    }

    const reader& from_;
    const audit_checks& checks_;
    std::string epoch_;
};

}  // namespace

result<audit_report> verify_audit(const reader& from, const audit_checks& checks)
{
    audit_report found;
    found.head_hash = empty_chain_hash();
    const std::string& key = from.session().audit_key();
    auto epoch = find_value<std::string>(from, epoch_sql);
    if (!epoch)
        return epoch.error();
    checkpoint_walk checkpoints(from, checks, std::move(*epoch));
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
        if (const auto checked = checkpoints.check_page(*page, found); !checked)
            return checked.error();
        if (!found.ok())
            return found;
        after = page->back().seq;
    }
    const auto head = find_audit_head(from);
    if (!head)
        return head.error();
    check_head(from, *head, found);
    if (found.ok()) {
        if (const auto checked = checkpoints.check_end(found); !checked)
            return checked.error();
    }
    return found;
}

}  // namespace reprise::store
