#pragma once

#include "reprise/base/error.hpp"
#include "reprise/store/run_pause.hpp"

#include <cstdint>

namespace reprise::store {
class transaction;
}

// Stopping everything that reaches outside, at once. In the caller's transaction, which has the audit row, too.
namespace reprise::runs {

// Sets the switch and gives every lease back: workers of this process stop with the commit, others at their next
// heartbeat; attempts are not counted, and each run goes on after its last checkpoint. Intake, detection and decisions
// of people go on. errc::conflict when they are paused already.
result<void> pause_all_runs(store::transaction& tx, const store::run_pause& pause);

// What waited is claimed again, as if nothing had been. errc::not_found when they are not paused.
result<void> resume_all_runs(store::transaction& tx, std::int64_t now_ns);

}  // namespace reprise::runs
