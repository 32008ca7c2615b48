#pragma once

#include "agent_run.hpp"

namespace reprise::synth {

// What happens below the workflow span of /run, as `want.scenario` says.
boost::asio::awaitable<work_result> run_scenario(run_ptr run, span_context workflow, const run_parameters& want);

// What task `index` of the retry scenario waits after its failed attempt number `attempt`.
std::chrono::milliseconds backoff_after(int attempt) noexcept;

}  // namespace reprise::synth
