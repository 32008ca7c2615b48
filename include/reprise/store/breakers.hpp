#pragma once

#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the breakers count. Rules are the caller's (lifecycle).
namespace reprise::store {

constexpr std::size_t cause_incidents_listed_max = 100;

// Runs with `counted` set that were created at or after `since_ns`: all of them, or those of a kind for an incident.
result<std::uint32_t> count_automatic_runs(const reader& from, std::int64_t since_ns);
result<std::uint32_t> count_automatic_runs(
    const reader& from, std::string_view incident_id, model::run_kind kind, std::int64_t since_ns
);

// The incident has this cause, as of now.
result<void> note_cause(transaction& tx, std::string_view cause, std::string_view incident_id, std::int64_t now_ns);
// Newest first.
result<std::vector<std::string>> list_incidents_by_cause(
    const reader& from, std::string_view cause, std::int64_t since_ns, std::size_t limit
);
result<std::uint64_t> prune_causes(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max = 1'000);

}  // namespace reprise::store
