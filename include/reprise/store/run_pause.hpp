#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>

// The switch that stops all runs, for everybody and across restarts: while it is set claim_run() and find_next_due_ns()
// find nothing. Each change is a live event of topic "overview", type "run_pause".
namespace reprise::store {

struct run_pause {
    std::string reason;
    std::string paused_by;  // A person's name.
    std::int64_t since_ns = 0;
};

result<std::optional<run_pause>> find_run_pause(const reader& from);

// errc::conflict when it is set already.
result<void> insert_run_pause(transaction& tx, const run_pause& pause);

// Wakes a worker of this process. errc::not_found when it is not set.
result<void> delete_run_pause(transaction& tx, std::int64_t now_ns);

}  // namespace reprise::store
