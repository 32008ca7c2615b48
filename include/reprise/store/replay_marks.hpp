#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Which replayed traffic belongs to which run. A mark is the high half of the trace ids a run sends;
// what carries one never feeds detection, also after a restart.
namespace reprise::store {

struct replay_mark {
    std::uint64_t mark = 0;
    std::string run_id;
    std::int64_t created_ns = 0;
};

constexpr std::size_t replay_marks_listed_max = 10'000;

// errc::conflict when the mark is taken by another run.
result<void> insert_replay_mark(transaction& tx, std::uint64_t mark, std::string_view run_id, std::int64_t now_ns);
// Made at or after `since_ns`, newest first.
result<std::vector<replay_mark>> list_replay_marks(const reader& from, std::int64_t since_ns, std::size_t limit);
result<std::uint64_t> prune_replay_marks(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max = 10'000);

}  // namespace reprise::store
