#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/model/run.hpp"
#include "reprise/runs/notice.hpp"
#include "reprise/runs/policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace reprise::archive {
class evidence_reader;
}
namespace reprise::forge {
class tracker;
}
namespace reprise::net {
class http_client;
}
namespace reprise::pipeline {
class trial_sink;
}
namespace reprise::store {
class database;
}

namespace reprise::runs {

// What a worker needs; all of it must outlive the worker's loops.
struct worker_parts {
    store::database& database;
    archive::evidence_reader& evidence;
    const clock& time;
    pipeline::trial_sink& trials;
    net::http_client& http;
    boost::asio::any_io_executor blocking_pool;
    metrics& numbers;
    const run_policy& policy;
    forge::tracker& trackers;          // Takes every target that services name.
    notice_sink* notices = nullptr;    // Null: nobody listens.
};

class lease_watch;
class run_gauges;
class run_queue;
class run_signals;
struct run_context;

// The durable worker: claims due runs, keeps their lease while it works, stores each step before the
// next begins. Whatever ends it, the run goes on where its last stored step was, on this or another
// worker. A worker whose lease is ended by somebody else (cancelled, paused) is stopped in the middle of its
// step: at once when a transaction of this process did it, else at its next heartbeat. Several loops may run at once.
// Takes the store's run listener; one worker per database and process.
class worker {
public:
    explicit worker(const worker_parts& parts);
    ~worker();  // After its loops have ended.
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    // Claims and works until cancelled; a run in work is then given back. `name` is unique per loop.
    boost::asio::awaitable<void> run_worker(std::string name);

    // What time does to approvals, and the gauges of the queue, until cancelled.
    boost::asio::awaitable<void> run_sweeper();

private:
    boost::asio::awaitable<void> work_on(model::run run);
    boost::asio::awaitable<void> execute(run_context& context);
    boost::asio::awaitable<void> keep_lease(run_context& context, lease_watch& watch);
    boost::asio::awaitable<void> record_failure(
        const model::run& run, bool permanent, std::string what, std::int64_t not_before_ns = 0
    );
    boost::asio::awaitable<void> leave_to_others(run_context& context);
    boost::asio::awaitable<void> put_away(run_context& context, std::string why);
    boost::asio::awaitable<void> show_figures();

    worker_parts parts_;
    const std::unique_ptr<run_signals> signals_;
    const std::unique_ptr<run_queue> queue_;
    const std::unique_ptr<run_gauges> gauges_;
    counter& claimed_;
    counter& succeeded_;
    counter& failed_;
    counter& leases_lost_;
    counter& leases_ended_;
    counter& dead_letters_;
};

}  // namespace reprise::runs
