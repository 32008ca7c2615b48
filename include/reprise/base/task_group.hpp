#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace reprise {

// Owns every coroutine that outlives the call that started it. To stop a room, stop its group and
// wait for it to drain; what the tasks use, the group too, may go then. spawn(), stop() and size() are
// safe from any thread.
class task_group {
public:
    explicit task_group(boost::asio::any_io_executor pool);

    boost::asio::any_io_executor strand() const;
    std::size_t size() const noexcept;
    bool stopping() const noexcept;

    // Starts `task` on a strand of its own. False, and the task never runs, once stop() was called.
    bool spawn(std::string_view name, boost::asio::awaitable<void> task);

    // Asks every running task to end (terminal cancellation). Idempotent.
    void stop();

    // True when no task is left, false if `limit` passed first. One caller at a time.
    boost::asio::awaitable<bool> drain(std::chrono::milliseconds limit);

private:
    struct state;

    // Shared with what is still on its way through the strand when the group goes.
    std::shared_ptr<state> state_;
};

}  // namespace reprise
