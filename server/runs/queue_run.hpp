#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reprise::runs {

// A run of the incident that people asked for: due at once, before automatic ones, with the incident's newest evidence;
// `input` is what it is given to work with.
result<model::run> queue_run(
    store::transaction& tx, const model::incident& incident, model::run_kind kind, const std::string& requested_by,
    std::int64_t now_ns, std::string input = {}
);

// Ends the work that a person's step makes pointless, and voids what it waited for.
result<void> cancel_active_runs(store::transaction& tx, const std::string& incident_id, std::int64_t now_ns);

// What was asked for the run, or released and not carried out yet.
result<void> void_open_approval(
    store::transaction& tx, const std::string& run_id, const std::string& why, std::int64_t now_ns
);

// Cancels one run, and voids the approval that it waits for.
result<void> cancel_run(store::transaction& tx, const model::run& run, std::int64_t now_ns);

// Of the incident, those that are not over, newest first.
result<std::vector<model::run>> list_active_runs(const store::reader& from, const std::string& incident_id);

}  // namespace reprise::runs
