#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/runs/dispatch.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace reprise::net {
class http_client;
}

namespace reprise::runs {

// What a worker apart from the server works with; all of it outlives its loops.
struct remote_worker_parts {
    replay_dispatch& server;
    net::http_client& http;               // Its guard is the worker's own allow-list.
    const clock& time;
    boost::asio::any_io_executor cpu_pool;  // Opens bundles.
    metrics& numbers;
    std::vector<std::string> targets;     // The allow-list as the server is told it.
    std::string version;
};

// Takes replays from a server, one at a time per loop, and hands back what came of them. When the lease is gone it
// stops sending at once. While the server is away it keeps what it has and tries again, no longer than the lease.
class remote_worker {
public:
    static constexpr std::chrono::milliseconds ask_pause{500};         // Nothing to do.
    static constexpr std::chrono::milliseconds away_pause_first{500};  // The server is away; doubled ...
    static constexpr std::chrono::milliseconds away_pause_max{15'000}; // ... up to this.

    explicit remote_worker(const remote_worker_parts& parts);

    // Works until cancelled; the replay in work is given back then.
    boost::asio::awaitable<void> run_worker(std::string name);

    bool reached() const noexcept { return reached_.load(); }  // The server answered the last question.

private:
    class ports;

    boost::asio::awaitable<void> work_on(replay_job job);
    boost::asio::awaitable<void> run_job(replay_job& job, ports& through);
    boost::asio::awaitable<result<void>> carry_out(replay_job& job, ports& through);
    boost::asio::awaitable<void> keep_lease(const replay_job& job, ports& through);

    remote_worker_parts parts_;
    std::vector<replay::target> targets_;
    std::atomic<bool> reached_{false};
    counter& finished_;
    counter& failed_;
    counter& lost_;
    counter& away_;
};

}  // namespace reprise::runs
