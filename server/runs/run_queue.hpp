#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/model/run.hpp"
#include "reprise/runs/notice.hpp"
#include "reprise/store/runs.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace reprise::store {
class database;
}

// All that a worker does to its lease, each in one transaction. Answers reprise::errc::stale once the lease is not the
// worker's any more.
namespace reprise::runs {

class run_queue {
public:
    run_queue(
        store::database& database, const clock& time, const lifecycle::run_timing& timing, notice_sink* notices
    );

    // Nothing when nothing is due.
    boost::asio::awaitable<result<std::optional<model::run>>> claim(std::string owner, store::claim_filter filter = {});
    // Prolongs the lease and tells how far the step is.
    boost::asio::awaitable<result<void>> beat(const model::run& run);
    // In good order: queued at once, the attempt is not counted.
    boost::asio::awaitable<result<void>> give_back(const model::run& run);
    // Queued after its backoff and not before `not_before_ns`, or a dead letter; then its incident waits for people.
    // What was stored.
    boost::asio::awaitable<result<model::run>> fail(
        const model::run& run, lifecycle::failure_kind kind, std::string what, std::int64_t not_before_ns
    );

private:
    store::database& database_;
    const clock& time_;
    const lifecycle::run_timing& timing_;
    notice_sink* notices_;  // Null: nobody listens.
};

}  // namespace reprise::runs
