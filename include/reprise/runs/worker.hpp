#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/model/run.hpp"
#include "reprise/runs/notice.hpp"
#include "reprise/runs/policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

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

// The durable worker: claims due runs, keeps their lease while it works, stores each step before the
// next begins. Whatever ends it, the run goes on where its last stored step was, on this or another
// worker; a worker whose lease is gone stops at its next write. Several loops may run at once.
class worker {
public:
    explicit worker(const worker_parts& parts);

    // Claims and works until cancelled; a run in work is then given back. `name` is unique per loop.
    boost::asio::awaitable<void> run_worker(std::string name);

    // What time does to approvals, until cancelled.
    boost::asio::awaitable<void> run_sweeper();

private:
    boost::asio::awaitable<void> work_on(model::run run);
    boost::asio::awaitable<void> execute(model::run run);
    boost::asio::awaitable<void> keep_lease(const model::run& run);
    boost::asio::awaitable<void> give_back(const model::run& run);
    boost::asio::awaitable<void> record_failure(
        model::run run, bool permanent, std::string what, std::int64_t not_before_ns = 0
    );

    worker_parts parts_;
    counter& claimed_;
    counter& succeeded_;
    counter& failed_;
    counter& leases_lost_;
};

}  // namespace reprise::runs
