#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string_view>

namespace reprise {

// Owns every coroutine that outlives the call that started it. To stop a room, stop its group and
// wait for it to drain. spawn(), stop() and size() are safe from any thread; the group must outlive
// its drain.
class task_group {
public:
    explicit task_group(boost::asio::any_io_executor pool);

    boost::asio::any_io_executor strand() const { return strand_; }
    std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
    bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }

    // Starts `task` on a strand of its own. False, and the task never runs, once stop() was called.
    bool spawn(std::string_view name, boost::asio::awaitable<void> task);

    // Asks every running task to end (terminal cancellation). Idempotent.
    void stop();

    // True when no task is left, false if `limit` passed first. One caller at a time.
    boost::asio::awaitable<bool> drain(std::chrono::milliseconds limit);

private:
    struct entry {
        boost::asio::any_io_executor strand;
        std::shared_ptr<boost::asio::cancellation_signal> signal;
    };

    void start(std::string name, std::shared_ptr<boost::asio::awaitable<void>> task);
    static void fire(const entry& task);

    boost::asio::any_io_executor pool_;
    boost::asio::any_io_executor strand_;
    boost::asio::steady_timer drained_;
    std::list<entry> tasks_;  // On strand_ only.
    std::atomic<std::size_t> size_{0};
    std::atomic<bool> stopping_{false};
};

}  // namespace reprise
