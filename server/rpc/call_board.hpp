#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace reprise::rpc {

// Something that waits for its message and can be told to give up.
class waiting_call {
public:
    // Between hold() and release() the call does not end; the last release() ends it.
    virtual void hold() noexcept = 0;
    virtual void release() = 0;
    virtual void give_up() = 0;

protected:
    ~waiting_call() = default;
};

// All calls of a server: how many there are, and which of them wait for their message too long. A
// thread of its own looks once per `interval`. Safe from any thread.
class call_board {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using seat = std::list<std::pair<time_point, waiting_call*>>::iterator;

    call_board(std::size_t calls_max, std::chrono::milliseconds receive_timeout);
    ~call_board();

    // False, and nothing is counted, when there are calls_max calls.
    bool enter() noexcept;
    void leave() noexcept { calls_.fetch_sub(1, std::memory_order_acq_rel); }
    std::size_t calls() const noexcept { return calls_.load(std::memory_order_acquire); }

    // The call must hold itself between sit_down() and stand_up().
    seat sit_down(waiting_call& call);
    void stand_up(seat place);

private:
    void run_watch();
    std::vector<waiting_call*> hold_overdue(time_point now);

    const std::size_t calls_max_;
    const std::chrono::milliseconds receive_timeout_;
    std::atomic<std::size_t> calls_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<std::pair<time_point, waiting_call*>> waiting_;  // Earliest deadline first.
    bool stopping_ = false;
    std::thread watch_;
};

}  // namespace reprise::rpc
