#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/replay/answer_book.hpp"
#include "reprise/replay/http_port.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/replay/trial.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

// The I/O of a reproduce run: send, wait for the target's own telemetry, report. All decisions are in trial.hpp.
// Ports are called on the coroutine's executor, one call at a time.
namespace reprise::replay {

// The registered observations of a run. Returns once every wanted trace has its inbound span or `limit` has
// passed; what is there by then is the answer. Empty when nothing came.
class trace_port {
public:
    virtual ~trace_port() = default;
    virtual boost::asio::awaitable<std::vector<model::observation>> collect(
        std::uint64_t mark, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) = 0;
};

// Where a run reports. An error (the lease is lost, the run was cancelled) stops it at once.
class progress_port {
public:
    virtual ~progress_port() = default;
    virtual boost::asio::awaitable<result<void>> progress(
        std::uint32_t requests_done, std::uint32_t requests_total
    ) = 0;
    // A trial is complete; when this returns success it is stored and will not run again. The answers are as they came.
    virtual boost::asio::awaitable<result<void>> measured(trial done, std::vector<replayed_answers> answers) = 0;
};

// Runs what is left of the plan and gives the verdict. `done`: trials of an earlier attempt, which are kept and
// skipped. Cancellable; then nothing more is sent. Everything by reference must outlive the coroutine.
// Progress is reported once per tenth of a trial at most. `last_good` sends to the plan's last-good target and must
// be there when it has one.
boost::asio::awaitable<result<run_result>> run_reproduce(
    const trial_plan& plan, std::vector<trial> done, http_port& http, trace_port& traces, progress_port& progress,
    const clock& time, http_port* last_good = nullptr
);

}  // namespace reprise::replay
