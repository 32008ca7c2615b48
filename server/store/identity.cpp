#include "identity.hpp"

#include "audit_chain.hpp"
#include "query.hpp"

#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"
#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr std::string_view find_epoch_sql = "SELECT epoch FROM database_identity WHERE id = 1";
constexpr std::string_view insert_epoch_sql =
    "INSERT INTO database_identity (id, epoch, created_ns) VALUES (1, :epoch, :created_ns)";

result<void> create_identity(transaction& tx, std::int64_t now_ns)
{
    const auto inserted = execute(tx, insert_epoch_sql, make_ulid(now_ns), now_ns);
    if (!inserted)
        return inserted.error();
    return create_audit_head(tx);
}

result<void> create_in_transaction(connection& session, std::int64_t now_ns)
{
    transaction tx(session);
    const auto begun = session.run_script("BEGIN IMMEDIATE");
    if (!begun)
        return begun.error();
    const auto created = create_identity(tx, now_ns);
    if (created)
        return session.run_script("COMMIT");
    const auto undone = session.run_script("ROLLBACK");
    return undone ? created.error() : undone.error();
}

}  // namespace

result<database_identity> load_identity(connection& session, std::int64_t now_ns)
{
    const reader look(session);
    database_identity identity;
    auto found = find_into(look, find_epoch_sql, std::tie(identity.epoch));
    if (found && !*found) {
        const auto created = create_in_transaction(session, now_ns);
        if (!created)
            return created.error();
        found = find_into(look, find_epoch_sql, std::tie(identity.epoch));
    }
    if (!found)
        return found.error();
    const auto seq = last_seq(look);
    if (!seq)
        return seq.error();
    identity.last_seq = *seq;

    const auto head = find_audit_head(look);
    if (!head)
        return head.error();
    if (!is_signed(look, *head))
        log_warn("store", "the head of the audit chain is not signed with this audit key: run the audit check");
    return identity;
}

}  // namespace reprise::store
