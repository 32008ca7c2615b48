#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/run.hpp"
#include "reprise/runs/actions.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::runs {

// A dead letter goes back to the queue; a finished run, for run_action::retry, is taken up by a new one. The id of the
// run that goes on. Errors: those of act_on_run.
result<std::string> retry_run(
    store::transaction& tx, const run_request& request, const model::run& run, std::int64_t now_ns
);

// In the run's log, by somebody who holds no lease.
result<void> log_to_run(
    store::transaction& tx, const std::string& run_id, const std::string& text, std::int64_t now_ns
);

// "paused by user:ada: the target is down".
std::string sentence(std::string_view verb, const run_request& request);

}  // namespace reprise::runs
