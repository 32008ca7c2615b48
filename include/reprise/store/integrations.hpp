#pragma once

#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// How the systems outside have been doing, by what is kept about them. Bounded reads: what is older than the rows
// looked at is not told.
namespace reprise::store {

constexpr std::size_t publications_looked_at_max = 200;
constexpr std::size_t hooks_looked_at_max = 2'000;  // Of each state.

struct integration_health {
    std::string name;             // "github", "generic/backup", "production".
    std::int64_t success_ns = 0;  // The newest time that it worked; 0: not among the rows looked at.
    std::int64_t error_ns = 0;    // The newest time that it did not. Of a tracker: when what failed was asked for.
    std::string error;            // Why; empty when error_ns is 0.
    bool failing = false;         // The newest of both is the error.
};

// By name, each once; what is not among the rows looked at is not in it.
result<std::vector<integration_health>> list_tracker_health(const reader& from);
result<std::vector<integration_health>> list_hook_health(const reader& from);
// Log stores that were asked.
result<std::vector<integration_health>> list_log_store_health(const reader& from);

}  // namespace reprise::store
