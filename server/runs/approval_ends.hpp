#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// What a decision, or the clock, does to the run and the incident that waited for it.
namespace reprise::runs {

constexpr std::string_view action_ticket = "ticket";
constexpr std::string_view action_pull_request = "pull_request";
constexpr std::string_view action_unsafe_replay = "unsafe_replay";

// What people write can be written again; which requests a replay sends cannot.
bool is_editable(const model::approval& approval) noexcept;

// Sent back to an editor: the run goes on waiting, until somebody edits it or its time is over.
bool waits_for_edit(const model::approval& approval) noexcept;

// Back to the queue when it was approved or voided (a voided one is asked again), ended otherwise.
result<model::run> settle_run(store::transaction& tx, const model::approval& approval, std::int64_t now_ns);

// Where the incident goes; left where it is when the run's outcome is not awaited there any more. `by` is for the
// sentence ("ada", "the clock"), `actor` for the timeline ("user:ada", "clock").
result<model::incident> settle_incident(
    store::transaction& tx, const model::approval& approval, const std::string& by, const std::string& actor,
    std::int64_t now_ns
);

// Pending to voided, with its audit row; the caller decides what becomes of the run.
result<model::approval> store_voided(
    store::transaction& tx, const model::approval& approval, const std::string& why, std::int64_t now_ns
);

}  // namespace reprise::runs
