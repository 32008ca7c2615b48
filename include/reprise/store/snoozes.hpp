#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a person put off at the gate. Rows only: for how long it may be is the caller's rule (lifecycle). A row whose
// time is up says nothing any more; pruning it is housekeeping. Changes append the approval's live event, so that the
// person's other windows look again.
namespace reprise::store {

struct approval_snooze {
    std::string approval_id;
    std::int64_t until_ns = 0;
    std::int64_t created_ns = 0;
};

constexpr std::size_t snoozes_listed_max = 500;

// One per person and approval: the later call counts. errc::not_found without such an approval.
result<void> save_approval_snooze(
    transaction& tx, std::string_view person_id, const approval_snooze& snooze
);
// errc::not_found when there is none.
result<void> delete_approval_snooze(
    transaction& tx, std::string_view person_id, std::string_view approval_id, std::int64_t now_ns
);
// Those that hold at `now_ns`, the first to end first.
result<std::vector<approval_snooze>> list_approval_snoozes(
    const reader& from, std::string_view person_id, std::int64_t now_ns, std::size_t limit = snoozes_listed_max
);
result<std::optional<std::int64_t>> find_snoozed_until(
    const reader& from, std::string_view person_id, std::string_view approval_id, std::int64_t now_ns
);
// Rows that ended, at most `delete_max`.
result<std::uint64_t> prune_approval_snoozes(transaction& tx, std::int64_t now_ns, std::uint64_t delete_max);

}  // namespace reprise::store
