#pragma once

#include "reprise/base/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace reprise {

// Wakes a waiting coroutine from any thread. A ring that comes while nobody waits is kept for the next wait, so none
// is lost. Held by shared_ptr: what a ring posts may outlive the one who waited.
class bell : public std::enable_shared_from_this<bell> {
public:
    explicit bell(boost::asio::any_io_executor strand) : strand_(std::move(strand)), timer_(strand_) {}

    // Any thread; never blocks.
    void ring()
    {
        auto wake = [self = shared_from_this()] {
            self->rung_ = true;
            self->timer_.cancel();
        };
        boost::asio::post(strand_, std::move(wake));
    }

    // On the strand, one at a time: true when rung, false when `limit` has passed or the coroutine is cancelled.
    boost::asio::awaitable<bool> wait(std::chrono::nanoseconds limit)
    {
        if (!rung_) {
            timer_.expires_after(limit);
            error_code ignored;  // The flag tells.
            co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        }
        co_return std::exchange(rung_, false);
    }

private:
    boost::asio::any_io_executor strand_;
    boost::asio::steady_timer timer_;
    bool rung_ = false;  // On strand_ only.
};

}  // namespace reprise
