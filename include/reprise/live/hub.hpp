#pragma once

#include "reprise/live/queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::live {

class hub;

// One reader's end: topics and a bounded queue. Owned by the reader; the hub lets go of it when it
// is destroyed. next() is for one coroutine at a time, running on the executor given to
// hub::subscribe() (a strand); everything else is safe from any thread.
class subscriber {
public:
    subscriber(hub& home, boost::asio::any_io_executor strand, queue_limits limits);
    ~subscriber();
    subscriber(const subscriber&) = delete;
    subscriber& operator=(const subscriber&) = delete;

    // Messages published after this call are queued. At most topics_max per subscriber, then
    // errc::too_large. Adding a topic twice is nothing.
    static constexpr std::size_t topics_max = 64;
    result<void> add_topic(std::string_view topic);
    void drop_topic(std::string_view topic);
    std::size_t topic_count() const;

    // Everything queued, oldest first, at most `count_max`; empty when nothing came within `wait`.
    // errc::too_large once the queue overflowed (the reader must resync), errc::unavailable once the
    // hub closed.
    boost::asio::awaitable<result<std::vector<message>>> next(
        std::size_t count_max, std::chrono::milliseconds wait
    );

    // The next() that waits, or else the following one, returns without waiting any longer.
    void interrupt();

private:
    friend class hub;
    void offer(const message& what);
    void close();
    void wake();

    hub& home_;
    boost::asio::any_io_executor strand_;
    std::shared_ptr<boost::asio::steady_timer> timer_;
    mutable std::mutex mutex_;
    queue pending_;                    // Guarded by mutex_.
    bool waiting_ = false;             // Guarded by mutex_.
    bool interrupted_ = false;         // Guarded by mutex_.
    bool closed_ = false;              // Guarded by mutex_.
    std::vector<std::string> topics_;  // Guarded by the hub's mutex.
};

// Takes what was committed and hands it to everyone who asked for its topic. publish() never blocks
// on a reader and never waits: a reader that does not keep up loses its place, not the others
// theirs. Must outlive its subscribers. Safe from any thread.
class hub {
public:
    static constexpr std::size_t subscribers_max = 1024;

    explicit hub(queue_limits limits = {});
    ~hub();
    hub(const hub&) = delete;
    hub& operator=(const hub&) = delete;

    // errc::unavailable when subscribers_max are there or the hub is closed.
    result<std::shared_ptr<subscriber>> subscribe(boost::asio::any_io_executor strand);

    void publish(const message& what);

    // Every next() answers errc::unavailable from now on.
    void close();

    std::size_t subscriber_count() const;
    std::uint64_t overflow_count() const noexcept { return overflows_.load(std::memory_order_relaxed); }

private:
    friend class subscriber;
    void drop(subscriber* reader);

    queue_limits limits_;
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<subscriber*>, std::less<>> readers_;  // By topic; guarded.
    std::vector<subscriber*> all_;                                          // Guarded.
    bool closed_ = false;                                                   // Guarded.
    std::atomic<std::uint64_t> overflows_{0};
};

}  // namespace reprise::live
