#pragma once

#include "reprise/base/bell.hpp"
#include "reprise/store/run_notice.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// What commits of this process mean for its workers: work became due, a lease was ended by somebody else. Others'
// commits are learnt by looking: idle workers look at the queue from time to time, busy ones at their heartbeats.
namespace reprise::runs {

// Safe from any thread.
class run_signals {
public:
    // Called by the store's writer; does not block.
    void note(const store::run_notice& notice);

    // Until there may be work, or `limit` has passed.
    boost::asio::awaitable<void> wait_for_work(std::chrono::milliseconds limit);

    // Whoever found work lets the next one that waits look, too: there may be more.
    void wake_one();

private:
    friend class lease_watch;

    struct watched {
        std::string run_id;
        std::int64_t epoch = 0;
        std::shared_ptr<bell> ended;
    };

    void forget_idle(const std::shared_ptr<bell>& one);
    void forget_watched(const std::shared_ptr<bell>& one);

    std::mutex mutex_;
    std::vector<std::shared_ptr<bell>> idle_;
    std::vector<watched> watched_;
    bool due_ = false;  // Work became due while nobody waited.
};

// Tells the worker of a leased run that its lease is over, for as long as it lives.
class lease_watch {
public:
    lease_watch(run_signals& signals, boost::asio::any_io_executor strand, std::string run_id, std::int64_t epoch);
    ~lease_watch();
    lease_watch(const lease_watch&) = delete;
    lease_watch& operator=(const lease_watch&) = delete;

    // True when the lease was ended, false when `limit` has passed. On the strand.
    boost::asio::awaitable<bool> wait(std::chrono::nanoseconds limit);

private:
    run_signals& signals_;
    std::shared_ptr<bell> ended_;
};

}  // namespace reprise::runs
